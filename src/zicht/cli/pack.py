"""`zicht pack`: phenomena that are ready to be taken over into a project."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from zicht.cli.screen import as_json, fail, out
from zicht.demo import add_pack, packs
from zicht.errors import ZichtError

pack_app = typer.Typer(
    name="pack",
    help="Phenomena that are ready to be taken over: indicators, findings and texts.",
    no_args_is_help=True,
)
"""`zicht pack` with its subcommands."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


@pack_app.command(name="list")
def list_command(json_wanted: Json = False) -> None:
    """Show the packs that come with Zicht: what each counts, and what it needs of a project."""
    known = packs()
    if json_wanted:
        as_json([asdict(pack) for pack in known])
        return
    for pack in known:
        out.print(f"[bold]{pack.id}[/bold]  {escape(pack.title['en'])}")
        out.print(f"  {escape(pack.definition['en'])}")
        needs = "; ".join(f"{name} ({', '.join(columns)})" for name, columns in pack.needs.items())
        out.print(f"  [dim]Needs {escape(needs)}.[/dim]")


@pack_app.command(name="add")
def add_command(
    name: Annotated[str, typer.Argument(metavar="PACK", help="Id of the pack; see `zicht pack list`.")],
    folder: Annotated[Path, typer.Argument(help="The project folder (the one with zicht.yaml).")] = Path(),
    purpose: Annotated[
        str | None,
        typer.Option(
            help="Id of the purpose under which your project uses the data; that of the pack where left out."
        ),
    ] = None,
    theme: Annotated[
        str | None,
        typer.Option(
            help="Id of the theme under which the indicators stand; that of the pack where left out."
        ),
    ] = None,
    json_wanted: Json = False,
) -> None:
    """Copy a pack into a project folder. Nothing is written where the project lacks what it needs, or has other files of these names."""
    try:
        added = add_pack(folder, name, purpose, theme)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json({"ok": True, "pack": added.pack.id, "written": added.written, "kept": added.kept})
        return
    for file in added.written:
        out.print(f"Wrote {escape(str(folder / file))}")
    for file in added.kept:
        out.print(f"[dim]Was there already: {escape(str(folder / file))}[/dim]")
    out.print(f"Read the definition and change it where yours differs. {escape(added.pack.basis)}")
