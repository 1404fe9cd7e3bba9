"""Which areas are alike, by the public figures of the traits that a finding names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import LookAlikes, WithTraits
from zicht.errors import ZichtError
from zicht.findings.compare import LOOK_ALIKES, look_alikes
from zicht.findings.declared.ground import Ground, chosen, of_level
from zicht.findings.table import About, Floats, findings

LARGEST_PART = 3
"""Look-alikes are at most one in so many areas: the most alike of ten wijken are not the other nine."""


def alike(analysis: LookAlikes, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """The look-alikes of each area that has a public figure in the last period; see `look_for`."""
    level = chosen(of_level(analysis, analysis.indicator, figures, ground), (), {})
    level = level.filter(pc.is_valid(level["value"]))
    if level.num_rows == 0:
        raise ZichtError(f"Finding `{analysis.id}`: no figure of `{analysis.indicator}` is public.")
    period = max(level["period"].to_pylist())
    codes = level.filter(pc.equal(level["period"], period))["area"].to_pylist()
    about = About(analysis.id, analysis.level, ground.division, period)
    return peer_rows(about, peers_of(analysis, codes, figures, ground))


def peers_of(
    analysis: WithTraits, codes: Sequence[str], figures: Mapping[str, pa.Table], ground: Ground
) -> pa.Table:
    """The look-alikes of areas among each other.

    Args:
        analysis: names the traits.
        codes: of the areas that can be compared.
        figures: by indicator id, as the public has them.
        ground: the areas.

    Returns:
        What `look_alikes` gives. An area of which half of the traits or more is not public is alike to none.

    Raises:
        ZichtError: too few areas have public traits.
    """
    columns = {name: _trait(analysis, name, codes, figures, ground) for name in analysis.traits}
    known = np.isfinite(np.column_stack(list(columns.values()))).mean(axis=1)
    kept = np.flatnonzero(known > 0.5)  # any two of these have a trait in common
    count = min(LOOK_ALIKES, len(kept) // LARGEST_PART)
    if count < 1:
        raise ZichtError(
            f"Finding `{analysis.id}`: of {len(kept)} of {len(ground.codes)} areas enough traits are public; {LARGEST_PART} or more are needed. "
            "Look at a smaller level, or name other traits."
        )
    table = {name: pa.array(values[kept], from_pandas=True) for name, values in columns.items()}
    return look_alikes(pa.table({"area": [codes[at] for at in kept.tolist()], **table}), count=count)


def peer_rows(about: About, peers: pa.Table) -> pa.Table:
    """Look-alikes as rows of findings: `group` is the code of the look-alike."""
    return findings(
        about,
        "look_alikes",
        {"area": peers["area"], "group": peers["peer"], "estimate": peers["distance"], "statistic": peers["place"]},
    )  # fmt: skip


def _trait(
    analysis: WithTraits, name: str, codes: Sequence[str], figures: Mapping[str, pa.Table], ground: Ground
) -> Floats:
    """The last public figure of a trait of each area; NaN where there is none."""
    level = chosen(of_level(analysis, name, figures, ground), (), {})
    level = level.filter(pc.is_valid(level["value"]))
    latest = level.filter(pc.equal(level["period"], pc.max(level["period"])))
    at = pc.index_in(pa.array(codes, pa.string()), latest["area"].combine_chunks())
    values: Floats = latest["value"].take(at).to_numpy().astype(np.float64)
    if name in analysis.ratios:
        # Nothing is not so many times as few as something.
        values = np.log(np.where(values > 0, values, np.nan))
    return values
