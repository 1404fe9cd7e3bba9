"""Figures of small areas that were not, or hardly, measured: as findings that say so, add up, and are hidden where they are too uncertain.

The models are in `area_model.py` and `unit_model.py`. Here are benchmarking (Rao, J.N.K. and Molina, I. (2015), Small area estimation, section 6.4;
Wang, J., Fuller, W.A. and Qu, Y. (2008), Small area estimation under a restriction, Survey Methodology 34) and the rule on what may be shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special

from zicht.errors import ZichtError
from zicht.findings.area_model import SmallAreas
from zicht.findings.chance import Z
from zicht.findings.table import About, Bools, Floats, Ints, findings

MAX_CV = 0.25
"""An estimate with a larger coefficient of variation is hidden, unless its class is stable."""

MIN_ASKED = 100
"""A direct estimate from fewer answers is hidden: small samples hardly know their own variance."""

STABLE = 0.95
"""A class is stable if the true value lies in it with at least this chance."""

BADGES = {"measured": ("gemeten", "measured"), "estimated": ("geschat", "estimated")}
"""What a figure wears by the basis of its method, in Dutch and English."""


def measured(about: About, areas: Sequence[str], direct: Floats, variance: Floats, asked: Ints) -> pa.Table:
    """Direct estimates as findings.

    Args:
        about: what all rows share.
        areas: codes.
        direct: direct estimates; NaN where nobody was asked.
        variance: their sampling variance.
        asked: how many were asked in each area.

    Returns:
        `FINDINGS` with method `direct`; `unreliable` where the coefficient of variation is above 25 % or fewer than 100 were asked.
    """
    hidden = ~showable(direct, variance) | (asked < MIN_ASKED)
    return _rows(
        about,
        "direct",
        areas,
        direct,
        variance,
        {"observed": direct, "statistic": np.ones(len(direct))},
        hidden,
    )


def estimated(
    about: About,
    method: str,
    areas: Sequence[str],
    model: SmallAreas,
    direct: Floats,
    classes: Sequence[float] = (),
) -> pa.Table:
    """Estimates of a model as findings, never without their margin and the weight of the area's own figure.

    Args:
        about: what all rows share.
        method: `fay_herriot`, `spatial_fay_herriot` or `unit_level`.
        areas: codes.
        model: what the model gave, benchmarked or not.
        direct: direct estimates, to stand beside; NaN where there are none.
        classes: bounds between the classes of a map (low, middle, high), rising; an estimate whose class is stable may be shown, whatever
            its coefficient of variation.

    Returns:
        `FINDINGS`; `unreliable` where it is too uncertain to show.
    """
    shown = showable(model.estimate, model.mse)
    if classes:
        shown |= stable_class(model.estimate, model.mse, classes)
    return _rows(
        about,
        method,
        areas,
        model.estimate,
        model.mse,
        {"observed": direct, "statistic": model.weight},
        ~shown,
    )


def _rows(
    about: About,
    method: str,
    areas: Sequence[str],
    estimate: Floats,
    mse: Floats,
    more: dict[str, Floats],
    hidden: Bools,
) -> pa.Table:
    half = Z * np.sqrt(mse)
    status = np.select([np.isnan(estimate), hidden], ["not_available", "unreliable"], "ok")
    columns = {"area": areas, "estimate": estimate, "lower": estimate - half, "upper": estimate + half}
    return findings(about, method, {**columns, **more, "status": status.tolist()})


def showable(estimate: Floats, mse: Floats) -> Bools:
    """Whether the coefficient of variation (root of the mean squared error ÷ estimate) is at most 25 %.

    Args:
        estimate: estimates.
        mse: their mean squared errors, or sampling variances.
    """
    return np.asarray(np.sqrt(mse) <= MAX_CV * np.abs(estimate), np.bool_)


def stable_class(estimate: Floats, mse: Floats, classes: Sequence[float]) -> Bools:
    """Whether the class that an estimate falls in holds the true value with a chance of at least 95 %.

    Args:
        estimate: estimates.
        mse: their mean squared errors; the error is taken as normal.
        classes: bounds between classes, rising.
    """
    bounds = np.r_[-np.inf, np.asarray(classes, np.float64), np.inf]
    at = np.searchsorted(bounds[1:-1], estimate, side="right")
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(mse)
        chance = special.ndtr((bounds[at + 1] - estimate) / root) - special.ndtr(
            (bounds[at] - estimate) / root
        )
    return np.asarray(chance >= STABLE, np.bool_)


def raked(estimate: Floats, size: Floats, larger: npt.NDArray[np.generic], total: dict[str, float]) -> Floats:
    """Estimates times one factor within each larger area, so that they add up to its total.

    Args:
        estimate: of each area, 0 or more.
        size: what an estimate is multiplied by to add up (its population for a mean or share, 1 for a total).
        larger: code of the larger area of each.
        total: total of each larger area.

    Returns:
        Estimates that add up.

    Raises:
        ZichtError: estimates of a larger area that are all 0 while its total is not.
    """
    made = np.empty(len(estimate))
    for code, rows in _parts(larger):
        sum_ = float(size[rows] @ estimate[rows])
        if sum_ == 0 and total[code] != 0:
            raise ZichtError(f"the estimates of {code} are all 0, so that no factor makes them {total[code]}")
        made[rows] = estimate[rows] * (total[code] / sum_ if sum_ else 1.0)
    return made


def benchmarked(
    model: SmallAreas, size: Floats, larger: npt.NDArray[np.generic], total: dict[str, float]
) -> SmallAreas:
    """Estimates moved so that they add up to the larger area, the uncertain ones most: of all that add up, those nearest to the model.

    Args:
        model: estimates of areas.
        size: as for `raked`.
        larger: code of the larger area of each.
        total: total of each larger area, as published.

    Returns:
        The same with estimates that add up; the mean squared error grows by the square of the move, which is what was known to be off.
    """
    estimate = model.estimate.copy()
    for code, rows in _parts(larger):
        gap = total[code] - float(size[rows] @ estimate[rows])
        pull = size[rows] * model.mse[rows]
        spread = float(size[rows] @ pull)
        # Where nothing is uncertain all move alike.
        share = pull / spread if spread > 0 else size[rows] / float(size[rows] @ size[rows])
        estimate[rows] += share * gap
    mse = model.mse + (estimate - model.estimate) ** 2
    return SmallAreas(
        estimate,
        mse,
        model.weight,
        model.coefficients,
        model.covariance,
        model.between,
        model.within,
        model.likelihood,
    )


def _parts(larger: npt.NDArray[np.generic]) -> list[tuple[str, npt.NDArray[np.intp]]]:
    codes, where = np.unique(larger, return_inverse=True)
    order = np.argsort(where, kind="stable")
    cuts = np.cumsum(np.bincount(where))[:-1]
    return list(zip(codes.tolist(), np.split(order, cuts), strict=True))
