"""Build a project: check it, have its deliveries at hand, make what is not made yet, and publish the site.

<project>/.zicht/
  objects, steps        results (see zicht.engine)
  fetched               what came from the network, and digests of files
  releases/<digest>     every release that was made, never changed
  release               the digest of the last one
  site                  the site of the last one
  snapshots             what was measured of each snapshot of a register (see zicht.chain.snapshots)
"""

from __future__ import annotations

import datetime as dt
import difflib
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from zicht.chain.account import is_account, read_account
from zicht.chain.fits import check_fits
from zicht.chain.keeping import refuse_delivered, refuse_overdue
from zicht.chain.plan import check_chain, plan
from zicht.chain.privacy import check_privacy
from zicht.chain.published import history_of
from zicht.chain.quality import (
    NormsBrokenError,
    all_broken,
    keep_measured,
    past_of,
    quality_remarks,
    quality_sheets,
)
from zicht.chain.recording import recording
from zicht.chain.remarks import remarks
from zicht.chain.sources import obtain_all
from zicht.declare import Project, read_project
from zicht.disclosure import Sheet
from zicht.engine import Made, Progress, Step, Store, needed_for, write_whole
from zicht.errors import DeclarationError, ZichtError
from zicht.governance import TraceContext, check_algorithms, keep_versions
from zicht.intake import QualitySheet
from zicht.publish import publish_site
from zicht.release import Release, open_release, verify_release

FOLDER = ".zicht"
FETCHED = "fetched"
SITE = "site"


@dataclass(frozen=True)
class Workplace:
    """Where the results of a project are kept.

    Attributes:
        project: the project folder.
        folder: the folder with its results.
    """

    project: Path
    folder: Path

    @classmethod
    def of(cls, project: Path, folder: Path | None = None) -> Workplace:
        """The workplace of the folder `project`: `.zicht` in it, or another `folder`."""
        return cls(project, folder or project / FOLDER)

    @property
    def site(self) -> Path:
        """The folder of the site."""
        return self.folder / "site"

    def release(self) -> Release:
        """The last release.

        Raises:
            ZichtError: nothing was built yet, or the last release is not whole.
        """
        try:
            digest = (self.folder / "release").read_text("utf-8").strip()
        except OSError as error:
            raise ZichtError(
                f"{self.project} has no release yet; run `zicht build {self.project}` first."
            ) from error
        try:
            return open_release(self.folder / "releases" / digest[:16])
        except ZichtError as error:
            raise ZichtError(f"{error} Run `zicht build {self.project}` to have it back.") from error


@dataclass(frozen=True)
class Listener:
    """Who is told how a build goes.

    Attributes:
        begins: called when a step begins to run; returns whom to tell how far it is.
        ended: called after each step, made or kept.
        fetching: told how far a fetch of a delivery is.
        publishing: told what of the site is being made, how many parts are done and how many there are.
    """

    begins: Callable[[Step], Progress]
    ended: Callable[[Made], None]
    fetching: Progress
    publishing: Callable[[str, int, int], None]


@dataclass(frozen=True)
class Built:
    """What a build came to.

    Attributes:
        project: the project.
        steps: what became of each step, in order.
        release: the release, where the build went that far.
        site: folder of the site, where the build went that far.
        pages_written: pages of the site that were written anew; 0 where nothing changed.
        remarks: what stands out in the data, such as refused rows; see `zicht.chain.remarks`.
        seconds: how long it took.
    """

    project: Project
    steps: tuple[Made, ...]
    release: Release | None
    site: Path | None
    pages_written: int
    remarks: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class StepStatus:
    """Whether a step would be made in the next build.

    Attributes:
        name: name of the step.
        title: what it does, for a person.
        state: whether its last result still holds.
    """

    name: str
    title: str
    state: Literal["up to date", "to make"]


