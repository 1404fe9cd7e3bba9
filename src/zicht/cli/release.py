"""`zicht release …`: what people decide about a release, and `zicht backup` and `zicht restore`.

Who acts is what the operating system says; `--as` names the person, and is refused where that person declares another account.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from zicht.chain import (
    Backup,
    Desk,
    Dossier,
    actor,
    back_up,
    decision_as_dict,
    desk,
    dossier,
    judge,
    restore,
    states_of,
    submit,
    verify_decisions,
    withdraw,
    write_review,
)
from zicht.chain import publish as publish_release
from zicht.cli.delivery import deliver_public
from zicht.cli.screen import as_json, counted, err, fail, out
from zicht.errors import ZichtError
from zicht.release import KINDS, Action, Decision, Differences

release_app = typer.Typer(
    name="release", help="Decide about releases: who makes one never reviews it, and every decision is kept.",
    no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
"""The commands about releases."""

Folder = Annotated[
    Path, typer.Option("--project", "-p", help="The project folder (the one with zicht.yaml).")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Store = Annotated[
    Path | None,
    typer.Option("--store", help="Where results are kept; .zicht in the project folder otherwise."),
]
Who = Annotated[
    str | None,
    typer.Option(
        "--as", help="Id of the person who acts; found by the account you are logged in with where left out."
    ),
]
Digest = Annotated[
    str | None,
    typer.Argument(help="Digest of the release, or the start of it; the last build where left out."),
]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; kept with the decision.")]
SHORT = 16  # characters of a digest that are shown


@release_app.command(name="submit")
def submit_command(
    folder: Folder = Path(),
    who: Who = None,
    reason: Reason = "",
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Do the automatic checks of the last build, and ask for review of it."""
    try:
        at = desk(folder, store)
        made = submit(at, actor(at, account(), who), _now(), reason)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    _show_decisions(made, json_wanted=json_wanted)


