"""`zicht quality`: how good deliveries are and how long they took, on the terminal or as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from zicht.chain import quality_account
from zicht.cli.screen import as_json, fail, out
from zicht.engine import write_whole
from zicht.errors import ZichtError
from zicht.intake import (
    QUALITY_LANGUAGES,
    QualitySheet,
    in_short,
    limit_in_words,
    norm_in_words,
    number_in_words,
    quality_page,
    quality_words,
    seen_in_words,
)

PAGE_TITLE = {"nl": "Kwaliteit van {}", "en": "Quality of {}"}
_COLOURS = {
    "met": "green", "broken": "bold red", "warning": "yellow", "first": "dim", "late": "yellow", "waiting": "green", "unknown": "dim",
    "free": "dim",
}  # fmt: skip


def quality_command(
    folder: Annotated[Path, typer.Argument(help="The project folder (the one with zicht.yaml).")] = Path(),
    registers: Annotated[
        list[str] | None, typer.Argument(help="Ids of registers; all that were measured where left out.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write the report as a page to this file.")
    ] = None,
    language: Annotated[
        str, typer.Option("--language", "-l", help="Language of the report: nl or en.")
    ] = "nl",
    store: Annotated[
        Path | None,
        typer.Option("--store", help="Where results are kept; .zicht in the project folder otherwise."),
    ] = None,
    json_wanted: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Show how good the deliveries of the last build are: norms, what was seen, lead times. Exits with 1 where a norm stops the build."""
    try:
        if language not in QUALITY_LANGUAGES:
            raise ZichtError(
                f"There is no report in `{language}`; there are {' and '.join(QUALITY_LANGUAGES)}."
            )
        sheets = quality_account(folder, registers or (), workplace=store)
        if page is not None:
            title = PAGE_TITLE[language].format(folder.resolve().name)
            write_whole(page, quality_page(sheets, title, language))
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json([sheet.as_dict() for sheet in sheets])
    elif page is not None:
        out.print(f"Wrote {page}.")
    else:
        _show(sheets, language)
    if any(sheet.broken for sheet in sheets):
        raise typer.Exit(1)


def _show(sheets: Sequence[QualitySheet], language: str) -> None:
    say = quality_words(language)
    for sheet in sheets:
        rows = number_in_words(sheet.rows, language)
        about = say["about"].format(
            register=sheet.register, rows=rows, deliverers=", ".join(sheet.deliverers)
        )
        out.print(f"[bold]{escape(sheet.title)}[/bold]  [dim]{escape(about)}[/dim]")
        if sheet.refused:
            most = f"{100 * sheet.most_refused:.4g}".replace(".", say["decimal"])
            out.print(say["door"].format(refused=number_in_words(sheet.refused, language), most=most))
        if sheet.judged:
            out.print(_norms(sheet, language))
        if sheet.failing:
            out.print(f"[dim]{escape(say['failing'].format(file=sheet.failing))}[/dim]")
        if sheet.leads:
            out.print(_leads(sheet, language))
        out.print()
    out.print(in_short(sheets, language))


def _norms(sheet: QualitySheet, language: str) -> Table:
    say = quality_words(language)
    table = Table(box=None, pad_edge=False)
    table.add_column(say["norm"], max_width=60)
    table.add_column(say["dimension"])
    table.add_column(say["limit"])
    table.add_column(say["seen"], justify="right")
    table.add_column(say["before"], justify="right")
    table.add_column(say["verdict"], no_wrap=True)
    for one in sheet.judged:
        table.add_row(
            escape(norm_in_words(one.norm, language)),
            say[f"dimension.{one.norm.dimension}"],
            limit_in_words(one.norm, language),
            seen_in_words(one, one.value, language),
            "" if one.before is None else seen_in_words(one, one.before, language),
            f"[{_COLOURS[one.verdict]}]{say[f'verdict.{one.verdict}']}[/]",
        )
    return table


def _leads(sheet: QualitySheet, language: str) -> Table:
    say = quality_words(language)
    table = Table(box=None, pad_edge=False)
    for name in ("step", "from", "to"):
        table.add_column(say[name])
    table.add_column(say["days"], justify="right")
    table.add_column(say["due"])
    table.add_column(say["verdict"])
    for lead in sheet.leads:
        days = "–" if lead.days is None else number_in_words(lead.days, language)
        cells = [str(day or "–") for day in (lead.begin, lead.end)]
        verdict = f"[{_COLOURS[lead.verdict]}]{say[f'lead.{lead.verdict}']}[/]"
        table.add_row(say[f"step.{lead.step}"], *cells, days, str(lead.due or "–"), verdict)
    return table
