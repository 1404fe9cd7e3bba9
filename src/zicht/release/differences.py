"""What changes for the public from one release to the next: figures by level, and texts.

Both releases hold protected figures only, so everything here may be read by who reviews without seeing what is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.figures import TOTAL
from zicht.release.bundle import Release
from zicht.release.protected import HIDDEN, NUMBERS, PUBLIC_COLUMNS

Kind = Literal["new", "changed", "hidden", "shown again", "removed"]
"""What becomes of a figure."""

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What can become of a figure: new; another number or status; shown and hidden now; hidden and shown now; there no more."""

FIXED = ("area", "division", "level", "period")
_SAME = "same"


@dataclass(frozen=True)
class LevelChange:
    """What becomes of the figures of one indicator at one level.

    Attributes:
        indicator: its id.
        level: the level.
        counts: how many figures of each kind of `KINDS`.
        same: how many stay as they were.
    """

    indicator: str
    level: str
    counts: Mapping[Kind, int]
    same: int

    @property
    def differs(self) -> bool:
        """Whether anything changes."""
        return any(self.counts.values())


@dataclass(frozen=True)
class TextChange:
    """A text or a definition that becomes another.

    Attributes:
        of: whether it is of an `indicator`, a `product` or the `project`.
        id: of which one.
        parts: the parts that differ, such as `title`; `new` or `removed` where all of it is.
    """

    of: Literal["indicator", "product", "project"]
    id: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class FindingChange:
    """What becomes of the areas (or groups of them) that a finding says stand out.

    Attributes:
        finding: its id.
        appears: those that stand out from now on, sorted.
        disappears: those that no longer do, sorted.
    """

    finding: str
    appears: tuple[str, ...]
    disappears: tuple[str, ...]


@dataclass(frozen=True)
class Differences:
    """What changes for the public.

    Attributes:
        before: digest of the release that the public sees; None where there is none.
        after: digest of the release that is to come.
        levels: by indicator and level, also where nothing changes.
        texts: texts and definitions that become others.
        findings: findings of which other areas stand out.
    """

    before: str | None
    after: str
    levels: tuple[LevelChange, ...]
    texts: tuple[TextChange, ...]
    findings: tuple[FindingChange, ...]

    def total(self, kind: Kind) -> int:
        """How many figures in all are of one `kind`."""
        return sum(one.counts[kind] for one in self.levels)

    def as_dict(self) -> dict[str, object]:
        """All of it, as JSON can hold it."""
        return {
            "before": self.before,
            "after": self.after,
            "figures": [
                {"indicator": one.indicator, "level": one.level, **one.counts, "same": one.same}
                for one in self.levels
            ],
            "texts": [{"of": one.of, "id": one.id, "parts": list(one.parts)} for one in self.texts],
            "findings": [
                {"finding": one.finding, "appears": list(one.appears), "disappears": list(one.disappears)}
                for one in self.findings
            ],
        }


def differences(before: Release | None, after: Release) -> Differences:
    """What changes for the public when one release takes the place of another.

    Args:
        before: what the public sees; None where that is nothing.
        after: what is to come.

    Returns:
        Counts by indicator and level, texts that change, and what stands out or no longer does.

    Raises:
        ZichtError: a file of a release cannot be read.
    """
    levels = [
        change
        for indicator in sorted({*indicators_of(after), *(indicators_of(before) if before else ())})
        for change in _by_level(indicator, changes(before, after, indicator))
    ]
    return Differences(
        before.digest if before else None,
        after.digest,
        tuple(levels),
        tuple(_texts(before, after)),
        tuple(_findings(before, after)),
    )


def changes(before: Release | None, after: Release, indicator: str) -> pa.Table:
    """What becomes of each figure of one indicator.

    Args:
        before: what the public sees; None where that is nothing.
        after: what is to come.
        indicator: its id.

    Returns:
        area, division, level, period, the breakdowns of both (string), `kind` (of `KINDS`, or `same`), `value_before`, `value_after` (float64) and
        `status_before`, `status_after`; null where a release has no such figure.

    Raises:
        ZichtError: a file of a release cannot be read.
    """
    tables = [_figures(release, indicator) for release in (before, after)]
    breakdowns = sorted({name for table in tables for name in table.column_names} - set(PUBLIC_COLUMNS))
    keys = [*FIXED, *breakdowns]
    old, new = (_keyed(table, keys) for table in tables)
    joined = old.join(
        new, keys, join_type="full outer", left_suffix="_before", right_suffix="_after", use_threads=False
    )
    kinds = pa.array(np.array([*KINDS, _SAME], dtype=object)[_kinds(joined)], pa.string())
    shown = [*keys, "value_before", "value_after", "status_before", "status_after"]
    return joined.select(shown).append_column("kind", kinds).sort_by([(key, "ascending") for key in keys])


