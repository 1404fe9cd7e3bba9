"""Processing activities as JSON, one paper each: what the register of AVG art. 30 and the log of data processing refer to."""

from __future__ import annotations

from zicht.governance.papers.facts import Facts
from zicht.governance.papers.paper import Paper, json_paper
from zicht.governance.standard import processing_breaches

STANDARD = "AVG art. 30 (RvVA, DPV 2.3)"


def processing_papers(facts: Facts) -> tuple[Paper, ...]:
    """The processing activity of each purpose.

    Args:
        facts: what the project knows.
    """
    return tuple(
        json_paper(
            "processings",
            f"processing-{id_}.json",
            dict(activity),
            STANDARD,
            processing_breaches(activity),
            dict(activity),
        )
        for id_, activity in facts.activities.items()
    )
