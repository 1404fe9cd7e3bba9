"""What people made of earlier signals, as a build tells it: read from the decisions of the project, and public facts from then on."""

from __future__ import annotations

from zicht.chain.found import declared_findings
from zicht.declare import Project
from zicht.release import PATTERNS, DecisionLog, Interpretation, interpretations


def signal_patterns(project: Project) -> dict[str, str]:
    """By id of a declared finding whose results are signals its pattern.

    Args:
        project: the project.
    """
    found = {analysis.id: analysis.pattern for analysis in declared_findings(project).values()}
    return {id_: pattern for id_, pattern in found.items() if pattern in PATTERNS}


def told_interpretations(project: Project) -> list[Interpretation]:
    """What was concluded about signals of findings that the project declares, in order of finding and period.

    Args:
        project: the project.

    Raises:
        ZichtError: the decisions are not whole, or their database cannot be reached.
    """
    patterns = signal_patterns(project)
    if not patterns:
        return []
    review = project.file.review
    log = DecisionLog(project.file.id, project.folder, None if review is None else review.database)
    functions = {person.id: person.function for person in review.people} if review is not None else {}
    found = interpretations(log.decisions(), functions).values()
    mine = [one for one in found if one.signal.finding in patterns]
    return sorted(mine, key=lambda one: (one.signal.finding, one.signal.period, one.signal.areas))
