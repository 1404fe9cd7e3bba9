"""Where the line of all areas together suddenly has another level: what findings of the pattern `breaks` say of an indicator."""

from __future__ import annotations

from zicht.publish.found.rows import rows_of
from zicht.publish.panels.desk import Desk

_PATTERN, _METHOD = "breaks", "break"


def jumps_of(desk: Desk, place: int) -> dict[int, str]:
    """The sudden changes in the line of an area, as products found them.

    Args:
        desk: the indicator.
        place: number of the area; only of the one that all others lie in something was found.

    Returns:
        By number of the period in words which way. What was found of one category alone, or beside another indicator, is no change of this line.
    """
    if place != desk.edition.areas.top:
        return {}
    findings = [
        finding
        for product in desk.edition.catalogue.products
        for finding in product.findings
        if finding.pattern == _PATTERN
        and finding.indicator == desk.indicator.id
        and not finding.declared.get("only")
        and not finding.declared.get("relative_to")
    ]
    found = [row for finding in findings for row in rows_of(desk.edition, finding, _METHOD) if not row.area]
    periods = {period: at for at, period in enumerate(desk.figures.periods)}
    return {
        periods[row.period]: desk.texts("found.verdict.risen" if row.estimate > 1 else "found.verdict.fallen")
        for row in found
        if row.period in periods
    }
