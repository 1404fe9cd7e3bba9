"""What the command shows: progress, tables, mistakes; or JSON for machines."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich import progress as bar
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from zicht.chain import Built, Explanation, Listener, Reason, StepStatus
from zicht.cli import INTERRUPTED
from zicht.engine import Made, Progress, Step
from zicht.errors import ProblemsError, ZichtError
from zicht.release import HIDDEN

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

MISTAKE = 1  # exit code: something that was given is wrong
MOST_ROWS = 20  # breakdowns of one figure that are shown
MOST_KEPT = 10  # steps after one another that were kept and have a line each
MOST_REMARKS = 12  # remarks on the data that are shown
SLOW = 1.0  # seconds after which progress is shown


def as_json(value: object) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def counted(count: int, name: str) -> str:
    """A number and what it is of: `1 mistake`, `2 mistakes`."""
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def fail(error: ZichtError, *, json_wanted: bool) -> NoReturn:
    """Show what is wrong and end with exit code 1."""
    problems = error.problems if isinstance(error, ProblemsError) else ()
    if json_wanted:
        listed = [
            {
                "file": p.place.file,
                "line": p.place.line,
                "column": p.place.column,
                "what": p.what,
                "remedy": p.remedy,
            }
            for p in problems
        ]
        as_json({"ok": False, "error": str(error), "problems": listed})
    elif problems:
        for problem in problems:
            remedy = f" [green]{escape(problem.remedy)}[/green]" if problem.remedy else ""
            err.print(f"[bold]{escape(str(problem.place))}[/bold]: {escape(problem.what)}{remedy}")
        err.print(f"[red]{counted(len(problems), 'mistake')}.[/red]")
    else:
        err.print(f"[red]{escape(str(error))}[/red]")
    raise typer.Exit(MISTAKE)


class _Bars:
    """Progress bars on the terminal; nothing is drawn for what is over within a second."""

    def __init__(self) -> None:
        self.progress = bar.Progress(
            bar.TextColumn("{task.description}"), bar.BarColumn(), bar.TextColumn("{task.fields[what]}"), bar.TimeElapsedColumn(),
            console=err, transient=True,
        )  # fmt: skip
        self.task: bar.TaskID | None = None
        self.began = time.perf_counter()
        self.title = ""

    def begin(self, title: str) -> None:
        self.end()
        self.title, self.began = title, time.perf_counter()
        self.task = self.progress.add_task(escape(title), total=None, what="", start=True)

    def step(self, done: int, total: int | None, what: str) -> None:
        if self.task is None:
            self.begin(what)
        elif time.perf_counter() - self.began > SLOW:
            self.progress.update(self.task, completed=done, total=total, what=escape(what))

    def end(self) -> None:
        if self.task is not None:
            self.progress.remove_task(self.task)
            self.task = None


@contextmanager
def watching(title: str) -> Iterator[Progress]:
    """Whom to tell how far one thing is that may take long."""
    bars = _Bars()
    with bars.progress:
        bars.begin(title)
        yield bars.step
        bars.end()


@contextmanager
def listening(*, quiet: bool) -> Iterator[Listener | None]:
    """A listener that draws progress and says of each step what became of it; None when quiet."""
    if quiet:
        yield None
        return
    bars = _Bars()
    with bars.progress:

        def begins(step: Step) -> _Told:
            bars.begin(f"{step.name}  {step.title}")
            return _Told(bars)

        kept: list[Made] = []

        def ended(made: Made) -> None:
            bars.end()
            if made.state == "kept":
                kept.append(made)
                return
            _show_kept(kept)
            err.print(
                f"  [green]made[/green]  {made.name}  [dim]{made.seconds:.1f} s: {escape(made.why)}[/dim]"
            )

        def fetching(done: int, total: int | None, what: str) -> None:
            bars.step(done, total, f"deliveries: {what}")

        def publishing(what: str, done: int, total: int) -> None:
            if bars.task is None or not bars.title.startswith("site"):
                bars.begin("site  pages, maps and downloads")
            bars.step(done, total, what)

        try:
            yield Listener(begins, ended, fetching, publishing)
        except KeyboardInterrupt:
            # Said here: the library for commands ends the process before anything above it hears of this.
            err.print("Stopped. What was finished is kept; run the same command again to go on.")
            raise typer.Exit(INTERRUPTED) from None
        finally:
            bars.end()
            _show_kept(kept)


def _show_kept(kept: list[Made]) -> None:
    """One line for each step that was kept, or one for all where they would push what was made off the screen."""
    shown = kept if len(kept) <= MOST_KEPT else []
    for made in shown:
        err.print(f"  [dim]kept  {made.name}  ({made.why})[/dim]")
    if kept and not shown:
        err.print(f"  [dim]kept  {kept[0].name} … {kept[-1].name}  ({len(kept)} steps: {kept[0].why})[/dim]")
    kept.clear()


class _Told:
    """Passes what a step says on to the bars."""

    def __init__(self, bars: _Bars) -> None:
        self._bars = bars

    def __call__(self, done: int, total: int | None, what: str) -> None:
        self._bars.step(done, total, what)


def show_built(built: Built) -> None:
    """Say what a build came to."""
    for remark in built.remarks[:MOST_REMARKS]:
        out.print(f"[yellow]Note[/yellow] {escape(remark)}")
    if len(built.remarks) > MOST_REMARKS:
        out.print(f"[yellow]Note[/yellow] and {len(built.remarks) - MOST_REMARKS} more; `--json` gives all.")
    made = sum(step.state == "made" for step in built.steps)
    out.print(
        f"[bold]{escape(built.project.file.title.nl)}[/bold]: {made} of {len(built.steps)} steps made in {built.seconds:.1f} s."
    )
    if built.release is not None:
        out.print(f"Release {built.release.digest[:16]} in {built.release.path}")
    if built.site is not None:
        out.print(f"Site in {built.site} ({built.pages_written} pages written)")


def show_status(steps: list[StepStatus]) -> None:
    """Say what the next build would make."""
    table = Table("step", "what", "state", box=None)
    for step in steps:
        colour = "green" if step.state == "up to date" else "yellow"
        table.add_row(step.name, escape(step.title), f"[{colour}]{step.state}[/{colour}]")
    out.print(table)


def show_explanation(found: Explanation) -> None:
    """Walk a figure back, from what is published to what was delivered."""
    out.print(
        f"[bold]{escape(found.title)}[/bold], {escape(found.area_name or found.area)} ({found.area}), {found.period}"
    )
    for row in found.figures[:MOST_ROWS]:
        split = " ".join(f"{name}={row[name]}" for name in found.by)
        out.print(
            f"  {_shown(row, found.decimals)} {escape(found.unit)}  [dim]{row['status']} {escape(split)}[/dim]"
        )
    out.print(f"[bold]Release[/bold] {found.release}")
    protection = found.protection
    out.print(
        f"[bold]Protection[/bold] {protection['profile']}: {protection['hidden']} of {protection['figures']} figures hidden"
    )
    out.print("[bold]Computed as[/bold]")
    for line in found.steps:
        out.print(f"  {escape(line)}")
    for register in found.registers:
        out.print(f"[bold]Register[/bold] {register.id}: {escape(register.title)}")
        contract = register.contract
        out.print(f"  contract {contract['file']} version {contract['version']} ({contract['digest']})")
        if register.rows:
            out.print("  " + ", ".join(f"{value} {key}" for key, value in register.rows.items()))
        if register.sql:
            out.print(f"  made of {', '.join(register.made_of)} by SQL")
        if register.source:
            source = register.source
            out.print(f"  delivered by {escape(str(source['deliverer']))} as {escape(str(source['origin']))}")
            out.print(f"  read from {escape(str(source['read_from']))}, SHA-256 {source['digest']}")
            if register.delivered:
                out.print(f"  delivered on {register.delivered}")
        if register.snapshot:
            out.print(f"  snapshot {register.snapshot}")
        if register.columns:
            out.print(f"  columns used: {', '.join(register.columns)}")
    _show_grounds(found)


def _show_grounds(found: Explanation) -> None:
    """Why the data may be used, with what, and who agreed."""
    if found.purpose is not None:
        purpose = found.purpose
        out.print(
            f"[bold]Purpose[/bold] {escape(str(purpose['title']))} (version {purpose['version']}, {purpose['uri']})"
        )
        out.print(f"  legal basis: {escape(str(purpose['legal_basis']))}")
        out.print(f"  controller: {escape(str(purpose['controller']))}")
    for name, listed in (("Algorithms", found.algorithms), ("Products", found.products)):
        if listed:
            out.print(f"[bold]{name}[/bold] {escape('; '.join(listed))}")
    for decision in found.decisions:
        said = " ".join(str(decision[key]) for key in ("at", "action", "person", "role") if decision.get(key))
        out.print(f"[bold]Decided[/bold] {escape(said)}")


def show_reasons(figure: str, reasons: Sequence[Reason]) -> None:
    """Why the numbers behind a figure are hidden."""
    if not reasons:
        out.print(f"{escape(figure)} is shown.")
    for reason in reasons:
        out.print(f"[bold]{escape(reason.number)}[/bold]: {reason.status}")
        if reason.rule is not None:
            out.print(f"  hidden by the rule `{reason.rule}`")
        for cell, witness in reason.gives_away:
            out.print(f"  shown, it would give away {escape(cell)}:")
            for line in witness:
                out.print(f"    {escape(line)}")
        for line in reason.beside:
            out.print(f"  {escape(line)}")
        if reason.rule is None and not reason.gives_away and not reason.beside:
            out.print("  hidden together with others; shown alone it would give nothing away")


def _shown(row: Mapping[str, object], decimals: int) -> str:
    value = row["value"]
    if isinstance(value, float):
        return f"{value:,.{decimals}f}"
    return "hidden" if row["status"] in HIDDEN else "–"