def indicators_of(release: Release) -> list[str]:
    """Ids of the indicators that a release has figures of.

    Args:
        release: which one.
    """
    files = cast("Mapping[str, str]", release.manifest["files"])
    return sorted(
        name.removeprefix("figures/").removesuffix(".parquet")
        for name in files
        if name.startswith("figures/")
    )


def _findings(before: Release | None, after: Release) -> Iterator[FindingChange]:
    old, new = _outstanding(before), _outstanding(after)
    for finding in sorted({*old, *new}):
        was, is_ = old.get(finding, set()), new.get(finding, set())
        if was != is_:
            yield FindingChange(finding, tuple(sorted(is_ - was)), tuple(sorted(was - is_)))


def _outstanding(release: Release | None) -> dict[str, set[str]]:
    """By finding the areas that stand out, by code."""
    table = release.findings() if release else None
    found: dict[str, set[str]] = {}
    if table is not None:
        told = table.filter(pc.and_(pc.fill_null(table["relevant"], False), pc.is_valid(table["area"])))
        for finding, area in zip(told["finding"].to_pylist(), told["area"].to_pylist(), strict=True):
            found.setdefault(finding, set()).add(area)
    return found


def _figures(release: Release | None, indicator: str) -> pa.Table:
    if release is None or indicator not in indicators_of(release):
        empty = {name: pa.array([], pa.string()) for name in PUBLIC_COLUMNS}
        return pa.table({**empty, **{name: pa.array([], pa.float64()) for name in NUMBERS}})
    return release.figures(indicator)


def _keyed(table: pa.Table, keys: list[str]) -> pa.Table:
    """Keys as text, a breakdown that a table lacks as its total; numbers as float64; whether the row is there at all."""
    columns = {
        key: table[key].cast(pa.string())
        if key in table.column_names
        else pa.repeat(pa.scalar(TOTAL), table.num_rows)
        for key in keys
    }
    numbers = {name: table[name].cast(pa.float64()) for name in NUMBERS}
    return pa.table(
        {**columns, **numbers, "status": table["status"], "there": pa.repeat(True, table.num_rows)}
    )


def _kinds(joined: pa.Table) -> npt.NDArray[np.int64]:
    """For each row the place of its kind in `KINDS`; one past the last where nothing changes."""

    def flag(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
        return np.asarray(pc.fill_null(column, False).to_numpy(), dtype=np.bool_)

    old, new = flag(joined["there_before"]), flag(joined["there_after"])
    was_hidden, is_hidden = (
        flag(pc.is_in(joined[f"status_{side}"], pa.array(HIDDEN))) for side in ("before", "after")
    )
    # Which of the two reasons hides a figure is not for the public, so going from one to the other is no change.
    differs = flag(pc.not_equal(joined["status_before"], joined["status_after"])) & ~(was_hidden & is_hidden)
    for name in NUMBERS:
        left, right = joined[f"{name}_before"], joined[f"{name}_after"]
        differs |= flag(pc.not_equal(left, right)) | (flag(pc.is_valid(left)) != flag(pc.is_valid(right)))
    conditions = [
        ~old,
        old & new & differs & (was_hidden == is_hidden),
        old & new & ~was_hidden & is_hidden,
        old & new & was_hidden & ~is_hidden,
        ~new,
    ]
    return np.select(conditions, list(range(len(KINDS))), default=len(KINDS))


def _by_level(indicator: str, changed: pa.Table) -> Iterator[LevelChange]:
    counted = changed.group_by(["level", "kind"], use_threads=False).aggregate([([], "count_all")])
    found: dict[str, dict[str, int]] = {}
    for row in counted.to_pylist():
        found.setdefault(row["level"], {})[row["kind"]] = row["count_all"]
    for level, counts in sorted(found.items()):
        kinds = {kind: counts.get(kind, 0) for kind in KINDS}
        yield LevelChange(indicator, level, kinds, counts.get(_SAME, 0))


def _texts(before: Release | None, after: Release) -> Iterator[TextChange]:
    old: Mapping[str, object] = before.catalogue if before else {}
    if parts := _parts(old.get("project"), after.catalogue.get("project")):
        yield TextChange("project", str(after.manifest["project"]), parts)
    for of, name in (("indicator", "indicators"), ("product", "products")):
        was, now = _by_id(old.get(name)), _by_id(after.catalogue.get(name))
        for id_ in sorted({*was, *now}):
            if parts := _parts(was.get(id_), now.get(id_)):
                yield TextChange(cast('Literal["indicator", "product"]', of), id_, parts)


def _by_id(listed: object) -> dict[str, object]:
    items = listed if isinstance(listed, list) else []
    return {str(item["id"]): item for item in items if isinstance(item, dict)}


def _parts(old: object, new: object) -> tuple[str, ...]:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return () if old == new else ("new",) if isinstance(new, dict) else ("removed",)
    return tuple(sorted(str(key) for key in {*old, *new} if old.get(key) != new.get(key)))
