"""The guard against profiling, as far as figures go: whether what describes areas or groups stands in for a protected ground, and what may not be shown.

A characteristic that nobody would call protected can still tell where, or who, people of a protected ground are. So the shares of all characteristics in each area are held
against the share of the ground: one by one (correlation), together (how well they tell areas with much from areas with little, on areas that were not used to
learn it), each left out in turn, and among areas that are equal in what is allowed for. Where the ground itself is among what is allowed for, the same is asked of units: what
one half teaches is tried on the other.

Papers: Fawcett, T. (2006), An introduction to ROC analysis, Pattern Recognition Letters 27(8), 861-874; Allen, D.M. (1974), The relationship between variable selection and
data augmentation and a method for prediction, Technometrics 16(1), 125-127 (each area predicted by all others); College voor de Rechten van de Mens (2021),
Discriminatie door risicoprofielen. [D] the bounds are our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import ZichtError
from zicht.findings.table import FINDINGS, Bools, Floats, Ints

MAX_AUC = 0.75
"""How well characteristics may tell a protected ground: 0.5 is by chance, 1 is without fail."""
MAX_CORRELATION = 0.6
"""How far the share of one characteristic may go up or down with the share of the ground."""
LEAST_AREAS = 40
"""With fewer areas (as many as their sizes are worth) chance alone comes near the bounds."""
ENOUGH_PEOPLE = 100.0
"""A share of so many people or more is known well enough to count in full."""
HOMOGENEOUS = 0.9
"""From this share on a figure about a group tells of nearly everybody in it: the group disclosure rule of the profile `microdata`."""

_LEVELS = ("buurt", "wijk", "gemeente")
_PENALTIES = (0.1, 1.0, 10.0, 100.0)


@dataclass(frozen=True, slots=True)
class StandIn:
    """How far characteristics go with one protected ground.

    Attributes:
        ground: its name.
        number: areas, or units, that it was tried on.
        auc: how well all characteristics together tell areas (or units) of the ground from others, 0 to 1.
        alone: for each characteristic how well it tells them by itself, 0.5 to 1.
        correlations: for each characteristic that of its share with that of the ground, −1 to 1; empty for units.
        given: the same among areas that are equal in what is allowed for; empty where nothing is.
        without: for each characteristic what `auc` would be without it.
    """

    ground: str
    number: int
    auc: float
    alone: Mapping[str, float]
    correlations: Mapping[str, float]
    given: Mapping[str, float]
    without: Mapping[str, float]

    @property
    def culprits(self) -> tuple[str, ...]:
        """Characteristics that stand in by themselves, or without which the others would not; the strongest first."""
        strength = {
            name: max(abs(self.correlations.get(name, 0.0)), abs(self.given.get(name, 0.0)))
            for name in self.without
        }
        found = [
            name
            for name in self.without
            if strength[name] > MAX_CORRELATION
            or self.alone[name] > MAX_AUC
            or self.auc > MAX_AUC >= self.without[name]
        ]
        return tuple(sorted(found, key=lambda name: (-self.alone[name], -strength[name], name)))

    @property
    def refused(self) -> bool:
        """Whether a bound is passed."""
        every = (*self.correlations.values(), *self.given.values())
        told = max(self.auc, *self.alone.values(), 0.5)
        return told > MAX_AUC or any(abs(value) > MAX_CORRELATION for value in every)


def stand_in_among_areas(
    ground: str,
    share: Floats,
    features: Mapping[str, Floats],
    people: Floats | None = None,
    given: Mapping[str, Floats] | None = None,
) -> StandIn:
    """Hold characteristics of areas against the share of a protected ground.

    Args:
        ground: its name.
        share: for each area the share of the ground; areas where anything is NaN are left out.
        features: by characteristic for each area its share, or another figure.
        people: for each area how many people its shares are of: below 100 an area counts for less; all the same where left out.
        given: figures of areas that are allowed for, such as shares of ages or the mean income.

    Returns:
        What was measured; a characteristic that is the same everywhere counts as unrelated.

    Raises:
        ZichtError: there are too few areas of which all is known, or the ground is equally common in all of them.
    """
    beside = given or {}
    columns = [share, *features.values(), *beside.values()]
    weights = np.ones(len(share)) if people is None else np.minimum(np.asarray(people, float), ENOUGH_PEOPLE)
    known = np.isfinite(np.column_stack(columns)).all(axis=1) & (weights > 0)
    weights = weights[known] / weights[known].sum() if known.any() else weights[known]
    worth = 1 / float(weights @ weights) if len(weights) else 0.0
    if worth < LEAST_AREAS:
        raise ZichtError(
            f"{int(known.sum())} areas (worth {worth:.0f} of equal size) are too few to hold characteristics against {ground}; "
            f"{LEAST_AREAS} are needed."
        )
    target = _scaled(np.asarray(share, float)[known], weights)
    much = np.asarray(share, float)[known] > np.median(np.asarray(share, float)[known])
    if not much.any():
        raise ZichtError(
            f"The share of {ground} is the same in all areas, so nothing can be held against it."
        )
    scaled = {name: _scaled(np.asarray(one, float)[known], weights) for name, one in features.items()}
    controls = [_scaled(np.asarray(one, float)[known], weights) for one in beside.values()]
    left = _rest(target, controls, weights)
    return StandIn(
        ground,
        int(known.sum()),
        _tells(list(scaled.values()), target, much, weights),
        {name: abs(_auc(one, much, weights) - 0.5) + 0.5 for name, one in scaled.items()},
        {name: _correlation(one, target, weights) for name, one in scaled.items()},
        {name: _correlation(_rest(one, controls, weights), left, weights) for name, one in scaled.items()}
        if controls
        else {},
        {
            name: _tells([one for other, one in scaled.items() if other != name], target, much, weights)
            for name in scaled
        },
    )


def stand_in_among_units(
    ground: str, of_ground: Bools, persons: Ints, half: Ints, features: Mapping[str, Ints]
) -> StandIn:
    """Hold characteristics of units against a protected ground that is known of the units themselves.

    Args:
        ground: its name.
        of_ground: for each cell of a cube of counts whether its units are of the ground.
        persons: for each cell how many units.
        half: for each cell in which half of the units it is, 0 or 1.
        features: for each characteristic the number of the category of each cell.

    Returns:
        What was measured: the share of the ground that one half has in each combination of categories, tried on the other half.
    """
    counted = np.asarray(persons, float)

    def told(names: Sequence[str]) -> float:
        columns = [np.asarray(features[name]) for name in names]
        cell = (
            np.unique(np.column_stack(columns), axis=0, return_inverse=True)[1].ravel()
            if columns
            else np.zeros(len(counted), int)
        )
        first = half == 0
        there = np.bincount(cell[first], counted[first], cell.max(initial=0) + 1)
        of_it = np.bincount(cell[first & of_ground], counted[first & of_ground], cell.max(initial=0) + 1)
        every = of_it.sum() / max(there.sum(), 1.0)
        score = (of_it + every) / (there + 1.0)  # where one half has nobody, what holds of all
        return _auc(score[cell][~first], of_ground[~first], counted[~first])

    names = list(features)
    return StandIn(
        ground,
        int(counted.sum()),
        told(names),
        {name: told([name]) for name in names},
        {},
        {},
        {name: told([other for other in names if other != name]) for name in names},
    )


def without_homogeneous(figures: pa.Table) -> pa.Table:
    """Figures of a share or rate of which those that tell of nearly everybody in a group are hidden.

    Args:
        figures: as the public has them, with numerator and denominator.

    Returns:
        The same rows; where the numerator is 90 % of the denominator or more, both are gone and the status is `primary`.
    """
    nearly = pc.greater_equal(figures["numerator"], pc.multiply(figures["denominator"], HOMOGENEOUS))
    people = pc.greater(figures["denominator"], 0.0)
    hide = pc.fill_null(pc.and_(nearly, people), fill_value=False)
    if not pc.any(hide).as_py():
        return figures
    for name in ("value", "numerator", "denominator", "lower", "upper", "status"):
        at = figures.column_names.index(name)
        field = figures.schema.field(at)
        hidden = pa.scalar("primary" if name == "status" else None, field.type)
        figures = figures.set_column(at, field, pc.if_else(hide, hidden, figures[name]))
    return figures


def check_found(found: pa.Table, areas: Sequence[str], least: int) -> None:
    """Refuse findings that are about less than an area or a group.

    Args:
        found: rows of one analysis, as `FINDINGS`.
        areas: codes of the areas of its level.
        least: events that a described group that is no area holds at least.

    Raises:
        ZichtError: rows with other columns, of a level below the buurt, of an area that is not there, of nothing, or of a group that is too small.
    """
    if not found.schema.equals(FINDINGS):
        raise ZichtError("Findings have columns that no finding has; nothing else goes out.")
    levels = set(pc.unique(found["level"]).to_pylist())
    if levels - set(_LEVELS):
        raise ZichtError(
            f"Findings are about {', '.join(_LEVELS)}, and these are about {min(levels - set(_LEVELS), key=str)}."
        )
    named = pc.is_valid(found["area"])
    placed = pc.is_in(found["area"], pa.array(areas, pa.string()))
    if pc.any(pc.and_(named, pc.invert(placed))).as_py():
        raise ZichtError("Findings name areas that are not of their level.")
    grouped = pc.or_(pc.is_valid(found["group"]), pc.not_equal(found["status"], "ok"))
    if pc.any(pc.invert(pc.or_(named, grouped))).as_py():
        raise ZichtError("Findings are about an area or a described group, and these are about neither.")
    told = found.filter(pc.and_(pc.invert(named), pc.equal(found["method"], "subgroup")))
    if pc.any(pc.less(told["observed"], float(least))).as_py():
        raise ZichtError(f"A group with fewer than {least} would be shown.")


def _scaled(values: Floats, weights: Floats) -> Floats:
    centred = values - weights @ values
    spread = float(np.sqrt(weights @ centred**2))
    return np.asarray(
        centred / spread if spread > 1e-12 * max(1.0, float(np.abs(values).max())) else centred * 0.0
    )


def _correlation(first: Floats, second: Floats, weights: Floats) -> float:
    size = float(np.sqrt((weights @ first**2) * (weights @ second**2)))
    return float(weights @ (first * second)) / size if size > 1e-9 else 0.0


def _rest(values: Floats, controls: Sequence[Floats], weights: Floats) -> Floats:
    """What controls do not explain, by weighted least squares."""
    if not controls:
        return values
    matrix = np.column_stack([np.ones(len(values)), *controls])
    root = np.sqrt(weights)
    fitted = matrix @ np.linalg.lstsq(matrix * root[:, None], values * root, rcond=None)[0]
    return np.asarray(values - fitted)


def _tells(features: Sequence[Floats], target: Floats, much: Bools, weights: Floats) -> float:
    """AUC of predictions of each area by ridge regression on all others; the penalty is the one that predicts best."""
    if not features:
        return 0.5
    root = np.sqrt(weights * len(weights))
    matrix = np.column_stack([np.ones(len(target)), *features]) * root[:, None]
    best, predicted = np.inf, target
    for penalty in _PENALTIES:
        ridge = np.diag([0.0, *[penalty] * len(features)])
        solved = np.linalg.solve(matrix.T @ matrix + ridge, matrix.T)
        hat = matrix @ solved
        missed = (target * root - hat @ (target * root)) / (1 - np.diag(hat)).clip(1e-9)
        if (loss := float(missed @ missed)) < best:
            best, predicted = loss, target - missed / root
    return max(0.5, _auc(predicted, much, weights))  # below a half is no better than chance


def _auc(score: npt.NDArray[np.float64], positive: Bools, weights: Floats) -> float:
    """The chance that one with the trait scores higher than one without; ties count half. 0.5 where there are not both."""
    _, ranks = np.unique(score, return_inverse=True)
    with_trait = np.bincount(ranks, weights * positive)
    without = np.bincount(ranks, weights * ~positive)
    both = float(with_trait.sum() * without.sum())
    below = np.cumsum(without) - without / 2
    return float(with_trait @ below) / both if both > 0 else 0.5
