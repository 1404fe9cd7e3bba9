"""What the patterns in a share or a rate have in common: events and people of each area, and what one would expect there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import Standardised
from zicht.errors import ZichtError
from zicht.findings.declared.alike import peer_rows, peers_of
from zicht.findings.declared.ground import Ground, chosen, of_level
from zicht.findings.standardise import Reference, everybody, peers, standardise, within
from zicht.findings.table import About


@dataclass(frozen=True, slots=True)
class Counted:
    """Events of each area in the last period, held against a reference.

    Attributes:
        about: what all rows of the finding share.
        counts: what `standardise` gives, of areas of which all figures are public.
        reference: its name.
        peers: rows of findings that say who the look-alikes are; none where areas are compared otherwise.
    """

    about: About
    counts: pa.Table
    reference: str
    peers: pa.Table | None

    @property
    def expected(self) -> pa.Table:
        """The counts of areas in which anything is expected."""
        return self.counts.filter(pc.greater(pc.fill_null(self.counts["expected"], 0.0), 0.0))


def counted(analysis: Standardised, figures: Mapping[str, pa.Table], ground: Ground) -> Counted:
    """Events and expected events of each area in the last period of a share or a rate.

    Raises:
        ZichtError: of fewer than two areas all figures are public.
    """
    level = chosen(of_level(analysis, analysis.indicator, figures, ground), analysis.controls, analysis.only)
    period = max(level["period"].to_pylist())
    cube = public_counts(level.filter(pc.equal(level["period"], period)), analysis.controls)
    codes = pc.unique(cube["area"]).to_pylist()
    if len(codes) < 2:
        raise ZichtError(
            f"Finding `{analysis.id}`: of {len(codes)} of {len(ground.codes)} areas all figures are public; two or more are needed. "
            "Look at a larger level, or control for less."
        )
    about = About(analysis.id, analysis.level, ground.division, period)
    name = analysis.compared_with
    if name != "look_alikes":
        return Counted(
            about, standardise(cube, analysis.controls, reference_of(name, codes, ground)), name, None
        )
    alike = peers_of(analysis, codes, figures, ground)
    chosen_by: dict[str, list[str]] = {}
    for area, peer in zip(alike["area"].to_pylist(), alike["peer"].to_pylist(), strict=True):
        chosen_by.setdefault(area, []).append(peer)
    counts = standardise(cube, analysis.controls, peers(name, chosen_by))
    return Counted(about, counts, name, peer_rows(about, alike))


def without_counts(analysis: Standardised, figures: Mapping[str, pa.Table], ground: Ground) -> bool:
    """Whether the figures come without the counts that they are made of."""
    level = of_level(analysis, analysis.indicator, figures, ground)
    return bool(pc.all(pc.is_null(level["numerator"])).as_py())


def last_values(
    analysis: Standardised, figures: Mapping[str, pa.Table], ground: Ground
) -> tuple[About, pa.Table]:
    """The public values of the last period, by area in the order of their codes.

    Raises:
        ZichtError: of fewer than two areas the figure is public.
    """
    level = chosen(of_level(analysis, analysis.indicator, figures, ground), (), analysis.only)
    level = level.filter(pc.is_valid(level["value"]))
    if level.num_rows < 2:
        raise ZichtError(
            f"Finding `{analysis.id}`: of {level.num_rows} areas the figure is public; two or more are needed."
        )
    period = max(level["period"].to_pylist())
    about = About(analysis.id, analysis.level, ground.division, period)
    return about, level.filter(pc.equal(level["period"], period)).sort_by("area")


def public_counts(figures: pa.Table, controls: Sequence[str]) -> pa.Table:
    """Events and people of each area and stratum; areas of which one is not public are left out.

    Args:
        figures: of one level and period, of the categories looked at.
        controls: the breakdowns that tell strata apart.

    Returns:
        Columns area, the controls, `observed` and `population`.
    """
    parts = [pc.is_valid(figures[name]) for name in ("value", "numerator", "denominator")]
    known = pc.and_(pc.and_(parts[0], parts[1]), parts[2])
    # A stratum in which there is nobody has no share, and needs none.
    nobody = pc.equal(figures["status"], "not_available")
    partly = pc.unique(figures.filter(pc.invert(pc.or_(known, nobody)))["area"])
    whole = figures.filter(pc.and_(known, pc.invert(pc.is_in(figures["area"], partly))))
    return pa.table(
        {
            "area": whole["area"],
            **{name: whole[name] for name in controls},
            "observed": whole["numerator"],
            "population": whole["denominator"],
        }
    )


def reference_of(name: str, codes: Sequence[str], ground: Ground) -> Reference:
    """All areas together, or for each those of its gemeente.

    Args:
        name: `all` or `gemeente`.
        codes: of the areas.
        ground: which gemeente each lies in.
    """
    if name == "all":
        return everybody("all", codes)
    return within("gemeente", {code: ground.gemeente[code] for code in codes})
