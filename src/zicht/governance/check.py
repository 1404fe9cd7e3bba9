"""All that governance refuses, from declarations alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from zicht.declare import Project
from zicht.errors import Problem
from zicht.governance.binding import check_purposes
from zicht.governance.classified import check_classification
from zicht.governance.lineage import Lineage
from zicht.governance.profiling import check_profiling
from zicht.governance.refusals import check_refusals
from zicht.governance.retention import check_fixed_periods
from zicht.governance.versions import check_versions


def check_use(project: Project, min_units: Mapping[str, int], today: dt.date) -> list[Problem]:
    """Whether a project uses data only as it may. No data are read for it.

    Args:
        project: a project whose names and SQL hold.
        min_units: for each indicator by id, how many units its protection profile asks for at least.
        today: the day on which data would be used.

    Returns:
        Everything that is refused: columns without classification, use beyond a purpose, what is refused whatever its purpose, findings that profile, data past retention, versions of
        purposes that were changed.

    Raises:
        DeclarationError: a kept version of a purpose that cannot be read.
    """
    lineage = Lineage(project)
    found = [*check_classification(lineage), *check_refusals(lineage)]
    found += [
        *check_purposes(lineage, min_units, today),
        *check_profiling(lineage, min_units),
        *check_fixed_periods(project, today),
        *check_versions(project),
    ]
    return list(dict.fromkeys(found))