def check(folder: Path, *, today: dt.date | None = None) -> Project:
    """Read a project folder and check all that can be checked without its data.

    Args:
        folder: the project folder.
        today: the day on which its data would be used; that of the clock where left out.

    Returns:
        All that it declares.

    Raises:
        DeclarationError: with every mistake.
    """
    project = read_project(folder)
    profiles = check_chain(project)
    problems = [*check_fits(project), *check_algorithms(project)]
    if problems:
        raise DeclarationError(problems)
    check_privacy(project, profiles, today or _today())
    return project


def build(
    folder: Path,
    targets: Sequence[str] = (),
    *,
    workplace: Path | None = None,
    listener: Listener | None = None,
    today: dt.date | None = None,
    trace: TraceContext | None = None,
) -> Built:
    """Build a project, or a part of it.

    Args:
        folder: the project folder.
        targets: what to make: names of steps, ids of registers or indicators, `release` or `site`; everything where empty.
        workplace: where results are kept; `.zicht` in the folder where left out.
        listener: told how it goes.
        today: the day that lead times and retention count with; that of the clock where left out. No result depends on it.
        trace: the trace that the build is part of (W3C Trace Context); one of its own where left out.

    Returns:
        What was made and what was kept, and where the release and the site are.

    Raises:
        DeclarationError: mistakes in the folder.
        DeliveryError: mistakes in the data, data that is not there, or data that break a quality norm which blocks.
        RetentionError: data about persons are kept, or were delivered, that may not be kept any more.
        ZichtError: a target that does not exist, another run that is busy, or a log of data processing that cannot be written.
    """
    began = time.perf_counter()
    day = today or _today()
    place = Workplace.of(folder, workplace)
    project = check(folder, today=day)
    store = Store(place.folder)
    with store.alone():
        refuse_overdue(project, store, day)
        deliveries = obtain_all(project, place.folder / FETCHED, listener.fetching if listener else None)
        past = past_of(project, deliveries, place.folder)
        steps = plan(project, deliveries, past)
        wanted = [step_of(project, steps, target) for target in targets] or [SITE]
        chosen = needed_for(steps, ["release" if name == SITE else name for name in wanted])
        with recording(project, place.folder, trace) as recorder:
            try:
                made = store.make(
                    chosen,
                    told=recorder.told(listener.begins if listener else None),
                    ended=recorder.ended(_watched(project, store, day, listener)),
                )
            except NormsBrokenError:
                raise all_broken(project, chosen, store, past) from None
        keep_measured(place.folder, project, made, past, day)
        release = _keep_release(place, made["release"]) if "release" in made else None
        if release is not None:
            keep_versions(project)
        pages = None
        if release is not None and SITE in wanted:
            report = publish_site(
                release,
                place.site,
                history=history_of(release, project.folder),
                progress=listener.publishing if listener else None,
            )
            pages = report.pages_written
    return Built(
        project,
        tuple(made.values()),
        release,
        None if pages is None else place.site,
        pages or 0,
        (*remarks(made), *quality_remarks(project, made, past)),
        time.perf_counter() - began,
    )


def _watched(
    project: Project, store: Store, day: dt.date, listener: Listener | None
) -> Callable[[Made], None]:
    def ended(made: Made) -> None:
        refuse_delivered(project, store, made, day)
        if listener is not None:
            listener.ended(made)

    return ended


def status(folder: Path, *, workplace: Path | None = None) -> list[StepStatus]:
    """What the next build would make, without making it.

    Args:
        folder: the project folder.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Raises:
        DeclarationError, DeliveryError: as `build`.
    """
    place = Workplace.of(folder, workplace)
    project = check(folder)
    place.folder.mkdir(parents=True, exist_ok=True)
    deliveries = obtain_all(project, place.folder / FETCHED)
    steps = plan(project, deliveries, past_of(project, deliveries, place.folder))
    store = Store(place.folder)
    digests: dict[str, str] = {}
    found = []
    for step in steps:
        last = store.last(step.name)
        fresh = (
            last is not None
            and set(step.needs) <= set(digests)
            and store.is_fresh(step, {n: digests[n] for n in step.needs})
        )
        if fresh and last is not None:
            digests[step.name] = last[0]
        found.append(StepStatus(step.name, step.title, "up to date" if fresh else "to make"))
    return found


