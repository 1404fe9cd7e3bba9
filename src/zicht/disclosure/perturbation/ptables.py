"""Tables of noise for the cell key method: what is added to a count of i, and with what probability.

Of all distributions of noise that are right on average, have at most a given variance, reach at most a given
distance, give no negative count and no published count from 1 up to a threshold, the one of greatest entropy tells
an outsider least. It is an exponential family, so its dual is a smooth convex programme of two to a few variables,
solved here by Newton's method; conditions that are inequalities join as they are needed (an active set).

Source: Marley and Leaver (2011), A method for confidentialising user-defined tables; Giessing (2016), Computational issues in
the design of transition probabilities and disclosure risk estimation for additive noise; Giessing and Tent (2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from zicht.disclosure.model import Floats, Ints
from zicht.errors import DisclosureError

Noise = npt.NDArray[np.int8]

KEYS = 256  # equally likely keys that a table of noise is drawn up for
PRECISE = 1e-13  # how closely the conditions are met
NEWTON_STEPS = 200
EXCHANGES = 200  # of conditions in the active set
SMALL = 1e-9  # a violation that counts as none


@dataclass(frozen=True)
class PTable:
    """Probabilities of noise for each small count, and the noise drawn up for equally likely keys.

    Attributes:
        reach: the largest noise D, either way.
        variance: the largest variance V of the noise.
        threshold: no published count is from 1 up to this number (js).
        probability: the probability of noise -D … D (columns) for counts 0, 1, … (rows); the last row serves all greater
            counts. Shape (rows, 2D + 1).
        noise: for each row, the noise of each key. Shape (rows, keys), int8.
    """

    reach: int
    variance: float
    threshold: int
    probability: Floats
    noise: Noise

    def row_of(self, counts: Ints) -> Ints:
        """The row that serves each of `counts`."""
        return np.asarray(np.minimum(counts, self.probability.shape[0] - 1), dtype=np.int64)


def make_ptable(
    reach: int,
    variance: float,
    *,
    threshold: int = 0,
    stay: float | None = None,
    monotone: bool = True,
    keys: int = KEYS,
) -> PTable:
    """Design the noise of the cell key method.

    Args:
        reach: the largest noise D, either way; at least 1 and at most 100.
        variance: the largest variance V. Where the most even noise varies less, it does.
        threshold: no published count is to be from 1 up to this number (js).
        stay: the probability that a count is published as it is, if it is to be given.
        monotone: whether noise may never be likelier than noise of the same sign that is nearer to none.
        keys: number of equally likely keys; a power of two from 256 to 65536. Probabilities are rounded to 1 in this number, and
            noise stays 0 on average wherever whole numbers of keys can make it so.

    Returns:
        The probabilities, and the noise drawn up for the keys.

    Raises:
        DisclosureError: when no noise fits, with the count for which it does not.
    """
    if not 1 <= reach <= 100 or threshold < 0 or keys not in (1 << power for power in range(8, 17)):
        raise DisclosureError(
            "A table of noise needs a reach from 1 to 100, a threshold of at least 0, and a number of keys that is a "
            f"power of two from 256 to 65536; given are {reach}, {threshold} and {keys}."
        )
    steps = np.arange(-reach, reach + 1)
    last = reach + threshold + (threshold > 0)  # from this count on no target is out of bounds
    probability = np.zeros((last + 1, steps.size))
    probability[0, reach] = 1.0
    noise = np.zeros((last + 1, keys), dtype=np.int8)
    for count in range(1, last + 1):
        target = count + steps
        allowed = (target == 0) | (target > threshold)
        row = _row(count, steps[allowed], variance, stay, monotone)
        probability[count, allowed] = row
        noise[count] = np.repeat(steps[allowed], _apportion(row, steps[allowed], keys)).astype(np.int8)
    return PTable(reach, variance, threshold, probability, noise)


def _row(count: int, steps: Ints, variance: float, stay: float | None, monotone: bool) -> Floats:
    """The most even distribution over `steps` that keeps the conditions."""
    equal, targets = [steps.astype(np.float64)], [0.0]
    if stay is not None and np.any(steps == 0):
        equal.append((steps == 0).astype(np.float64))
        targets.append(stay)
    least, limits = [np.square(steps).astype(np.float64)], [variance]
    if monotone:
        falling = _falling(steps)
        least += falling
        limits += [0.0] * len(falling)
    fixed, given = np.array(equal), np.array(targets)
    bounded, bounds = np.array(least), np.array(limits)
    _check_feasible(count, fixed, given, bounded, bounds)
    return _most_even(count, fixed, given, bounded, bounds)


def _falling(steps: Ints) -> list[Floats]:
    """For each two neighbours on the same side of none: the probability of the farther minus that of the nearer, at most 0."""
    found = []
    for lower, upper in pairwise(steps.tolist()):
        if lower < 0 < upper:
            continue
        near, far = (lower, upper) if lower >= 0 else (upper, lower)
        found.append((steps == far).astype(np.float64) - (steps == near).astype(np.float64))
    return found


def _check_feasible(count: int, fixed: Floats, given: Floats, bounded: Floats, bounds: Floats) -> None:
    from scipy.optimize import linprog

    total = np.ones(fixed.shape[1])
    found = linprog(
        bounded[0],
        A_ub=bounded[1:] if bounded.shape[0] > 1 else None,
        b_ub=bounds[1:] if bounded.shape[0] > 1 else None,
        A_eq=np.vstack([total, fixed]),
        b_eq=np.concatenate([[1.0], given]),
    )
    if not found.success:
        raise DisclosureError(
            f"No noise for a count of {count} is right on average and keeps the other conditions; "
            "give a larger reach, or do not ask that it falls with distance."
        )
    if found.fun > bounds[0] + SMALL:
        raise DisclosureError(
            f"Noise for a count of {count} has a variance of at least {found.fun:.4g}; given is {bounds[0]:g}."
        )


def _most_even(count: int, fixed: Floats, given: Floats, bounded: Floats, bounds: Floats) -> Floats:
    """The distribution of greatest entropy with fixed · p = given and bounded · p <= bounds."""
    active: list[int] = []
    for _ in range(EXCHANGES):
        row, multiplier = _newton(
            np.vstack([fixed, bounded[active]]), np.concatenate([given, bounds[active]])
        )
        price = multiplier[given.size :]
        if price.size and price.min() < -SMALL:
            del active[int(price.argmin())]
            continue
        excess = bounded @ row - bounds
        if excess.max() <= SMALL:
            return row
        active.append(int(excess.argmax()))
    raise DisclosureError(
        f"The noise for a count of {count} could not be designed; change a condition slightly."
    )


def _newton(features: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """The p proportional to exp(-multiplier · features) with features · p = targets, and the multipliers.

    They minimise log sum exp(-multiplier · features) + multiplier · targets, the dual of the greatest entropy.
    """
    multiplier = np.zeros(targets.size)
    value, row = _dual(multiplier, features, targets)
    for _ in range(NEWTON_STEPS):
        mean = features @ row
        slope = targets - mean
        if np.abs(slope).max(initial=0.0) < PRECISE:
            break
        curvature = (features * row) @ features.T - np.outer(mean, mean)
        move = -np.linalg.lstsq(curvature, slope, rcond=1e-14)[0]
        length = 1.0
        while length > PRECISE:
            tried, drawn = _dual(multiplier + length * move, features, targets)
            if (
                tried <= value + 1e-4 * length * float(slope @ move)
                or np.abs(targets - features @ drawn).max() < SMALL
            ):
                break
            length /= 2
        multiplier, value, row = multiplier + length * move, tried, drawn
    return row, multiplier


def _dual(multiplier: Floats, features: Floats, targets: Floats) -> tuple[float, Floats]:
    exponent = -multiplier @ features
    top = exponent.max()
    weight = np.exp(exponent - top)
    return float(top + np.log(weight.sum()) + multiplier @ targets), weight / weight.sum()


def _apportion(row: Floats, steps: Ints, keys: int) -> Ints:
    """How many of the keys get each noise: 0 on average if whole numbers can be, and as near to the probabilities as can be."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    wanted, size = row * keys, row.size
    down = np.floor(wanted + SMALL)
    # Whether each number is rounded up, further keys for it, keys taken from it; and by how much all noise is above or below 0.
    one = np.ones(size)
    cost = np.concatenate([1 - 2 * (wanted - down), one, one, [2.0 * keys] * 2])
    given = np.concatenate([one, one, -one, [0.0, 0.0]])
    total = np.concatenate([steps, steps, -steps, [-1.0, 1.0]])
    short = np.array([keys - down.sum(), -float(steps @ down)])
    found = milp(
        cost,
        integrality=np.ones(3 * size + 2),
        bounds=Bounds(0, np.concatenate([one, 3 * one, np.minimum(down, 3.0), [keys, keys]])),
        constraints=LinearConstraint(np.vstack([given, total]), short, short),
    )
    up, more, less = np.rint(found.x[: 3 * size]).reshape(3, size)
    return np.asarray(down + up + more - less, dtype=np.int64)
