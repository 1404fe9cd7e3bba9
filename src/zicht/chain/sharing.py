"""What figures of other registers and of longer periods tell of what is hidden: registers and periods are protected one by one, and this comes after.

That figures are of the same units is seen as an outsider sees it: their numbers agree in every area that shows both. Hiding more in one of them never opens
what another hides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.chain.protection import blanked
from zicht.declare import Indicator
from zicht.release import HIDDEN

RATIOS = ("share", "rate")
AGREEING = 3  # areas that must show the same number of units before two series are taken to hold the same
_MONTHS = {f"Q{quarter}": {f"{3 * quarter - 2 + more:02}" for more in range(3)} for quarter in (1, 2, 3, 4)}


def hide_what_tells(
    figures: Mapping[str, pa.Table], indicators: Mapping[str, Indicator]
) -> dict[str, pa.Table]:
    """Hide figures that tell what others hide: over units of which another register counts the same, and over longer periods.

    Args:
        figures: protected figures by indicator id.
        indicators: by id.

    Returns:
        All figures, with more hidden where need be.
    """
    found = dict(figures)
    for told in (_told_by_shared_units, _told_by_longer_periods):
        found = _hide(found, told(found, indicators))
    return found


def _hide(
    figures: Mapping[str, pa.Table], told: Iterable[tuple[str, npt.NDArray[np.int64]]]
) -> dict[str, pa.Table]:
    """All figures, with those hidden that tell what is hidden: `told` names them by indicator and row (-1 is none), once it is asked."""
    if not _is_any_hidden(figures):
        return dict(figures)
    found: dict[str, list[int]] = {id_: [] for id_ in figures}
    for id_, rows in told:
        found[id_] += rows[rows >= 0].tolist()
    return {id_: _hidden_at(table, found[id_]) for id_, table in figures.items()}


def _told_by_shared_units(
    figures: Mapping[str, pa.Table], indicators: Mapping[str, Indicator]
) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Figures over units of which another register counts the same and hides how many there are.

    A ratio gives away what it is made of, so whoever finds homes of owners above or below the line of one figure knows a hidden count of those homes.
    That units are the same is seen as an outsider sees it: their numbers agree in every area that shows both.
    """
    codes = _codes(figures)
    series = [one for id_ in figures for one in _series_of_n(indicators[id_], figures[id_], codes)]
    counts = np.stack([one.n for one in series]) if series else np.empty((0, len(codes)))
    register = np.array([indicators[one.indicator].register_ for one in series])
    for giver in (one for one in series if one.is_told and one.hidden.any()):
        both = np.isfinite(counts) & np.isfinite(giver.n)
        agree = (~both | (counts == giver.n)).all(axis=1) & ((both & (counts > 0)).sum(axis=1) >= AGREEING)
        agree &= register != indicators[giver.indicator].register_
        for at in np.flatnonzero(agree):
            yield series[at].indicator, series[at].row[giver.hidden]


