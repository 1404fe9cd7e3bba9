"""The spatial and space-time scan: where, and when, there are more cases than chance explains.

Kulldorff, M. (1997), A spatial scan statistic, Communications in Statistics 26(6), 1481-1496 (Poisson, Bernoulli, circles); Kulldorff, M.
et al. (1998), American Journal of Public Health 88(9), 1377-1380 (space-time cylinders); Kulldorff, M. (2001), JRSS A 164(1), 61-72
(prospective); Kulldorff, M. et al. (2005), PLoS Medicine 2(3), e59 (space-time permutation); Abrams, A.M., Kleinman, K., Kulldorff, M.
(2010), International Journal of Health Geographics 9, 61 (Gumbel p); Besag, J., Clifford, P. (1991), Biometrika 78(2), 301-304 (stopping).

A circle says roughly where, never exactly: at its edge areas may be in by chance. Cases must be independent, given what is expected; where
one household or one inspection brings forth many, the p is too small.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zicht.errors import ZichtError
from zicht.findings import scan_kernel as kernel
from zicht.findings.circles import Circles

RUNS = 999  # with 999 replicates the smallest p is 0.001
LEAST = 2  # cases; one case is no cluster
CLUSTERS = pa.schema(
    [
        ("cluster", pa.int32()),
        ("centre", pa.int64()),
        ("areas", pa.list_(pa.int64())),
        ("radius", pa.float64()),
        ("first", pa.int32()),
        ("last", pa.int32()),
        ("cases", pa.int64()),
        ("expected", pa.float64()),
        ("ratio", pa.float64()),
        ("relative_risk", pa.float64()),
        ("llr", pa.float64()),
        ("p", pa.float64()),
        ("p_gumbel", pa.float64()),
    ]
)
"""One cluster a row, most likely first; areas are numbers of the caller's rows, radius in metres, first and last are periods from 0."""

_Floats = npt.NDArray[np.float64]
_Counts = npt.NDArray[np.int64]
_Number = TypeVar("_Number", np.int64, np.float64)
_Draw = Callable[[np.random.Generator, int], _Counts]


