"""The commands. Each parses, calls one function and shows what it gives.

Exit codes: 0 done; 1 something that was given is wrong (a declaration, a delivery, a release); 2 the command was used wrongly; 130 stopped from the keyboard.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from zicht import __version__
from zicht.chain import (
    Workplace,
    build,
    check,
    desk,
    explain_figure,
    protection_account,
    public_site,
    status,
    why,
)
from zicht.cli.keys import keys, make_first_secret
from zicht.cli.pack import pack_app
from zicht.cli.papers import keep_command, papers_command
from zicht.cli.privacy import privacy_command
from zicht.cli.quality import quality_command
from zicht.cli.release import backup_command, deliver_site, publish_and_show, release_app, restore_command
from zicht.cli.screen import (
    MISTAKE,
    as_json,
    counted,
    err,
    fail,
    listening,
    out,
    show_built,
    show_explanation,
    show_reasons,
    show_status,
    watching,
)
from zicht.cli.signals import signals
from zicht.declare import KINDS, json_schema
from zicht.demo import generate, new_project, voorbeeldstad
from zicht.disclosure import LANGUAGES, report_page, report_text
from zicht.engine import write_whole
from zicht.errors import ZichtError
from zicht.governance import TraceContext
from zicht.intake import profile
from zicht.publish import serve
from zicht.release import verify_release

app = typer.Typer(
    name="zicht", help="From register to figures about areas that are safe to publish.", no_args_is_help=True,
    pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
"""The command with all its subcommands."""
app.add_typer(keys)

Folder = Annotated[Path, typer.Argument(help="The project folder (the one with zicht.yaml).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Store = Annotated[
    Path | None,
    typer.Option("--store", help="Where results are kept; .zicht in the project folder otherwise."),
]
Port = Annotated[
    int, typer.Option(help="Port on localhost; the next free one when it is taken.", min=0, max=65535)
]


PAGE_TITLE = {"nl": "Bescherming van {}", "en": "Protection of {}"}


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="The folder to make.")]) -> None:
    """Make a project folder that runs: a small invented village to replace by your own data."""
    try:
        new_project(folder)
        _write_schemas(folder / ".schemas")
        make_first_secret(folder)
    except ZichtError as error:
        fail(error, json_wanted=False)
    out.print(f"Made {folder}. Build it with: [bold]zicht build {folder}[/bold]")


@app.command(name="check")
def check_command(folder: Folder = Path(), json_wanted: Json = False) -> None:
    """Check a project folder: every mistake at once, each with its place and what would be right."""
    try:
        project = check(folder)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    counts = {
        "source": len(project.sources),
        "register": len(project.registers),
        "indicator": len(project.indicators),
        "product": len(project.products),
    }
    if json_wanted:
        as_json({"ok": True, "problems": [], **{f"{name}s": count for name, count in counts.items()}})
    else:
        out.print(
            "[green]No mistakes.[/green] "
            + ", ".join(counted(count, name) for name, count in counts.items())
            + "."
        )


@app.command(name="profile")
def profile_command(
    file: Annotated[
        Path, typer.Argument(help="A delivered file: CSV, XLSX, Parquet, JSON, GeoJSON or GeoPackage.")
    ],
    to: Annotated[
        Path | None, typer.Option("--to", help="Write the draft to this file; on screen otherwise.")
    ] = None,
) -> None:
    """Draft a register contract from a real file: types, missing codes, keys and area codes recognised."""
    try:
        with watching(f"reading {file.name}") as progress:
            draft = profile(file, progress=progress)
    except ZichtError as error:
        fail(error, json_wanted=False)
    if to is None:
        typer.echo(draft, nl=False)
    elif to.exists():
        fail(ZichtError(f"{to} is there already; a draft never replaces a contract."), json_wanted=False)
    else:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(draft, "utf-8")
        out.print(f"Wrote {to}. Read it through: what a file cannot tell stands there as a question.")


@app.command(name="build")
def build_command(
    folder: Folder = Path(),
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="What to make: a step, register or indicator; all where left out."),
    ] = None,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Build a project: what did not change is not made again, and a killed build goes on where it was."""
    try:
        with listening(quiet=json_wanted) as listener:
            built = build(folder, targets or (), workplace=store, listener=listener, trace=_trace())
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        steps = [
            {
                "name": s.name,
                "state": s.state,
                "why": s.why,
                "seconds": round(s.seconds, 3),
                "digest": s.digest,
            }
            for s in built.steps
        ]
        release = (
            None if built.release is None else {"digest": built.release.digest, "path": built.release.path}
        )
        as_json(
            {
                "ok": True,
                "steps": steps,
                "release": release,
                "site": built.site,
                "pages_written": built.pages_written,
                "remarks": built.remarks,
            }
        )
    else:
        show_built(built)


