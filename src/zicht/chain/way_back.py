"""A figure's way back from a project folder: what its release tells, and what stands beside it in the workplace and the log of decisions."""

from __future__ import annotations

from pathlib import Path

from zicht.chain.build import FETCHED
from zicht.chain.explain import Explanation, explain
from zicht.chain.review import Desk, desk
from zicht.intake import delivered_at
from zicht.release import Decision


def explain_figure(
    folder: Path,
    indicator: str,
    area: str,
    period: str,
    language: str = "nl",
    *,
    workplace: Path | None = None,
) -> Explanation:
    """Explain one figure of the last release of a project, with what its workplace knows of deliveries and what people decided about it.

    Args:
        folder: the project folder.
        indicator: id of the indicator.
        area: code of the area.
        period: period, ISO 8601.
        language: language of titles.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Returns:
        The figure and its way back.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: there is no release, it has no such indicator, area or period, or the decisions are not whole.
    """
    at = desk(folder, workplace)
    release = at.place.release()
    decided = (_told(at, one) for one in at.decisions() if one.release == release.digest)
    delivered = delivered_at(at.place.folder / FETCHED)
    return explain(release, indicator, area, period, language, delivered=delivered, decisions=decided)


def _told(at: Desk, decision: Decision) -> dict[str, object]:
    review = at.project.file.review
    people = {one.id: one.name for one in review.people} if review else {}
    return {
        "at": decision.at,
        "action": str(decision.action),
        "person": people.get(decision.person, decision.person),
        "role": str(decision.role),
        "reason": decision.reason,
    }
