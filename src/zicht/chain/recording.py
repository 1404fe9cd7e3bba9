"""What a build leaves behind about itself: every run of a step, and a record of every processing of personal data.

    .zicht/runs/<trace>.jsonl     a line for each step that ran in one build
    .zicht/runs/busy.json         the step that runs now; what a killed build leaves is told by the next
    .zicht/logbook/<year>.jsonl   the log of data processing, which only grows

A step that reads or makes data about persons is logged for each purpose that may use its register, as soon as it ends. If the log cannot be written the build
stops, and what ran counts as not done.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from zicht.chain.sources import is_personal
from zicht.declare import Project
from zicht.engine import Made, Progress, Step, write_whole
from zicht.errors import ZichtError
from zicht.governance import Logbook, LogRecord, LogStatus, StepRun, TraceContext, log_lines, uri_of

RUNS, LOGBOOK, BUSY = "runs", "logbook", "busy.json"
_LOGGED = ("register", "figures", "protected")


@dataclass(frozen=True)
class _Begun:
    """A step that was begun: its run, its step and when."""

    run: str
    step: Step
    at: dt.datetime


class Recorder:
    """Records one build.

    Args:
        project: the project.
        folder: its workplace.
        context: the trace it belongs to.

    Raises:
        ZichtError: the log of data processing cannot be written, so nothing may be processed.
    """

    def __init__(self, project: Project, folder: Path, context: TraceContext) -> None:
        self.project = project
        self.context = context
        self.runs = folder / RUNS
        self.runs.mkdir(parents=True, exist_ok=True)
        self.began = _now()
        self.logbook = Logbook(folder / LOGBOOK / f"{self.began.year}.jsonl")
        self.spans = {id_: secrets.token_hex(8) for id_ in project.purposes}
        self.digests: dict[str, str] = {}
        self.busy: _Begun | None = None
        self.touched: dict[str, LogStatus] = {}
        self._tell_of_the_killed()

    def told(self, begins: Callable[[Step], Progress] | None) -> Callable[[Step], Progress]:
        """Whom the store tells of steps that begin: this, and `begins`."""

        def both(step: Step) -> Progress:
            self.begin(step)
            return begins(step) if begins else _silent

        return both

    def ended(self, ended: Callable[[Made], None] | None) -> Callable[[Made], None]:
        """Whom the store tells of steps that end: this, and `ended`."""

        def both(made: Made) -> None:
            self.end(made)
            if ended:
                ended(made)

        return both

    def begin(self, step: Step) -> None:
        """Note that `step` begins, or is looked at."""
        self.busy = _Begun(str(uuid.uuid4()), step, _now())
        busy = {
            "run": self.busy.run,
            "trace": self.context.trace,
            "name": step.name,
            "title": step.title,
            "began": self.busy.at.isoformat(),
        }
        write_whole(self.runs / BUSY, json.dumps(busy))

    def end(self, made: Made) -> None:
        """Note how the step that was begun ended: `made` or kept.

        Raises:
            ZichtError: the log of data processing was not written.
        """
        self.digests[made.name] = made.digest
        begun, self.busy = self.busy, None
        if begun is not None and made.state == "made":
            size = sum(path.stat().st_size for path in made.folder.rglob("*") if path.is_file())
            self._note(begun, "made", digest=made.digest, size=size)
            self._log(begun, "Ok")
        (self.runs / BUSY).unlink(missing_ok=True)

    def fail(self, error: BaseException) -> None:
        """Note that the step that was begun ended in an `error`; only its kind is kept.

        Raises:
            ZichtError: the log of data processing was not written.
        """
        begun, self.busy = self.busy, None
        if begun is not None:
            self._note(begun, "failed", error=type(error).__name__)
            self._log(begun, "Error")
        (self.runs / BUSY).unlink(missing_ok=True)

    def close(self) -> None:
        """Log each processing activity of the build as a whole: the span that the records of its steps are part of.

        Raises:
            ZichtError: the log of data processing was not written.
        """
        self.logbook.write(
            LogRecord(
                self.context.trace, self.spans[id_], self.context.parent, f"Bouw: {self.project.purposes[id_].title.nl}",
                uri_of(self.project, "verwerking", id_), _milliseconds(self.began), _milliseconds(_now()), status,
            )
            for id_, status in self.touched.items()
        )  # fmt: skip

    def _note(
        self,
        begun: _Begun,
        state: Literal["made", "failed"],
        *,
        digest: str | None = None,
        size: int | None = None,
        error: str | None = None,
    ) -> None:
        line = {
            "run": begun.run, "trace": self.context.trace, "name": begun.step.name, "title": begun.step.title, "began": begun.at.isoformat(),
            "ended": _now().isoformat(), "state": state, "error": error, "digest": digest, "size": size,
            "needs": {name: self.digests[name] for name in begun.step.needs if name in self.digests},
            "outside": dict(begun.step.outside),
        }  # fmt: skip
        with (self.runs / f"{self.context.trace}.jsonl").open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(line, sort_keys=True)}\n")

    def _log(self, begun: _Begun, status: LogStatus) -> None:
        purposes = _purposes_of(self.project, begun.step.name)
        name = f"{begun.step.name}: {begun.step.title}"
        self.logbook.write(
            LogRecord(
                self.context.trace, secrets.token_hex(8), self.spans[id_], name, uri_of(self.project, "verwerking", id_),
                _milliseconds(begun.at), _milliseconds(_now()), status,
            )
            for id_ in purposes
        )  # fmt: skip
        for id_ in purposes:
            self.touched[id_] = "Error" if status == "Error" else self.touched.get(id_, status)

    def _tell_of_the_killed(self) -> None:
        """A step that a killed build left behind was a processing too: log it, with an end that nobody saw."""
        try:
            left = json.loads((self.runs / BUSY).read_text("utf-8"))
            began = dt.datetime.fromisoformat(left["began"])
            name, trace = str(left["name"]), str(left["trace"])
        except (OSError, ValueError, KeyError, TypeError):
            return
        with (self.runs / f"{trace}.jsonl").open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps({**left, 'ended': None, 'state': 'killed'}, sort_keys=True)}\n")
        self.logbook.write(
            LogRecord(
                trace, secrets.token_hex(8), None, f"{name}: afgebroken", uri_of(self.project, "verwerking", id_), _milliseconds(began),
                _milliseconds(began), "Error",
            )
            for id_ in _purposes_of(self.project, name)
        )  # fmt: skip
        (self.runs / BUSY).unlink(missing_ok=True)


@contextmanager
def recording(project: Project, folder: Path, context: TraceContext | None) -> Iterator[Recorder]:
    """Record a build.

    Args:
        project: the project.
        folder: its workplace.
        context: the trace that the build is part of; one of its own where left out.

    Yields:
        Whom to tell of each step.

    Raises:
        ZichtError: the log of data processing cannot be written.
    """
    recorder = Recorder(project, folder, context or TraceContext(secrets.token_hex(16)))
    try:
        yield recorder
    except BaseException as error:
        recorder.fail(error)
        recorder.close()
        raise
    recorder.close()


def step_runs(folder: Path) -> tuple[StepRun, ...]:
    """The runs of steps that a workplace remembers: of each step the last that made something, and all that failed or were killed since.

    Args:
        folder: the workplace.

    Raises:
        ZichtError: a file of runs was damaged.
    """
    lines = [line for path in sorted((folder / RUNS).glob("*.jsonl")) for line in _read(path)]
    runs = sorted((_run(line) for line in lines), key=lambda run: run.began)
    last: dict[str, StepRun] = {}
    wrong: dict[str, list[StepRun]] = {}
    for run in runs:
        if run.state == "made":
            last[run.name] = run
            wrong.pop(run.name, None)
        else:
            wrong.setdefault(run.name, []).append(run)
    return (*last.values(), *(run for of in wrong.values() for run in of))


def log_records(folder: Path) -> tuple[Mapping[str, object], ...]:
    """All records of the log of data processing of a workplace, oldest first.

    Args:
        folder: the workplace.

    Raises:
        ZichtError: a line of it is no record.
    """
    return tuple(record for path in sorted((folder / LOGBOOK).glob("*.jsonl")) for record in log_lines(path))


def _read(path: Path) -> Sequence[Mapping[str, object]]:
    try:
        return [
            cast("Mapping[str, object]", json.loads(line)) for line in path.read_text("utf-8").splitlines()
        ]
    except ValueError as error:
        raise ZichtError(
            f"{path} cannot be read: a line of it is no run. Remove the file; the next build writes another."
        ) from error


def _run(line: Mapping[str, object]) -> StepRun:
    ended = line.get("ended")
    return StepRun(
        run=str(line["run"]), trace=str(line["trace"]), name=str(line["name"]), title=str(line["title"]),
        began=dt.datetime.fromisoformat(str(line["began"])), ended=dt.datetime.fromisoformat(str(ended)) if ended else None,
        state=cast("Literal['made', 'failed', 'killed']", line["state"]), error=cast("str | None", line.get("error")),
        digest=cast("str | None", line.get("digest")), size=cast("int | None", line.get("size")),
        needs=cast("Mapping[str, str]", line.get("needs") or {}), outside=cast("Mapping[str, str]", line.get("outside") or {}),
    )  # fmt: skip


def _purposes_of(project: Project, step: str) -> tuple[str, ...]:
    """The purposes for which a step handles data about persons."""
    kind, _, id_ = step.partition("/")
    register = project.registers.get(id_)
    if kind not in _LOGGED or register is None or not is_personal(project, register):
        return ()
    return tuple(purpose.id for purpose in project.purposes.values() if id_ in purpose.registers)


def _silent(done: int, total: int | None, what: str) -> None:  # noqa: ARG001 -- the face of Progress
    return


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _milliseconds(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)
