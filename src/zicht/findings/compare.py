"""Fair comparison: with areas that are alike, within what chance allows, and never a place without its margin.

Gower, J.C. (1971), A general coefficient of similarity and some of its properties, Biometrics 27; Spiegelhalter, D.J. (2005), Funnel plots for
comparing institutional performance, Statistics in Medicine 24; Goldstein, H. and Spiegelhalter, D.J. (1996), League tables and their
limitations, JRSS A 159.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special

from zicht.errors import ZichtError
from zicht.findings.chance import benjamini_hochberg, generator, poisson_p
from zicht.findings.over import statistically_relevant
from zicht.findings.shrink import gamma_poisson
from zicht.findings.table import About, Floats, Ints, findings

LOOK_ALIKES = 10
"""How many areas an area is compared with."""

DRAWS = 1_000
"""Of all ratios together, for the margin of a place."""

CONTROL_LIMITS: Final = (0.95, 0.998)
"""Parts of areas between the limits of a funnel, if nothing but chance makes them differ: two and three standard deviations."""

SPREAD = "spread"
"""Group of the row of a funnel that says how many times as far as by chance alone its limits lie."""

_BLOCK = 2_000_000  # draws that are kept at a time


def look_alikes(
    traits: pa.Table, weights: Mapping[str, float] | None = None, count: int = LOOK_ALIKES
) -> pa.Table:
    """The areas that are most like each area, by Gower's distance over declared traits.

    A trait in numbers counts as the difference ÷ the range over all areas, any other as 0 (the same) or 1. What is missing in one of two
    areas does not count for them.

    Args:
        traits: column `area` and a column a trait, numbers or texts; null where unknown.
        weights: how heavily traits count; 1 where not given.
        count: how many look-alikes.

    Returns:
        Columns area, place (1 is the most alike), peer and distance (0-1); areas in the order of their codes, and so are equally distant peers.

    Raises:
        ZichtError: no traits, or an area that has no trait in common with as many others.
    """
    from zicht.findings import areas_kernel  # compiled code is loaded when first needed

    names = [name for name in traits.column_names if name != "area"]
    if not names:
        raise ZichtError("areas are compared by their traits, and there are none")
    sorted_ = traits.sort_by("area")
    columns, numeric = zip(*(_scaled(sorted_[name]) for name in names), strict=True)
    weight = np.array([(weights or {}).get(name, 1.0) for name in names])
    areas = sorted_["area"].to_pylist()
    count = max(0, min(count, len(areas) - 1))
    nearest, distance = areas_kernel.nearest(np.column_stack(columns), np.array(numeric), weight, count)
    if (nearest < 0).any():
        code = areas[int(np.argmax((nearest < 0).any(1)))]
        raise ZichtError(f"{code} has no trait in common with {count} other areas")
    return pa.table(
        {
            "area": np.repeat(np.array(areas, object), count),
            "place": np.tile(np.arange(1, count + 1, dtype=np.int16), len(areas)),
            "peer": np.array(areas, object)[nearest.ravel()],
            "distance": distance.ravel(),
        }
    )


def _scaled(column: pa.ChunkedArray) -> tuple[Floats, bool]:
    """A trait as numbers: between 0 and 1, or the number of its category; NaN where unknown."""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        values = column.cast(pa.float64()).to_numpy()
        known = values[~np.isnan(values)]
        range_ = float(np.ptp(known)) if len(known) else 0.0
        return (values - (known.min() if len(known) else 0.0)) / (range_ or 1.0), True
    codes = column.combine_chunks().dictionary_encode().indices
    return codes.cast(pa.float64()).to_numpy(zero_copy_only=False), False


def funnel_of_ratios(expected: Floats, part: float) -> tuple[Floats, Floats]:
    """Between which ratios this part of the areas lies if only chance makes them differ from 1.

    Args:
        expected: expected events, above 0.
        part: such as 0.95 or 0.998.

    Returns:
        Lower and upper limit, interpolated between whole numbers of events (Spiegelhalter's appendix), so that they draw as a smooth line.
    """

    def limit(chance: float) -> Floats:
        k = _poisson_quantile(expected, chance)
        up, below = (
            special.gammaincc(k + 1, expected),
            np.where(k > 0, special.gammaincc(np.maximum(k, 1), expected), 0.0),
        )
        return np.asarray(np.maximum(k - (up - chance) / (up - below), 0.0) / expected, np.float64)

    return limit((1 - part) / 2), limit((1 + part) / 2)


def _poisson_quantile(expected: Floats, chance: float) -> Floats:
    """The smallest k with a chance of at most k events of at least `chance`."""
    k = np.ceil(special.pdtrik(chance, expected))
    k = np.maximum(np.nan_to_num(k), 0.0)
    k -= (k > 0) & (special.gammaincc(np.maximum(k, 1), expected) >= chance)
    return np.asarray(k + (special.gammaincc(k + 1, expected) < chance), np.float64)


def funnel_of_shares(size: Ints, target: float, part: float) -> tuple[Floats, Floats]:
    """As `funnel_of_ratios`, of shares.

    Args:
        size: persons of each area, above 0.
        target: the share that all areas would have, between 0 and 1.
        part: such as 0.95 or 0.998.

    Returns:
        Lower and upper limit between 0 and 1.
    """

    def limit(chance: float) -> Floats:
        k = np.maximum(np.ceil(np.nan_to_num(special.bdtrik(chance, size, target))), 0.0)
        k -= (k > 0) & (special.bdtr(np.maximum(k - 1, 0), size, target) >= chance)
        k += special.bdtr(k, size, target) < chance
        up, below = (
            special.bdtr(k, size, target),
            np.where(k > 0, special.bdtr(np.maximum(k - 1, 0), size, target), 0.0),
        )
        return np.asarray(np.clip((k - (up - chance) / (up - below)) / size, 0.0, 1.0), np.float64)

    return limit((1 - part) / 2), limit((1 + part) / 2)


def overdispersion(z: Floats, trimmed: float = 0.1) -> float:
    """How many times as much areas differ as chance makes them: the mean square of z-scores, the outermost pulled in.

    Args:
        z: z-scores of the areas.
        trimmed: part at either end that is pulled in to where the rest begins.

    Returns:
        φ; limits of a funnel are widened by its root where it is above 1.
    """
    low, high = np.quantile(z, [trimmed, 1 - trimmed])
    return float(np.mean(np.clip(z, low, high) ** 2))


def funnel(about: About, counts: pa.Table, reference: str) -> pa.Table:
    """Where each area lies in the funnel, and which lie outside it.

    Where areas differ by more than chance makes them, all limits are that much further from 1 (Spiegelhalter's multiplicative
    overdispersion): what most areas do cannot make one of them stand out.

    Args:
        about: what all rows share; q is over the areas given here, so give the areas of one level.
        counts: what `standardise` gives, with expected numbers above 0.
        reference: name of the reference.

    Returns:
        `FINDINGS` with method `funnel`: `lower` and `upper` are the limits between which 95 % of areas of this size lie (they are about 1,
        not about `estimate`), `statistic` is how many standard deviations the area lies from 1 (square root scale). An area is relevant
        outside the 99.8 % limits, if it is statistically relevant by the rule for ratios as well. One row more has `SPREAD` as group and
        as `estimate` how many times as far as by chance alone the limits lie, 1 or more.
    """
    observed, expected = counts["observed"].to_numpy(), counts["expected"].to_numpy().astype(np.float64)
    ratio, z = observed / expected, 2 * (np.sqrt(observed) - np.sqrt(expected))
    spread = float(np.sqrt(max(1.0, overdispersion(z)))) if len(z) else 1.0
    inner, outer = (
        [np.maximum(1 + spread * (limit - 1), 0.0) for limit in funnel_of_ratios(expected, part)]
        for part in CONTROL_LIMITS
    )
    p = poisson_p(observed, expected) if spread == 1.0 else special.erfc(np.abs(z) / spread / np.sqrt(2))
    q = benjamini_hochberg(p)
    with np.errstate(divide="ignore", invalid="ignore"):  # nothing lies below a limit of nought
        beyond = ratio / outer[1], ratio / outer[0]  # above 1, or below 1: outside
    rows = {
        "area": counts["area"], "estimate": ratio, "lower": inner[0], "upper": inner[1], "reference": [reference] * len(expected),
        "observed": observed, "expected": expected, "statistic": z, "p": p, "q": q,
        "relevant": statistically_relevant(observed, ratio, *beyond, q),
    }  # fmt: skip
    return pa.concat_tables(
        [
            findings(about, "funnel", rows),
            findings(about, "funnel", {"group": [SPREAD], "estimate": [spread]}),
        ]
    )


def ranks(about: About, counts: pa.Table, reference: str) -> pa.Table:
    """The place of each area by its ratio, as far as it can be known.

    Ratios are drawn together from what is known of each (gamma-Poisson), and every draw gives places.

    Args:
        about: what all rows share.
        counts: what `standardise` gives, with expected numbers above 0.
        reference: name of the reference.

    Returns:
        `FINDINGS` with method `rank`: `estimate` is the middle place (1 is the highest ratio), `lower` and `upper` hold 95 % of the draws,
        `statistic` is the chance to be among the highest tenth. An area is relevant if its 95 % lies in the upper or in the lower half
        of the places altogether.
    """
    observed, expected = counts["observed"].to_numpy(), counts["expected"].to_numpy().astype(np.float64)
    places = _places(
        *gamma_poisson(observed, expected).posterior(observed, expected),
        generator(about.finding, observed, expected),
    )
    low, middle, high = (_order(places, part) for part in (0.025, 0.5, 0.975))
    return findings(
        about,
        "rank",
        {
            "area": counts["area"], "estimate": middle, "lower": low, "upper": high, "reference": [reference] * len(middle),
            "observed": observed, "expected": expected, "statistic": (places <= max(1, len(middle) // 10)).mean(1),
            "relevant": (high <= len(middle) // 2) | (low > (len(middle) + 1) // 2),
        },
    )  # fmt: skip


def _places(shape: Floats, rate: Floats, random: np.random.Generator) -> npt.NDArray[np.int32]:
    """Areas × draws: the place of each area in each draw."""
    n = len(shape)
    places = np.empty((n, DRAWS), np.int32)
    block = max(1, _BLOCK // n)
    for start in range(0, DRAWS, block):
        size = (min(block, DRAWS - start), n)
        # Where areas do not differ any order is as likely as any other.
        ratios = (
            random.standard_gamma(shape, size) / rate if np.isfinite(shape).all() else random.random(size)
        )
        order = np.argsort(-ratios, axis=1)
        drawn = np.empty(size, np.int32)
        np.put_along_axis(drawn, order, np.arange(1, n + 1, dtype=np.int32)[None, :], axis=1)
        places[:, start : start + size[0]] = drawn.T
    places.sort(axis=1)
    return places


def _order(places: npt.NDArray[np.int32], part: float) -> Ints:
    """The place below or at which this part of the sorted draws lies."""
    return np.asarray(places[:, int(np.ceil(part * places.shape[1])) - 1], np.int64)
