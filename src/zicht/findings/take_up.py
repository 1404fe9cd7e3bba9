"""Who leaves a scheme unused: the share of the entitled, allowing for chance and for what the rule of the scheme gets wrong.

Entitlement is computed by a rule and may be off both ways: a part ω of those taken for entitled is not (hidden savings, an income of two years
ago), and a part μ of the entitled is missed. Of N computed and U of them using, N(1 − ω) ÷ (1 − μ) are entitled: the correction of Rogan and Gladen
(1978), written in the predictive value and the sensitivity of the rule. Whoever uses the scheme was found entitled by those who grant it, so the
wrongly computed are among those that do not use it, and 1 − (U ÷ N) ÷ (1 − ω) of the rightly computed leave it unused. That those missed use it as often
as the others is assumed. ω and μ are known between bounds only; an interval covers all of these (Manski 2003) and 95 % of chance (Clopper and Pearson 1934).
Small areas are drawn towards the mean by a beta-binomial model, by maximum likelihood (Skellam 1948; Griffiths 1973).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from zicht.findings.chance import benjamini_hochberg
from zicht.findings.over import MAX_Q, MIN_DIFFERENCE, MIN_OBSERVED
from zicht.findings.table import Bools, Floats, Ints

MAX_SIZE = 1e7
"""Of a + b; beyond it areas differ no more than chance makes them."""
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class RuleErrorBounds:
    """What a rule may get wrong, each as its least and its most.

    Attributes:
        wrongly: of those computed to be entitled, the part that is not.
        missed: of the entitled, the part that is not computed to be.
    """

    wrongly: tuple[float, float]
    missed: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Between:
    """A number and the bounds it lies between, one for each area.

    Attributes:
        estimate, lower, upper: equally long; NaN where there is nobody to speak of.
    """

    estimate: Floats
    lower: Floats
    upper: Floats


def non_take_up(unused: Ints, entitled: Ints, errors: RuleErrorBounds) -> Between:
    """The share of the truly entitled that leaves a scheme unused.

    Args:
        unused: of each area, how many of those computed to be entitled do not use it.
        entitled: how many are computed to be entitled.
        errors: what the rule may get wrong.

    Returns:
        Shares from 0 to 1: at the middle of the bounds of `wrongly`, and the least and most that its bounds and 95 % of chance allow.
    """
    known = entitled > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(known, unused / entitled, np.nan)
    low, high = _clopper_pearson(unused, entitled)
    least, most = errors.wrongly
    return Between(
        _corrected(share, (least + most) / 2),
        np.where(known, _corrected(low, most), np.nan),
        np.where(known, _corrected(high, least), np.nan),
    )


def truly_entitled(entitled: Ints, errors: RuleErrorBounds) -> Between:
    """How many are entitled, of those computed to be; see the module.

    Args:
        entitled: how many are computed to be entitled.
        errors: what the rule may get wrong.

    Returns:
        Numbers of units at the middle of the bounds, and the least and the most that they allow; chance has no part in it.
    """
    (wrong_least, wrong_most), (missed_least, missed_most) = errors.wrongly, errors.missed

    def at(wrongly: float, missed: float) -> Floats:
        return np.multiply(entitled, (1.0 - wrongly) / (1.0 - missed), dtype=np.float64)

    middle = at((wrong_least + wrong_most) / 2, (missed_least + missed_most) / 2)
    return Between(middle, at(wrong_most, missed_least), at(wrong_least, missed_most))


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """How shares of areas differ: a beta distribution with parameters a and b; both are infinite where they differ no more than by chance.

    Attributes:
        a, b: its parameters.
        mean: a ÷ (a + b).
    """

    a: float
    b: float
    mean: float

    def drawn(self, unused: Ints, entitled: Ints) -> tuple[Between, Floats]:
        """Shares drawn towards the mean as far as chance can have made them differ, and the weight of each area's own share.

        Args:
            unused: as in `non_take_up`.
            entitled: as in `non_take_up`.

        Returns:
            Shares with the 95 % interval of the beta distribution (none where all are the mean), and weights from 0 to 1.
        """
        if np.isinf(self.a):
            nothing = np.full(len(unused), np.nan)
            return Between(np.full(len(unused), self.mean), nothing, nothing), np.zeros(len(unused))
        a, b = self.a + unused, self.b + (entitled - unused)
        low, high = (special.betaincinv(a, b, tail) for tail in (_TAIL, 1 - _TAIL))
        return Between(a / (a + b), low, high), entitled / (a + b)


def beta_binomial(unused: Ints, entitled: Ints) -> BetaBinomial:
    """Fit how shares of areas differ, by maximum likelihood.

    Args:
        unused: numbers of events.
        entitled: numbers of units; areas without any say nothing.

    Returns:
        The distribution; infinite parameters and the plain mean where chance alone explains the differences.
    """
    k, n = (values[entitled > 0].astype(np.float64) for values in (unused, entitled))
    mean = float(k.sum() / n.sum()) if n.sum() else 0.0
    chance = BetaBinomial(np.inf, np.inf, mean)
    if len(n) < 2 or not 0 < mean < 1:
        return chance

    def unlikely(at: Floats) -> float:
        share, size = special.expit(at[0]), np.exp(at[1])
        a, b = share * size, (1 - share) * size
        return float(np.sum(special.betaln(a, b) - special.betaln(a + k, b + n - k)))

    limit = np.log(MAX_SIZE)
    starts = [np.array([special.logit(mean), at]) for at in (1.0, 3.0, 6.0)]
    bounds = [(-15.0, 15.0), (-6.0, limit)]
    best = min(
        (optimize.minimize(unlikely, start, method="L-BFGS-B", bounds=bounds) for start in starts),
        key=lambda found: float(found.fun),
    )
    by_chance = -float(np.sum(special.xlogy(k, mean) + special.xlog1py(n - k, -mean)))
    if best.x[1] > limit - 1.0 or by_chance <= best.fun + 1e-9:
        return chance
    share, size = float(special.expit(best.x[0])), float(np.exp(best.x[1]))
    return BetaBinomial(share * size, (1 - share) * size, share)


def stands_out(unused: Ints, entitled: Ints) -> tuple[Floats, Floats, Bools]:
    """In which areas more, or fewer, leave it unused than in all others together.

    Errors of the rule are taken to be alike everywhere, so they do not count here: what differs is held against chance alone.

    Args:
        unused: as in `non_take_up`; areas that are compared with each other.
        entitled: as in `non_take_up`.

    Returns:
        Exact two-sided p (twice the smaller tail of the binomial distribution with the share of all others), q over these areas, and whether an area
        stands out: at least 10 that do not use it, q below 0.05 and a share that is 20 % or more from that of all others.
    """
    others, rest = unused.sum() - unused, entitled.sum() - entitled
    known = (entitled > 0) & (rest > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        elsewhere = np.where(known, others / rest, np.nan)
        ratio = np.where(known & (elsewhere > 0), unused / entitled / elsewhere, np.nan)
    k, n = unused.astype(np.float64), entitled.astype(np.float64)
    # Tails of the binomial distribution, as incomplete beta functions.
    at_most = np.where(k < n, special.betainc(np.maximum(n - k, 1.0), k + 1, 1 - elsewhere), 1.0)
    at_least = np.where(k > 0, special.betainc(np.maximum(k, 1.0), n - k + 1, elsewhere), 1.0)
    p = np.where(known, np.minimum(2 * np.minimum(at_most, at_least), 1.0), np.nan)
    q = benjamini_hochberg(p)
    with np.errstate(invalid="ignore"):
        matters = np.round(np.abs(ratio - 1), 12) >= MIN_DIFFERENCE
        return p, q, (unused >= MIN_OBSERVED) & matters & (q < MAX_Q)


def _corrected(share: Floats, wrongly: float) -> Floats:
    """The share of the rightly computed that leave it unused; 0 where even fewer than those wrongly computed do not use it."""
    return np.maximum(1.0 - (1.0 - share) / (1.0 - wrongly), 0.0)


def _clopper_pearson(unused: Ints, entitled: Ints) -> tuple[Floats, Floats]:
    k, n = unused.astype(np.float64), entitled.astype(np.float64)
    low = np.where(k > 0, special.betaincinv(np.maximum(k, 1.0), np.maximum(n - k + 1, 1.0), _TAIL), 0.0)
    high = np.where(k < n, special.betaincinv(k + 1, np.maximum(n - k, 1.0), 1 - _TAIL), 1.0)
    return low, high
