"""Do neighbouring areas look alike, and where: Moran, Geary and G for all areas together, local Moran and Gi* for each.

Cliff, A.D. and Ord, J.K. (1981), Spatial processes (I, C and their moments, join counts); Getis, A. and Ord, J.K. (1992), The analysis of spatial
association by use of distance statistics, Geographical Analysis 24, with its erratum (G); Anselin, L. (1995), Local indicators of spatial
association, ibid. 27; Ord, J.K. and Getis, A. (1995), Local spatial autocorrelation statistics, ibid. 27 (Gi*). Rates are first made
comparable: `rates.py`. The p of a local statistic comes from permutations, as its approximate moments are poor and programs differ on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse, special

from zicht.findings.table import Bools, Floats, Ints

PERMUTATIONS = 9_999
"""Of the local statistics; the smallest p that can come out is 2 ÷ 10,000."""

_DRAWS = 1_000  # that are kept at a time


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Which areas are neighbours, and how heavily each counts.

    Attributes:
        weights: areas × areas, without a diagonal; rows of areas without neighbours are empty.
    """

    weights: sparse.csr_array

    @property
    def without(self) -> Bools:
        """Which areas have no neighbours."""
        return np.asarray(np.diff(self.weights.indptr) == 0, np.bool_)


def neighbours(area: Ints, neighbour: Ints, areas: int) -> Neighbours:
    """Neighbours that count alike (binary weights).

    Args:
        area: number of an area, from 0.
        neighbour: number of a neighbour of it; pairs are given in both directions.
        areas: how many areas there are.

    Returns:
        The neighbours; an area is never its own.
    """
    apart = area != neighbour
    ones = np.ones(int(apart.sum()))
    made = sparse.csr_array((ones, (area[apart], neighbour[apart])), shape=(areas, areas))
    made.sum_duplicates()
    made.data[:] = 1.0
    made.sort_indices()
    return Neighbours(made)


def averaged(binary: Neighbours) -> Neighbours:
    """The same neighbours, with weights that add up to 1 for each area, so that their weighted sum is a mean.

    Args:
        binary: neighbours that count alike.
    """
    degree = np.diff(binary.weights.indptr)
    weights = binary.weights.copy()
    weights.data = np.repeat(1 / np.maximum(degree, 1), degree)
    return Neighbours(weights)


def join_islands(binary: Neighbours, x: Floats, y: Floats) -> Neighbours:
    """Give areas without neighbours the nearest one, in both directions.

    Args:
        binary: neighbours that count alike.
        x: coordinates of a point in each area, in metres.
        y: as `x`.

    Returns:
        Neighbours such that every area has at least one, if there are two or more.
    """
    islands = np.flatnonzero(binary.without)
    if not len(islands) or len(x) < 2:
        return binary
    distance = np.hypot(x[islands, None] - x, y[islands, None] - y)
    distance[np.arange(len(islands)), islands] = np.inf
    nearest = distance.argmin(1)
    pairs = binary.weights.tocoo()
    row, column = pairs.coords
    return neighbours(
        np.concatenate([row, islands, nearest]),
        np.concatenate([column, nearest, islands]),
        binary.weights.shape[0],
    )


@dataclass(frozen=True, slots=True)
class Whole:
    """A statistic of all areas together.

    Attributes:
        value: the statistic.
        expected: what it is if places are exchanged at random.
        variance: its variance then.
        z: how far it lies from `expected` in standard deviations, positive where neighbours look alike (for G: where high values meet).
        p: one-sided p of z, for neighbours that look alike.
    """

    value: float
    expected: float
    variance: float
    z: float
    p: float


def _whole(value: float, expected: float, variance: float, sign: float = 1.0) -> Whole:
    z = sign * (value - expected) / np.sqrt(variance)
    return Whole(float(value), float(expected), float(variance), float(z), float(special.ndtr(-z)))


def _sums(weights: sparse.csr_array) -> tuple[float, float, float]:
    """S0, S1 and S2 of Cliff and Ord."""
    both = weights + weights.T
    s2 = np.sum((weights.sum(1) + weights.sum(0)) ** 2)
    return float(weights.sum()), float((both.data**2).sum() / 2), float(s2)


def moran(values: Floats, by: Neighbours) -> Whole:
    """Moran's I, with its moments under random exchange.

    Args:
        values: one value an area, not all the same.
        by: their neighbours. Areas without count for the mean and the spread of the values, and for nothing else.

    Returns:
        I and its test.
    """
    n = int((~by.without).sum())
    s0, s1, s2 = _sums(by.weights)
    z = values - values.mean()
    m2 = np.sum(z**2) / n
    value = float(z @ (by.weights @ z)) / s0 / m2
    b2 = np.mean(z**4) / np.mean(z**2) ** 2
    expected = -1 / (n - 1)
    square = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) - b2 * (
        (n * n - n) * s1 - 2 * n * s2 + 6 * s0**2
    )
    return _whole(value, expected, square / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2)


def geary(values: Floats, by: Neighbours) -> Whole:
    """Geary's C, which looks at differences between neighbours: below 1 where they look alike.

    Args:
        values: one value an area, not all the same, of areas that have neighbours.
        by: their neighbours.

    Returns:
        C and its test.
    """
    n = len(values)
    s0, s1, s2 = _sums(by.weights)
    z = values - values.mean()
    m2 = np.mean(z**2)
    pairs = by.weights.tocoo()
    row, column = pairs.coords
    value = (n - 1) * float(pairs.data @ (values[row] - values[column]) ** 2) / (2 * s0 * n * m2)
    b2 = np.mean(z**4) / m2**2
    variance = (n - 1) * s1 * (n * n - 3 * n + 3 - (n - 1) * b2)
    variance -= (n - 1) * s2 * (n * n + 3 * n - 6 - (n * n - n + 2) * b2) / 4
    variance += s0**2 * (n * n - 3 - (n - 1) ** 2 * b2)
    return _whole(value, 1.0, variance / (n * (n - 2) * (n - 3) * s0**2), sign=-1.0)


