"""`zicht keys relink …`: back from pseudonyms to persons, where a purpose declares it and two people agree. No command shows an identifier."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from zicht.chain import actor, ask_relink, decision_as_dict, desk, judge_relink, open_relink, relinkings_of
from zicht.cli.release import SHORT, Folder, Json, Store, Who, account
from zicht.cli.screen import as_json, counted, fail, out
from zicht.errors import ZichtError
from zicht.release import Action, Decision

relink = typer.Typer(
    name="relink", help="Back from pseudonyms to persons, where a purpose declares it: one asks, another consents, every step is kept.",
    no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
"""The command `zicht keys relink` with its subcommands."""

Reason = Annotated[
    str, typer.Option("--reason", "-r", help="Why, in this case; it is kept, so name nobody in it.")
]
Asked = Annotated[str, typer.Argument(help="Digest of the request, or the start of it.")]
Sought = Annotated[
    Path,
    typer.Argument(help="File with pseudonyms, one a line; outside the project and readable for you alone."),
]


@relink.command()
def ask(
    file: Sought,
    purpose: Annotated[str, typer.Option(help="Id of the purpose that declares re-linking.")],
    register: Annotated[
        str, typer.Option(help="Id of the delivered register whose delivery has the persons.")
    ],
    reason: Reason,
    folder: Folder = Path(),
    who: Who = None,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Ask for the persons behind pseudonyms; takes the role applicant."""
    try:
        at = desk(folder, store)
        made = ask_relink(at, actor(at, account(), who), _now(), purpose, register, file, reason)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    _show(made, f"Asked until {made.evidence['until']}: {made.release}", json_wanted=json_wanted)


@relink.command()
def consent(
    request: Asked,
    reason: Reason,
    folder: Folder = Path(),
    who: Who = None,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Consent to a request of somebody else; takes the role privacy_officer."""
    _judge(Action.RELINK_AGREE, request, reason, folder, who, store, json_wanted=json_wanted)


@relink.command()
def refuse(
    request: Asked,
    reason: Reason,
    folder: Folder = Path(),
    who: Who = None,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Refuse a request, also one that was consented to and not opened yet; takes the role privacy_officer."""
    _judge(Action.RELINK_REFUSE, request, reason, folder, who, store, json_wanted=json_wanted)


@relink.command(name="open")
def open_command(
    request: Asked,
    file: Sought,
    into: Annotated[
        Path,
        typer.Option("--into", help="The file to make, outside the project; only you can read it."),
    ],
    folder: Folder = Path(),
    who: Who = None,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Write the persons of a request that was consented to into a new file, once; for who asked."""
    try:
        at = desk(folder, store)
        made = open_relink(at, actor(at, account(), who), _now(), request, file, into)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json(
            {
                "ok": True,
                "decision": decision_as_dict(made.decision),
                "file": made.file,
                "asked": made.asked,
                "found": made.found,
            }
        )
    else:
        out.print(
            f"Found {made.found} of {counted(made.asked, 'pseudonym')}: {made.file}. Remove it when you are done.",
            markup=False,
        )


@relink.command(name="list")
def list_command(folder: Folder = Path(), store: Store = None, json_wanted: Json = False) -> None:
    """Show all requests and where they stand."""
    try:
        found = relinkings_of(desk(folder, store))
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        listed = [
            {
                "request": one.request,
                "state": str(one.state),
                "until": one.until,
                "decisions": [decision_as_dict(decision) for decision in one.decisions],
            }
            for one in found
        ]
        as_json({"ok": True, "requests": listed})
    elif not found:
        out.print("Nobody asked to re-link pseudonyms.")
    else:
        table = Table("request", "state", "until", "purpose", "register", "pseudonyms", "by", "why", box=None)
        for one in found:
            asked, said = one.asked, one.asked.evidence
            cells = (said["purpose"], said["register"], said["pseudonyms"], asked.person, asked.reason)
            table.add_row(one.request[:SHORT], str(one.state), one.until, *map(str, cells))
        out.print(table)


def _judge(
    action: Action, request: str, reason: str, folder: Path, who: str | None, store: Path | None, *, json_wanted: bool
) -> None:  # fmt: skip
    try:
        at = desk(folder, store)
        made = judge_relink(at, action, actor(at, account(), who), _now(), request, reason)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    done = "Consented to" if action == Action.RELINK_AGREE else "Refused"
    _show(made, f"{done} {made.release}", json_wanted=json_wanted)


def _show(made: Decision, said: str, *, json_wanted: bool) -> None:
    if json_wanted:
        as_json({"ok": True, "decision": decision_as_dict(made)})
    else:
        out.print(said, markup=False)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
