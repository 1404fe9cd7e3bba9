"""The catalogue of open data as it stands on a site: begun when a release is made, finished when the files of its site are there.

A release knows what its data sets mean and not how large the files of a site will be, nor on what day it becomes public. So the catalogue is
written without those into the release, where it is evidence like the rest, and completed from it with nothing else of the project.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, Graph, URIRef
from rdflib import Literal as Said

from zicht.governance.papers.dcat import SPDX, catalogue_graph
from zicht.governance.papers.facts import SITE_FILES, DataFile, Facts, IndicatorFacts

_VERSION = URIRef(f"{DCAT}version")
_LATER = (DCAT.byteSize, DCTERMS.modified, _VERSION, SPDX.checksumValue)


def begun_catalogue(facts: Facts) -> dict[str, object]:
    """The catalogue of a project, without what is known only when its site was made.

    Args:
        facts: what the project knows.

    Returns:
        What JSON can hold: `address` of the site and `graph` as JSON-LD; empty where zicht.yaml has no `catalogue`.
    """
    entry = facts.project.catalogue
    if entry is None:
        return {}
    planned = {id_: _planned(one) for id_, one in facts.indicators.items()}
    graph = catalogue_graph(replace(facts, indicators=planned), entry)
    for predicate in _LATER:
        graph.remove((None, predicate, None))
    return {"address": entry.address, "graph": _json_ld(graph)}


def finished_catalogue(
    begun: Mapping[str, object], files: Mapping[str, tuple[int, str]], on: dt.date, version: str
) -> dict[str, str]:
    """The catalogue with sizes and digests of files, its date and version.

    Args:
        begun: as `begun_catalogue` gave it; not empty.
        files: by path on the site, size in bytes and SHA-256 of each.
        on: the day on which the release became public, or the last on which anything in it changed.
        version: of the release.

    Returns:
        By format (`ttl`, `jsonld`) the text of the catalogue. Files that the site does not have are left out.
    """
    address = f"{begun['address']}/"
    graph = Graph().parse(data=json.dumps(begun["graph"]), format="json-ld")
    for distribution in list(graph.subjects(RDF.type, DCAT.Distribution)):
        url = graph.value(distribution, DCAT.downloadURL)
        if url is not None:
            _complete(graph, cast("URIRef", distribution), files.get(str(url).removeprefix(address)))
    day = Said(on.isoformat(), datatype=XSD.date)
    for kind in (DCAT.Catalog, DCAT.CatalogRecord, DCAT.Dataset):
        for one in list(graph.subjects(RDF.type, kind)):
            graph.add((one, DCTERMS.modified, day))
    for dataset in list(graph.subjects(RDF.type, DCAT.Dataset)):
        graph.add((dataset, _VERSION, Said(version)))
    for prefix, space in (("dcat", DCAT), ("dcterms", DCTERMS), ("foaf", FOAF), ("spdx", SPDX)):
        graph.bind(prefix, space)
    return {
        "ttl": graph.serialize(format="turtle"),
        "jsonld": json.dumps(_json_ld(graph), ensure_ascii=False, indent=1) + "\n",
    }


def _planned(indicator: IndicatorFacts) -> IndicatorFacts:
    files = tuple(
        DataFile(f"data/{indicator.id}.{ending}", kind, 0, "0" * 64) for kind, ending in SITE_FILES.items()
    )
    return replace(indicator, files=files)


def _complete(graph: Graph, distribution: URIRef, file: tuple[int, str] | None) -> None:
    checksum = graph.value(distribution, SPDX.checksum)
    if file is None:
        for node in (distribution, *([checksum] if checksum is not None else [])):
            graph.remove((node, None, None))
            graph.remove((None, None, node))
        return
    size, digest = file
    graph.add((distribution, DCAT.byteSize, Said(str(size), datatype=XSD.nonNegativeInteger)))
    if checksum is not None:
        graph.add((checksum, SPDX.checksumValue, Said(digest, datatype=XSD.hexBinary)))


def _json_ld(graph: Graph) -> list[Mapping[str, object]]:
    """The graph as expanded JSON-LD, in an order that only depends on what it says."""
    nodes = json.loads(graph.serialize(format="json-ld", auto_compact=False))
    return sorted((_sorted(node) for node in nodes), key=lambda node: str(node["@id"]))


def _sorted(node: Mapping[str, object]) -> dict[str, object]:
    return {
        key: sorted(value, key=lambda one: json.dumps(one, sort_keys=True))
        if isinstance(value, list)
        else value
        for key, value in sorted(node.items())
    }
