"""`zicht signals …`: the signals of a project, and what people make of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from zicht.chain import actor, decision_as_dict, desk, interpret, signal_entries
from zicht.cli.release import Folder, Json, Store, Who, account
from zicht.cli.screen import as_json, fail, out
from zicht.errors import ZichtError
from zicht.release import Verdict

SHOWN = 12  # characters of an id that are shown

signals = typer.Typer(
    name="signals", help="What is unlike the past, and what people make of it: each signal waits until somebody says what it means.",
    no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
"""The command `zicht signals` with its subcommands."""


@signals.command(name="list")
def list_command(
    folder: Folder = Path(),
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait.")] = False,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Show the signals of what was published and of the last build, the newest first."""
    try:
        found = [one for one in signal_entries(desk(folder, store)) if not (waiting and one.interpretation)]
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json({"ok": True, "signals": [one.as_dict() for one in found]})
    elif not found:
        out.print("No signal waits." if waiting else "There is no signal.")
    else:
        table = Table("signal", "period", "areas", "finding", "meaning", box=None)
        for one in found:
            said = one.interpretation
            meaning = "waits" if said is None else f"{said.verdict}, {said.on}: {said.reason}"
            areas = ", ".join(one.names) or "all together"
            table.add_row(
                one.signal.id[:SHOWN], one.signal.period, escape(areas), escape(one.title), escape(meaning)
            )
        out.print(table)


@signals.command(name="interpret")
def interpret_command(
    signal: Annotated[str, typer.Argument(help="Id of the signal, or the start of it.")],
    verdict: Annotated[
        Verdict, typer.Option(help="Whether it is real, an artefact of how is counted, or of a known cause.")
    ],
    reason: Annotated[
        str, typer.Option("--reason", "-r", help="Why; the public reads it, so name nobody in it.")
    ],
    folder: Folder = Path(),
    who: Who = None,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Say what a signal means; takes the role interpreter. The next build tells the public."""
    try:
        at = desk(folder, store)
        made = interpret(at, actor(at, account(), who), dt.datetime.now(dt.UTC), signal, verdict, reason)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json({"ok": True, "decision": decision_as_dict(made)})
    else:
        out.print(f"Signal {made.release[:SHOWN]} is {verdict}; the next build tells so.", markup=False)
