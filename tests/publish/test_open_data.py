"""The catalogue of open data beside the page of the catalogue."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef
from rdflib.term import Node
from small_city import City

from zicht.publish import History, publish_site
from zicht.release import open_release

ADDRESS = "https://stad.example"


def a_data_set(name: str) -> list[tuple[Node, Node, Node]]:
    dataset, file = URIRef(f"{ADDRESS}/id/dataset/{name}"), URIRef(f"{ADDRESS}/id/dataset/{name}/csv")
    there = [
        (file, RDF.type, DCAT.Distribution),
        (dataset, DCAT.distribution, file),
        (dataset, RDF.type, DCAT.Dataset),
    ]
    return [*there, (file, DCAT.downloadURL, URIRef(f"{ADDRESS}/data/{name}.plain.csv"))]


def begun(*names: str) -> dict[str, object]:
    graph = Graph()
    for name in names:
        for triple in a_data_set(name):
            graph.add(triple)
    return {"address": ADDRESS, "graph": json.loads(graph.serialize(format="json-ld", auto_compact=False))}


def test_the_catalogue_names_the_files_of_the_site_with_their_size(city: City, tmp_path: Path) -> None:
    city.evidence["open_data"] = begun("bereik", "weg")
    release = open_release(city.write(tmp_path / "release"))
    site = tmp_path / "site"
    publish_site(release, site, history=History(on=dt.date(2026, 3, 2)), workers=1)
    graph = Graph().parse(site / "catalogus/catalogus.ttl", format="turtle")
    assert set(graph) == set(Graph().parse(site / "catalogus/catalogus.jsonld", format="json-ld"))
    assert [str(url) for url in graph.objects(None, DCAT.downloadURL)] == [f"{ADDRESS}/data/bereik.plain.csv"]
    (size,) = graph.objects(None, DCAT.byteSize)
    assert int(size) == (site / "data/bereik.plain.csv").stat().st_size
    assert {str(day) for day in graph.objects(None, DCTERMS.modified)} == {"2026-03-02"}
    page = (site / "catalogus/index.html").read_text("utf-8")
    assert page.count('href="../catalogus/catalogus.ttl"') == 2


def test_the_same_release_gives_the_same_catalogue(city: City, tmp_path: Path) -> None:
    city.evidence["open_data"] = begun("bereik", "inwoners")
    release = open_release(city.write(tmp_path / "release"))
    digests = []
    for name in ("one", "two"):
        publish_site(release, tmp_path / name, workers=1)
        digests.append(
            [
                hashlib.sha256((tmp_path / name / f"catalogus/catalogus.{ending}").read_bytes()).hexdigest()
                for ending in ("ttl", "jsonld")
            ]
        )
    assert digests[0] == digests[1]


def test_a_release_that_stands_in_no_catalogue_offers_none(city: City, tmp_path: Path) -> None:
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site", workers=1)
    assert [path.name for path in (tmp_path / "site/catalogus").iterdir()] == ["index.html"]
