"""Declared groups: which combinations of characteristics are over-represented, and what of that may be told.

This is the one finding that is not made of public figures: combinations of characteristics are in no published table. So it has a protection of its own, and the argument
is this. What is told is the description of a group with its ratio. Behind the ratio is one number, the cases of the group in a half of all units that was drawn by a
secret; it is rounded to five, what is expected to two digits, and ratio and interval are computed from these two and from nothing else. A group has the least
number with and without the trait in *each* half, and so has what all its refinements together leave of a group; none of which nearly all have the trait is shown, and at most
ten are. Who subtracts groups from each other or from a published figure subtracts numbers of half of the units, not knowing which, each off by up to two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from scipy import special

from zicht.declare import DimensionDeclared, Subgroups
from zicht.figures import Counted
from zicht.findings.guard import HOMOGENEOUS
from zicht.findings.subgroups import Search, subgroups
from zicht.findings.table import About, Bools, Floats, Ints, findings

ROUNDED_TO = 5
MOST_GROUPS = 10
_DIGITS = 2

_Flag = tuple[str, str]


def look_for_groups(
    analysis: Subgroups, counted: Counted, dimensions: Mapping[str, DimensionDeclared], division: int
) -> pa.Table:
    """Search for groups in which the trait of an indicator is found more often than in others.

    Args:
        analysis: what to look for.
        counted: the units by characteristics and controls; see `zicht.figures.count_described`.
        dimensions: at least those of the analysis, by id.
        division: year of the area division.

    Returns:
        `FINDINGS`: a row a group, method `subgroup`, at most ten; `group` is a JSON object with for each dimension the category. Numbers are rounded.
    """
    cube = _Cube(analysis, counted, dimensions)
    search = Search(analysis.depth, analysis.least_reference, analysis.least)
    found = subgroups(
        cube.flags, cube.persons, cube.cases, [str(at) for at in range(len(cube.names))],
        strata=cube.strata, halves=cube.half, search=search,
    )  # fmt: skip
    groups = [tuple(int(flag) for flag in flags) for flags in found["flags"].to_pylist()]
    kept = cube.shown(groups, analysis)[:MOST_GROUPS]
    observed, expected = (found[name].to_numpy()[kept].astype(float) for name in ("cases", "expected"))
    told = _rounded(observed, expected)
    surely = [at for at, low in enumerate(told["lower"]) if low > 1]
    return findings(
        About(analysis.id, analysis.level, division, counted.period),
        "subgroup",
        {
            "group": [_described([cube.names[flag] for flag in groups[kept[at]]]) for at in surely],
            **{name: values[surely] for name, values in told.items()},
            "p": found["p"].to_numpy()[kept][surely],
            "reference": ["equal in " + ", ".join(analysis.controls) if analysis.controls else "all"] * len(surely),
            "relevant": [True] * len(surely),
        },
    )  # fmt: skip


class _Cube:
    """Counts with a column of true or false for each characteristic."""

    def __init__(
        self, analysis: Subgroups, counted: Counted, dimensions: Mapping[str, DimensionDeclared]
    ) -> None:
        table = counted.cube
        self.names: list[_Flag] = [
            (id_, category.id) for id_ in analysis.characteristics for category in dimensions[id_].categories
        ]
        columns = [
            table[id_].to_numpy() == number
            for id_ in analysis.characteristics
            for number in range(len(dimensions[id_].categories))
        ]
        self.flags: Bools = np.column_stack(columns)
        self.persons: Ints = table["persons"].to_numpy().astype(np.int64)
        self.cases: Ints = table["cases"].to_numpy().astype(np.int64)
        self.half: Ints = table["half"].to_numpy().astype(np.int64)
        controls = [table[id_].to_numpy().astype(np.int64) for id_ in analysis.controls]
        self.strata: Ints = (
            np.unique(np.column_stack(controls), axis=0, return_inverse=True)[1].ravel()
            if controls
            else np.zeros(table.num_rows, np.int64)
        )

    def shown(self, groups: Sequence[tuple[int, ...]], analysis: Subgroups) -> list[int]:
        """Places of the groups that may be shown: neither nearly all of one kind, nor, with others that are shown, nearly the whole of a group that they refine."""
        kept: list[int] = []
        left: dict[int, Bools] = {}  # of each group that is shown, what those that refine it leave
        for at in sorted(range(len(groups)), key=lambda at: (len(groups[at]), at)):
            inside = self._inside(groups[at])
            rests = {other: left[other] & ~inside for other in kept if set(groups[other]) < set(groups[at])}
            # Fewer of them leave more, so that all together leave enough is enough.
            enough = all(self._is_enough(rest, analysis) for rest in rests.values())
            if enough and not self._is_homogeneous(inside):
                kept.append(at)
                left |= {**rests, at: inside}
        return sorted(kept)

    def _inside(self, group: Sequence[int]) -> Bools:
        return np.asarray(self.flags[:, list(group)].all(axis=1), np.bool_)

    def _is_enough(self, cells: Bools, analysis: Subgroups) -> bool:
        for half in (0, 1):
            rest = cells & (self.half == half)
            cases = int(self.cases[rest].sum())
            if cases < analysis.least or int(self.persons[rest].sum()) - cases < analysis.least_reference:
                return False
        return True

    def _is_homogeneous(self, cells: Bools) -> bool:
        parts = (cells, cells & (self.half == 0), cells & (self.half == 1))
        return any(self.cases[part].sum() >= HOMOGENEOUS * self.persons[part].sum() for part in parts)


def _rounded(observed: Floats, expected: Floats) -> dict[str, Floats]:
    """What is told of groups: two rounded numbers, and ratio and exact interval made of these."""
    cases = ROUNDED_TO * np.round(observed / ROUNDED_TO)
    chance = np.array([float(f"{value:.{_DIGITS}g}") for value in expected])
    return {
        "observed": cases,
        "expected": chance,
        "estimate": cases / chance,
        "lower": special.gammaincinv(cases, 0.025) / chance,
        "upper": special.gammaincinv(cases + 1, 0.975) / chance,
    }


def _described(flags: Sequence[_Flag]) -> str:
    return json.dumps(dict(flags), ensure_ascii=False)
