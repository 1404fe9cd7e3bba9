"""The papers of a project: made, checked, written and kept."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from pathlib import Path

from zicht.chain.build import FETCHED, Workplace, check
from zicht.chain.facts import PAPERS, LastBuild, gather
from zicht.chain.plan import check_chain
from zicht.chain.recording import log_records, step_runs
from zicht.declare import PaperKind, Project
from zicht.engine import Store, file_digest, write_whole
from zicht.errors import ZichtError
from zicht.governance import (
    KINDS,
    Facts,
    KeptState,
    Kind,
    Paper,
    facts_of,
    kept_papers,
    make_papers,
    stale_papers,
)
from zicht.intake import delivered_at


def project_facts(folder: Path, at: dt.datetime, *, workplace: Path | None = None) -> Facts:
    """All that is known of a project for its papers.

    Args:
        folder: the project folder.
        at: when the papers are made.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Returns:
        The facts; those of a build only where the project was built.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: the last release or what builds left behind is damaged.
    """
    project, place = check(folder), Workplace.of(folder, workplace)
    return gather(project, check_chain(project), at, last_build(project, place))


def last_build(project: Project, place: Workplace) -> LastBuild:
    """What is left of the last build of a project.

    Args:
        project: the project.
        place: its workplace.

    Raises:
        ZichtError: the last release or what builds left behind is damaged.
    """
    store = Store(place.folder)
    snapshots = {id_: last[0] for id_ in project.registers if (last := store.last(f"register/{id_}"))}
    return LastBuild(
        release=place.release() if (place.folder / "release").is_file() else None,
        site=place.site if place.site.is_dir() else None,
        snapshots=snapshots,
        delivered=delivered_at(place.folder / FETCHED),
        runs=step_runs(place.folder),
        log=log_records(place.folder),
    )


def write_papers(
    folder: Path, out: Path, at: dt.datetime, kinds: Collection[Kind] = (), *, workplace: Path | None = None
) -> tuple[Paper, ...]:
    """Make the papers of a project, hold each against its standard and write them.

    Args:
        folder: the project folder.
        out: folder to write them in, one folder a kind; what is there of these kinds is replaced.
        at: when they are made.
        kinds: which kinds; all where empty.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Returns:
        The papers that were written, those that break their standard too.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: the last release is damaged.
    """
    papers = make_papers(project_facts(folder, at, workplace=workplace), kinds or KINDS)
    for kind in kinds or KINDS:
        (out / kind).mkdir(parents=True, exist_ok=True)
        for old in (out / kind).iterdir():
            if old.is_file():
                old.unlink()
    for paper in papers:
        write_whole(out / paper.kind / paper.name, paper.text)
    return papers


def publication_papers(
    folder: Path, at: dt.datetime, *, workplace: Path | None = None
) -> tuple[KeptState, ...]:
    """The signed papers that keep a project from publishing: required, and stale, missing or changed.

    Args:
        folder: the project folder.
        at: now.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: the last release is damaged.
    """
    return stale_papers(project_facts(folder, at, workplace=workplace))


def signed_papers(folder: Path, at: dt.datetime, *, workplace: Path | None = None) -> tuple[KeptState, ...]:
    """Every signed paper of a project, and every one that is required and not there.

    Args:
        folder: the project folder.
        at: now.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: the last release is damaged.
    """
    return kept_papers(project_facts(folder, at, workplace=workplace))


def keep_paper(
    folder: Path,
    kind: PaperKind,
    about: str,
    file: Path,
    signed_by: Collection[str],
    at: dt.datetime,
    *,
    workplace: Path | None = None,
) -> Path:
    """Keep a signed paper with the facts of now.

    Args:
        folder: the project folder.
        kind: which assessment.
        about: the purpose or algorithm it assesses.
        file: the signed document, in the folder `papers` of the project.
        signed_by: who signed it.
        at: when.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Returns:
        The file in `papers` that says so.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: there is no such purpose or algorithm, or the document does not lie in the folder `papers`.
    """
    home = (folder / PAPERS).resolve()
    document = (
        file
        if file.is_absolute()
        else next((one for one in (home / file, Path.cwd() / file) if one.is_file()), home / file)
    )
    if not document.is_file() or document.resolve().parent != home:
        raise ZichtError(f"{file} is not a file in {folder / PAPERS}. Put the signed document there first.")
    facts = project_facts(folder, at, workplace=workplace)
    said = {
        "id": f"{kind}_{about}", "kind": kind, "about": about, "file": document.name, "sha256": file_digest(document),
        "signed_by": list(signed_by), "signed_on": at.date().isoformat(), "facts": facts_of(facts, kind, about),
    }  # fmt: skip
    to = folder / PAPERS / f"{kind}_{about}.yaml"
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in said.items()]
    write_whole(to, "# yaml-language-server: $schema=../.schemas/papers.schema.json\n" + "".join(lines))
    return to