def _trace() -> TraceContext | None:
    """The trace that asked for a build, where another program did (W3C Trace Context in the environment)."""
    return TraceContext.read(os.environ.get("TRACEPARENT", ""))


@app.command(name="status")
def status_command(folder: Folder = Path(), store: Store = None, json_wanted: Json = False) -> None:
    """Show what the next build would make, and what is up to date."""
    try:
        steps = status(folder, workplace=store)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json([{"name": step.name, "title": step.title, "state": step.state} for step in steps])
    else:
        show_status(steps)


@app.command(name="explain")
def explain_command(
    indicator: Annotated[str, typer.Argument(help="Id of the indicator.")],
    area: Annotated[str, typer.Argument(help="Code of the area, such as BU90010101.")],
    period: Annotated[str, typer.Argument(help="Period, such as 2025 or 2025-03.")],
    folder: Annotated[Path, typer.Option("--project", "-p", help="The project folder.")] = Path(),
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Walk a published figure back to its sources, with every step on the way."""
    try:
        found = explain_figure(folder, indicator, area, period, workplace=store)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json(found.as_dict())
    else:
        show_explanation(found)


@app.command(name="disclosure")
def disclosure_command(
    folder: Folder = Path(),
    registers: Annotated[
        list[str] | None, typer.Argument(help="Ids of registers; all that were protected where left out.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write the report as a page with charts to this file.")
    ] = None,
    language: Annotated[
        str, typer.Option("--language", "-l", help="Language of the report: nl or en.")
    ] = "nl",
    asked: Annotated[
        tuple[str, str, str] | None,
        typer.Option("--why", help="Tell why one figure is hidden: its indicator, area and period."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="With --why: a category, as breakdown=category; totals where left out."),
    ] = None,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Show what protection hid in the last build, why, what that cost, and whether it withstood the attacks. Not for the public."""
    if asked is not None:
        _why(folder, asked, by or (), store, json_wanted=json_wanted)
        return
    try:
        if language not in LANGUAGES:
            raise ZichtError(f"There is no report in `{language}`; there are {' and '.join(LANGUAGES)}.")
        sheets = protection_account(folder, registers or (), workplace=store)
        if page is not None:
            write_whole(
                page, report_page(sheets, PAGE_TITLE[language].format(folder.resolve().name), language)
            )
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json([{"title": s.title, "report": s.report, "overview": s.overview.to_pylist()} for s in sheets])
    elif page is not None:
        out.print(f"Wrote {page}. It counts what is hidden, so keep it inside.")
    else:
        typer.echo(report_text(sheets, language), nl=False)


def _why(
    folder: Path, asked: tuple[str, str, str], by: Sequence[str], store: Path | None, *, json_wanted: bool
) -> None:
    try:
        if wrong := [one for one in by if "=" not in one]:
            raise ZichtError(f"`--by {wrong[0]}` is no breakdown=category, such as leeftijd=0-24.")
        reasons = why(folder, *asked, dict(one.split("=", 1) for one in by), workplace=store)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json([reason.as_dict() for reason in reasons])
    else:
        show_reasons(" × ".join((*asked, *by)), reasons)


app.command(name="quality")(quality_command)
app.command(name="privacy")(privacy_command)
app.command(name="papers")(papers_command)
app.command(name="keep")(keep_command)


@app.command()
def publish(
    folder: Folder = Path(),
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            help="Bring the site there too: a folder of a web server, or a place such as s3://bucket/site.",
        ),
    ] = None,
    who: Annotated[str | None, typer.Option("--as", help="Id of the person who publishes.")] = None,
    store: Store = None,
    json_wanted: Json = False,
) -> None:
    """Let the public see the last build, as `zicht release publish` does: approved, or where zicht.yaml says why without review."""
    if to is None:
        publish_and_show(None, folder, who, "", store, json_wanted=json_wanted)
    else:
        deliver_site(folder, to, who, store, json_wanted=json_wanted)


