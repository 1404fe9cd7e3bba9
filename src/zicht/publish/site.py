"""The whole site: which files it has, which of them must be made again, and a folder that is complete or says it is not.

The work is cut into jobs: one an indicator, one a shard of areas, one for the rest. A job whose inputs did not change is
not run; a page whose bytes did not change is not written. What the folder holds is kept in `.zicht-site.json`, written
last; while it is absent or unfinished, the next run trusts no file in the folder and compares bytes.

Jobs run in this process, and for a large site in another one beside it, which opens the release itself.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, cast

from zicht.engine import write_whole
from zicht.errors import ZichtError
from zicht.publish.card import card_picture
from zicht.publish.compare import area_files, compare_page
from zicht.publish.data import (
    FEED,
    VERSIONS,
    Atlas,
    FileFact,
    all_in_one,
    closing_files,
    data_files,
    feed,
    parcel,
)
from zicht.publish.edition import Edition
from zicht.publish.exhibits import book_of, chart_files
from zicht.publish.general import general_pages, missing_page, search_json
from zicht.publish.history import History
from zicht.publish.indicators import indicator_pages
from zicht.publish.jobs import Job, inputs_of, jobs_of
from zicht.publish.look import assets_of
from zicht.publish.mapdata import figure_files, ground_files
from zicht.publish.notes import Notes
from zicht.publish.paper import area_papers
from zicht.publish.pictures import Picture
from zicht.publish.postcodes import knows_postcodes, postcode_files, postcodes_of
from zicht.publish.profile import Locators, area_pages
from zicht.publish.registers import register_files, register_pages, registers_of
from zicht.publish.render import Frame, home_of
from zicht.publish.statements import statement_pages
from zicht.publish.texts import Texts
from zicht.publish.years import years_of, years_svg

if TYPE_CHECKING:
    from zicht.release import Release

RECORD = ".zicht-site.json"
"""What the folder holds and what it was made of; not linked, not served."""
_LARGE, _MANY = 2000, 20
"""From this many areas on, two processes are worth their start."""

Progress = Callable[[str, int, int], None]
Files = dict[str, tuple[str, int]]
"""By path the digest and size of each file."""
Made = Iterable[tuple[str, bytes | Picture]]
"""Files as path and bytes, or a picture that is drawn only where it does not stand there yet."""


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What became of the files of a site.

    Attributes:
        pages_written: files that are new or changed.
        pages_kept: files that were as they should be.
        bytes: of all files together.
    """

    pages_written: int
    pages_kept: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Done:
    """What a job made: its files, how many of them were written, and of the pictures among them by path what they were made of."""

    job: Job
    files: Files
    written: int
    pictures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stock:
    """What stands in the folder already, as its record says.

    Attributes:
        files: digest and size of each.
        pictures: of those that are pictures the digest of what they were made of.
    """

    files: Files
    pictures: Mapping[str, str]

    def picture(self, folder: Path, path: str, picture: Picture) -> tuple[str, int] | None:
        """Digest and size of a picture where the folder has it already, made of the same; else None."""
        known = self.files.get(path)
        stands = known is not None and _size(folder / path) == known[1]
        return known if stands and self.pictures.get(path) == picture.digest else None


Shop = tuple["Release", History, Path, Stock]
"""What a `Workshop` is made from: a release, what was public before it, the folder of the site and what stands there."""
NOTHING_BEFORE = History()