@dataclass(frozen=True, slots=True)
class Windows:
    """The stretches of time that a cylinder may span.

    Attributes:
        shortest: periods it spans at least.
        longest: periods it spans at most; None for half of all periods.
        current: whether it must last until the last period (prospective: is something going on now?).
    """

    shortest: int = 1
    longest: int | None = None
    current: bool = False

    def of(self, periods: int) -> list[tuple[int, int]]:
        """All (first, last) in a number of periods.

        Raises:
            ZichtError: no window fits.
        """
        longest = self.longest if self.longest is not None else max(periods // 2, 1)
        spans = [
            (last - length + 1, last)
            for length in range(self.shortest, longest + 1)
            for last in ([periods - 1] if self.current else range(length - 1, periods))
            if last - length + 1 >= 0
        ]
        if not spans or self.shortest < 1:
            raise ZichtError(f"No window of {self.shortest} to {longest} fits in {periods} periods.")
        return spans


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found.

    Attributes:
        clusters: as CLUSTERS; clusters that share an area at the same time with a likelier one are left out.
        maxima: for each replicate the highest log likelihood ratio anywhere.
        circles: how many circles were looked at (times windows: cylinders).
    """

    clusters: pa.Table
    maxima: _Floats
    circles: int


def scan_poisson(
    cases: npt.ArrayLike,
    expected: npt.ArrayLike,
    circles: Circles,
    *,
    windows: Windows | None = None,
    runs: int = RUNS,
    stop_after: int | None = None,
) -> Scan:
    """Look for circles (or cylinders) with more cases than expected.

    Args:
        cases: areas, or areas × periods: whole numbers.
        expected: the same shape: expected cases given what is controlled for; scaled to the number of cases.
        circles: all circles on the map; the caller's areas are its areas.
        windows: with periods, which stretches count; default all up to half of the time.
        runs: replicates for p; 0 for none.
        stop_after: stop once so many replicates beat the data, and take p from there (sequential Monte Carlo): quicker
            where there is nothing, at the price of a coarser p. None for all replicates.

    Returns:
        The clusters, the most likely first, and the maxima of the replicates.

    Raises:
        ZichtError: shapes do not agree, a count is negative or missing, or there are no cases.
    """
    counts, sizes = _shaped(cases, circles, np.int64), _shaped(expected, circles, np.float64)
    _agree(counts, sizes)
    total = int(counts.sum())
    kept, spans = _spans(counts, windows)
    counts, sizes = _recent(counts, kept), _recent(sizes * (total / sizes.sum()), kept)
    chances = (sizes / sizes.sum()).reshape(-1)

    def draw(generator: np.random.Generator, lanes: int) -> _Counts:
        return generator.multinomial(total, chances, size=lanes).reshape(lanes, *counts.shape)

    return _Problem(kernel.POISSON, counts, sizes, float(total), circles, spans, kept).solve(
        draw, runs, stop_after
    )


def scan_bernoulli(
    cases: npt.ArrayLike,
    controls: npt.ArrayLike,
    circles: Circles,
    *,
    windows: Windows | None = None,
    runs: int = RUNS,
    stop_after: int | None = None,
) -> Scan:
    """Look for circles (or cylinders) in which a higher share are cases.

    Args:
        cases: areas, or areas × periods: those with the trait.
        controls: the same shape: those without.
        circles: all circles on the map, laid with cases and controls as the population.
        windows: as in `scan_poisson`.
        runs: as in `scan_poisson`.
        stop_after: as in `scan_poisson`.

    Returns:
        As `scan_poisson`.

    Raises:
        ZichtError: as `scan_poisson`.
    """
    counts, others = _shaped(cases, circles, np.int64), _shaped(controls, circles, np.int64)
    _agree(counts, counts + others)
    kept, spans = _spans(counts, windows)
    counts, sizes = _recent(counts, kept), _recent(counts + others, kept)
    people, total = sizes.reshape(-1), int(counts.sum())

    def draw(generator: np.random.Generator, lanes: int) -> _Counts:
        drawn = generator.multivariate_hypergeometric(people, total, size=lanes, method="marginals")
        return drawn.reshape(lanes, *counts.shape)

    problem = _Problem(
        kernel.BERNOULLI, counts, sizes.astype(np.float64), float(people.sum()), circles, spans, kept
    )
    return problem.solve(draw, runs, stop_after)


def scan_permutation(
    cases: npt.ArrayLike,
    circles: Circles,
    *,
    windows: Windows | None = None,
    runs: int = RUNS,
    stop_after: int | None = None,
) -> Scan:
    """Look for cylinders with more cases than place and time by themselves explain; needs no population.

    What is always high somewhere, or high everywhere at some time, is not found.

    Args:
        cases: areas × periods.
        circles: all circles on the map, laid with the cases of each area as the population.
        windows: as in `scan_poisson`.
        runs: as in `scan_poisson`.
        stop_after: as in `scan_poisson`.

    Returns:
        As `scan_poisson`.

    Raises:
        ZichtError: as `scan_poisson`.
    """
    counts = _shaped(cases, circles, np.int64)
    _agree(counts, counts)
    kept, spans = _spans(counts, windows or Windows())
    counts = _recent(counts, kept)
    total, periods = int(counts.sum()), counts.shape[1]
    sizes = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
    where, when = (np.repeat(index, counts.reshape(-1)) for index in np.indices(counts.shape).reshape(2, -1))

    def draw(generator: np.random.Generator, lanes: int) -> _Counts:
        return np.stack(
            [
                np.bincount(where * periods + generator.permutation(when), minlength=counts.size)
                for _ in range(lanes)
            ]
        ).reshape(lanes, *counts.shape)

    return _Problem(kernel.POISSON, counts, sizes, float(total), circles, spans, kept).solve(
        draw, runs, stop_after
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """What is scanned, areas in the order of the circles."""

    model: int
    counts: _Counts  # areas × periods
    sizes: _Floats  # expected cases, or cases and controls
    whole: float
    circles: Circles
    spans: list[tuple[int, int]]
    kept: int  # periods left out at the front

    @property
    def cases(self) -> float:
        return float(self.counts.sum())

    def solve(self, draw: _Draw, runs: int, stop_after: int | None) -> Scan:
        best, size, window = self._observed()
        order = np.lexsort((self.circles.order, -np.round(best, 9)))
        chosen = self._apart(best, size, window, order)
        top = float(best.max(initial=0.0))
        maxima, p_top = self._replicates(draw, runs, stop_after, top)
        rows = [
            self._row(number, centre, int(size[centre]), int(window[centre]), float(best[centre]), maxima)
            for number, centre in enumerate(chosen, start=1)
        ]
        if rows and p_top is not None:
            rows[0]["p"] = p_top
        table = pa.Table.from_pylist(rows, schema=CLUSTERS)
        return Scan(table, maxima, int(self.circles.closed.sum()) * len(self.spans))

    def _observed(self) -> tuple[_Floats, _Counts, _Counts]:
        n = len(self.circles)
        best, size, window = np.zeros(n), np.zeros(n, np.int64), np.zeros(n, np.int64)
        for number, (first, last) in enumerate(self.spans):
            kernel.observed(
                self.model,
                np.ascontiguousarray(self.counts[:, first : last + 1].sum(axis=1)),
                np.ascontiguousarray(self.sizes[:, first : last + 1].sum(axis=1)),
                number,
                self.cases,
                self.whole,
                LEAST,
                self.circles.starts,
                self.circles.members,
                self.circles.closed,
                best,
                size,
                window,
            )
        return best, size, window

    def _apart(self, best: _Floats, size: _Counts, window: _Counts, order: _Counts) -> list[int]:
        """Centres by their ratio, without those whose best cylinder meets one already taken."""
        taken = np.zeros((len(self.circles), self.counts.shape[1]), bool)
        chosen = []
        for centre in order.tolist():
            if best[centre] <= 0:
                break
            members = self._members(centre, int(size[centre]))
            first, last = self.spans[window[centre]]
            if not taken[members, first : last + 1].any():
                taken[members, first : last + 1] = True
                chosen.append(centre)
        return chosen

    def _members(self, centre: int, size: int) -> _Counts:
        start = int(self.circles.starts[centre])
        return self.circles.members[start : start + size].astype(np.int64)

    def _row(
        self, number: int, centre: int, size: int, window: int, llr: float, maxima: _Floats
    ) -> dict[str, object]:
        members, (first, last) = self._members(centre, size), self.spans[window]
        cases = int(self.counts[members, first : last + 1].sum())
        expected = float(self.sizes[members, first : last + 1].sum()) * self.cases / self.whole
        outside, left = self.cases - cases, self.cases - expected
        return {
            "cluster": number,
            "centre": int(self.circles.order[centre]),
            "areas": self.circles.order[members].tolist(),
            "radius": self.circles.radius(centre, size),
            "first": first + self.kept,
            "last": last + self.kept,
            "cases": cases,
            "expected": expected,
            "ratio": cases / expected,
            "relative_risk": (cases / expected) / (outside / left) if outside and left > 0 else None,
            "llr": llr,
            "p": (1 + int((maxima >= llr - 1e-9).sum())) / (1 + len(maxima)) if len(maxima) else None,
            "p_gumbel": gumbel(llr, maxima) if len(maxima) > 1 else None,
        }

    def _replicates(
        self, draw: _Draw, runs: int, stop_after: int | None, top: float
    ) -> tuple[_Floats, float | None]:
        """The maxima, and the p of the first cluster where the replicates were stopped early."""
        maxima = np.empty(0)
        for batch in self._batches(draw, runs):
            maxima = np.concatenate([maxima, batch])
            beaten = np.flatnonzero(maxima >= top - 1e-9)
            if stop_after is not None and len(beaten) >= stop_after:
                return maxima, stop_after / (int(beaten[stop_after - 1]) + 1)
        return maxima, None

    def _batches(self, draw: _Draw, runs: int) -> Iterator[_Floats]:
        generator = np.random.default_rng(self._seed())
        spans = [
            (first, last, np.ascontiguousarray(self.sizes[:, first : last + 1].sum(axis=1)))
            for first, last in self.spans
        ]
        largest = max(self._largest(sizes) for _, _, sizes in spans) * (1 + 1e-9) if runs else 1.0
        table = kernel.critical(self.model, max(largest, 1e-9), self.cases, self.whole)
        for done in range(0, runs, kernel.LANES):
            lanes = min(kernel.LANES, runs - done)
            drawn = np.zeros((*self.counts.shape[::-1], kernel.LANES), np.int64)  # periods × areas × lanes
            drawn[:, :, :lanes] = draw(generator, lanes).transpose(2, 1, 0)
            best = np.zeros(kernel.LANES)
            for first, last, sizes in spans:
                self._scan(drawn[first : last + 1].sum(axis=0), sizes, table, largest, best)
            yield best[:lanes]

    def _scan(
        self,
        counts: _Counts,
        sizes: _Floats,
        table: npt.NDArray[np.int32],
        largest: float,
        best: _Floats,
    ) -> None:
        # forty standard deviations above the largest expectation no replicate comes
        narrow = counts.max(initial=0) < 256 and largest + 40 * math.sqrt(largest) < 32000
        wide = np.int16 if narrow else np.int32
        kernel.maxima(
            self.model,
            np.ascontiguousarray(counts, np.uint8 if narrow else np.int32),
            sizes,
            self.cases,
            self.whole,
            LEAST,
            self.circles.starts,
            self.circles.members,
            self.circles.closed,
            table,
            largest,
            np.zeros(kernel.LANES, wide),
            np.zeros((table.shape[1], kernel.LANES), wide),
            best,
        )

    def _largest(self, sizes: _Floats) -> float:
        """The largest size of any circle."""
        starts, members = self.circles.starts, self.circles.members
        return max(
            (float(sizes[members[a:b]].sum()) for a, b in pairwise(starts)),
            default=0.0,
        )

    def _seed(self) -> int:
        """The same data give the same replicates, on every machine."""
        content = hashlib.blake2b(self.counts.tobytes() + self.circles.order.tobytes(), digest_size=8)
        return int.from_bytes(content.digest(), "little")


def gumbel(llr: float, maxima: npt.ArrayLike) -> float:
    """The chance of a maximum this high, from a Gumbel distribution with the mean and variance of the replicates.

    It goes on where counting replicates stops at one in a thousand (Abrams, Kleinman and Kulldorff 2010).

    Args:
        llr: the log-likelihood ratio of a cluster.
        maxima: the highest one of each replicate.
    """
    values = np.asarray(maxima, float)
    scale = float(values.std(ddof=1)) * math.sqrt(6) / math.pi
    if scale <= 0:
        return 0.0 if llr > values.mean() else 1.0
    place = float(values.mean()) - np.euler_gamma * scale
    return -math.expm1(-math.exp(-(llr - place) / scale))


def _shaped(values: npt.ArrayLike, circles: Circles, kind: type[_Number]) -> npt.NDArray[_Number]:
    """Areas × periods, in the order of the circles."""
    table = np.asarray(values)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or len(table) != len(circles):
        raise ZichtError(
            f"A scan of {len(circles)} areas needs a row for each area, not a table of {table.shape}."
        )
    if not np.isfinite(table.astype(float)).all() or (table < 0).any():
        raise ZichtError("A scan needs numbers of 0 or more for every area and period.")
    if kind is np.int64 and (table != np.floor(table)).any():
        raise ZichtError("A scan counts cases: they must be whole numbers.")
    return np.ascontiguousarray(table[circles.order].astype(kind))


def _agree(counts: _Counts, sizes: npt.NDArray[np.int64] | _Floats) -> None:
    if counts.shape != sizes.shape:
        raise ZichtError(f"Cases ({counts.shape}) and what they are compared with ({sizes.shape}) differ.")
    if not counts.sum() or not sizes.sum():
        raise ZichtError("There is nothing to scan: no cases, or nothing expected.")


def _spans(counts: _Counts, windows: Windows | None) -> tuple[int, list[tuple[int, int]]]:
    """The windows, and how many periods at the front can be one with the next, as no window begins in them."""
    periods = counts.shape[1]
    spans = [(0, 0)] if periods == 1 and windows is None else (windows or Windows()).of(periods)
    kept = max(min(first for first, _ in spans) - 1, 0)
    return kept, [(first - kept, last - kept) for first, last in spans]


def _recent(table: npt.NDArray[_Number], kept: int) -> npt.NDArray[_Number]:
    """The table with its first periods taken together."""
    front = table[:, : kept + 1].sum(axis=1, keepdims=True, dtype=table.dtype)
    return np.ascontiguousarray(np.concatenate([front, table[:, kept + 1 :]], axis=1))
