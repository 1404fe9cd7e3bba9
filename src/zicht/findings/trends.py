"""Slow change and sudden breaks: what outbreak detection misses, and what it mistakes for outbreaks.

Slow trend: quasi-Poisson regression of a series on time, with what happens in all other series as its measure (McCullagh, P., Nelder,
J.A., 1989, Generalized Linear Models). Breaks: Bai, J., Perron, P. (2003), Computation and analysis of multiple structural change models,
Journal of Applied Econometrics 18(1), 1-22; every number of them is tested against one fewer, with replicates under the smaller number in which
what a month has left over stays with the next (Davison, A.C., Hinkley, D.V., 1997, Bootstrap Methods, chapter 8).

A break says when the level or direction changed, not why. Look for it in the sum of all areas first: one break in the way things are
counted is otherwise found again in every area.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special

from zicht.errors import ZichtError
from zicht.findings.chance import benjamini_hochberg, generator
from zicht.findings.trends_kernel import segments

TRENDS = pa.schema(
    [
        ("series", pa.int64()),
        ("change", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("dispersion", pa.float64()),
        ("p", pa.float64()),
        ("q", pa.float64()),
    ]
)
"""One series a row: yearly change relative to all other series (0.10 is ten per cent a year more), its 95 % interval, p and q."""
BREAKS = pa.schema(
    [
        ("period", pa.int32()),
        ("jump", pa.float64()),
        ("before", pa.float64()),
        ("after", pa.float64()),
        ("p", pa.float64()),
    ]
)
"""One break a row: the first period after it, by what factor the level jumps there, the factor per period of the line before and after it,
and the p of there being this many breaks rather than one fewer (corrected for the numbers tried)."""

MONTHS = 24  # long enough for the seasons to cancel, short enough to matter now
_STEPS = 30
_Floats = npt.NDArray[np.float64]


def slow_trends(counts: npt.ArrayLike, *, periods: int = MONTHS, per_year: int = 12) -> pa.Table:
    """Test for each series whether it rises or falls against all others together, in its last periods.

    Args:
        counts: series × periods: whole numbers; season and shared change cancel against the other series.
        periods: how many of the last are looked at.
        per_year: periods in a year.

    Returns:
        A table as TRENDS; values are null where nothing happened in the series or, in some period, in all others.

    Raises:
        ZichtError: there is one series only, or fewer periods than are looked at.
    """
    table = np.asarray(counts, float)
    if table.ndim != 2 or len(table) < 2 or table.shape[1] < periods or periods < 3:
        raise ZichtError(f"A slow trend needs two or more series of at least {max(periods, 3)} periods.")
    if not np.isfinite(table).all() or (table < 0).any():
        raise ZichtError("A slow trend needs a count of 0 or more for each series and period.")
    recent = table[:, -periods:]
    others = recent.sum(axis=0) - recent
    known = (others > 0).all(axis=1) & (recent.sum(axis=1) > 0)
    years = (np.arange(periods) - (periods - 1) / 2) / per_year
    slope, error, dispersion = (np.full(len(table), np.nan) for _ in range(3))
    slope[known], error[known], dispersion[known] = _slopes(recent[known], others[known], years)
    p = 2 * special.stdtr(periods - 2, -np.abs(slope / error))
    reach = special.stdtrit(periods - 2, 0.975) * error
    values = [
        np.arange(len(table)),
        np.expm1(slope),
        np.expm1(slope - reach),
        np.expm1(slope + reach),
        dispersion,
        p,
        benjamini_hochberg(p),
    ]
    arrays = [
        pa.array(value, field.type, from_pandas=True) for value, field in zip(values, TRENDS, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=TRENDS)


def breaks(
    counts: npt.ArrayLike,
    *,
    relative_to: npt.ArrayLike | None = None,
    shortest: int = 3,
    most: int = 4,
    alpha: float = 0.05,
    runs: int = 499,
) -> pa.Table:
    """Find the periods in which the level or the direction of one series changes suddenly.

    Args:
        counts: one series, preferably the sum of all areas.
        relative_to: another series that the same causes move but that is counted otherwise (hospital admissions beside
            positive tests): what is then found is a change in how one is counted, not in what happens.
        shortest: periods between two breaks at least.
        most: breaks looked for at most.
        alpha: chance of any break where there is none. Breaks that cancel hide one another, so the number of breaks is the largest
            that explains more than one fewer; each number tried is a test, and p is that of one test times their number.
        runs: replicates for each p.

    Returns:
        A row for each break, in order of time.

    Raises:
        ZichtError: the series differ in length, are too short, or have a missing or negative count.
    """
    series = np.asarray(counts, float)
    measure = np.ones(len(series)) if relative_to is None else np.asarray(relative_to, float)
    if series.ndim != 1 or series.shape != measure.shape or len(series) < (most + 1) * shortest + 2:
        raise ZichtError(f"{most} breaks need one series of at least {(most + 1) * shortest + 2} periods.")
    if not (np.isfinite(series) & np.isfinite(measure)).all() or (series < 0).any() or (measure < 0).any():
        raise ZichtError("Breaks are looked for in counts of 0 or more without missing periods.")
    half = 0.0 if relative_to is None else 0.5
    values = np.log(series + 0.5) - np.log(measure + half)
    squares, places = segments(values, shortest, most)
    random, found, chance = generator(values), 0, 1.0
    for number in range(1, most + 1):
        p = most * _one_more(
            values, places[number - 1, : number - 1], squares, number, shortest, runs, random
        )
        if p <= alpha:
            found, chance = number, p
    return pa.Table.from_pylist(_described(values, places[found, :found], chance), schema=BREAKS)


def _slopes(counts: _Floats, others: _Floats, years: _Floats) -> tuple[_Floats, _Floats, _Floats]:
    """Slope of the logarithm a year, its standard error, and the dispersion, for all series at once."""
    level, slope = np.log(counts.sum(axis=1) / others.sum(axis=1)), np.zeros(len(counts))
    for _ in range(_STEPS):
        mean = others * np.exp(level[:, None] + slope[:, None] * years)
        total, first, second = mean.sum(axis=1), mean @ years, mean @ years**2
        left = counts - mean
        down, up = left.sum(axis=1), left @ years
        determinant = total * second - first**2
        step = (total * up - first * down) / determinant
        level = level + (second * down - first * up) / determinant
        slope = slope + np.clip(step, -3, 3)
        if np.abs(step).max(initial=0) < 1e-10:
            break
    dispersion = np.maximum(((counts - mean) ** 2 / mean).sum(axis=1) / (counts.shape[1] - 2), 1.0)
    # the others are uncertain too: their own variance adds to that of the series
    share = counts.sum(axis=1) / others.sum(axis=1)
    return slope, np.sqrt(dispersion * (1 + share) * total / determinant), dispersion


def _one_more(
    values: _Floats,
    places: npt.NDArray[np.int64],
    squares: _Floats,
    number: int,
    shortest: int,
    runs: int,
    random: np.random.Generator,
) -> float:
    """The chance of gaining this much by one break more, were there one fewer."""
    gain = float(squares[number - 1]) / max(float(squares[number]), 1e-300)
    line = _lines(values, places)
    left = values - line
    steady = float(np.clip(float(left[1:] @ left[:-1]) / max(float(left @ left), 1e-300), 0.0, 0.9))
    fresh = left[1:] - steady * left[:-1]
    fresh = (fresh - fresh.mean()) * np.sqrt(len(values) / max(len(values) - 2 * number, 1))
    beaten = 0
    for _ in range(runs):
        noise = random.choice(fresh, len(values) + 20)
        for at in range(1, len(noise)):
            noise[at] += steady * noise[at - 1]
        replicate, _ = segments(line + noise[20:], shortest, number)
        beaten += float(replicate[number - 1]) / max(float(replicate[number]), 1e-300) >= gain
    return (1 + beaten) / (1 + runs)


def _lines(values: _Floats, places: npt.NDArray[np.int64]) -> _Floats:
    ends = [0, *places.tolist(), len(values)]
    fitted = np.empty(len(values))
    for start, end in pairwise(ends):
        at = np.arange(start, end)
        fitted[at] = np.polyval(np.polyfit(at, values[at], 1), at)
    return fitted


def _described(values: _Floats, places: npt.NDArray[np.int64], p: float) -> list[dict[str, float | int]]:
    ends = [0, *places.tolist(), len(values)]
    lines = [np.polyfit(np.arange(a, b), values[a:b], 1) for a, b in pairwise(ends)]
    return [
        {
            "period": place,
            "jump": float(np.exp(np.polyval(after, place) - np.polyval(before, place))),
            "before": float(np.exp(before[0])),
            "after": float(np.exp(after[0])),
            "p": p,
        }
        for place, before, after in zip(places.tolist(), lines[:-1], lines[1:], strict=True)
    ]
