"""The one table that the room makes: a row is what one declared analysis says of one area or group in one period.

The table is long: an analysis that gives more than one figure of an area (the ratio as counted and the ratio drawn towards the mean) gives a
row for each, told apart by `method`. Figures and the texts of findings are made elsewhere; here is only their shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FINDINGS = pa.schema(
    [
        ("finding", pa.string()),
        ("method", pa.string()),
        ("area", pa.string()),
        ("group", pa.string()),
        ("division", pa.int16()),
        ("level", pa.string()),
        ("period", pa.string()),
        ("estimate", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("reference", pa.string()),
        ("observed", pa.float64()),
        ("expected", pa.float64()),
        ("statistic", pa.float64()),
        ("p", pa.float64()),
        ("q", pa.float64()),
        ("relevant", pa.bool_()),
        ("status", pa.string()),
    ]
)
"""The columns of every finding.

- `finding`: id of the declared analysis.
- `method`: one of `METHODS`, which says the unit of `estimate` and `statistic`.
- `area`: code of the area; null where the finding is about a group that is no area.
- `group`: what the finding is about if it is no area, or a part of one: a description, a cluster, the term of a model; null otherwise.
- `division`, `level`, `period`: year of the area division, level of the area and ISO 8601 period, as in figures.
- `estimate`, `lower`, `upper`: the figure and its 95 % interval (unless the method says otherwise), in the unit of the method; null where there is none.
- `reference`: name of what the area or group is compared with; null where the method compares with nothing.
- `observed`: what was counted or measured (events; for small areas the direct estimate).
- `expected`: what one would expect by the reference, in the unit of `observed`.
- `statistic`: the test statistic or weight of the method, without unit.
- `p`: chance of something at least as far off if nothing were the matter, two-sided unless the method says otherwise.
- `q`: the same after correction for all areas of the level (Benjamini and Hochberg).
- `relevant`: whether it is statistically relevant by the rule of the method; null where the method does not judge.
- `status`: as in figures; here `ok`, `not_available` (cannot be computed) or `unreliable` (too uncertain to show).
"""

MEMBERS = pa.schema(
    [("finding", pa.string()), ("period", pa.string()), ("group", pa.string()), ("area", pa.string())]
)
"""Which areas a group consists of, for findings about more areas together (a cluster, look-alikes): one row an area."""

Basis = Literal["measured", "estimated", "compared"]


@dataclass(frozen=True, slots=True)
class Method:
    """What the numbers of one method are.

    Attributes:
        basis: `measured` (counted; "gemeten"), `estimated` (by a model; "geschat") or `compared` (a test or a rank, no figure of its own).
        estimate: unit of `estimate`, `lower` and `upper`.
        statistic: what `statistic` is.
        source: the paper.
    """

    basis: Basis
    estimate: str
    statistic: str
    source: str


METHODS: Mapping[str, Method] = {
    "ratio": Method(
        "measured", "observed ÷ expected", "observed ÷ expected on the log scale", "Garwood 1936"
    ),
    "shrunken_ratio": Method(
        "estimated", "observed ÷ expected", "weight of the area's own figure, 0-1", "Clayton and Kaldor 1987"
    ),
    "bym2": Method(
        "estimated", "observed ÷ expected", "chance that the ratio is above 1", "Riebler et al. 2016"
    ),
    "forecast": Method(
        "estimated",
        "number in the period",
        "part of the error of last period's figure that it saves",
        "Harvey and Fernandes 1989",
    ),
    "forecast_80": Method(
        "estimated",
        "number in the period, with an 80 % interval",
        "as `forecast`",
        "Harvey and Fernandes 1989",
    ),
    "adjusted_ratio": Method(
        "estimated", "ratio of rates or odds", "penalised likelihood ratio, chi² with 1 df", "Firth 1993"
    ),
    "local_moran": Method("compared", "mean z-score of the neighbours", "local Moran's I", "Anselin 1995"),
    "gi_star": Method("compared", "rate after empirical Bayes", "Gi*, a z-score", "Ord and Getis 1995"),
    "direct": Method(
        "measured", "unit of the figure", "weight of the area's own figure, 1", "Rao and Molina 2015"
    ),
    "fay_herriot": Method(
        "estimated", "unit of the figure", "weight of the area's own figure, 0-1", "Fay and Herriot 1979"
    ),
    "spatial_fay_herriot": Method(
        "estimated", "unit of the figure", "weight of the area's own figure, 0-1", "Petrucci and Salvati 2006"
    ),
    "unit_level": Method(
        "estimated",
        "unit of the figure",
        "weight of the area's own figure, 0-1",
        "Battese, Harter and Fuller 1988",
    ),
    "funnel": Method(
        "compared", "unit of the figure", "place between the limits, a z-score", "Spiegelhalter 2005"
    ),
    "look_alikes": Method("compared", "Gower's distance, 0-1", "place, 1 is the most alike", "Gower 1971"),
    "scan": Method("compared", "risk inside ÷ risk outside", "log likelihood ratio", "Kulldorff 1997"),
    "site": Method(
        "compared", "share of the scenarios in which the place returns", "none", "Church and ReVelle 1974"
    ),
    "sites": Method(
        "estimated", "share of demand within reach, or metres to a place", "none", "Church and ReVelle 1974"
    ),
    "sites_answer": Method(
        "estimated",
        "share of demand within reach, or metres to a place; the interval reaches to the best possible",
        "gap to the best possible",
        "Beasley 1993",
    ),
    "signal": Method(
        "compared",
        "number in the period",
        "excess ÷ what would just be no alarm",
        "Noufaily et al. 2013; Hutwagner et al. 2003",
    ),
    "subgroup": Method(
        "measured", "observed ÷ expected, in the half that was not searched", "none", "Klösgen 1996"
    ),
    "break": Method("compared", "factor by which the level jumps", "none", "Bai and Perron 2003"),
    "slow_trend": Method(
        "compared", "factor a year, against all others", "none", "McCullagh and Nelder 1989"
    ),
    "take_up": Method(
        "estimated", "% of the entitled that does not use it", "none", "Rogan and Gladen 1978; Manski 2003"
    ),
    "take_up_shrunken": Method(
        "estimated",
        "% of the entitled that does not use it",
        "weight of the area's own figure, 0-1",
        "Griffiths 1973",
    ),
    "entitled": Method("estimated", "number of the truly entitled", "none", "Rogan and Gladen 1978"),
    "other_limit": Method("measured", "what the figure would be with this limit", "none", "none"),
    "rank": Method(
        "compared", "place, 1 is the highest", "chance to be in the highest tenth", "Goldstein 1996"
    ),
}
"""Every method and what its numbers are."""


@dataclass(frozen=True, slots=True)
class About:
    """What all rows of one analysis share.

    Attributes:
        finding: id of the declared analysis.
        level: level of the areas.
        division: year of the area division.
        period: ISO 8601 period.
    """

    finding: str
    level: str
    division: int
    period: str


Column: TypeAlias = Sequence[object] | npt.NDArray[np.generic] | pa.Array | pa.ChunkedArray


def findings(about: About, method: str, columns: Mapping[str, Column]) -> pa.Table:
    """Rows of one method.

    Args:
        about: what all rows share.
        method: one of `METHODS`.
        columns: the other columns of `FINDINGS` by name, equally long; NaN becomes null. What is not given is null, and `status` is `ok`.

    Returns:
        A table with the columns of `FINDINGS`, in the order given.

    Raises:
        KeyError: a method or column that does not exist.
    """
    if method not in METHODS:
        raise KeyError(f"no method '{method}'; there are {', '.join(METHODS)}")
    unknown = set(columns) - set(FINDINGS.names)
    if unknown:
        raise KeyError(f"findings have no column {', '.join(sorted(unknown))}")
    rows = len(next(iter(columns.values())))
    shared = {
        "finding": about.finding, "method": method, "division": about.division, "level": about.level, "period": about.period,
    }  # fmt: skip
    made = []
    for field in FINDINGS:
        if field.name in columns:
            made.append(_column(columns[field.name], field.type))
        else:
            value = shared.get(field.name, "ok" if field.name == "status" else None)
            made.append(pa.repeat(pa.scalar(value, field.type), rows))
    return pa.table(made, schema=FINDINGS)


def _column(values: Column, type_: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values.cast(type_)
    return pa.array(values, type_, from_pandas=True)
