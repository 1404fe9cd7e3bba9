"""What was measured of each snapshot of a register, kept so that the next can be compared with it.

<workplace>/snapshots/<register>.jsonl, a line a snapshot whose norms were met: of which deliveries it was made, what was measured, and
when it arrived, was taken in and went into figures. A line carries the digest of the line before it, so that an edited one shows. What is
compared is the last snapshot made of *other* deliveries: building again, or going back to an older delivery, compares with the same one
as the first time.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zicht.engine import digest_of, write_whole
from zicht.errors import ZichtError
from zicht.intake import Measured

FOLDER = "snapshots"


@dataclass(frozen=True)
class Snapshot:
    """One snapshot of a register, as it is remembered.

    Attributes:
        delivery: digest of the deliveries that it was made of.
        measured: what was measured of it.
        delivered: the day on which the last of these arrived.
        taken_in: the day on which it was taken in.
        built: the day on which figures were first made of it.
    """

    delivery: str
    measured: Measured
    delivered: dt.date
    taken_in: dt.date
    built: dt.date | None

    @property
    def digest(self) -> str:
        """Digest of all of it but the days, which say nothing of what was measured."""
        return digest_of([self.delivery, self.measured.as_dict()])


def read_snapshots(workplace: Path, register: str) -> list[Snapshot]:
    """The snapshots of a register that are remembered, oldest first.

    Args:
        workplace: the folder with results.
        register: its id.

    Raises:
        ZichtError: the file was changed by something else than Zicht.
    """
    path = _path(workplace, register)
    if not path.is_file():
        return []
    found, before = [], ""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            if entry["before"] != before or entry.pop("digest") != digest_of(entry):
                raise ValueError
            found.append(_snapshot(entry))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ZichtError(
                f"{path}:{number} was changed after it was written, so what earlier snapshots were like is not certain. "
                "Put the file back as it was, or remove it to begin anew."
            ) from None
        before = digest_of(entry)
    return found


def earlier_than(snapshots: Sequence[Snapshot], delivery: str) -> Snapshot | None:
    """The snapshot that one made of a delivery is compared with.

    Args:
        snapshots: those of the register, oldest first.
        delivery: digest of the deliveries of the one to compare.

    Returns:
        The last that stands before the first one made of these deliveries, or the very last where there is none of these yet.
    """
    own = next((at for at, one in enumerate(snapshots) if one.delivery == delivery), len(snapshots))
    return snapshots[own - 1] if own else None


def remember(workplace: Path, register: str, snapshot: Snapshot) -> None:
    """Keep what was measured of a snapshot; what is remembered already stays as it is.

    Args:
        workplace: the folder with results.
        register: id of the register.
        snapshot: the snapshot. Of one whose deliveries are known, only what was measured and the day of figures can be new.

    Raises:
        ZichtError: the file was changed by something else than Zicht.
    """
    known = read_snapshots(workplace, register)
    own = [one for one in known if one.delivery == snapshot.delivery]
    if own:
        first, last = own[0], own[-1]
        if last.measured == snapshot.measured and (last.built or snapshot.built is None):
            return
        snapshot = Snapshot(
            snapshot.delivery,
            snapshot.measured,
            first.delivered,
            first.taken_in,
            last.built or snapshot.built,
        )
    lines, before = [], ""
    for one in (*known, snapshot):
        entry = _entry(one, before)
        before = digest_of(entry)
        lines.append(json.dumps({**entry, "digest": before}, sort_keys=True, ensure_ascii=False))
    path = _path(workplace, register)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, "\n".join(lines) + "\n")


def _path(workplace: Path, register: str) -> Path:
    return workplace / FOLDER / f"{register}.jsonl"


def _entry(snapshot: Snapshot, before: str) -> dict[str, object]:
    return {
        "before": before,
        "delivery": snapshot.delivery,
        "measured": snapshot.measured.as_dict(),
        "delivered": snapshot.delivered.isoformat(),
        "taken_in": snapshot.taken_in.isoformat(),
        "built": None if snapshot.built is None else snapshot.built.isoformat(),
    }


def _snapshot(entry: Mapping[str, object]) -> Snapshot:
    measured = entry["measured"]
    if not isinstance(measured, dict):
        raise TypeError
    built = entry["built"]
    return Snapshot(
        str(entry["delivery"]),
        Measured.of(measured),
        dt.date.fromisoformat(str(entry["delivered"])),
        dt.date.fromisoformat(str(entry["taken_in"])),
        None if built is None else dt.date.fromisoformat(str(built)),
    )
