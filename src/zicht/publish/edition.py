"""A release as the pages see it: its catalogue, areas, figures, shapes and verdicts, each read once.

An `Edition` is made from the release alone, in the process that needs it; workers make their own, so nothing large
travels between processes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa

from zicht.errors import ZichtError
from zicht.publish.catalogue import Catalogue, Indicator, Text, read_catalogue
from zicht.publish.charts import shade
from zicht.publish.classes import class_of, map_breaks
from zicht.publish.frames import AreaTable, Figures, Floats, Ints, Small, Standing, read_areas, read_figures
from zicht.publish.land import LandChanges, read_land
from zicht.publish.numbers import Quantity
from zicht.publish.peers import Alike, alike_of
from zicht.publish.shapes import Shapes, draw, grid_for, inner_points
from zicht.publish.texts import Texts
from zicht.publish.verdicts import changed, compare

if TYPE_CHECKING:
    from zicht.release import Release

COUNTS = ("count", "sum", "distinct")
"""Measures whose values add up, so that an area cannot be compared with the one it lies in."""
HEAVIEST_OUTLINES = 60_000
"""Characters of path; the borders of the level above are left out of a page when they are more."""
LOCATOR_GRID = 10
"""Metres; the grid of the pictures of where an area lies."""
_FEW = 400
"""A first map of more areas than this says little at the size of a page."""
_WHOLLY_UNKNOWN = re.compile(r"WK[0-9]{4}--|BU[0-9]{4}----")
_REFERENCE = "gemeente"


@dataclass(frozen=True)
class Latest:
    """The latest figures of one indicator at one level; arrays are in the order of the level's members.

    Attributes:
        period: number of the period.
        members: numbers of the areas.
        value: NaN where there is none.
        lower: bounds, NaN where there are none.
        upper: likewise.
        standing: a `Standing` each.
        reference: number of the area that each is compared with, -1 where there is none.
        reference_value: its value in the same period.
        verdict: a `Verdict` each.
    """

    period: int
    members: Ints
    value: Floats
    lower: Floats
    upper: Floats
    standing: Small
    reference: Ints
    reference_value: Floats
    verdict: Small


@dataclass(frozen=True)
class Change:
    """How the figures of one indicator at one level changed.

    Attributes:
        first: number of the first period that can be compared with the last: that of the method in use.
        last: number of the last period.
        before: values of the first period, in the order of the level's members.
        after: values of the last period.
        verdict: a `Verdict` each, on the last against the first.
    """

    first: int
    last: int
    before: Floats
    after: Floats
    verdict: Small


class Edition:
    """A release, read for its pages.

    Args:
        release: an open release.
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.catalogue: Catalogue = read_catalogue(release.catalogue)
        self._figures: dict[str, Figures] = {}
        self._latest: dict[tuple[str, str], Latest | None] = {}
        self._shapes: dict[tuple[str, int | None], Shapes | None] = {}
        self._points: dict[str, Mapping[str, tuple[int, int]]] = {}
        self._breaks: dict[tuple[str, str], tuple[float, ...]] = {}
        self._evidence: dict[str, Mapping[str, object]] = {}
        self._alike: dict[str, Alike | None] = {}

    @cached_property
    def areas(self) -> AreaTable:
        """The areas of the release."""
        return read_areas(self.release.areas(), self.catalogue.levels)

    @cached_property
    def reference(self) -> tuple[int, ...]:
        """By number of an area the number of the one it is compared with: its gemeente, else what it lies in; -1 for none."""
        areas = self.areas
        found = []
        for place in range(len(areas.codes)):
            above = areas.ancestors(place)
            gemeente = [other for other in above if areas.level_of[other] == _REFERENCE]
            found.append((gemeente or above or [-1])[0])
        return tuple(found)

    def evidence(self, name: str) -> Mapping[str, object]:
        """A part of the evidence of the release; empty where it has none."""
        if name not in self._evidence:
            self._evidence[name] = self.release.evidence(name)
        return self._evidence[name]

    def quantity(self, indicator: Indicator, texts: Texts) -> Quantity:
        """How values of an indicator are written in a language."""
        return Quantity(texts.pick(indicator.unit), indicator.decimals, texts.language)

    def percent(self, indicator: Indicator) -> bool:
        """Whether its values are percentages."""
        return self.quantity(indicator, Texts("nl")).percent

    def figures(self, indicator: Indicator) -> Figures:
        """The totals of an indicator.

        Raises:
            DisclosureError: a hidden figure still has a number.
            ZichtError: the release has no figures of it.
        """
        if indicator.id not in self._figures:
            try:
                table = self.release.figures(indicator.id)
            except KeyError:
                raise ZichtError(
                    f"The release names the indicator `{indicator.id}` and has no figures of it."
                ) from None
            self._figures[indicator.id] = read_figures(indicator, table, self.areas, self.percent(indicator))
        return self._figures[indicator.id]

    def levels(self, indicator: Indicator) -> list[str]:
        """The levels at which it has figures, finest first."""
        latest = self.figures(indicator).latest
        return [level for level in self.areas.levels if level in latest]

    def first_level(self, indicator: Indicator) -> str:
        """The level of its first map: the most areas that a page can show, with a map if there is one."""
        levels = self.levels(indicator)
        if not levels:
            raise ZichtError(f"The release has no figure of `{indicator.id}` for any area.")
        mapped = [level for level in levels if self.shapes(level)] or levels
        size = {level: self.areas.members[level].size for level in mapped}
        few = [level for level in mapped if size[level] <= _FEW]
        return max(few, key=lambda level: size[level]) if few else min(mapped, key=lambda level: size[level])

    def adds_up(self, indicator: Indicator) -> bool:
        """Whether the value of an area is the sum of those in it, so that areas of two levels cannot be compared."""
        if indicator.measure in COUNTS:
            return True
        if indicator.measure != "take" or self.percent(indicator):
            return False
        # What a source delivers does not say it; but no mean of a whole lies above the highest of its parts.
        figures, levels = self.figures(indicator), self.levels(indicator)
        if len(levels) < 2:
            return False
        fine, coarse = (figures.value[:, self.areas.members[level]] for level in (levels[0], levels[-1]))
        both = np.isfinite(fine).any(axis=1) & np.isfinite(coarse).any(axis=1)
        return (
            bool((np.nanmax(coarse[both], axis=1) > np.nanmax(fine[both], axis=1)).any())
            if both.any()
            else False
        )

    def latest(self, indicator: Indicator, level: str) -> Latest | None:
        """Its latest figures at a level, with a verdict on each; None where it has none."""
        key = (indicator.id, level)
        if key not in self._latest:
            self._latest[key] = self._make_latest(indicator, level)
        return self._latest[key]

    def _make_latest(self, indicator: Indicator, level: str) -> Latest | None:
        latest = self.figures(indicator).latest
        return self.moment(indicator, level, latest[level]) if level in latest else None

    def moment(self, indicator: Indicator, level: str, period: int) -> Latest:
        """Its figures at a level in one period (by number), with a verdict on each."""
        figures, members = self.figures(indicator), self.areas.members[level]
        reference = np.array(self.reference, dtype=np.int64)[members]
        if self.adds_up(indicator):
            reference = np.full(members.size, -1, dtype=np.int64)

        value, lower, upper = (
            series[period][members] for series in (figures.value, figures.lower, figures.upper)
        )
        base, base_lower, base_upper = (
            np.where(reference >= 0, series[period][reference], np.nan)
            for series in (figures.value, figures.lower, figures.upper)
        )
        verdict = compare(value, lower, upper, (base, base_lower, base_upper))
        standing = figures.standing[period][members]
        return Latest(period, members, value, lower, upper, standing, reference, base, verdict)

    def change(self, indicator: Indicator, level: str) -> Change | None:
        """How its figures at a level changed since the method in use began; None where there is one period only."""
        latest = self.latest(indicator, level)
        if latest is None:
            return None
        figures, members = self.figures(indicator), latest.members
        begun = max((start for start in self.starts(indicator) if start <= latest.period), default=0)
        filled = np.isfinite(figures.value[begun : latest.period, members]).any(axis=1)
        if not filled.any():
            return None
        first = begun + int(np.flatnonzero(filled)[0])
        then, now = (
            tuple(series[period][members] for series in (figures.value, figures.lower, figures.upper))
            for period in (first, latest.period)
        )
        for at, starts in self.starts_apart(indicator, members.tolist()).items():
            if any(first < start <= latest.period for start in starts):
                for part in then:  # of other land, so not to be held against what is now
                    part[at] = np.nan
        verdict = changed((then[0], then[1], then[2]), (now[0], now[1], now[2]))
        return Change(first, latest.period, then[0], now[0], verdict)

    def reference_of(self, latest: Latest) -> int | None:
        """The one area that all areas of a level are compared with; None where there are several or none."""
        found = np.unique(latest.reference[latest.reference >= 0])
        return int(found[0]) if found.size == 1 else None

    def name_beside(self, place: int, other: int, texts: Texts) -> str:
        """The name of an area on the page of another; with its level where the two are called alike."""
        areas = self.areas
        name, level = areas.names[other], areas.level_of[other]
        return f"{texts.level(level)} {name}" if name == areas.names[place] else name

    def breaks(self, indicator: Indicator, level: str) -> tuple[float, ...]:
        """The class limits of its map: the same at every level, unless its values add up."""
        basis = level if self.adds_up(indicator) else self.first_level(indicator)
        key = (indicator.id, basis)
        if key not in self._breaks:
            latest = self.latest(indicator, basis)
            self._breaks[key] = (
                map_breaks(latest.value, indicator.decimals, indicator.breaks) if latest else ()
            )
        return self._breaks[key]

    def paints(self, latest: Latest, breaks: tuple[float, ...]) -> list[str]:
        """The class that colours each area: `k0` to `k4`, `hidden` or `none`."""
        classes = class_of(latest.value, breaks).tolist()
        standing = latest.standing.tolist()
        return [
            f"k{shade(place, len(breaks) + 1)}"
            if place >= 0
            else "hidden"
            if status == Standing.HIDDEN
            else "none"
            for place, status in zip(classes, standing, strict=True)
        ]

    def starts(self, indicator: Indicator) -> dict[int, Text]:
        """At which periods (by number) another method begins, and why."""
        periods = self.figures(indicator).periods
        found: dict[int, Text] = {}
        for method in indicator.method_breaks:
            place = next((place for place, period in enumerate(periods) if period >= method.period), None)
            if place is not None:
                found[place] = method.text
        return found

    def alike(self, level: str) -> Alike | None:
        """The look-alikes of the areas of a level; None where no finding names them."""
        if level not in self._alike:
            self._alike[level] = alike_of(self.findings, self.catalogue, self.areas, level)
        return self._alike[level]

    @cached_property
    def findings(self) -> pa.Table | None:
        """What stands out in the figures (`zicht.release.Release.findings`); None where no product asks it."""
        return self.release.findings()

    @cached_property
    def land(self) -> LandChanges:
        """Which areas changed while they kept their code, as the release tells."""
        return read_land(self.evidence("area_changes"), self.areas)

    def starts_at(self, indicator: Indicator, place: int) -> dict[int, Text]:
        """At which periods (by number) the line of an area is broken, and why: by another method, or because its land changed."""
        periods = self.figures(indicator).periods
        found = self.starts(indicator)
        for change in () if indicator.located else self.land.declared.get(place, ()):
            at = next((at for at, period in enumerate(periods) if int(period[:4]) >= change.year), None)
            if at:
                found.setdefault(at, change.text)
        return found

    def starts_apart(self, indicator: Indicator, places: Sequence[int]) -> dict[int, frozenset[int]]:
        """By place in `places` at which periods the line of an area is broken, of those whose land changed."""
        changed_land = {} if indicator.located else self.land.declared
        return {
            at: frozenset(self.starts_at(indicator, place))
            for at, place in enumerate(places)
            if place in changed_land
        }

    def has_shapes(self, level: str) -> bool:
        """Whether the release has boundaries of a level."""
        return f"boundaries/{level}.parquet" in cast("Mapping[str, str]", self.release.manifest["files"])

    def shapes(self, level: str, grid: int | None = None) -> Shapes | None:
        """The shapes of a level, on the grid of its own map or on a given one; None where it has none."""
        key = (level, grid)
        if key not in self._shapes:
            table = self.release.boundaries(level)
            drawn = None if table is None else draw(table, grid or grid_for(table))
            self._shapes[key] = drawn if drawn and drawn.paths else None
        return self._shapes[key]

    def outlines(self, level: str, grid: int) -> list[str]:
        """The paths of the level above, on the same grid, where it has more than one area and they are not too heavy."""
        levels = self.areas.levels
        for above in levels[levels.index(level) + 1 :]:
            shapes = self.shapes(above, grid) if self.areas.members[above].size > 1 else None
            if shapes is not None:
                paths = list(shapes.paths.values())
                return paths if sum(map(len, paths)) <= HEAVIEST_OUTLINES else []
        return []

    def choosing(self, indicator: Indicator) -> frozenset[str]:
        """The ids of the findings about an indicator that choose places."""
        return frozenset(
            one.id
            for product in self.catalogue.products
            for one in product.findings
            if one.pattern == "sites" and one.indicator == indicator.id
        )

    def objects(self, indicator: Indicator) -> int:
        """How many public objects its map can show as points; 0 where it declares none."""
        if indicator.points is None:
            return 0
        table = self.release.points(indicator.id)
        return 0 if table is None else table.num_rows

    def points(self, level: str) -> Mapping[str, tuple[int, int]]:
        """A point inside each area of a level, on the grid of its own map; empty where it has no shapes."""
        if level not in self._points:
            shapes, table = self.shapes(level), self.release.boundaries(level)
            self._points[level] = {} if shapes is None or table is None else inner_points(table, shapes.grid)
        return self._points[level]

    def unknown_child(self, level: str) -> int | None:
        """The area that stands for people of the top gemeente whose place at this level is unknown, where there is one."""
        for place, code in enumerate(self.areas.codes):
            if (
                _WHOLLY_UNKNOWN.fullmatch(code)
                and self.areas.level_of[place] == level
                and self.areas.top is not None
            ):
                return place
        return None
