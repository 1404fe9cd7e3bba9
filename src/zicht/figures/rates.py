"""Rates per head: events over one register, heads counted over another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import Indicator
from zicht.errors import ZichtError
from zicht.figures.intervals import garwood
from zicht.figures.table import TOTAL, Bools, Floats, Ints, nullable

_MEASURED = ("ok", "unreliable", "rounded", "perturbed")


def complete_rates(figures: Mapping[str, pa.Table], indicators: Iterable[Indicator]) -> dict[str, pa.Table]:
    """Put the heads below the line of every rate per head.

    The denominator is the value of `per_indicator` for the same area, the year of the period, and the same breakdown; the total where
    that indicator is not broken down so. A rate has no value where its denominator has none, and then the denominator's status.

    Args:
        figures: tables by indicator id, as `compute` gives them; those of the indicators that are divided by are among them.
        indicators: those of which the rates are to be completed; what is no rate per head is passed over.

    Returns:
        All of `figures`, the rates completed: value, denominator, and the exact Poisson interval (Garwood).

    Raises:
        ZichtError: the indicator that a rate is divided by is not among the figures.
    """
    done = dict(figures)
    for indicator in indicators:
        if indicator.measure == "rate" and indicator.per_indicator is not None:
            if indicator.per_indicator not in figures:
                raise ZichtError(
                    f"Rate `{indicator.id}` is per `{indicator.per_indicator}`, of which there are no figures."
                )
            done[indicator.id] = _completed(
                figures[indicator.id], figures[indicator.per_indicator], indicator
            )
    return done


def _completed(rates: pa.Table, heads: pa.Table, indicator: Indicator) -> pa.Table:
    row = _matches(rates, heads, indicator)
    found = row >= 0
    status = np.array(["not_available", *heads["status"].to_pylist()], dtype=np.str_)[row + 1]
    count = np.append(heads["value"].to_numpy(), np.nan)[np.where(found, row, -1)]
    usable = np.isin(status, _MEASURED) & (count > 0)
    status = np.where(usable | ~np.isin(status, _MEASURED), status, "not_available")
    events = np.asarray(rates["n"].fill_null(0).to_numpy(), np.int64)
    return _with(rates, events, count, usable, status, indicator.per)


def _with(rates: pa.Table, events: Ints, heads: Floats, usable: Bools, status: np.ndarray[tuple[int, ...], np.dtype[np.str_]], per: int) -> pa.Table:  # fmt: skip
    lower, upper = garwood(events)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = {
            "value": per * events / heads,
            "denominator": heads,
            "lower": per * lower / heads,
            "upper": per * upper / heads,
        }
    for name, values in columns.items():
        rates = rates.set_column(rates.column_names.index(name), name, nullable(values, ~usable))
    return rates.set_column(
        rates.column_names.index("status"), "status", pa.array(status.tolist(), pa.string())
    )


def _matches(rates: pa.Table, heads: pa.Table, indicator: Indicator) -> Ints:
    """For each rate the row of what it is divided by, -1 where there is none."""
    shared = [id_ for id_ in indicator.by if id_ in heads.column_names]
    rows = pa.array(np.arange(heads.num_rows))
    whole = pc.and_(pc.is_valid(heads["area"]), pc.equal(pc.utf8_length(heads["period"]), 4))
    for id_ in _breakdowns(heads):
        if id_ not in shared:
            whole = pc.and_(whole, pc.equal(heads[id_], TOTAL))
    keys = ["area", "year", *shared]
    below = heads.append_column("year", heads["period"]).select(keys).append_column("row", rows).filter(whole)
    above = rates.append_column("year", pc.utf8_slice_codeunits(rates["period"], 0, 4)).select(keys)
    above = above.append_column("at", pa.array(np.arange(rates.num_rows)))
    joined = above.join(below, keys, join_type="left outer", use_threads=False).sort_by("at")
    return np.asarray(joined["row"].fill_null(-1).to_numpy(), np.int64)


def _breakdowns(figures: pa.Table) -> list[str]:
    names: list[str] = figures.column_names
    return names[names.index("period") + 1 : names.index("value")]
