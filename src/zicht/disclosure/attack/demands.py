"""What the audit holds a publication to: what outsiders know of each number, and how uncertain it must stay to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.attack.insiders import Contributions
from zicht.disclosure.attack.intervals import Unknowns
from zicht.disclosure.attack.publication import Publication
from zicht.disclosure.model import Floats, Ints, Table
from zicht.disclosure.profiles import Profile
from zicht.disclosure.rules import Sensitivity


def demands(view: Publication, assessed: Sequence[Sensitivity], profile: Profile) -> Unknowns:
    """Every number of a publication as if all were hidden; of cells that are the same number, the strictest counts.

    Args:
        view: the publication.
        assessed: what the rules ask of each table.
        profile: the attacks that count; what others would ask is left out.
    """
    asks = "A1" in profile.attackers
    knows = "A2" in profile.attackers
    plain = view.strictest([_plain(table) for table in view.tables])
    floor = np.maximum(view.strictest([found.floor for found in assessed]), plain)
    ceiling = -view.strictest([-found.ceiling for found in assessed])
    blur = [
        np.where(found.primary & table.is_count, profile.count_margin, 0.0)
        for table, found in zip(view.tables, assessed, strict=True)
    ]
    return Unknowns(
        equations=view.equations,
        value=view.value[view.first],
        floor=floor if knows else plain,
        plain_floor=plain,
        checked=view.strictest([found.primary.astype(np.float64) for found in assessed]) > 0,
        lower=asks * view.strictest([found.lower for found in assessed]),
        upper=asks * view.strictest([found.upper for found in assessed]),
        width=asks * view.strictest([found.width for found in assessed]),
        ceiling=ceiling,
        sharp_width=knows * np.minimum(view.strictest(blur), ceiling - floor),
    )


def contributions(view: Publication, profile: Profile) -> Contributions | None:
    """The largest contribution to every number, where the profile has a p % rule and a table holds sums; otherwise None."""
    if profile.p_percent is None or all(table.largest is None for table in view.tables):
        return None
    largest = [np.zeros(table.n.size) if table.largest is None else table.largest for table in view.tables]
    return Contributions(
        value=view.value[view.first],
        largest=np.concatenate(largest)[view.first],
        holder=_holders(view)[view.first],
        share=profile.p_percent / 100,
    )


def _plain(table: Table) -> Floats:
    """What everybody knows to be the least: nothing of what can be negative, and never less than is known from elsewhere."""
    least = -np.inf if np.any(table.value < 0) else 0.0
    return np.maximum(least, np.minimum(table.known_lower, table.value))


def _holders(view: Publication) -> Ints:
    """A number for who made the largest contribution to each cell, -1 where that is not known."""
    named = [
        pc.cast(table.cells.column("largest_holder"), pa.string()).combine_chunks()
        if "largest_holder" in table.cells.column_names
        else pa.nulls(table.n.size, pa.string())
        for table in view.tables
    ]
    codes = pa.concat_arrays(named).dictionary_encode().indices
    return np.asarray(pc.fill_null(codes, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