def general_g(values: Floats, by: Neighbours) -> Whole:
    """Getis and Ord's G: whether high values meet high ones (above expected) or low values low ones.

    Args:
        values: one value an area, above 0 and not all the same.
        by: their neighbours, that count alike.

    Returns:
        G and its test.
    """
    n = len(values)
    s0, s1, s2 = _sums(by.weights)
    m1, m2, m3, m4 = (float(np.sum(values**power)) for power in (1, 2, 3, 4))
    value = float(values @ (by.weights @ values)) / (m1**2 - m2)
    b0 = (n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2
    b1 = -((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    b2 = -(2 * n * s1 - (n + 3) * s2 + 6 * s0**2)
    b3 = 4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2
    b4 = s1 - s2 + s0**2
    square = b0 * m2**2 + b1 * m4 + b2 * m1**2 * m2 + b3 * m1 * m3 + b4 * m1**4
    square /= (m1**2 - m2) ** 2 * n * (n - 1) * (n - 2) * (n - 3)
    expected = s0 / (n * (n - 1))
    return _whole(value, expected, square - expected**2)


def joins(high: Bools, by: Neighbours) -> Whole:
    """How often two areas with a trait are neighbours (join counts, random exchange).

    Args:
        high: whether an area has the trait.
        by: neighbours that count alike.

    Returns:
        The number of such pairs, each counted once, and its test.
    """
    n, trait = len(high), high.astype(np.float64)
    s0, s1, s2 = _sums(by.weights)
    b = float(trait.sum())
    falling = [1.0]  # b(b-1).. ÷ n(n-1).. of 1, 2, 3 and 4 factors
    for i in range(4):
        falling.append(falling[-1] * (b - i) / (n - i))
    value = float(trait @ (by.weights @ trait)) / 2
    expected = s0 * falling[2] / 2
    square = s1 * falling[2] + (s2 - 2 * s1) * falling[3] + (s0**2 + s1 - s2) * falling[4]
    return _whole(value, expected, square / 4 - expected**2)


def local_moran(values: Floats, by: Neighbours) -> Floats:
    """Local Moran's I: the z-score of an area times that of its neighbours together.

    Args:
        values: one value an area.
        by: averaged neighbours.

    Returns:
        I of each area (variance with n, so that with averaged neighbours their mean is Moran's I); 0 where all areas are the same, NaN
        without neighbours.
    """
    z = values - values.mean()
    return np.where(by.without, np.nan, z * (by.weights @ z) / (np.mean(z**2) or 1.0))


def gi_star(values: Floats, by: Neighbours) -> Floats:
    """Gi*: how far the sum of an area and its neighbours lies from what it would be anywhere, as a z-score.

    Args:
        values: one value an area.
        by: neighbours that count alike.

    Returns:
        Gi* of each area; 0 where all areas are the same, NaN for an area that has all others as neighbours.
    """
    n = len(values)
    w, squares = by.weights.sum(1) + 1, (by.weights**2).sum(1) + 1
    sums = by.weights @ values + values
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (sums - w * values.mean()) / ((values.std() or 1.0) * np.sqrt((n * squares - w**2) / (n - 1)))
    return np.where(n * squares == w**2, np.nan, score)


def gi(values: Floats, by: Neighbours) -> Floats:
    """Gi: as Gi*, of the neighbours only, compared with all other areas.

    Args:
        values: one value an area, not all the same.
        by: neighbours that count alike.

    Returns:
        Gi of each area; NaN without neighbours.
    """
    n = len(values)
    w, squares = by.weights.sum(1), (by.weights**2).sum(1)
    mean = (values.sum() - values) / (n - 1)
    variance = ((values**2).sum() - values**2) / (n - 1) - mean**2
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (by.weights @ values - w * mean) / np.sqrt(variance * ((n - 1) * squares - w**2) / (n - 2))
    return np.where(by.without, np.nan, score)


def conditional_p(
    values: Floats, by: Neighbours, random: np.random.Generator, permutations: int = PERMUTATIONS
) -> Floats:
    """How often an area's neighbours would be at least this high, or low, were all other areas dealt out anew.

    It is the p of local Moran and of Gi* alike: with the area itself in its place both rise and fall with the sum of the neighbours.

    Args:
        values: one value an area.
        by: neighbours.
        random: where draws come from.
        permutations: how many draws. All areas share them, as each area leaves out itself only.

    Returns:
        Two-sided p of each area, at least 2 ÷ (permutations + 1); NaN without neighbours. Equal sums count on both sides.
    """
    from zicht.findings import areas_kernel  # compiled code is loaded when first needed

    w = by.weights
    n = len(values)
    most = int(np.diff(w.indptr).max(initial=0))
    # As z-scores, so that equal sums can be told from others whatever the unit.
    scale = float(np.std(values)) or 1.0
    centred = (values - values.mean()) / scale
    observed = w @ centred
    higher, lower = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for start in range(0, permutations, _DRAWS):
        draws = areas_kernel.distinct(random.random((min(_DRAWS, permutations - start), most)), n - 1)
        areas_kernel.count(centred, w.indptr, w.data, observed, draws, higher, lower)
    p = np.minimum(2 * (np.minimum(higher, lower) + 1) / (permutations + 1), 1.0)
    return np.where(by.without, np.nan, p)
