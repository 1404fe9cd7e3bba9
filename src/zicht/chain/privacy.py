"""Governance along the chain: what is refused before data are read, and what a release tells of purposes and columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import cast

from zicht.chain.published import published_releases
from zicht.declare import Project
from zicht.disclosure import Profile
from zicht.engine import digest_of
from zicht.errors import DeclarationError, Problem
from zicht.governance import (
    Lineage,
    activity_of,
    check_use,
    columns_of,
    kept_versions,
)
from zicht.release import Release


def check_privacy(project: Project, profiles: Mapping[str, Profile], today: dt.date) -> None:
    """Refuse what governance refuses, before any data are read.

    Args:
        project: a project whose names and SQL hold.
        profiles: the protection profile of each indicator, by id.
        today: the day on which data would be used.

    Raises:
        DeclarationError: with everything that is refused.
    """
    units = {id_: profile.min_units for id_, profile in profiles.items()}
    problems = check_use(project, units, today) + _rewritten(project)
    if problems:
        raise DeclarationError(problems)


def _rewritten(project: Project) -> list[Problem]:
    """Purposes that say another thing than a published release was made under, whatever the kept copies say."""
    digests = {
        (one.purpose, one.version): (one.document.file, digest_of(one.document.value))
        for one in kept_versions(project.folder)
    }
    digests |= {
        (id_, purpose.version): (written.document.file, digest_of(written.document.value))
        for id_, purpose in project.purposes.items()
        for written in [project.written["purposes", id_]]
    }
    problems = []
    for published in published_releases(project.folder):
        for id_, version, digest in versions_in(published):
            file, found = digests.get((id_, version), ("", digest))
            if found != digest:
                problems.append(
                    Problem(
                        project.written["purposes", id_].place("version")
                        if id_ in project.purposes
                        else project.written["project", project.file.id].place(),
                        f"version {version} of purpose `{id_}` ({file}) is not what the published release {published.path.name} was made under.",
                        "Put its text back, and write what is new as a new version.",
                    )
                )
    return problems


def versions_in(release: Release) -> list[tuple[str, int, str]]:
    """The purposes that a release was made under: id, version and digest of the text of each.

    Args:
        release: an open release.
    """
    processings = cast(
        "Mapping[str, Mapping[str, object]]", release.evidence("processings").get("purposes", {})
    )
    return [(id_, cast("int", one["version"]), str(one["digest"])) for id_, one in processings.items()]


def processings(project: Project, indicators: Iterable[str]) -> dict[str, object]:
    """The processing activities behind a release, for its evidence.

    Args:
        project: the project.
        indicators: ids of the indicators in the release.

    Returns:
        By purpose id, what JSON can hold: the activity after AVG art. 30, its version and digest, titles, and the indicators and products that rest on it.
    """
    inside = list(indicators)
    found: dict[str, object] = {}
    for purpose in project.purposes.values():
        rests = [id_ for id_ in inside if project.indicators[id_].purpose == purpose.id]
        if rests:
            document = project.written["purposes", purpose.id].document
            found[purpose.id] = {
                "version": purpose.version,
                "digest": digest_of(document.value),
                "title": {"nl": purpose.title.nl, "en": purpose.title.en or purpose.title.nl},
                "aim": {"nl": purpose.aim.nl, "en": purpose.aim.en or purpose.aim.nl},
                "controller": purpose.controller.name,
                "criminal": purpose.criminal,
                "data_subjects": [one.title.nl for one in purpose.data_subjects],
                "categories": [one.title.nl for one in purpose.categories],
                "measures": [one.title.nl for one in purpose.measures],
                "recipients": [one.name for one in purpose.recipients],
                "registers": list(purpose.registers),
                "indicators": rests,
                "products": [
                    product.id
                    for product in project.products.values()
                    if set(rests) & set(product.indicators)
                ],
                "activity": activity_of(project, purpose),
            }
    return {"purposes": found}


def columns_behind(project: Project, indicators: Iterable[str]) -> dict[str, dict[str, object]]:
    """By indicator, its purpose and the delivered columns that it uses, for the evidence of a release.

    Args:
        project: the project.
        indicators: ids.
    """
    lineage = Lineage(project)
    return {
        id_: {"purpose": project.indicators[id_].purpose, "columns": columns_of(lineage, id_)}
        for id_ in indicators
    }
