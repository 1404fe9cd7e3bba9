"""`zicht papers` and `zicht keep`: the papers that law and standards ask for, and those that people signed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.markup import escape
from rich.table import Table

from zicht.chain import Workplace, keep_paper, publication_papers, signed_papers, write_papers
from zicht.cli.screen import as_json, counted, err, fail, out
from zicht.declare import PaperKind
from zicht.errors import ZichtError
from zicht.governance import KINDS, KeptState, Kind, Paper

PLACE = "papers"
_COLOURS = {"current": "green", "stale": "yellow", "missing": "yellow", "changed": "bold red"}


def papers_command(
    kinds: Annotated[
        list[str] | None, typer.Argument(help=f"Which kinds: {', '.join(KINDS)}; all where left out.")
    ] = None,
    folder: Annotated[Path, typer.Option("--project", "-p", help="The project folder.")] = Path(),
    to: Annotated[
        Path | None,
        typer.Option("--out", help="Folder to write them in; `papers` in the workplace otherwise."),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", help="Where results are kept; .zicht in the project folder otherwise."),
    ] = None,
    json_wanted: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Make the papers of a project from what it declares and what its last build did, and hold each against its standard. Exits with 1 where one breaks it."""
    now = dt.datetime.now(dt.UTC)
    place = to or Workplace.of(folder, store).folder / PLACE
    try:
        if unknown := [kind for kind in kinds or () if kind not in KINDS]:
            raise ZichtError(
                f"There is no kind of paper called `{unknown[0]}`; there are {', '.join(KINDS)}."
            )
        made = write_papers(folder, place, now, cast("list[Kind]", kinds or []), workplace=store)
        kept = signed_papers(folder, now, workplace=store)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json({"ok": all(one.valid for one in made), "out": place, "papers": [_told(one) for one in made],
                 "signed": [_told_kept(one) for one in kept]})  # fmt: skip
    else:
        _show(made, kept, place)
    if not all(one.valid for one in made):
        raise typer.Exit(1)


def keep_command(
    kind: Annotated[str, typer.Argument(help=f"Which assessment: {', '.join(get_args(PaperKind))}.")],
    about: Annotated[
        str, typer.Argument(help="The purpose (dpia, prescan) or algorithm (iama) it assesses.")
    ],
    file: Annotated[Path, typer.Argument(help="The signed document, in the folder papers of the project.")],
    signed_by: Annotated[
        list[str], typer.Option("--signed-by", help="Who signed it: a role or a name; once for each.")
    ],
    folder: Annotated[Path, typer.Option("--project", "-p", help="The project folder.")] = Path(),
    store: Annotated[
        Path | None,
        typer.Option("--store", help="Where results are kept; .zicht in the project folder otherwise."),
    ] = None,
    json_wanted: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Keep a signed assessment with the facts it was signed on, so that it shows when they change."""
    try:
        if kind not in get_args(PaperKind):
            raise ZichtError(
                f"There is no assessment called `{kind}`; there are {', '.join(get_args(PaperKind))}."
            )
        at = dt.datetime.now().astimezone()
        written = keep_paper(folder, cast("PaperKind", kind), about, file, signed_by, at, workplace=store)
        blocking = publication_papers(folder, at, workplace=store)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json({"ok": True, "path": written, "blocking": [_told_kept(one) for one in blocking]})
    else:
        out.print(f"Kept as {written}.")
        for one in blocking:
            out.print(f"[yellow]Still missing to publish[/yellow]: {escape(str(one))}")


def _show(made: Sequence[Paper], kept: Sequence[KeptState], place: Path) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("paper", "standard", "files", "answered", ""):
        table.add_column(name, justify="right" if name in ("files", "answered") else "left")
    for (kind, standard), number in Counter((one.kind, one.standard) for one in made).items():
        of_kind = [one for one in made if one.kind == kind]
        asked = sum(one.asked for one in of_kind)
        wrong = sum(not one.valid for one in of_kind)
        verdict = f"[red]{wrong} broken[/red]" if wrong else "[green]valid[/green]"
        answered = f"{sum(one.filled for one in of_kind)} of {asked}" if asked else ""
        table.add_row(kind, standard, str(number), answered, verdict)
    out.print(table)
    for paper in made:
        for breach in paper.breaches:
            err.print(f"[bold]{paper.name}[/bold]: {escape(breach)}")
    for one in kept:
        out.print(f"[{_COLOURS[one.state]}]{one.state}[/] {one.kind} of {one.about}: {escape(one.why)}")
    blocking = sum(one.blocks for one in kept)
    out.print(
        f"Wrote {counted(len(made), 'paper')} to {place}."
        + (f" [yellow]{counted(blocking, 'signed paper')} short of publishing.[/yellow]" if blocking else "")
    )


def _told(paper: Paper) -> dict[str, object]:
    return {
        "kind": paper.kind, "file": f"{paper.kind}/{paper.name}", "standard": paper.standard, "valid": paper.valid,
        "breaches": list(paper.breaches), "facts": paper.facts, "filled": paper.filled, "asked": paper.asked,
    }  # fmt: skip


def _told_kept(one: KeptState) -> dict[str, object]:
    return {
        "kind": one.kind, "about": one.about, "state": one.state, "required": one.required, "blocks": one.blocks, "why": one.why,
        "file": one.file,
    }  # fmt: skip
