"""`zicht privacy`: what is used of persons, why, for how long; the register of processing activities; and removing what is overdue."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from zicht.chain import PrivacyAccount, Purged, privacy_account, purge_overdue, write_activities
from zicht.cli.screen import as_json, counted, fail, out
from zicht.errors import ZichtError
from zicht.governance import ColumnUse, ProductPrivacy

_COLOURS = {"criminal": "bold red", "special": "bold red", "identifying": "yellow", "personal": "cyan"}


def privacy_command(
    folder: Annotated[Path, typer.Argument(help="The project folder (the one with zicht.yaml).")] = Path(),
    products: Annotated[list[str] | None, typer.Argument(help="Ids of products; all where left out.")] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            help="Write the register of processing activities (AVG art. 30) to this folder, as JSON.",
        ),
    ] = None,
    purge: Annotated[
        bool, typer.Option("--purge", help="Remove kept data about persons that are past their retention.")
    ] = False,
    store: Annotated[
        Path | None,
        typer.Option("--store", help="Where results are kept; .zicht in the project folder otherwise."),
    ] = None,
    json_wanted: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Show per product which data about persons are used and why, what is delivered and not used, special data, retention and purposes. Exits with 1 where data are overdue."""
    today = dt.datetime.now().astimezone().date()
    try:
        if purge:
            _purge(folder, today, store, json_wanted=json_wanted)
            return
        if export is not None:
            _export(folder, export, json_wanted=json_wanted)
            return
        account = _chosen(privacy_account(folder, today, workplace=store), products or [])
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json(account.as_dict())
    else:
        _show(account)
    if account.overdue:
        raise typer.Exit(1)


def _chosen(account: PrivacyAccount, ids: list[str]) -> PrivacyAccount:
    known = [product.id for product in account.products]
    if unknown := [id_ for id_ in ids if id_ not in known]:
        raise ZichtError(f"There is no product `{unknown[0]}`; there are {', '.join(known)}.")
    chosen = tuple(product for product in account.products if product.id in ids or not ids)
    return PrivacyAccount(chosen, account.overdue)


def _purge(folder: Path, today: dt.date, store: Path | None, *, json_wanted: bool) -> None:
    gone: Purged = purge_overdue(folder, today, workplace=store)
    if json_wanted:
        as_json({
            "ok": True,
            "removed": [{"register": one.register, "first": one.first, "digest": one.digest} for one in gone.snapshots],
            "steps": gone.steps,
        })  # fmt: skip
        return
    for one in gone.snapshots:
        out.print(
            f"Removed a snapshot of [bold]{one.register}[/bold] from {one.first} on: kept until {one.until} for {one.retention.purpose}."
        )
    if gone.snapshots:
        out.print(
            f"{counted(len(gone.steps), 'result')} went with them. Deliveries are yours to remove; what was published stays published."
        )
    else:
        out.print("Nothing that is kept is past its retention.")


def _export(folder: Path, to: Path, *, json_wanted: bool) -> None:
    written = write_activities(folder, to)
    if json_wanted:
        as_json({"ok": True, "files": written})
    else:
        out.print(
            f"Wrote {counted(len(written), 'file')} to {to}, each valid against the field list of processing activities."
        )


def _show(account: PrivacyAccount) -> None:
    for product in account.products:
        _show_product(product)
    for one in account.overdue:
        out.print(
            f"[bold red]Overdue:[/bold red] `{one.register}` is kept with data of {one.first}, allowed until {one.until}. Run: zicht privacy --purge"
        )


def _show_product(product: ProductPrivacy) -> None:
    out.print(f"\n[bold]{escape(product.title)}[/bold]  {product.id}")
    if not product.columns:
        out.print("  No data about persons are used.")
        return
    for purpose in product.purposes:
        older = f"; the last release rests on version {purpose.rested_on}" if purpose.is_older else ""
        out.print(
            f"  For [bold]{escape(purpose.title)}[/bold] ({purpose.id}, version {purpose.version}{older}); {escape(purpose.legal_basis)}; kept {purpose.retention}"
        )
    table = Table(box=None, padding=(0, 2, 0, 2))
    for head in ("column", "classification", "used to", "by"):
        table.add_column(head, header_style="dim")
    for column in product.columns:
        table.add_row(*_row(column))
    out.print(table)
    for register in product.registers:
        if register.unused:
            out.print(
                f"  Delivered in {register.id} and used by nothing: [yellow]{', '.join(register.unused)}[/yellow]"
            )
        for first, until in register.kept_until.items():
            out.print(f"  {register.id} is kept from {first} on, and may be until {until}")
    if product.special:
        names = ", ".join(
            dict.fromkeys(f"{one.register}.{one.column or '(rows)'}" for one in product.special)
        )
        out.print(f"  [bold]Special or criminal data:[/bold] {names}")


def _row(column: ColumnUse) -> tuple[str, str, str, str]:
    colour = _COLOURS.get(column.classification, "default")
    shown = ", ".join(column.indicators[:3]) + (
        f" and {len(column.indicators) - 3} more" if len(column.indicators) > 3 else ""
    )
    return (
        f"{column.register}.{column.column or '(rows)'}",
        f"[{colour}]{column.classification}[/{colour}]",
        ", ".join(column.why),
        shown,
    )
