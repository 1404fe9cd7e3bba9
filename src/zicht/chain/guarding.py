"""The guard along the chain: before a finding is carried out, what it describes by is held against the protected grounds of the project.

What declarations alone tell is refused earlier, in `zicht check` (`zicht.governance`); here the figures are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas
from zicht.declare import Analysis, Described, InCategories, Indicator, Project, Subgroups
from zicht.errors import Place, Problem, ZichtError
from zicht.figures import FIGURES, TOTAL, Counted, characteristic
from zicht.governance import (
    Lineage,
    classification_of,
    ground_of_dimension,
    is_from_enforcement,
    is_origin,
    justification_of,
)

if TYPE_CHECKING:
    from zicht.findings import StandIn

_LEVELS = ("buurt", "wijk", "gemeente")
Shares = dict[str, dict[str, float]]
"""By characteristic for each area the share of its units that have it."""
_SHOWN = 3  # characteristics that a message names


def guarded_by(project: Project) -> dict[str, object]:
    """What the guard goes by beside the findings and the figures, for the digest of a step.

    Args:
        project: the project.
    """
    return {
        "grounds": {one.id: one.protected_ground for one in project.indicators.values()},
        "enforcement": {one.id: one.enforcement for one in project.indicators.values()},
        "contracts": {one.id: one.document.value for one in project.registers.values()},
        "sql": dict(project.register_sql),
    }


@dataclass
class Guard:
    """Holds findings against the protected grounds of a project.

    Attributes:
        project: the project.
        figures: by indicator id, as the public has them.
        areas: the division.
        account: by finding what was tried and what came of it, as JSON can hold it.
    """

    project: Project
    figures: Mapping[str, pa.Table]
    areas: Areas
    account: dict[str, dict[str, object]] = field(default_factory=dict)

    @cached_property
    def lineage(self) -> Lineage:
        """Where the columns of the project come from."""
        return Lineage(self.project)

    @cached_property
    def _within(self) -> Mapping[str, Mapping[str, str]]:
        """For each level, for each code at or below it the area that it lies in."""
        ancestry = self.areas.ancestry()
        levels = [level for level in _LEVELS if level in ancestry.column_names]
        return {
            level: {
                code: above
                for below in levels[: levels.index(level) + 1]
                for code, above in zip(ancestry[below].to_pylist(), ancestry[level].to_pylist(), strict=True)
            }
            for level in levels
        }

    def is_sensitive(self, analysis: Analysis) -> bool:
        """Whether a finding is about what can be held against people: a phenomenon, or data of AVG art. 9 or 10."""
        indicator = self.project.indicators[analysis.indicator]
        return (
            analysis.phenomenon
            or indicator.phenomenon
            or any(
                classification_of(self.project, use.register, use.column) in ("special", "criminal")
                for use in self.lineage.indicator(indicator)
            )
        )

    def problems(
        self, product: str, index: int, analysis: Analysis, counted: Counted | None
    ) -> list[Problem]:
        """What of a finding stands in for a protected ground.

        Args:
            product: id of its product.
            index: which of the findings of the product it is.
            analysis: the finding.
            counted: its units by characteristics; None where it describes no groups.

        Returns:
            A problem for each ground that nobody may, or did, justify; what was tried is added to `account`.
        """
        tried: list[dict[str, object]] = []
        found: list[Problem] = []
        for ground, stand_in in self._measured(analysis, counted):
            decision = justification_of(analysis, ground)
            wrong = not isinstance(stand_in, str) and not stand_in.refused
            tried.append(_record(ground, stand_in, None if decision is None or wrong else decision.by))
            if not wrong and decision is None:
                found.append(self._problem(product, index, analysis, ground, stand_in))
        self.account[analysis.id] = {
            "grounds": tried,
            "enforcement": is_from_enforcement(self.lineage, self.project.indicators[analysis.indicator]),
        }
        return found

    def _measured(self, analysis: Analysis, counted: Counted | None) -> Iterator[tuple[str, StandIn | str]]:
        """For each ground how far it goes with what a finding describes by, or why that cannot be told."""
        if not analysis.described_by:
            return
        for indicator in self.project.indicators.values():
            if indicator.protected_ground is not None:
                yield indicator.protected_ground, self._among_areas(analysis, counted, indicator)
        if counted is not None and isinstance(analysis, Subgroups):
            yield from self._among_units(analysis, counted)

    def _among_areas(
        self, analysis: Analysis, counted: Counted | None, indicator: Indicator
    ) -> StandIn | str:
        from zicht.findings import stand_in_among_areas  # loads statistics, which a plan does not need

        reasons = []
        for level in self._within:
            share = self._by_area(indicator.id, level)
            given: Shares = {}
            if counted is not None and isinstance(analysis, Subgroups):
                people, shares = self._shares(counted, level)
                features = {name: shares[name] for name in self._names(analysis.characteristics)}
                given = {name: shares[name] for name in self._names(analysis.controls)}
            else:
                people, features = self._chosen(analysis, level)
            codes = sorted(share)
            try:
                return stand_in_among_areas(
                    str(indicator.protected_ground),
                    _ordered(share, codes),
                    {name: _ordered(one, codes) for name, one in features.items()},
                    _ordered(people, codes),
                    {name: _ordered(one, codes) for name, one in given.items()},
                )
            except ZichtError as error:
                reasons.append(str(error))
        return reasons[0]  # of the smallest areas, of which there are most

    def _among_units(self, analysis: Subgroups, counted: Counted) -> Iterator[tuple[str, StandIn]]:
        from zicht.findings import stand_in_among_units

        cube = counted.cube
        columns = {id_: cube[id_].to_numpy().astype(np.int64) for id_ in analysis.characteristics}
        persons, half = (cube[name].to_numpy().astype(np.int64) for name in ("persons", "half"))
        for id_ in analysis.controls:
            ground = ground_of_dimension(self.project, id_)
            categories = self.project.dimensions[id_].categories
            for number in range(len(categories) if len(categories) > 2 else 1):
                if ground is not None:
                    of_ground = cube[id_].to_numpy() == number
                    yield ground, stand_in_among_units(ground, of_ground, persons, half, columns)

    def _names(self, dimensions: Iterable[str]) -> Iterator[str]:
        for id_ in dimensions:
            for category in self.project.dimensions[id_].categories:
                yield characteristic(id_, category.id)

    def _units(self, indicator: str, level: str, only: Mapping[str, str]) -> dict[str, float]:
        """How many units the last public figure of each area of a level is of."""
        counts = self.project.indicators[indicator].measure == "count"
        return self._by_area(indicator, level, "value" if counts else "denominator", only)

    def _by_area(
        self,
        indicator: str,
        level: str,
        column: str = "value",
        only: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, float]:
        """A column of the last public figure of each area of a level, of one category or of all together."""
        table = self.figures[indicator].filter(pc.equal(self.figures[indicator]["level"], level))
        for axis in (name for name in table.column_names if name not in FIGURES.names):
            table = table.filter(pc.equal(table[axis], only.get(axis, TOTAL)))
        table = table.filter(pc.is_valid(table[column]))
        if table.num_rows:
            table = table.filter(pc.equal(table["period"], pc.max(table["period"])))
        return dict(zip(table["area"].to_pylist(), table[column].to_pylist(), strict=True))

    def _chosen(self, analysis: Analysis, level: str) -> tuple[dict[str, float], Shares]:
        """People, or events, in each area of a level, and the share of them in each category that is looked at alone."""
        only = analysis.only if isinstance(analysis, InCategories) else {}
        every = self._units(analysis.indicator, level, {})
        return every, {
            characteristic(id_, category): {
                code: count / every[code]
                for code, count in self._units(analysis.indicator, level, {id_: category}).items()
                if every.get(code)
            }
            for id_, category in only.items()
        }

    def _shares(self, counted: Counted, level: str) -> tuple[dict[str, float], Shares]:
        """People in each area of a level, and by characteristic the share of them that has it."""
        above = [self._within[level].get(code) for code in counted.areas["area"].to_pylist()]
        table = counted.areas.set_column(0, "area", pa.array(above, pa.string()))
        table = table.filter(pc.is_valid(table["area"]))
        names = [name for name in table.column_names if name != "area"]
        summed = table.group_by("area").aggregate([(name, "sum") for name in names])
        codes = summed["area"].to_pylist()
        people = summed["persons_sum"].to_numpy().astype(float)
        return dict(zip(codes, people.tolist(), strict=True)), {
            name: dict(zip(codes, (summed[f"{name}_sum"].to_numpy() / people).tolist(), strict=True))
            for name in names[1:]
        }

    def _problem(
        self, product: str, index: int, analysis: Analysis, ground: str, stand_in: StandIn | str
    ) -> Problem:
        written = self.project.written["products", product]
        remedy = (
            "Nothing that stands in for race, ethnicity, nationality or origin can be justified."
            if is_origin(ground)
            else f"Or write under `justified` who decided that it is needed, when and why (ground: {ground})."
        )
        if isinstance(stand_in, str):
            what = f"finding `{analysis.id}` cannot be held against {ground}: {stand_in}"
            return Problem(written.place("findings", index), what, f"Describe by less. {remedy}")
        named = {one.id: one for one in analysis.described_by}
        culprits = list(stand_in.culprits[:_SHOWN])
        first: Described | None = named.get(culprits[0].partition("=")[0]) if culprits else None
        place = written.place("findings", index, *(first.trail if first is not None else ()))
        way = self._way(analysis, first.id, place) if first is not None else ""
        without = " or ".join(f"`{name}`" for name in culprits)
        return Problem(
            place,
            f"finding `{analysis.id}` describes by what stands in for {ground}: {_said(stand_in)}.{way}",
            f"Leave out {without}. {remedy}" if without else f"Describe by less. {remedy}",
        )

    def _way(self, analysis: Analysis, id_: str, place: Place) -> str:
        register = self.project.indicators[analysis.indicator].register_
        uses = self.lineage.dimension(register, id_, place)
        return f" The way to it: {uses[-1].chain()}." if uses else ""


def _said(stand_in: StandIn) -> str:
    from zicht.findings import MAX_AUC, MAX_CORRELATION

    told = [f"together they tell it with AUC {stand_in.auc:.2f} (bound {MAX_AUC:.2f})"]
    for name in stand_in.culprits[:_SHOWN]:
        parts = [f"alone AUC {stand_in.alone[name]:.2f}"]
        if name in stand_in.correlations:
            parts.append(f"correlation {stand_in.correlations[name]:.2f} (bound {MAX_CORRELATION:.2f})")
        if name in stand_in.given:
            parts.append(f"{stand_in.given[name]:.2f} where what is allowed for is equal")
        told.append(f"`{name}` {', '.join(parts)}; without it the others {stand_in.without[name]:.2f}")
    return "; ".join(told)


def _record(ground: str, stand_in: StandIn | str, justified: str | None) -> dict[str, object]:
    """What was tried, for the evidence of a release; figures are rounded, for they rest on counts that are not public."""
    if isinstance(stand_in, str):
        return {"ground": ground, "untried": stand_in, "justified": justified}
    strongest = max(map(abs, (*stand_in.correlations.values(), *stand_in.given.values())), default=0.0)
    return {
        "ground": ground,
        "auc": round(stand_in.auc, 2),
        "alone": round(max(stand_in.alone.values(), default=0.5), 2),
        "correlation": round(strongest, 2),
        "refused": stand_in.refused,
        "justified": justified,
    }


def _ordered(
    values: Mapping[str, float], codes: Iterable[str]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([values.get(code, np.nan) for code in codes])