@release_app.command(name="review")
def review_command(
    digest: Digest = None,
    folder: Folder = Path(),
    who: Who = None,
    reason: Reason = "",
    send_back: Annotated[bool, typer.Option("--return", help="Send it back; needs --reason.")] = False,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Say as reviewer that there is no objection, or send the release back."""
    action = Action.RETURN if send_back else Action.REVIEW
    _judge(action, digest, folder, who, reason, store, json_wanted=json_wanted)


@release_app.command(name="approve")
def approve_command(
    digest: Digest = None,
    folder: Folder = Path(),
    who: Who = None,
    reason: Reason = "",
    send_back: Annotated[bool, typer.Option("--return", help="Send it back; needs --reason.")] = False,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Agree as approver, a third person, that the release is published, or send it back."""
    action = Action.RETURN if send_back else Action.APPROVE
    _judge(action, digest, folder, who, reason, store, json_wanted=json_wanted)


@release_app.command(name="publish")
def publish_command(
    digest: Digest = None,
    folder: Folder = Path(),
    who: Who = None,
    reason: Reason = "",
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Let the public see an approved release: keep it in published/ and make the public site of it."""
    publish_and_show(digest, folder, who, reason, store, json_wanted=json_wanted)


@release_app.command(name="withdraw")
def withdraw_command(
    reason: Annotated[
        str, typer.Option("--reason", "-r", help="Why; the public reads it in place of the site.")
    ],
    digest: Annotated[
        str | None,
        typer.Argument(
            help="Digest of the release, or the start of it; the one that the public sees where left out."
        ),
    ] = None,
    folder: Folder = Path(),
    who: Who = None,
    to: Annotated[
        str | None, typer.Option("--to", help="Bring the notice there at once, in the place of the site.")
    ] = None,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Take a release off the site at once, for good."""
    try:
        at = desk(folder, store)
        made = withdraw(at, actor(at, account(), who), _now(), reason, digest)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if to is not None:
        deliver_public(at, to, json_wanted=json_wanted)
        return
    _show_decisions([made], json_wanted=json_wanted)
    if not json_wanted:
        site = at.place.folder / "public"
        out.print(f"The public site now says so: {site}. Bring it to the web server at once.")


@release_app.command(name="diff")
def diff_command(
    digest: Digest = None, folder: Folder = Path(), store: Store = None, json_wanted: Json = False
) -> None:
    """Show what changes for the public against what it sees now, by indicator and level."""
    try:
        found = dossier(desk(folder, store), digest).differences
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json(found.as_dict())
    else:
        _show_differences(found)


@release_app.command(name="show")
def show_command(
    digest: Digest = None,
    folder: Folder = Path(),
    page: Annotated[
        bool, typer.Option("--page", help="Write it all as a page, with links to the preview.")
    ] = False,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Show what a reviewer needs: state, checks, changes, decisions and pages to look at. Not for the public."""
    try:
        at = desk(folder, store)
        found = dossier(at, digest)
        written = write_review(at, found) if page else None
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json({**found.as_dict(), "page": written})
    else:
        _show_dossier(found)
        if written is not None:
            out.print(f"Wrote {written}. It counts what is hidden, so keep it inside.")


@release_app.command(name="log")
def log_command(
    folder: Folder = Path(),
    verify: Annotated[
        bool, typer.Option("--verify", help="Say what is wrong with the log instead of showing it.")
    ] = False,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Show all decisions in order, and where each release stands."""
    if verify:
        _verify(folder, store, json_wanted=json_wanted)
        return
    try:
        at = desk(folder, store)
        decisions, states = at.decisions(), states_of(at)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json(
            {
                "decisions": [decision_as_dict(one) for one in decisions],
                "releases": [{"release": one.release, "state": str(one.state)} for one in states],
            }
        )
        return
    _show_table(decisions)
    for one in states:
        out.print(f"{one.release[:SHORT]} is [bold]{one.state}[/bold]")


@release_app.command(name="verify")
def verify_command(folder: Folder = Path(), store: Store = None, json_wanted: Json = False) -> None:
    """Hold the decisions against their chain, and what was published against the decisions."""
    _verify(folder, store, json_wanted=json_wanted)


def backup_command(
    file: Annotated[Path, typer.Argument(help="The file to make, such as backup.tar.zst.")],
    folder: Folder = Path(),
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Put the project, its decisions and its published releases in one file. It holds the deliveries in the folder too."""
    try:
        made = back_up(folder, file, store)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    _show_backup("Backed up", made, json_wanted=json_wanted)


def restore_command(
    file: Annotated[Path, typer.Argument(help="A file that zicht backup made.")],
    folder: Annotated[Path, typer.Argument(help="The folder to put the project in; absent or empty.")],
    json_wanted: Json = False,
) -> None:
    """Put a backup back, every digest in it held against what is found."""
    try:
        found = restore(file, folder)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    _show_backup("Restored", found, json_wanted=json_wanted)


def publish_and_show(
    digest: str | None, folder: Path, who: str | None, reason: str, store: Path | None, *, json_wanted: bool
) -> None:
    """Publish, and say where the public site is; `zicht publish` does this too."""
    try:
        at = desk(folder, store)
        made = publish_release(at, actor(at, account(), who), _now(), digest, reason)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    site = at.place.folder / "public"
    if json_wanted:
        as_json({"ok": True, "decision": decision_as_dict(made), "digest": made.release, "site": site})
        return
    _show_decisions([made], json_wanted=False)
    out.print(f"Now put the site where the public can see it: {site}")


def deliver_site(
    folder: Path, target: str, who: str | None, store: Path | None, *, json_wanted: bool
) -> None:
    """Publish the last build if the public does not see it yet, and bring the public site to a target."""
    try:
        at = desk(folder, store)
        public, last = at.public(), at.release()
        if public is None or public.digest != last.digest:
            publish_release(at, actor(at, account(), who), _now())
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    deliver_public(at, target, json_wanted=json_wanted)


def account() -> str:
    """Name of the account that runs this, as the operating system gives it; no variable of the environment is asked."""
    try:
        import pwd
    except ImportError:  # on Windows
        return os.getlogin()
    return pwd.getpwuid(os.getuid()).pw_name


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()


def _judge(
    action: Action,
    digest: str | None,
    folder: Path,
    who: str | None,
    reason: str,
    store: Path | None,
    *,
    json_wanted: bool,
) -> None:
    try:
        at = desk(folder, store)
        made = judge(at, action, actor(at, account(), who), _now(), digest, reason)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    _show_decisions([made], json_wanted=json_wanted)


def _verify(folder: Path, store: Path | None, *, json_wanted: bool) -> None:
    try:
        at: Desk = desk(folder, store)
        problems = verify_decisions(at)
        count = 0 if problems else len(at.decisions())
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json({"ok": not problems, "decisions": count, "problems": [str(one) for one in problems]})
    elif not problems:
        out.print(f"[green]All holds.[/green] {counted(count, 'decision')}.")
    for problem in () if json_wanted else problems:
        err.print(f"[red]{escape(str(problem))}[/red]")
    if problems:
        raise typer.Exit(1)


def _show_decisions(made: Sequence[Decision], *, json_wanted: bool) -> None:
    if json_wanted:
        as_json({"ok": True, "decisions": [decision_as_dict(one) for one in made]})
        return
    for one in made:
        by = f" by {one.person} ({one.role})" if one.role else ""
        out.print(
            f"Decision {one.number}: {one.action} of {one.release[:SHORT]}{by}. [dim]{one.digest[:SHORT]}[/dim]"
        )


def _show_table(decisions: Sequence[Decision]) -> None:
    for one in decisions:
        who = f"{one.person} ({one.role})" if one.role else one.person
        reason = f": {one.reason}" if one.reason else ""
        out.print(
            f"{one.number:>4}  {one.at}  {one.release[:SHORT]}  [bold]{one.action}[/bold]  {who}, account {escape(one.account)}{escape(reason)}"
        )


def _show_differences(found: Differences) -> None:
    before = "nothing" if found.before is None else found.before[:SHORT]
    out.print(f"From {before} to [bold]{found.after[:SHORT]}[/bold]")
    table = Table("indicator", "level", *KINDS, "same", box=None)
    for one in found.levels:
        if one.differs:
            table.add_row(one.indicator, one.level, *(str(one.counts[kind]) for kind in KINDS), str(one.same))
    if table.row_count:
        out.print(table)
    else:
        out.print("No figure changes.")
    for text in found.texts:
        out.print(f"  {text.of} {text.id}: {', '.join(text.parts)}")
    for finding in found.findings:
        for word, areas in (("stand out now", finding.appears), ("no longer stand out", finding.disappears)):
            if areas:
                out.print(f"  finding {finding.finding}: {word}: {', '.join(areas)}")


def _show_dossier(found: Dossier) -> None:
    possible = ", ".join(str(one) for one in found.possible) or "nothing"
    out.print(
        f"Release {found.release.digest} is [bold]{found.standing.state}[/bold]; what can be decided: {possible}"
    )
    for check in found.checks:
        out.print(
            f"  {'[green]holds[/green]' if check.passed else '[red]fails[/red]'}  {escape(check.title)}"
        )
        for problem in check.problems:
            out.print(f"         {escape(problem)}")
    _show_differences(found.differences)
    if found.standing.decisions:
        _show_table(found.standing.decisions)
    for doubt in found.doubts:
        out.print(f"[yellow]{escape(str(doubt))}[/yellow]")
    out.print("Look at:")
    for page in found.sample:
        fewest = "" if page.fewest is None else f", fewest units {page.fewest}"
        out.print(f"  {page.path}  [dim]{page.hidden} hidden, {page.changed} changed{fewest}[/dim]")


def _show_backup(done: str, made: Backup, *, json_wanted: bool) -> None:
    if json_wanted:
        as_json(
            {
                "ok": True,
                "file": made.file,
                "digest": made.digest,
                "files": made.files,
                "decisions": made.decisions,
                "release": made.release,
            }
        )
    else:
        out.print(
            f"{done} {counted(made.files, 'file')} and {counted(made.decisions, 'decision')}: {made.file}. Digest {made.digest}"
        )
