"""Differential privacy for small outputs: noise whose effect on what anyone can learn of one unit is bounded, and counted.

Each release spends some of a budget that is kept for good; a release that would overspend it is refused. The noise is
that of OpenDP, which draws it exactly and from the machine's source of randomness: it is not drawn from content or a
seed as elsewhere in this room, so a release is drawn once and kept. OpenDP is installed with the extra `privacy`.

Source: Dwork, McSherry, Nissim and Smith (2006), Calibrating noise to sensitivity; discrete Laplace and Gaussian noise:
Canonne, Kamath and Steinke (2020); concentrated privacy and its addition: Bun and Steinke (2016).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np
import pyarrow as pa

from zicht.disclosure.model import Dimension, Ints, Table
from zicht.disclosure.perturbation.keys import depths
from zicht.errors import DisclosureError

MAX_CELLS = 100_000  # "small outputs": OpenDP takes some 6 microseconds a cell
SLACK = 1e-9  # by which sums of spendings may pass the budget for want of digits


@dataclass(frozen=True)
class Spending:
    """One release charged to a budget.

    Attributes:
        what: what was released.
        epsilon: the pure privacy loss it was charged as; 0 where it was charged as concentrated loss.
        rho: the concentrated privacy loss it was charged as.
    """

    what: str
    epsilon: float
    rho: float


class Budget:
    """A ledger of privacy loss over the same units: every release is written down, and refused when too little is left.

    With delta 0 losses add up as pure epsilon. With a delta they are added as concentrated loss rho (a pure epsilon counts
    as epsilon²/2), up to the greatest rho for which all releases together are (epsilon, delta)-private.

    Args:
        epsilon: the greatest loss in all, above 0.
        delta: the probability with which it may be greater, from 0 up to 1; well under 1 divided by the number of units.

    Raises:
        DisclosureError: when epsilon or delta is out of bounds.

    Source: Bun and Steinke (2016), Concentrated differential privacy, propositions 1.3 and 1.4 and lemma 1.7.
    """

    def __init__(self, epsilon: float, delta: float = 0.0) -> None:
        if not (epsilon > 0 and 0 <= delta < 1):
            raise DisclosureError(
                f"A privacy budget needs an epsilon above 0 and a delta from 0 up to 1; given are {epsilon:g} and {delta:g}."
            )
        self.epsilon, self.delta = epsilon, delta
        self._spent: list[Spending] = []

    @property
    def spendings(self) -> tuple[Spending, ...]:
        """What was released, in order."""
        return tuple(self._spent)

    @property
    def limit(self) -> float:
        """The greatest loss in all: epsilon where delta is 0, else rho."""
        if not self.delta:
            return self.epsilon
        # rho + 2 sqrt(rho · log(1 / delta)) = epsilon, solved for rho.
        depth = math.log(1 / self.delta)
        return (math.sqrt(depth + self.epsilon) - math.sqrt(depth)) ** 2

    @property
    def left(self) -> float:
        """What is left of `limit`."""
        return self.limit - math.fsum(one.rho if self.delta else one.epsilon for one in self._spent)

    def spend_pure(self, what: str, epsilon: float) -> None:
        """Charge a release `what` with a pure loss of `epsilon`.

        Raises:
            DisclosureError: when that is more than is left; nothing is charged then.
        """
        self._charge(Spending(what, epsilon, epsilon**2 / 2))

    def spend_concentrated(self, what: str, rho: float) -> None:
        """Charge a release `what` with a concentrated loss of `rho`.

        Raises:
            DisclosureError: when the budget has no delta, or that is more than is left; nothing is charged then.
        """
        if not self.delta:
            raise DisclosureError(f"{what}: Gaussian noise needs a budget with a delta above 0.")
        self._charge(Spending(what, 0.0, rho))

    def _charge(self, spending: Spending) -> None:
        price = spending.rho if self.delta else spending.epsilon
        if not 0 < price <= self.left * (1 + SLACK):
            unit = "rho" if self.delta else "epsilon"
            raise DisclosureError(
                f"{spending.what} would spend {unit} {price:.6g} of the privacy budget, of which {max(self.left, 0.0):.6g} "
                f"of {self.limit:.6g} is left."
            )
        self._spent.append(spending)


@dataclass(frozen=True)
class Laplace:
    """Discrete Laplace noise.

    Attributes:
        epsilon: the pure privacy loss of the release.
    """

    epsilon: float


@dataclass(frozen=True)
class Gaussian:
    """Discrete Gaussian noise.

    Attributes:
        rho: the concentrated privacy loss of the release.
    """

    rho: float


def add_private_noise(
    table: Table,
    noise: Laplace | Gaussian,
    budget: Budget,
    *,
    contributions: int = 1,
    domains: Mapping[str, Dimension] | None = None,
) -> pa.Table:
    """Release a table of counts with noise, and charge it to the budget.

    Noise is added to the counts of the finest cells, empty ones included, and totals are sums of those: so tables add up, and
    a unit is paid for once. Counts can come out negative; that keeps them right on average.

    Args:
        table: a table of counts, with its finest cells.
        noise: what noise, and how much privacy it costs.
        budget: what it is charged to, before anything is drawn.
        contributions: in how many of the finest cells one unit can be counted at most.
        domains: the dimensions as they are published, by name: a table forgets codes that no unit bears, and that a code is
            unused tells something. Where not given, those of the table.

    Returns:
        The dimension columns and `value` (double) for every combination of codes.

    Raises:
        DisclosureError: when OpenDP is not installed, the table holds no counts, not its finest cells or too many of them, a
            domain lacks a code of the table, or the budget is spent.
    """
    dimensions = tuple((domains or {}).get(dimension.name, dimension) for dimension in table.dimensions)
    counts = _finest(table, dimensions)
    library = _library()
    leaves = tuple(np.flatnonzero([part.size == 0 for part in d.children]) for d in dimensions)
    chosen = np.ix_(*leaves)
    drawn = _draw(library, table.name, counts[chosen], noise, budget, contributions)
    noisy = np.zeros(counts.shape, dtype=np.int64)
    noisy[chosen] = drawn
    for axis, dimension in enumerate(dimensions):
        cube, depth = np.moveaxis(noisy, axis, 0), depths(dimension)
        for level in range(int(depth.max(initial=0)), 0, -1):
            here = np.flatnonzero(depth == level)
            np.add.at(cube, dimension.parent_index[here], cube[here])
    places = np.unravel_index(np.arange(noisy.size), noisy.shape)
    columns = {
        d.name: pa.array(np.array(d.codes, dtype=object)[place], pa.string())
        for d, place in zip(dimensions, places, strict=True)
    }
    return pa.table(columns | {"value": pa.array(noisy.reshape(-1).astype(np.float64))})


def _finest(table: Table, dimensions: tuple[Dimension, ...]) -> Ints:
    """The counts over the cross product of `dimensions`.

    Raises:
        DisclosureError: when the table is not fit for noise.
    """
    if not table.is_count:
        raise DisclosureError(
            f"Table {table.name!r} holds sums; only counts can be released with private noise here."
        )
    size = math.prod(len(dimension.codes) for dimension in dimensions)
    if size > MAX_CELLS:
        raise DisclosureError(
            f"Table {table.name!r} has {size:,} cells; private noise is for small outputs of at most {MAX_CELLS:,}."
        )
    spread = table.dense(table.n, 0)
    counts = np.zeros(tuple(len(dimension.codes) for dimension in dimensions), dtype=np.int64)
    places = []
    for own, wanted in zip(table.dimensions, dimensions, strict=True):
        number = {code: index for index, code in enumerate(wanted.codes)}
        if lost := [code for code in own.codes if code not in number]:
            raise DisclosureError(
                f"The domain {wanted.name!r} lacks the code {lost[0]!r} of table {table.name!r}."
            )
        places.append(np.array([number[code] for code in own.codes]))
    counts[np.ix_(*places)] = spread
    leaves = [np.flatnonzero([part.size == 0 for part in d.children]) for d in dimensions]
    if int(counts[np.ix_(*leaves)].sum()) != int(table.n.max(initial=0)):
        raise DisclosureError(
            f"The finest cells of table {table.name!r} do not add up to its total; private noise is added to those."
        )
    return counts


def _draw(
    library: ModuleType,
    name: str,
    counts: Ints,
    noise: Laplace | Gaussian,
    budget: Budget,
    contributions: int,
) -> Ints:
    whole = library.vector_domain(library.atom_domain(T=int))
    if isinstance(noise, Laplace):
        measure = library.m.make_laplace(
            whole, library.l1_distance(T=int), scale=contributions / noise.epsilon
        )
        budget.spend_pure(name, float(measure.map(contributions)))
    else:
        # A unit in k different cells moves the counts by a Euclidean distance of sqrt(k).
        distance = math.sqrt(contributions)
        scale = distance / math.sqrt(2 * noise.rho)
        measure = library.m.make_gaussian(whole, library.l2_distance(T=float), scale=scale)
        budget.spend_concentrated(name, float(measure.map(distance)))
    return np.asarray(measure(counts.reshape(-1).tolist()), dtype=np.int64).reshape(counts.shape)


def _library() -> ModuleType:
    try:
        library = import_module("opendp.prelude")
    except ImportError as error:
        raise DisclosureError(
            "Private noise needs OpenDP, which is not installed; install Zicht with its extra: pip install 'zicht[privacy]'."
        ) from error
    library.enable_features("contrib")
    return library