app.add_typer(release_app)
app.add_typer(signals)
app.add_typer(pack_app)
app.command(name="backup")(backup_command)
app.command(name="restore")(restore_command)


@app.command()
def verify(
    release: Annotated[Path, typer.Argument(help="A release folder.")], json_wanted: Json = False
) -> None:
    """Compute the digests of a release again and hold them against its manifest."""
    try:
        found = verify_release(release)
    except ZichtError as error:
        fail(error, json_wanted=json_wanted)
    if json_wanted:
        as_json(
            {
                "ok": found.holds,
                "digest": found.digest,
                "files": found.files,
                "problems": [str(p) for p in found.problems],
            }
        )
    elif found.holds:
        out.print(f"[green]The release holds.[/green] {found.files} files, digest {found.digest}")
    for problem in () if json_wanted else found.problems:
        err.print(f"[red]{problem}[/red]")
    if not found.holds:
        raise typer.Exit(1)


@app.command()
def schema(
    kind: Annotated[
        str | None, typer.Argument(help=f"One of {', '.join(KINDS)}; a list of them where left out.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write all schemas to this folder, for an editor.")
    ] = None,
) -> None:
    """Print the JSON Schema of a kind of declaration, so that an editor completes and checks while you write."""
    if to is not None:
        _write_schemas(to)
        out.print(f"Wrote {len(KINDS)} schemas to {to}.")
    elif kind is None:
        out.print("\n".join(KINDS))
    elif kind in KINDS:
        as_json(json_schema(kind))
    else:
        fail(
            ZichtError(f"There is no kind of declaration called `{kind}`; there are {', '.join(KINDS)}."),
            json_wanted=False,
        )


@app.command(name="serve")
def serve_command(
    folder: Folder = Path(),
    store: Store = None,
    port: Port = 8000,
    public: Annotated[
        bool,
        typer.Option(
            "--public", help="Show what the public is to see: what was published and not withdrawn."
        ),
    ] = False,
) -> None:
    """Show the site of the last build on localhost, published or not."""
    place = Workplace.of(folder, store)
    try:
        if public:
            _serve(public_site(desk(folder, store)), port)
        else:
            place.release()
            _serve(place.site, port)
    except ZichtError as error:
        fail(error, json_wanted=False)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to put the demo project.")] = Path("voorbeeldstad"),
    serve_site: Annotated[bool, typer.Option("--serve/--no-serve", help="Show the site afterwards.")] = True,
    port: Port = 8000,
) -> None:
    """Make Voorbeeldstad, an invented city, build it and show its site."""
    try:
        with listening(quiet=False) as listener:
            voorbeeldstad(folder)
            generate(folder)
            built = build(folder, listener=listener)
        show_built(built)
        if serve_site:
            _serve(Workplace.of(folder).site, port)
    except ZichtError as error:
        fail(error, json_wanted=False)


def _serve(site: Path, port: int) -> None:
    serve(
        site,
        port=port,
        ready=lambda address: out.print(f"The site is at [bold]{address}[/bold]  (Ctrl+C to stop)"),
    )


def _write_schemas(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        (folder / f"{kind}.schema.json").write_text(json.dumps(json_schema(kind), indent=1), "utf-8")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"zicht {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Zicht: the open data factory for local government."""


def run() -> None:
    """Run the command; what the user can mend is shown without a traceback."""
    try:
        app()
    except BrokenPipeError:
        os._exit(0)
    except OSError as error:
        # A full disk, a folder that may not be written: nothing in the project is wrong, and no traceback helps.
        file = f"{error.filename}: " if error.filename else ""
        err.print(f"{file}{error.strerror or error}.", style="red", markup=False)
        sys.exit(MISTAKE)