def _told_by_longer_periods(
    figures: Mapping[str, pa.Table], indicators: Mapping[str, Indicator]
) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Figures over a longer period where one over a part of it is hidden: the year less three quarters is the fourth.

    That parts add up to the longer period is seen from the numbers. Where each part that is hidden anywhere is hidden in the whole too, the whole tells nothing but
    what can be added up from the parts in sight.
    """
    codes = _codes(figures)
    series = {id_: tuple(_series_of_n(indicators[id_], figures[id_], codes)) for id_ in _nested(figures)}
    longer = {one.period for own in series.values() for one in own}
    for id_, own in series.items():
        for first, whole, gone in _sums_over_periods(own, longer):
            for other_id, others in series.items():
                declared = _units_of(indicators[id_]) == _units_of(indicators[other_id])
                for other in (one for one in others if one.period == whole.period and one.is_told):
                    same = declared and (first.kind, first.codes) == (other.kind, other.codes)
                    if _agree(whole.n, other.n, 0 if same else AGREEING):
                        yield other_id, other.row[gone]


def lies_in(part: str, whole: str) -> bool:
    """Whether a period lies in a longer one: a quarter, month or week in a year, or a month in a quarter.

    Args:
        part: the one, such as `2024-07`.
        whole: the other, such as `2024` or `2024-Q3`.
    """
    year, _, rest = part.partition("-")
    longer, _, quarter = whole.partition("-")
    return bool(rest) and year == longer and (not quarter or rest in _MONTHS.get(quarter, ()))


def _nested(figures: Mapping[str, pa.Table]) -> list[str]:
    """Ids of indicators with periods that lie in, or hold, those of another; as a rule there are none."""
    periods = {id_: set(pc.unique(table["period"]).to_pylist()) for id_, table in figures.items()}
    every = set().union(*periods.values()) if periods else set()
    nested = {one for whole in every for part in every if lies_in(part, whole) for one in (whole, part)}
    return [id_ for id_, own in periods.items() if own & nested]


def _sums_over_periods(
    series: Sequence[_Series], longer: set[str]
) -> Iterator[tuple[_Series, _Series, npt.NDArray[np.bool_]]]:
    """For each category of an indicator and each longer period one of its parts, what they add up to (NaN where one is hidden), and where one is hidden."""
    of: dict[tuple[str, str, tuple[str, ...]], list[_Series]] = {}
    for one in (one for one in series if one.is_told):
        for whole in (whole for whole in longer if lies_in(one.period, whole)):
            of.setdefault((whole, one.kind, one.codes), []).append(one)
    for (period, *_), parts in of.items():
        gone = np.logical_or.reduce([one.hidden for one in parts])
        if gone.any():
            # What has no row in a period had no unit in it.
            sums = np.sum([np.where(one.row < 0, 0.0, one.n) for one in parts], axis=0)
            yield parts[0], replace(parts[0], period=period, n=sums), gone


def _units_of(indicator: Indicator) -> tuple[str | None, ...]:
    """What says of which units a figure is, but for the period."""
    return indicator.register_, indicator.population, indicator.area, indicator.numerator


def _agree(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64], least: int) -> bool:
    both = np.isfinite(one) & np.isfinite(other)
    return bool((one == other)[both].all() and (both & (one > 0)).sum() >= least)


def _is_any_hidden(figures: Mapping[str, pa.Table]) -> bool:
    """Whether there is anything to keep: of open statistics nothing is hidden, and they have the most areas."""
    return any(pc.any(pc.is_in(table["status"], pa.array(HIDDEN))).as_py() for table in figures.values())


def _codes(figures: Mapping[str, pa.Table]) -> dict[str, int]:
    """A number for each area."""
    areas = {area for table in figures.values() for area in pc.unique(table["area"]).to_pylist()}
    return {code: at for at, code in enumerate(sorted(areas))}


@dataclass(frozen=True)
class _Series:
    """Numbers of units by area, NaN where none is shown; whether each is hidden, and the row it stands in (-1: none).

    It is told by the figure if that is what the figure says: a count, or who of all has the trait of a share, and who not. How many there are in all is not: a share may be hidden
    where that is no secret.
    """

    indicator: str
    kind: str
    is_told: bool
    period: str
    codes: tuple[str, ...]
    n: npt.NDArray[np.float64]
    hidden: npt.NDArray[np.bool_]
    row: npt.NDArray[np.int64]


def _series_of_n(indicator: Indicator, figures: pa.Table, codes: Mapping[str, int]) -> Iterator[_Series]:
    """For each period and category of an indicator its units; of a share also those above the line, and the others."""
    keys = list(zip(*(figures[name].to_pylist() for name in ("period", *indicator.by)), strict=True))
    number_of: dict[tuple[str, ...], int] = {key: at for at, key in enumerate(dict.fromkeys(keys))}
    shape = (len(number_of), len(codes))
    place = (
        np.array([number_of[key] for key in keys], np.int64),
        np.array([codes[area] for area in figures["area"].to_pylist()], np.int64),
    )
    hidden, row = np.zeros(shape, np.bool_), np.full(shape, -1, np.int64)
    hidden[place] = pc.is_in(figures["status"], pa.array(HIDDEN)).to_numpy()
    row[place] = np.arange(figures.num_rows)
    is_ratio = indicator.measure in RATIOS
    every = figures["n"].cast(pa.float64()).fill_null(np.nan).to_numpy()
    told = {"n": every}
    if indicator.measure == "share":
        some = figures["numerator"].cast(pa.float64()).fill_null(np.nan).to_numpy()
        told |= {"yes": some, "no": every - some}
    for kind, units in told.items():
        n = np.full(shape, np.nan)
        n[place] = units
        is_told = kind != "n" or not is_ratio
        for key, numbers, gone, rows in zip(number_of, n, hidden, row, strict=True):
            yield _Series(indicator.id, kind, is_told, key[0], key[1:], numbers, gone, rows)


def _hidden_at(figures: pa.Table, rows: Sequence[int]) -> pa.Table:
    """Figures with those of some rows hidden, and all others of the same area and period: categories add up to what was hidden, or leave it as what remains."""
    if not rows:
        return figures
    keys = pc.binary_join_element_wise(figures["area"], figures["period"], " ")
    gone = pc.is_in(keys, keys.take(pa.array(sorted(set(rows)))).combine_chunks())
    shown = pc.and_(gone, pc.equal(figures["status"], "ok"))
    return blanked(figures, pc.if_else(shown, "secondary", figures["status"]))
