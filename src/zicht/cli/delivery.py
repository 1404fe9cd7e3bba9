"""`--to`: the site brought to where the public sees it, and what became of it on screen."""

from __future__ import annotations

from pathlib import Path

from zicht.chain import Desk, publish_to
from zicht.cli.screen import as_json, counted, fail, out, watching
from zicht.errors import ZichtError


def deliver_public(at: Desk, target: str, *, json_wanted: bool) -> None:
    """Bring what the public is to see to a target, and show what was done.

    Args:
        at: the desk.
        target: a folder, or the address of a place in an object store.
        json_wanted: print JSON in place of a sentence.
    """
    try:
        with watching("bringing the site there") as progress:
            done = publish_to(at, target, progress=progress)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json(
            {
                "ok": True,
                "target": done.target,
                "written": done.written,
                "kept": done.kept,
                "removed": done.removed,
                "versions": done.versions,
            }
        )
        return
    out.print(
        f"The site is in {done.target}: {counted(done.written, 'file')} written, {done.kept} kept, {done.removed} removed."
    )
    if "://" not in target:
        out.print(f"Headers for the web server are in {Path(done.target) / '.hosting'}.")