def publish_site(
    release: Release,
    folder: Path,
    *,
    history: History = NOTHING_BEFORE,
    progress: Progress | None = None,
    workers: int | None = None,
) -> SiteReport:
    """Make the site of a release, or bring one up to date.

    The same release gives the same bytes. A run that is killed leaves a folder without its record; the next run
    finishes it. Files in the folder that are not of this release are removed.

    Args:
        release: an open release.
        folder: an empty or absent folder, or one that holds a site made here.
        history: what was public before, for the notes of the release; a first release where left out.
        progress: told what is being made, how many parts are done and how many there are.
        workers: in how many processes; two for a large site where left out, else one.

    Returns:
        How many files were written and kept, and how large they are.

    Raises:
        ZichtError: the folder holds something else, or the release cannot be shown.
        DisclosureError: a hidden figure of the release still has a number.
    """
    record = _read_record(folder)
    inputs = inputs_of(release, history)
    if record.get("inputs") == inputs and _all_there(folder, known := _known(record)):
        return SiteReport(0, len(known), sum(size for _, size in known.values()))
    edition = Edition(release)
    jobs = jobs_of(edition, history)
    before = _stock(record) if "inputs" in record else Stock({}, {})
    kept, due = _split(folder, jobs, record)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / RECORD, "{}\n")
    shop = (release, history, folder, before)
    done = _run(shop, due, progress, workers or (2 if _large(edition) else 1))
    parts = [*kept, *done]
    return _finish(folder, inputs, [*parts, _closing(edition, history, folder, before, _together(parts))])


def _closing(edition: Edition, history: History, folder: Path, before: Stock, files: Files) -> Done:
    """The files that tell of all others, made last and always."""
    facts = {path: FileFact(path, digest, size) for path, (digest, size) in files.items()}
    return _written(Job("closing", "", 0, 0, ""), folder, before, closing_files(edition, facts, history.on))


def _together(parts: Iterable[Done]) -> Files:
    """The files of all parts.

    Raises:
        ZichtError: two parts have a file with the same name.
    """
    files: Files = {}
    for part in parts:
        # What is named by its own bytes is the same wherever it comes from.
        twice = sorted(path for path in files.keys() & part.files if not path.startswith(VERSIONS))
        if twice:
            raise ZichtError(
                f"Two parts of the site are called {twice[0]}; give the indicator or product another id."
            )
        files.update(part.files)
    return files


def _large(edition: Edition) -> bool:
    """Whether two processes are worth their start: many areas have many pages, many indicators have many pictures."""
    return len(edition.areas.codes) >= _LARGE or len(edition.catalogue.indicators) >= _MANY


def _finish(folder: Path, inputs: str, done: Sequence[Done]) -> SiteReport:
    files = _together(done)
    _sweep(folder, files)
    record = {
        "inputs": inputs,
        "jobs": {
            part.job.name: {"key": part.job.key, "files": part.files, "pictures": part.pictures}
            for part in done
        },
    }
    write_whole(folder / RECORD, json.dumps(record, sort_keys=True, separators=(",", ":")) + "\n")
    written = sum(part.written for part in done)
    return SiteReport(written, len(files) - written, sum(size for _, size in files.values()))


