"""What a release tells of where each indicator comes from, beside its lineage and its processing activities: snapshots, deliveries, algorithms, products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from zicht.chain.facts import NO_CLOCK, LastBuild, gather
from zicht.declare import Project, Text
from zicht.disclosure import Profile
from zicht.governance import Facts, algorithms_evidence, begun_catalogue


def papers_evidence(
    project: Project,
    profiles: Mapping[str, Profile],
    inputs: Mapping[str, Path],
    figures: Mapping[str, pa.Table],
) -> dict[str, object]:
    """What a release tells of algorithms and of where its indicators come from.

    Args:
        project: the project.
        profiles: the protection profile of each indicator.
        inputs: folders of results by step; the name of that of a register is the digest of its snapshot.
        figures: those that are published, by id of their indicator.

    Returns:
        By name of the part of the evidence, what JSON can hold.
    """
    snapshots = {id_: inputs[step].name for id_ in project.registers if (step := f"register/{id_}") in inputs}
    facts = gather(project, profiles, NO_CLOCK, LastBuild(snapshots=snapshots))
    shown = {
        id_: replace(facts.indicators[id_], periods=tuple(sorted(pc.unique(table["period"]).to_pylist())))
        for id_, table in figures.items()
    }
    catalogue = begun_catalogue(replace(facts, indicators=shown))
    return {
        "algorithms": algorithms_evidence(facts),
        "provenance": provenance(facts, figures),
        **({"open_data": catalogue} if catalogue else {}),
    }


def provenance(facts: Facts, indicators: Iterable[str]) -> dict[str, object]:
    """The provenance of indicators, for a page about each and for `zicht explain`.

    Args:
        facts: what the project knows, with the digests of its snapshots.
        indicators: ids of those that are published.

    Returns:
        What JSON can hold: by indicator its products and algorithms; by register the digest of its snapshot; by source the day on which it was
        delivered, where the source declares it.
    """
    return {
        "indicators": {
            id_: {
                "products": [
                    _named(one.id, one.title) for one in facts.products.values() if id_ in one.indicators
                ],
                "algorithms": [
                    _named(one.id, one.title)
                    for one in facts.algorithms.values()
                    if facts.indicators[id_] in facts.indicators_of(one)
                ],
            }
            for id_ in indicators
        },
        "snapshots": {id_: one.snapshot for id_, one in facts.registers.items() if one.snapshot is not None},
        "deliveries": {
            id_: one.delivered.isoformat() for id_, one in facts.sources.items() if one.delivered is not None
        },
    }


def _named(id_: str, title: Text) -> dict[str, object]:
    return {"id": id_, "title": {"nl": title.nl, "en": title.of("en")}}
