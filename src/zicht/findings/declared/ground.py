"""What a declared analysis stands on: the areas of one level and the figures of an indicator, as the public has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import AnyAnalysis
from zicht.errors import ZichtError
from zicht.figures import FIGURES, TOTAL
from zicht.findings.table import Floats


@dataclass(frozen=True, slots=True)
class Ground:
    """The areas of one level, as far as an analysis needs them.

    Attributes:
        codes: of the areas, those of which the place is unknown left out.
        gemeente: for each code that of its gemeente.
        adjacency: columns code and neighbour; None where there are no boundaries.
        points: by code x and y (metres) of a point in each area that has boundaries.
        division: year of the area division.
        above: for each code that of the area it lies in, one level up; empty where there is none.
        objects: what `sites` looks at, by its key in the declaration: `place`, `area`, `x` and `y` (RD, metres) of points of public objects,
            and for `network` the columns that it names, by their keys.
    """

    codes: Sequence[str]
    gemeente: Mapping[str, str]
    adjacency: pa.Table | None
    points: Mapping[str, tuple[float, float]]
    division: int
    above: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, pa.Table] = field(default_factory=dict)


def of_level(
    analysis: AnyAnalysis, indicator: str, figures: Mapping[str, pa.Table], ground: Ground
) -> pa.Table:
    """The figures of an indicator at the level of an analysis, of known areas.

    Args:
        analysis: what is looked for.
        indicator: id of the indicator.
        figures: by indicator id, as the public has them.
        ground: the areas.

    Raises:
        ZichtError: there are none.
    """
    level = figures[indicator].filter(pc.equal(figures[indicator]["level"], analysis.level))
    level = level.filter(pc.is_in(level["area"], pa.array(ground.codes, pa.string())))
    if level.num_rows == 0:
        raise ZichtError(f"Finding `{analysis.id}`: `{indicator}` has no figure of any {analysis.level}.")
    return level


def chosen(figures: pa.Table, controls: Sequence[str], only: Mapping[str, str]) -> pa.Table:
    """Figures of the categories looked at.

    Args:
        figures: of one indicator, with a column a breakdown.
        controls: the breakdowns of which each category is kept.
        only: by breakdown the one category kept; of any other all together.
    """
    for axis in (name for name in figures.column_names if name not in FIGURES.names):
        total = pc.equal(figures[axis], only.get(axis, TOTAL))
        figures = figures.filter(pc.not_equal(figures[axis], TOTAL) if axis in controls else total)
    return figures


def points_of(areas: Sequence[str], ground: Ground) -> tuple[Floats, Floats]:
    """X and y in metres of a point in each of these areas, which must have boundaries."""
    x, y = np.array([ground.points[code] for code in areas]).reshape(-1, 2).T
    return x, y
