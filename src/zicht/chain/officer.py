"""What a privacy officer asks of a project: what it uses and why, what it keeps, its register of processing activities, and to remove what is overdue."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from zicht.chain.build import Workplace, check
from zicht.chain.keeping import Snapshot, purge, snapshots
from zicht.chain.privacy import versions_in
from zicht.declare import read_project
from zicht.engine import Store, write_whole
from zicht.errors import ZichtError
from zicht.governance import ProductPrivacy, activity_of, privacy_of


@dataclass(frozen=True)
class PrivacyAccount:
    """What a project does with data about persons.

    Attributes:
        products: of each product, what it uses and why.
        overdue: kept snapshots that may not be kept any more.
    """

    products: tuple[ProductPrivacy, ...]
    overdue: tuple[Snapshot, ...]

    def as_dict(self) -> dict[str, object]:
        """The same as plain data."""
        return {
            "products": [one.as_dict() for one in self.products],
            "overdue": [asdict(one) for one in self.overdue],
        }


@dataclass(frozen=True)
class Purged:
    """What was removed because it might not be kept any more.

    Attributes:
        snapshots: the snapshots that are gone.
        steps: steps whose results went with them; the next build makes them anew.
    """

    snapshots: tuple[Snapshot, ...]
    steps: tuple[str, ...]


def privacy_account(folder: Path, today: dt.date, *, workplace: Path | None = None) -> PrivacyAccount:
    """What a project does with data about persons, and what it keeps of them.

    Args:
        folder: the project folder.
        today: the day that retention counts with.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Raises:
        DeclarationError: mistakes in the folder, and whatever is refused.
    """
    project = check(folder, today=today)
    place = Workplace.of(folder, workplace)
    kept = list(snapshots(project, Store(place.folder)))
    until: dict[str, dict[str, str]] = {}
    for one in kept:
        until.setdefault(one.register, {})[one.first] = one.until.isoformat()
    try:
        rested = {id_: version for id_, version, _ in versions_in(place.release())}
    except ZichtError:  # nothing was released yet
        rested = {}
    overdue = tuple(one for one in kept if one.is_overdue(today))
    return PrivacyAccount(privacy_of(project, rested, until), overdue)


def purge_overdue(folder: Path, today: dt.date, *, workplace: Path | None = None) -> Purged:
    """Remove every kept snapshot with data past their retention, and all results made of it. Deliveries are not touched.

    Args:
        folder: the project folder.
        today: the day that retention counts with.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Returns:
        What is gone.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: another run is busy with this project.
    """
    gone, steps = purge(read_project(folder), Store(Workplace.of(folder, workplace).folder), today)
    return Purged(tuple(gone), steps)


def write_activities(folder: Path, to: Path) -> tuple[Path, ...]:
    """Write every purpose of a project as a JSON file: a processing activity after AVG art. 30.

    Args:
        folder: the project folder.
        to: the folder to write in; made when it is not there.

    Returns:
        The files, one a purpose and version.

    Raises:
        DeclarationError: mistakes in the folder.
    """
    project = check(folder)
    to.mkdir(parents=True, exist_ok=True)
    written = []
    for purpose in project.purposes.values():
        path = to / f"{purpose.id}.v{purpose.version}.json"
        write_whole(path, json.dumps(activity_of(project, purpose), ensure_ascii=False, indent=1) + "\n")
        written.append(path)
    return tuple(written)
