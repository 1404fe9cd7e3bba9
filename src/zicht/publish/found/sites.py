"""What is said of places that were chosen: what they bring, how far from the best possible that may be, and how often each returns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import cast

import numpy as np
from markupsafe import Markup, escape
from typing_extensions import override

from zicht.publish.catalogue import Finding
from zicht.publish.edition import Edition
from zicht.publish.found.area_map import MOST, coarse_shapes
from zicht.publish.found.rows import rows_of
from zicht.publish.found.speaker import Row, Speaker, Twin
from zicht.publish.maps import Patch, picture_svg
from zicht.publish.render import safe
from zicht.publish.shapes import Shapes
from zicht.publish.texts import Texts

_RADIUS = 40  # the circle of a new place is this part of the longest side of the map
_HOME = "../../"  # from the page of a product to the start of its language


@dataclass(frozen=True, slots=True)
class _Place:
    """A place: its number on the map (0 for one that exists), its name, and where it lies in metres."""

    number: int
    name: str
    x: float
    y: float


class ChosenPlaces(Speaker):
    """Places for what is not there yet."""

    method = "sites"
    tells_groups = True
    judged = False

    def __init__(self, texts: Texts, finding: Finding, edition: Edition, rows: Sequence[Row]) -> None:
        super().__init__(texts, finding, edition, rows)
        told = rows_of(edition, finding, "site")
        self.outstanding = self.groups = sorted(told, key=lambda row: self._new[row.group].number)
        (self._answer,) = rows_of(edition, finding, "sites_answer")
        self._objective = finding.text("objective")
        self._unit = texts.pick(edition.catalogue.indicators[finding.indicator].unit)

    @cached_property
    def _all(self) -> list[tuple[str, str, str, float, float]]:
        """Kind, id, code of the area and coordinates of each place, in order of the name of its area."""
        table = self.edition.release.places()
        if table is None:
            return []
        names = dict(zip(self.edition.areas.codes, self.edition.areas.names, strict=True))
        rows = [row for row in table.to_pylist() if row["finding"] == self.finding.id]
        rows.sort(key=lambda row: (names.get(row["area"], ""), row["place"]))
        return [(row["kind"], row["place"], row["area"], row["x"], row["y"]) for row in rows]

    @cached_property
    def _new(self) -> Mapping[str, _Place]:
        """The new places by id, numbered as on the map."""
        number = self.edition.areas.number
        found: dict[str, _Place] = {}
        for _, place, area, x, y in (one for one in self._all if one[0] == "new"):
            lies_in = self.edition.areas.names[number[area]] if area in number else ""
            name = (
                lies_in if place == area else self.texts("found.site.name", place=place, area=lies_in or area)
            )
            found[place] = _Place(len(found) + 1, name, x, y)
        return found

    def _percent(self, value: float) -> str:
        return self.shown(value * 100, 0)

    def _amount(self, value: float) -> str:
        """A share of demand as a percentage, or metres."""
        return self._percent(value) if self._objective == "max_cover" else self.shown(value, 0)

    @property
    def _reach(self) -> str:
        reach = self.finding.declared.get("reach")
        return "" if reach is None else self.shown(float(cast("float", reach)), 0)

    @override
    def summary(self) -> str:
        first = "" if math.isfinite(self._answer.expected) else ".first"
        told = self.count(
            f"found.sites.{self._objective}{first}", len(self.groups), reach=self._reach,
            after=self._amount(self._answer.estimate), before=self._amount(self._answer.expected),
        )  # fmt: skip
        return " ".join([told, self._gap(), *self._returned()])

    def _gap(self) -> str:
        gap = math.ceil(self._answer.statistic * 1000 - 1e-6) / 10  # upwards, for it says “at most”
        return (
            self.texts("found.sites.gap", gap=self.shown(gap, 1))
            if gap
            else self.texts("found.sites.gap.none")
        )

    def _returned(self) -> list[str]:
        shares = [row.estimate for row in self.groups if math.isfinite(row.estimate)]
        if not shares:
            return []
        low, high = self._percent(min(shares)), self._percent(max(shares))
        return [self.texts("found.sites.returns", low=low, high=high)]

    @override
    def line(self, row: Row) -> str:
        place = self._new[row.group]
        key = "found.site.line" if math.isfinite(row.estimate) else "found.site.line.sure"
        return self.texts(
            key, number=str(place.number), place=place.name, share=self._percent(row.estimate),
            demand=self.shown(row.observed, 0), unit=self._unit,
        )  # fmt: skip

    @override
    def word(self, row: Row) -> str:
        return "same"  # nothing is judged of areas

    @override
    def headings(self) -> tuple[str, ...]:
        part = "reach" if self._objective == "max_cover" else "metres"
        return (
            self.texts("found.sites.demand", unit=self._unit),
            self.texts(f"found.sites.{part}.before", reach=self._reach),
            self.texts(f"found.sites.{part}.after", reach=self._reach),
        )

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        return self.shown(row.observed, 0), self._amount(row.expected), self._amount(row.estimate)

    @override
    def notes(self) -> list[str]:
        declared = self.finding.declared
        told = [
            self._of("network", "straight", detour=self._declared("detour", 1)),
            self._of("demand_at", "middle"),
        ]
        if declared.get("least"):
            told.append(
                self.texts("found.sites.least", least=self._declared("least", 0, 100), above=self._above_kind)
            )
        if self._objective != "p_center":
            told.append(
                self.texts(
                    "found.sites.scenarios", spread=self._declared("uncertainty", 0, 200), **self.names
                )
            )
        return [*told, self.texts("found.sites.costs")]  # fmt: skip

    def _of(self, key: str, otherwise: str, **values: str) -> str:
        """What is said of a register that is declared under a key, or where none is."""
        declared = self.finding.declared.get(key)
        if not declared:
            return self.texts(f"found.sites.{otherwise}", **self.names, **values)
        register = cast("Mapping[str, str]", declared)["register_"]
        known = cast("Mapping[str, Mapping[str, str]]", self.edition.evidence("lineage").get("registers", {}))
        return self.texts(
            f"found.sites.{key}", register=known.get(register, {}).get("title", register), **self.names
        )

    def _declared(self, key: str, decimals: int, times: int = 1) -> str:
        return self.shown(float(cast("float", self.finding.declared[key])) * times, decimals)

    @property
    def _above_kind(self) -> str:
        levels = self.edition.areas.levels
        above = levels.index(self.finding.level) + 1
        return self.texts.level(levels[above]) if above < len(levels) else ""

    @override
    def tables(self) -> list[Twin]:
        texts = self.texts
        head = ("found.site", "found.site.x", "found.site.y", "found.site.demand", "found.site.returns")
        places = [
            (
                f"{place.number}. {place.name}",
                (
                    self.shown(place.x, 0), self.shown(place.y, 0), self.shown(row.observed, 0),
                    f"{self._percent(row.estimate)}%" if math.isfinite(row.estimate) else "–",
                ),
            )
            for row in self.groups
            for place in [self._new[row.group]]
        ]  # fmt: skip
        of_places = Twin(texts("found.sites.places"), tuple(texts(key) for key in head), tuple(places))
        above = self._per_above()
        if len(above) < 2:
            return [of_places]
        head_above = (self._above_kind.capitalize(), *self.headings())
        return [
            of_places,
            Twin(texts("found.sites.per", kind=self._above_kind), head_above, tuple(above)),
        ]

    def _per_above(self) -> list[tuple[str, tuple[str, ...]]]:
        """For each area one level up its demand, and what of it is served before and after."""
        areas = self.edition.areas
        known = [(areas.parent[areas.number[row.area]], row) for row in self.rows if row.there]
        found = []
        for parent, group in groupby(sorted(known, key=lambda pair: pair[0]), key=lambda pair: pair[0]):
            rows = [row for _, row in group]
            demand = np.array([row.observed for row in rows])
            weights = demand / demand.sum() if demand.sum() > 0 else np.full(len(rows), 1 / len(rows))
            before, after = (
                float(weights @ np.array([getattr(row, name) for row in rows]))
                for name in ("expected", "estimate")
            )
            if parent >= 0:
                cells = self.shown(float(demand.sum()), 0), self._amount(before), self._amount(after)
                found.append((areas.names[parent], cells))
        return sorted(found)

    @override
    def picture(self) -> Markup | None:
        shapes = coarse_shapes(self)
        if shapes is None or len(self.rows) > MOST:
            return None
        patches = [
            Patch(row.area, "land" if row.there else "hidden", row.name, f"{_HOME}gebied/{row.area}/")
            for row in self.rows
        ]
        label = self.texts("map.label", title=self.texts.pick(self.finding.title), kind=self.names["kinds"])
        above = self.edition.outlines(self.finding.level, shapes.grid)
        drawn = picture_svg(patches, shapes, above, label, self.finding.id)
        if not drawn:
            return None
        points = self._spots(shapes) + self._circles(shapes)
        map_ = drawn.removesuffix("</svg>") + points + "</svg>"
        return safe(f'<div class="map-box small">{map_}</div>{self._key()}')

    def _spots(self, shapes: Shapes) -> str:
        """The places that exist, as dots of one path."""
        dots = "".join(
            f"M{round(x / shapes.grid)},{round(-y / shapes.grid)}h0"
            for kind, _, _, x, y in self._all
            if kind == "existing"
        )
        return f'<path class="spots" aria-hidden="true" d="{dots}"/>' if dots else ""

    def _circles(self, shapes: Shapes) -> str:
        """The new places, each with its number."""
        west, north, east, south = shapes.extent() or (0, 0, 1, 1)
        radius = max(east - west, south - north) / _RADIUS
        drawn = []
        for place in self._new.values():
            x, y = round(place.x / shapes.grid), round(-place.y / shapes.grid)
            drawn.append(
                f'<g><title>{place.number}. {escape(place.name)}</title><circle cx="{x}" cy="{y}" r="{radius:.1f}"/>'
                f'<text x="{x}" y="{y}" dy=".36em" font-size="{radius * 1.15:.1f}">{place.number}</text></g>'
            )
        return f'<g class="sites">{"".join(drawn)}</g>'

    def _key(self) -> str:
        """What the circles and dots stand for."""
        samples = [('<g class="sites"><circle cx="11" cy="7.5" r="6"/></g>', "found.sites.key.new")]
        if any(kind == "existing" for kind, *_ in self._all):
            samples.append(('<path class="spots" d="M11,7.5h0"/>', "found.sites.key.existing"))
        items = "".join(
            f'<li><svg viewBox="0 0 22 15" aria-hidden="true">{drawn}</svg>{escape(self.texts(key))}</li>'
            for drawn, key in samples
        )
        return f'<ul class="classes">{items}</ul>'
