"""The catalogue of open data as it stands on a site: begun when a release is made, finished when the files of its site are there.

A release knows what its data sets mean and not how large the files of a site will be, nor on what day it becomes public. So the catalogue is
written without those into the release, where it is evidence like the rest, and completed from it with nothing else of the project.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from rdflib import DCAT, DCTERMS, XSD, Graph, URIRef

from zicht.governance.papers.dcat import SPDX, catalogue_graph
from zicht.governance.papers.facts import SITE_FILES, DataFile, Facts, IndicatorFacts
from zicht.governance.papers.turtle import turtle

Nodes = dict[str, dict[str, object]]
"""By address the nodes of a graph as expanded JSON-LD."""

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
    nodes = {str(one["@id"]): dict(one) for one in cast("Sequence[Mapping[str, object]]", begun["graph"])}
    gone = _with_files(nodes, f"{begun['address']}/", files)
    for node in nodes.values():
        dataset = _is_a(node, DCAT.Dataset)
        if dataset or _is_a(node, DCAT.Catalog) or _is_a(node, DCAT.CatalogRecord):
            node[str(DCTERMS.modified)] = _said(on.isoformat(), XSD.date)
        if dataset:
            node[str(_VERSION)] = [{"@value": version}]
            node[str(DCAT.distribution)] = [
                one for one in _values(node, DCAT.distribution) if one["@id"] not in gone
            ]
    whole = [_sorted(node) for _, node in sorted(nodes.items())]
    return {"ttl": turtle(whole), "jsonld": json.dumps(whole, ensure_ascii=False, indent=1) + "\n"}


def _planned(indicator: IndicatorFacts) -> IndicatorFacts:
    files = tuple(
        DataFile(f"data/{indicator.id}.{ending}", kind, 0, "0" * 64) for kind, ending in SITE_FILES.items()
    )
    return replace(indicator, files=files)


def _with_files(nodes: Nodes, address: str, files: Mapping[str, tuple[int, str]]) -> set[str]:
    """Say size and digest of each file, and take out those that the site does not have; returns what was taken out."""
    gone: set[str] = set()
    for name, node in nodes.items():
        urls = _values(node, DCAT.downloadURL)
        if not urls or not _is_a(node, DCAT.Distribution):
            continue
        file = files.get(urls[0]["@id"].removeprefix(address))
        checksums = [one["@id"] for one in _values(node, SPDX.checksum)]
        if file is None:
            gone.update([name, *checksums])
            continue
        node[str(DCAT.byteSize)] = _said(str(file[0]), XSD.nonNegativeInteger)
        for checksum in checksums:
            nodes[checksum][str(SPDX.checksumValue)] = _said(file[1], XSD.hexBinary)
    for name in gone:
        del nodes[name]
    return gone


def _values(node: Mapping[str, object], predicate: URIRef) -> Sequence[Mapping[str, str]]:
    return cast("Sequence[Mapping[str, str]]", node.get(str(predicate), ()))


def _is_a(node: Mapping[str, object], kind: URIRef) -> bool:
    return str(kind) in cast("Sequence[str]", node.get("@type", ()))


def _said(text: str, datatype: URIRef) -> list[dict[str, str]]:
    return [{"@type": str(datatype), "@value": text}]


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
