"""`zicht keys`: the secret that pseudonyms are made with. No command shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from zicht.chain import Workplace, key_place, make_key, register_keys
from zicht.cli.relink import relink
from zicht.cli.screen import MISTAKE, as_json, counted, fail, out
from zicht.declare import read_project
from zicht.errors import ZichtError

keys = typer.Typer(
    name="keys", help="The secret that pseudonyms are made with: where it is, a new one, whether all is well. Nothing shows it.",
    no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
"""The command `zicht keys` with its subcommands."""

keys.add_typer(relink)

Folder = Annotated[Path, typer.Argument(help="The project folder (the one with zicht.yaml).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Store = Annotated[
    Path | None,
    typer.Option("--store", help="Where results are kept; .zicht in the project folder otherwise."),
]


def make_first_secret(folder: Path) -> None:
    """Make the secret of a new project, and say where it is; nothing where it has one.

    Args:
        folder: the project folder.

    Raises:
        ZichtError: it cannot be kept.
    """
    made = make_key(folder)
    if made:
        out.print(f"Made a secret for its pseudonyms in {made}.", markup=False)


@keys.command()
def where(folder: Folder = Path(), json_wanted: Json = False) -> None:
    """Say where the secret of a project is kept, and whether it is there and kept well."""
    try:
        place = key_place(read_project(folder))
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    wrong = None
    try:
        ring = place.read()
    except ZichtError as error:
        wrong = str(error)
    versions = [] if wrong else sorted(ring.secrets)
    if json_wanted:
        as_json(
            {
                "ok": wrong is None,
                "kept": place.kept,
                "place": str(place),
                "versions": versions,
                "problem": wrong,
            }
        )
    elif wrong is None:
        out.print(
            f"The secret is kept in {place}; version {versions[-1]} is in use, of {counted(len(versions), 'version')}.",
            markup=False,
        )
    else:
        out.print(wrong, markup=False)
    if wrong is not None:
        raise typer.Exit(MISTAKE)


@keys.command()
def new(folder: Folder = Path(), json_wanted: Json = False) -> None:
    """Make the secret of a project, where zicht.yaml says that it is kept; one that is there is never replaced."""
    try:
        place = key_place(read_project(folder))
        ring = place.make()
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json({"ok": True, "place": str(place), "version": ring.version})
    else:
        out.print(
            f"Made a secret in {place}. Keep a copy in a safe: without it no pseudonym can be made again.",
            markup=False,
        )


@keys.command()
def rotate(folder: Folder = Path(), json_wanted: Json = False) -> None:
    """Make a new version of the secret; the next build takes every register with pseudonyms in anew."""
    try:
        project = read_project(folder)
        place = key_place(project)
        ring = place.rotate()
        stale = [one.register for one in register_keys(project, Workplace.of(folder).folder)]
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json({"ok": True, "place": str(place), "version": ring.version, "stale": stale})
    else:
        out.print(
            f"Version {ring.version} is in use now, in {place}. The next build takes in anew: {', '.join(stale) or 'nothing'}.",
            markup=False,
        )


@keys.command()
def check(folder: Folder = Path(), store: Store = None, json_wanted: Json = False) -> None:
    """Show for each register with pseudonyms its domain, and with which version of the secret it was made."""
    try:
        project = read_project(folder)
        found = register_keys(project, Workplace.of(folder, store).folder)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    ok = all(one.state != "other key" for one in found)
    if json_wanted:
        as_json({"ok": ok, "place": str(key_place(project)), "registers": [vars(one) for one in found]})
    elif not found:
        out.print("No register of this project has pseudonyms.")
    else:
        table = Table("register", "domain", "in use", "made with", "state", box=None)
        for one in found:
            table.add_row(
                one.register,
                one.domain,
                f"version {one.version} ({one.fingerprint})",
                str(one.made_with or "–"),
                one.state,
            )
        out.print(table)
    if not ok:
        raise typer.Exit(MISTAKE)