def protection_account(
    folder: Path, registers: Sequence[str] = (), *, workplace: Path | None = None
) -> list[Sheet]:
    """What protection did in the last build of a project.

    Args:
        folder: the project folder.
        registers: ids of the registers to tell of; all where empty.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Returns:
        A sheet for each register and period that was protected; registers whose figures are open have none.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: there is no such register, or nothing was built yet.
    """
    project = check(folder)
    if unknown := [id_ for id_ in registers if id_ not in project.registers]:
        raise ZichtError(f"There is no register `{unknown[0]}`; there are {', '.join(project.registers)}.")
    store = Store(Workplace.of(folder, workplace).folder)
    last = [store.last(f"protected/{id_}") for id_ in registers or project.registers]
    folders = [path for one in last if one for path in [one[1]] if is_account(path)]
    if not folders:
        raise ZichtError(f"Nothing of {folder} was protected yet; run `zicht build {folder}` first.")
    titles = {theme.id: theme.title.of("nl") for theme in project.file.themes}
    return [
        replace(sheet, themes={table: titles.get(theme, theme) for table, theme in sheet.themes.items()})
        for path in folders
        for sheet in read_account(path)
    ]


def quality_account(
    folder: Path,
    registers: Sequence[str] = (),
    *,
    workplace: Path | None = None,
    today: dt.date | None = None,
) -> list[QualitySheet]:
    """The quality of registers as it was measured in the last build, also where that stopped at a norm.

    Args:
        folder: the project folder.
        registers: ids of the registers to tell of; all where empty.
        workplace: where results are kept; `.zicht` in the folder where left out.
        today: the day that lead times count with; that of the clock where left out.

    Returns:
        A sheet for each register that was measured.

    Raises:
        DeclarationError: mistakes in the folder.
        DeliveryError: data that is not there.
        ZichtError: there is no such register, nothing was built yet, or what is remembered of snapshots was changed.
    """
    place = Workplace.of(folder, workplace)
    project = check(folder)
    deliveries = obtain_all(project, place.folder / FETCHED)
    sheets = quality_sheets(project, place.folder, deliveries, registers, today or _today())
    if not sheets:
        raise ZichtError(f"Nothing of {folder} was measured yet; run `zicht build {folder}` first.")
    return sheets


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()


def step_of(project: Project, steps: Sequence[Step], target: str) -> str:
    """The name of the step that somebody means.

    Args:
        project: the project.
        steps: its plan.
        target: a step, a register, an indicator, `release` or `site`.

    Raises:
        ZichtError: there is no such thing; the message names what is near.
    """
    names = {step.name for step in steps}
    if target in names or target == SITE:
        return target
    if target in project.indicators:
        return f"protected/{project.indicators[target].register_}"
    if f"register/{target}" in names:
        return f"register/{target}"
    near = difflib.get_close_matches(
        target, [*names, *project.indicators, *project.registers, SITE], n=3, cutoff=0.5
    )
    raise ZichtError(
        f"There is nothing called `{target}` to build."
        + (f" Did you mean {' or '.join(near)}?" if near else "")
    )


def _keep_release(place: Workplace, made: Made) -> Release:
    digest = open_release(made.folder).digest
    kept = place.folder / "releases" / digest[:16]
    if not _holds(kept):
        if not _holds(made.folder):
            raise ZichtError(
                f"{made.folder} was changed after it was made. Remove it, and run `zicht build {place.project}` again."
            )
        beside = kept.with_name(f".{kept.name}")
        shutil.rmtree(beside, ignore_errors=True)
        # A copy and no link: who writes in one of the two must not change both.
        shutil.copytree(made.folder, beside)
        shutil.rmtree(kept, ignore_errors=True)
        beside.replace(kept)
    write_whole(place.folder / "release", digest)
    return open_release(kept)


def _holds(release: Path) -> bool:
    try:
        return verify_release(release).holds
    except ZichtError:
        return False