def _read_record(folder: Path) -> Mapping[str, object]:
    """What the folder says it holds; empty for a new one and for one that a killed run left."""
    path = folder / RECORD
    if not path.is_file():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ZichtError(f"{folder} holds something that is not a site of Zicht; give an empty folder.")
        return {}
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _recorded(record: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    return cast("Mapping[str, Mapping[str, object]]", record.get("jobs") or {})


def _files_of(job: Mapping[str, object]) -> Files:
    files = cast("Mapping[str, Sequence[object]]", job["files"])
    return {path: (str(digest), cast("int", size)) for path, (digest, size) in files.items()}


def _known(record: Mapping[str, object]) -> Files:
    files: Files = {}
    for job in _recorded(record).values():
        files.update(_files_of(job))
    return files


def _pictures_of(job: Mapping[str, object]) -> Mapping[str, str]:
    return cast("Mapping[str, str]", job.get("pictures") or {})


def _stock(record: Mapping[str, object]) -> Stock:
    jobs = _recorded(record).values()
    return Stock(_known(record), {path: digest for job in jobs for path, digest in _pictures_of(job).items()})


def _all_there(folder: Path, files: Files) -> bool:
    return bool(files) and all(_size(folder / path) == size for path, (_, size) in files.items())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _split(folder: Path, jobs: Iterable[Job], record: Mapping[str, object]) -> tuple[list[Done], list[Job]]:
    """The jobs whose results are in the folder already, and those that must run."""
    kept, due = [], []
    recorded = _recorded(record)
    for job in jobs:
        found = recorded.get(job.name)
        if found is not None and found["key"] == job.key and _all_there(folder, _files_of(found)):
            kept.append(Done(job, _files_of(found), 0, _pictures_of(found)))
        else:
            due.append(job)
    return kept, due


def _run(shop: Shop, jobs: Sequence[Job], progress: Progress | None, workers: int) -> list[Done]:
    tell = progress or (lambda _what, _done, _total: None)
    done: list[Done] = []
    for part in _results(shop, jobs, workers):
        done.append(part)
        tell(part.job.kind, len(done), len(jobs))
    return done


def _results(shop: Shop, jobs: Sequence[Job], workers: int) -> Iterator[Done]:
    workshop = Workshop(*shop)
    if workers == 1 or len(jobs) < 2:
        yield from map(workshop.make, jobs)
        return
    # Spawned, not forked: Arrow has threads, and a fork would leave their locks as they happen to be.
    with ProcessPoolExecutor(
        workers - 1, multiprocessing.get_context("spawn"), initializer=_begin, initargs=shop
    ) as pool:
        yield from _shared(workshop, pool, deque(jobs), 2 * (workers - 1))


def _shared(workshop: Workshop, pool: Executor, jobs: deque[Job], most: int) -> Iterator[Done]:
    """Hand out jobs, at most so many at a time, and make one here meanwhile: this process has all in hand while others still begin."""
    given: set[Future[Done]] = set()
    with ThreadPoolExecutor(1) as clerk:
        # Others take what they are given when they stand, and whoever gives it waits for that: not the one who makes jobs here.
        first: Future[Future[Done]] | None = clerk.submit(pool.submit, _make, jobs.popleft())
        while jobs or given or first:
            if first is not None and (first.done() or not jobs):
                given.add(first.result())
                first = None
            while first is None and jobs and len(given) < most:
                given.add(pool.submit(_make, jobs.popleft()))
            if jobs:
                yield workshop.make(jobs.popleft())
            done, given = wait(given, 0 if jobs else None, FIRST_COMPLETED)
            yield from (future.result() for future in done)


class Workshop:
    """Makes jobs, one after another, from a release that is read once.

    Args:
        release: an open release.
        history: what was public before it.
        folder: of the site.
        before: the files that stand there already, with their digests.
    """

    def __init__(self, release: Release, history: History, folder: Path, before: Stock) -> None:
        self._edition = Edition(release)
        self._history = history
        self._folder = folder
        self._before = before
        self._atlas = Atlas(self._edition)
        self._locators = Locators(self._edition)
        languages = tuple(cast("Sequence[str]", release.manifest.get("languages") or ("nl",)))
        registers, postcodes = registers_of(self._edition), knows_postcodes(self._edition)
        self._frames = [
            Frame(self._edition.catalogue, Texts(language), languages, registers, postcodes)
            for language in languages
        ]

    def make(self, job: Job) -> Done:
        """Make the files of a job and write those that differ from what is there."""
        return _written(job, self._folder, self._before, self._made(job))

    def _made(self, job: Job) -> Iterator[tuple[str, bytes | Picture]]:
        if job.kind == "general":
            yield from self._general()
        elif job.kind == "notes":
            notes = Notes(self._edition, self._history)
            yield from notes.files()
            yield from ((path, html.encode()) for path, html in map(notes.page, self._frames))
        elif job.kind == "indicator":
            yield from self._indicator(job.of)
        elif job.kind == "atlas":
            layered = all_in_one(self._edition, self._atlas)
            if layered is not None:
                yield "data/gebieden.gpkg", layered
        elif job.kind == "papers":
            for frame in self._frames:
                shard = slice(job.start, job.stop)
                yield from area_papers(self._edition, frame, self._locators, job.of, shard)
        else:
            shard = slice(job.start, job.stop)
            yield from area_files(self._edition, job.of, shard)
            for frame in self._frames:
                for path, html in area_pages(self._edition, frame, self._locators, job.of, shard):
                    yield path, html.encode()

    def _general(self) -> Iterator[tuple[str, bytes]]:
        yield from ((asset.path, asset.data) for asset in assets_of(self._edition.catalogue.look).values())
        yield "data/zoek.json", search_json(self._edition).encode()
        yield from ground_files(self._edition)
        postcodes = postcodes_of(self._edition)
        yield from postcode_files(postcodes) if postcodes else ()
        for name in self._locators.names():
            locator = self._locators.get(name)
            if locator is not None:
                yield locator.file, locator.svg.encode()
        yield from register_files(self._edition)
        for frame in self._frames:
            for path, html in general_pages(self._edition, frame):
                yield path, html.encode()
            for path, html in register_pages(self._edition, frame):
                yield path, html.encode()
            for path, html in (compare_page(self._edition, frame), *statement_pages(self._edition, frame)):
                yield path, html.encode()
        path, html = missing_page(self._frames[0])
        yield path, html.encode()
        yield FEED, feed(self._edition.release)

    def _indicator(self, name: str) -> Iterator[tuple[str, bytes | Picture]]:
        indicator = self._edition.catalogue.indicators[name]
        paths = []
        for path, data in data_files(self._edition, self._atlas, indicator):
            paths.append(path)
            yield path, data
        for level in self._edition.levels(indicator):
            yield from figure_files(self._edition, indicator, level)
            years = years_of(self._edition, indicator, level)
            if years is not None:
                yield years.path, years_svg(self._edition, indicator, level, years)
        for frame in self._frames:
            book = book_of(self._edition, frame.texts, indicator)
            for path, html in indicator_pages(
                self._edition, frame, indicator, book, parcel(indicator, paths)
            ):
                yield path, html.encode()
            yield from chart_files(self._edition, frame, indicator, book)
            card = card_picture(self._edition, frame.texts, indicator)
            yield f"{home_of(frame.texts.language)}delen/{name}.png", card


_workshop: Workshop | None = None


def _begin(release: Release, history: History, folder: Path, before: Stock) -> None:
    global _workshop
    _workshop = Workshop(release, history, folder, before)


def _make(job: Job) -> Done:
    if _workshop is None:
        raise RuntimeError("a worker must be begun before it makes anything")
    return _workshop.make(job)


def _written(job: Job, folder: Path, before: Stock, made: Made) -> Done:
    """Write those files that differ from what is there; pictures that stand there are not drawn again."""
    files: Files = {}
    pictures: dict[str, str] = {}
    written = 0
    for path, thing in made:
        if isinstance(thing, Picture):
            pictures[path] = thing.digest
            stands = before.picture(folder, path, thing)
            if stands is not None:
                files[path] = stands
                continue
        data = thing.png() if isinstance(thing, Picture) else thing
        files[path] = (sha256(data).hexdigest(), len(data))
        written += _put(folder, before.files, path, data, files[path])
    return Done(job, files, written, pictures)


def _put(folder: Path, before: Files, path: str, data: bytes, now: tuple[str, int]) -> bool:
    target = folder / path
    known = before.get(path)
    if known == now and _size(target) == now[1]:
        return False
    if known is None and _size(target) == now[1] and target.read_bytes() == data:
        return False
    _overwrite(target, data)
    return True


def _overwrite(target: Path, data: bytes) -> None:
    """Write a file over what stands there, and cut off what is left of that.

    A file that is emptied first costs many times more: its blocks are given back and asked for again. Half a file may stand here
    after a run was killed; the record, written last, says that such a folder is not to be trusted.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(target, flags, 0o666)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(target, flags, 0o666)
    with open(handle, "r+b") as file:  # noqa: PTH123 - there is no path any more
        file.write(data)
        file.truncate()


def _sweep(folder: Path, files: Files) -> None:
    """Remove every file that is not of the site, and the folders that this leaves empty."""
    for place, folders, names in os.walk(folder, topdown=False):
        inside = os.path.relpath(place, folder)
        start = "" if inside == "." else f"{inside}/".replace(os.sep, "/")
        for name in [*names, *(name for name in folders if (Path(place) / name).is_symlink())]:
            if start + name not in files and start + name != RECORD:
                (Path(place) / name).unlink()
        if start and not os.listdir(place):  # noqa: PTH208 - eighteen thousand folders
            Path(place).rmdir()
