"""The store of immutable results, and the steps that make them.

A step's result is a pure function of what it declares: its inputs, its declarations and the code that makes it. The digest of these is
the step's *key*; a step whose key was made before is not made again. Results are kept by the digest of their *content*, so a step that
makes the same bytes from new inputs leaves everything after it as it was.

    .zicht/objects/<digest>/…      the files of one result, never changed
    .zicht/steps/<name>.json       the last result of a step: its key, what the key was made of, and the digest of the result
    .zicht/work/                   results in the making; left behind by a killed run and cleared by the next

The idea of results that are pure functions of declared inputs, checked by a tree of digests, is that of build systems (Mokhov, Mitchell and Peyton
Jones, *Build systems à la carte*, 2018): this is a constructive trace with early cut-off.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, Protocol

from zicht.errors import ZichtError

_REASONS = 3  # reasons for which a step was made that are named
_NAMED_WITHIN = 10.0  # seconds within which a run has written in its lock who it is

State = Literal["kept", "made"]
"""What became of a step: its last result still holds, or it ran."""


class Progress(Protocol):
    """Told how far a step is; `total` is None where that is not known."""

    def __call__(self, done: int, total: int | None, what: str) -> None:
        """Note that `done` of `total` are done."""


Run = Callable[[Mapping[str, Path], Path, Progress], None]
"""Makes a result from the folders of those it needs, in an empty folder, telling how far it is."""


@dataclass(frozen=True)
class Step:
    """One thing to make.

    Attributes:
        name: unique in a plan, such as `register/personen`.
        run: makes it: is given the folders of the results it needs by name, an empty folder to write in, and whom to tell how far it is.
        needs: names of the steps whose results it reads.
        declared: what people declared about it, as anything JSON can hold.
        outside: digests of things outside the store that it reads, by name (such as deliveries).
        code: digest of the code that makes it (`code_digest`).
        title: what it does, for a person.
    """

    name: str
    run: Run
    needs: tuple[str, ...] = ()
    declared: object = None
    outside: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    title: str = ""


@dataclass(frozen=True)
class Made:
    """What became of a step in a run.

    Attributes:
        name: name of the step.
        digest: digest of its result.
        folder: where its result is.
        state: whether it was made or kept.
        why: why it was made or kept, for a person.
        seconds: how long it took.
    """

    name: str
    digest: str
    folder: Path
    state: State
    why: str
    seconds: float


class Store:
    """The results of one project, in a folder of its own.

    Args:
        folder: usually `.zicht` in the project folder; made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._objects = folder / "objects"
        self._steps = folder / "steps"
        self._work = folder / "work"
        self._is_alone = False

    def make(
        self,
        plan: Sequence[Step],
        *,
        told: Callable[[Step], Progress] | None = None,
        ended: Callable[[Made], None] | None = None,
    ) -> dict[str, Made]:
        """Make every step of a plan whose result is not there yet.

        Args:
            plan: steps in an order in which each stands after what it needs.
            told: called when a step begins to run; returns whom to tell how far it is.
            ended: called after each step.

        Returns:
            What became of each step, by name.

        Raises:
            ZichtError: another run is busy with this project, or a step failed; what was finished before stays.
        """
        made: dict[str, Made] = {}
        with self.alone():
            for step in plan:
                began = time.perf_counter()
                result = self._make_one(step, made, told(step) if told else _silent, began)
                made[step.name] = result
                if ended:
                    ended(result)
            self._sweep()
        return made

    def last(self, name: str) -> tuple[str, Path] | None:
        """The digest and folder of the last result of the step `name`, or None when it was never made."""
        record = self._record(name)
        if record is None:
            return None
        digest = str(record["digest"])
        return digest, self._objects / digest

    def objects(self) -> Mapping[str, Path]:
        """Every result that is kept, the last and earlier ones: its folder, by its digest."""
        found = sorted(self._objects.iterdir()) if self._objects.is_dir() else []
        return {folder.name: folder for folder in found if folder.is_dir()}

    def remove(self, digests: Collection[str]) -> tuple[str, ...]:
        """Remove results for good, and with each what was made of it, so that nothing of it is left.

        Args:
            digests: of the results.

        Returns:
            Names of the steps that will be made anew in the next build.

        Raises:
            ZichtError: another run is busy with this project.
        """
        with self.alone():
            gone, steps = set(digests), {}
            records = {path: record for path in self._steps.rglob("*.json") if (record := _read_record(path))}
            while True:
                before = len(gone)
                for path, record in records.items():
                    parts = record["parts"]
                    needs = parts.get("needs") if isinstance(parts, dict) else None
                    made_of = set(needs.values()) if isinstance(needs, dict) else set()
                    if record["digest"] in gone or made_of & gone:
                        gone.add(str(record["digest"]))
                        steps[path] = path.relative_to(self._steps).with_suffix("").as_posix()
                if len(gone) == before:
                    break
            for path in steps:
                path.unlink(missing_ok=True)
            for digest in gone:
                shutil.rmtree(self._objects / digest, ignore_errors=True)
        return tuple(sorted(steps.values()))

    def is_fresh(self, step: Step, digests: Mapping[str, str]) -> bool:
        """Whether the last result of a step is that of these inputs (`digests`: of the results it needs, by name)."""
        record = self._record(step.name)
        return (
            record is not None
            and record["key"] == _key(_parts(step, digests))
            and (self._objects / str(record["digest"])).is_dir()
        )

    def _make_one(self, step: Step, made: Mapping[str, Made], progress: Progress, began: float) -> Made:
        parts = _parts(step, {name: made[name].digest for name in step.needs})
        key = _key(parts)
        record = self._record(step.name)
        if record is not None and record["key"] == key and (self._objects / str(record["digest"])).is_dir():
            digest = str(record["digest"])
            return Made(
                step.name, digest, self._objects / digest, "kept", "nothing it is made of has changed", 0.0
            )
        work = self._work / uuid.uuid4().hex
        work.mkdir(parents=True)
        try:
            step.run({name: made[name].folder for name in step.needs}, work, progress)
            digest = self._keep(work)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        self._write_record(step.name, {"key": key, "digest": digest, "parts": parts})
        return Made(
            step.name,
            digest,
            self._objects / digest,
            "made",
            _why(record, parts),
            time.perf_counter() - began,
        )

    def _keep(self, work: Path) -> str:
        digest = folder_digest(work)
        target = self._objects / digest
        if not target.is_dir():
            self._objects.mkdir(parents=True, exist_ok=True)
            work.replace(target)
        return digest

    def _record_path(self, name: str) -> Path:
        return self._steps / f"{name}.json"

    def _record(self, name: str) -> dict[str, object] | None:
        return _read_record(self._record_path(name))

    def _write_record(self, name: str, record: Mapping[str, object]) -> None:
        path = self._record_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(record, sort_keys=True, indent=1))

    def _sweep(self) -> None:
        # Snapshots of registers are kept for good: what a figure was made of must be there when somebody asks.
        used = set()
        for path in self._steps.rglob("*.json"):
            try:
                used.add(str(json.loads(path.read_text("utf-8"))["digest"]))
            except (OSError, ValueError, KeyError):
                continue
        for folder in self._objects.iterdir() if self._objects.is_dir() else ():
            if folder.name not in used and not (folder / "accepted.parquet").exists():
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs out of the folder, until the end of the `with`; within it, `make` and this may be called again.

        Yields:
            Nothing; the folder is kept while the `with` lasts.

        Raises:
            ZichtError: another run is busy with this project.
        """
        if self._is_alone:
            yield
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self.folder / "lock"
        for _ in range(2):
            try:
                handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
                break
            except FileExistsError:
                _clear_stale(lock)
        else:
            raise ZichtError(
                f"Another run is busy with this project ({lock}). Wait for it, or remove the lock when none is."
            )
        try:
            with os.fdopen(handle, "w") as file:
                file.write(str(os.getpid()))
            self._is_alone = True
            # What a killed run was making may be of a delivery that is refused: it goes before anything else is looked at.
            shutil.rmtree(self._work, ignore_errors=True)
            yield
        finally:
            self._is_alone = False
            lock.unlink(missing_ok=True)


def _read_record(path: Path) -> dict[str, object] | None:
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and {"key", "digest", "parts"} <= set(record) else None


def _clear_stale(lock: Path) -> None:
    """Remove the lock of a run that is no more; one that was made just now may have no name in it yet."""
    try:
        said, age = lock.read_text("utf-8").strip(), time.time() - lock.stat().st_mtime
    except (OSError, ValueError):
        return
    gone = not _runs(int(said)) if said.isdecimal() and int(said) else age > _NAMED_WITHIN
    if gone:
        lock.unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _parts(step: Step, digests: Mapping[str, str]) -> dict[str, object]:
    declared = hashlib.sha256(
        json.dumps(step.declared, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()
    return {"needs": dict(digests), "outside": dict(step.outside), "declared": declared, "code": step.code}


def _key(parts: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _why(record: Mapping[str, object] | None, parts: Mapping[str, object]) -> str:
    before = record["parts"] if record else None
    if not isinstance(before, dict):
        return "new"
    changed = [f"`{name}` is new" for name in _changed(before.get("needs"), parts["needs"])]
    changed += [f"delivery `{name}` is new" for name in _changed(before.get("outside"), parts["outside"])]
    changed += [
        f"its {what} changed"
        for what, part in (("declaration", "declared"), ("code", "code"))
        if before.get(part) != parts[part]
    ]
    shown, more = changed[:_REASONS], len(changed) - _REASONS
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "") or "its result was removed"


def _changed(before: object, now: object) -> list[str]:
    old = before if isinstance(before, dict) else {}
    new = now if isinstance(now, dict) else {}
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def _silent(done: int, total: int | None, what: str) -> None:  # noqa: ARG001 -- the face of Progress
    return


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex.

    Args:
        path: the file.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_in(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by its path in POSIX form, in order.

    Args:
        folder: where to begin.
    """
    return {
        path.relative_to(folder).as_posix(): file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def folder_digest(folder: Path) -> str:
    """Digest of a folder: of the names and bytes of its files, and of nothing else.

    Args:
        folder: the folder.
    """
    return digest_of(files_in(folder))


def digest_of(value: object) -> str:
    """SHA-256 of anything JSON can hold, written with sorted keys.

    Args:
        value: lists, mappings with text for keys, texts, numbers, booleans and None.
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@cache
def code_digest(*rooms: str) -> str:
    """Digest of the source of rooms: it changes when their code does.

    Args:
        rooms: names of rooms, such as `areas`, and of modules beside them, such as `errors`.
    """
    digest = hashlib.sha256()
    for room in sorted(rooms):
        folder = Path(str(resources.files("zicht"))) / room
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder.with_suffix(".py")]:
            # What compilers leave behind in __pycache__ is made from the source and says nothing new.
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(folder.parent).as_posix()}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def write_whole(path: Path, text: str) -> None:
    """Write a file beside and move it into place, so that nobody ever sees half of it.

    Args:
        path: the file.
        text: all that it is to hold.
    """
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    beside.write_text(text, "utf-8", newline="\n")
    beside.replace(path)


def needed_for(plan: Iterable[Step], targets: Iterable[str]) -> list[Step]:
    """The steps of a plan that targets rest on, themselves included, in the order of the plan.

    Args:
        plan: all steps, each after what it needs.
        targets: names of steps.

    Raises:
        KeyError: a target is not in the plan.
    """
    steps = {step.name: step for step in plan}
    wanted: set[str] = set()
    waiting = list(targets)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(steps[name].needs)
    return [step for step in steps.values() if step.name in wanted]
