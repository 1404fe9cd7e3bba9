"""Holds what was measured against the norms: kept, broken, a warning, or nothing to compare with yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from zicht.declare import OF_ROWS, Norm
from zicht.intake.quality.drift import stability_index
from zicht.intake.quality.measured import Measured

Verdict = Literal["met", "broken", "warning", "first"]
"""What holds of a norm: met; broken, and the build stops; broken, and it goes on; or there is no snapshot before."""

_ALL = 100.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A norm and what holds of it.

    Attributes:
        norm: the norm.
        value: what was seen, in rows, per cent, or whatever the norm measures; None where nothing could be.
        before: the same in the snapshot before; None where there is none, or it was not measured then.
        verdict: what holds.
    """

    norm: Norm
    value: float | None
    before: float | None
    verdict: Verdict


def judge(norms: Sequence[Norm], measured: Measured, earlier: Measured | None = None) -> tuple[Judged, ...]:
    """Hold what was measured against the norms.

    Args:
        norms: those of the register.
        measured: what was measured of this snapshot.
        earlier: what was measured of the snapshot before, where there is one.

    Returns:
        A verdict a norm, in their order.
    """
    return tuple(_judged(norm, measured, earlier) for norm in norms)


def _judged(norm: Norm, measured: Measured, earlier: Measured | None) -> Judged:
    if norm.metric in ("distributionDrift", "rowCountChange"):
        value = _moved(norm, measured, earlier)
        if value is None:
            return Judged(norm, None, None, "first")
        before = None
    else:
        value = _seen(norm, measured)
        before = None if earlier is None else _seen(norm, earlier)
    if norm.limit.holds(value):
        return Judged(norm, value, before, "met")
    return Judged(norm, value, before, "broken" if norm.blocks else "warning")


def _seen(norm: Norm, measured: Measured) -> float | None:
    value = measured.values.get(norm.id)
    if value is not None and norm.percent and norm.metric in OF_ROWS:
        return _ALL * value / measured.rows if measured.rows else 0.0
    return value


def _moved(norm: Norm, measured: Measured, earlier: Measured | None) -> float | None:
    if earlier is None:
        return None
    if norm.metric == "rowCountChange":
        return _ALL * (measured.rows / earlier.rows - 1) if earlier.rows else None
    name = norm.columns[0]
    if name not in measured.shapes or name not in earlier.shapes:
        return None
    return stability_index(earlier.shapes[name], measured.shapes[name])
