"""The catalogue of open data: DCAT-AP-NL 3.0, held against its SHACL shapes without a network.

A data set is an indicator; its distributions are the files that the site offers, with size and digest. A product is a data set too: a page that
has the data sets of its indicators as parts. Where the EU calls an indicator a high-value data set (Regulation (EU) 2023/138), that is said.

Nodes have addresses of their own and none is blank, so that the same facts give the same triples and a harvester knows each again.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from functools import cache

from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import PROV, RDFS
from rdflib.term import Node

from zicht.declare import CatalogueEntry, Text
from zicht.governance.papers.facts import DataFile, Facts, IndicatorFacts, ProductFacts, digest_of_facts
from zicht.governance.papers.paper import Paper, standard_text

STANDARD = "DCAT-AP-NL 3.0"
FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "pretty-xml"}
"""Formats of the catalogue, by the ending of the file."""

ADMS = Namespace("http://www.w3.org/ns/adms#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
SH = Namespace("http://www.w3.org/ns/shacl#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
AUTHORITY = "http://publications.europa.eu/resource/authority/"
HVD_LAW = URIRef("http://data.europa.eu/eli/reg_impl/2023/138/oj")
LICENCES = {
    "CC-BY-4.0": URIRef("http://creativecommons.org/licenses/by/4.0/deed.nl"),
    "CC0-1.0": URIRef("http://creativecommons.org/publicdomain/zero/1.0/deed.nl"),
}
HVD = {
    "geospatial": "c_ac64a52d", "earth_observation": "c_dd313021", "meteorological": "c_164e0bf5", "statistics": "c_e1da4e07",
    "companies": "c_a9135398", "mobility": "c_b79e35eb",
}  # fmt: skip
"""Codes of the categories of high-value data sets (authority table `high-value-dataset-category`)."""

MEDIA = {
    "csv": ("CSV", "text/csv"),
    "json": ("JSON", "application/json"),
    "parquet": ("PARQUET", "application/vnd.apache.parquet"),
    "gpkg": ("GPKG", "application/geopackage+sqlite3"),
    "html": ("HTML", "text/html"),
}
FREQUENCIES = {
    "once": "NEVER", "yearly": "ANNUAL", "quarterly": "QUARTERLY", "monthly": "MONTHLY", "weekly": "WEEKLY", "daily": "DAILY",
}  # fmt: skip
"""Frequencies of sources in words of the EU, the slowest first."""

_SHAPES = (
    "dcat-ap-shapes.ttl",
    "dcat-ap-nl-shapes.ttl",
    "dcat-ap-nl-ranges.ttl",
    "dcat-ap-nl-code-lists.ttl",
)


def catalogue_papers(facts: Facts) -> tuple[Paper, ...]:
    """The catalogue in each of its formats.

    Args:
        facts: what the project knows.

    Returns:
        One paper a format; none where zicht.yaml has no `catalogue`, or nothing was built.
    """
    entry = facts.project.catalogue
    if entry is None or facts.release is None:
        return ()
    graph = catalogue_graph(facts, entry)
    breaches = (*shape_breaches(graph), *_hvd_breaches(facts, entry))
    said = digest_of_facts(
        sorted(
            line
            for line in graph.serialize(format="nt").splitlines()
            if facts.made.date().isoformat() not in line
        )
    )
    return tuple(
        Paper("catalogue", f"catalogue.{ending}", graph.serialize(format=name), STANDARD, breaches, said)
        for ending, name in FORMATS.items()
    )


def catalogue_graph(facts: Facts, entry: CatalogueEntry) -> Graph:
    """The catalogue as RDF.

    Args:
        facts: what the project knows.
        entry: how its data stand in catalogues.
    """
    return _Writer(facts, entry).graph(facts.indicators.values(), facts.products.values())


def shape_breaches(graph: Graph) -> tuple[str, ...]:
    """What in a catalogue breaks the shapes of DCAT-AP-NL.

    Args:
        graph: the catalogue.

    Returns:
        A sentence a breach.
    """
    return _validated(graph, _shapes(*_SHAPES))


def _hvd_breaches(facts: Facts, entry: CatalogueEntry) -> tuple[str, ...]:
    # The shapes for high-value data hit every data set of a graph, so these are held against them apart.
    chosen = [one for one in facts.indicators.values() if one.id in entry.high_value]
    if not chosen:
        return ()
    return _validated(_Writer(facts, entry).graph(chosen, ()), _shapes("dcat-ap-hvd-shapes.ttl"))


def _validated(graph: Graph, shapes: Graph) -> tuple[str, ...]:
    from pyshacl import validate  # takes a while to load, and only catalogues are held against shapes

    holds, report, _ = validate(
        graph + _vocabulary(),
        shacl_graph=shapes,
        advanced=False,
        do_owl_imports=False,
        inference="none",
        allow_warnings=True,
    )
    if holds or not isinstance(report, Graph):
        return () if holds else (f"catalogue: {report}",)
    return tuple(
        sorted(
            f"{report.value(one, SH.focusNode)}: {report.value(one, SH.resultPath)} breaks"
            f" {str(report.value(one, SH.sourceConstraintComponent)).partition('#')[2]}"
            for one in report.subjects(RDF.type, SH.ValidationResult)
            if report.value(one, SH.resultSeverity) == SH.Violation
        )
    )


@cache
def _shapes(*names: str) -> Graph:
    shapes = Graph()
    for name in names:
        shapes.parse(data=standard_text(name), format="turtle")
    # The shapes of SEMIC 3.0.1 refer to two property shapes that have no path, and pyshacl then refuses all of them.
    for shape, part in list(shapes.subject_objects(SH.property)):
        if (part, SH.path, None) not in shapes:
            shapes.remove((shape, SH.property, part))
    return shapes


@cache
def _vocabulary() -> Graph:
    return Graph().parse(data=standard_text("vocabulary.ttl"), format="turtle")


def _authority(table: str, code: str) -> URIRef:
    return URIRef(f"{AUTHORITY}{table}/{code}")


class _Writer:
    """Writes the triples of one catalogue."""

    def __init__(self, facts: Facts, entry: CatalogueEntry) -> None:
        self.facts = facts
        self.entry = entry
        self.publisher = URIRef(entry.publisher)
        self.contact = self.address("id/contact")
        self.made = Literal(facts.made.date().isoformat(), datatype=XSD.date)
        self.out = Graph()
        for prefix, space in (("adms", ADMS), ("dcatap", DCATAP), ("spdx", SPDX), ("vcard", VCARD)):
            self.out.bind(prefix, space)

    def address(self, path: str) -> URIRef:
        return URIRef(f"{self.entry.address}/{path}")

    def say(self, subject: URIRef, predicate: URIRef, *values: Node) -> None:
        for value in values:
            self.out.add((subject, predicate, value))

    def text(self, subject: URIRef, predicate: URIRef, text: Text) -> None:
        self.say(subject, predicate, Literal(_plain(text.nl), lang="nl"))
        if text.en:
            self.say(subject, predicate, Literal(_plain(text.en), lang="en"))

    def graph(self, indicators: Iterable[IndicatorFacts], products: Iterable[ProductFacts]) -> Graph:
        project = self.facts.project
        catalogue = self.address("id/catalogue")
        self.say(catalogue, RDF.type, DCAT.Catalog)
        self.text(catalogue, DCTERMS.title, project.title)
        self.text(catalogue, DCTERMS.description, project.description)
        self.say(catalogue, DCTERMS.publisher, self.publisher)
        self.say(catalogue, DCTERMS.creator, self.publisher)
        self.say(catalogue, DCAT.contactPoint, self.contact)
        self.say(catalogue, DCTERMS.license, LICENCES[self.entry.licence])
        self.say(catalogue, FOAF.homepage, URIRef(f"{self.entry.address}/"))
        self.say(catalogue, DCTERMS.modified, self.made)
        self.languages(catalogue)
        self.parties()
        for indicator in indicators:
            if indicator.files:
                self.listed(catalogue, self.indicator(indicator))
        for product in products:
            self.listed(catalogue, self.product(product))
        return self.out

    def parties(self) -> None:
        project = self.facts.project
        self.say(self.publisher, RDF.type, FOAF.Agent, DCTERMS.Location)
        self.say(self.publisher, FOAF.name, Literal(project.organisation, lang="nl"))
        self.say(self.contact, RDF.type, VCARD.Kind, VCARD.Organization)
        self.say(self.contact, VCARD.fn, Literal(project.organisation, lang="nl"))
        if project.email:
            self.say(self.contact, VCARD.hasEmail, URIRef(f"mailto:{project.email}"))
        if project.url:
            self.say(self.contact, VCARD.hasURL, URIRef(project.url))
        self.say(URIRef(f"{self.entry.address}/"), RDF.type, FOAF.Document)

    def languages(self, subject: URIRef) -> None:
        codes = {"nl": "NLD", "en": "ENG"}
        self.say(
            subject,
            DCTERMS.language,
            *(_authority("language", codes[one]) for one in self.facts.project.languages),
        )

    def listed(self, catalogue: URIRef, dataset: URIRef) -> None:
        record = URIRef(f"{dataset}/record")
        self.say(catalogue, DCAT.dataset, dataset)
        self.say(catalogue, DCAT.record, record)
        self.say(record, RDF.type, DCAT.CatalogRecord)
        self.say(record, FOAF.primaryTopic, dataset)
        self.say(record, DCTERMS.modified, self.made)
        self.languages(record)

    def dataset(self, name: str, title: Text, description: Text, page: str) -> URIRef:
        """What every data set has."""
        dataset = self.address(f"id/dataset/{name}")
        landing = self.address(page)
        self.say(dataset, RDF.type, DCAT.Dataset, DCAT.Resource)
        self.say(dataset, DCTERMS.identifier, Literal(str(dataset)))
        self.text(dataset, DCTERMS.title, title)
        self.text(dataset, DCTERMS.description, description)
        self.say(dataset, DCTERMS.publisher, self.publisher)
        self.say(dataset, DCTERMS.creator, self.publisher)
        self.say(dataset, DCAT.contactPoint, self.contact)
        self.say(dataset, DCTERMS.accessRights, _authority("access-right", "PUBLIC"))
        self.say(dataset, ADMS.status, _authority("dataset-status", "COMPLETED"))
        self.say(dataset, DCTERMS.spatial, self.publisher)
        self.say(dataset, DCTERMS.modified, self.made)
        self.say(dataset, URIRef(f"{DCAT}version"), Literal(str(self.facts.release)[:16]))
        self.say(dataset, DCAT.landingPage, landing)
        method = self.address("verantwoording/")
        self.say(dataset, FOAF.page, method)
        self.say(landing, RDF.type, FOAF.Document)
        self.say(method, RDF.type, FOAF.Document)
        self.languages(dataset)
        return dataset

    def indicator(self, indicator: IndicatorFacts) -> URIRef:
        dataset = self.dataset(
            indicator.id, indicator.title, indicator.explanation, f"indicator/{indicator.id}/"
        )
        theme = self.entry.themes.get(indicator.theme, "GOVE")
        self.say(dataset, DCAT.theme, _authority("data-theme", theme))
        self.say(dataset, DCTERMS.accrualPeriodicity, _authority("frequency", self.frequency(indicator)))
        if indicator.periods:
            self.period(dataset, indicator.periods)
        origin = URIRef(f"{dataset}/provenance")
        self.say(dataset, DCTERMS.provenance, origin)
        self.say(origin, RDF.type, DCTERMS.ProvenanceStatement)
        self.say(origin, RDFS.label, Literal(self.origin(indicator), lang="nl"))
        for id_ in indicator.sources:
            if link := self.facts.sources[id_].link:
                self.say(dataset, PROV.wasDerivedFrom, URIRef(link))
        if indicator.id in self.entry.high_value:
            category = URIRef(f"http://data.europa.eu/bna/{HVD[self.entry.high_value[indicator.id]]}")
            self.say(dataset, DCATAP.hvdCategory, category)
            self.say(dataset, DCATAP.applicableLegislation, HVD_LAW)
        for file in indicator.files:
            self.distribution(dataset, file, high_value=indicator.id in self.entry.high_value)
        return dataset

    def product(self, product: ProductFacts) -> URIRef:
        page = f"product/{product.id}/"
        dataset = self.dataset(f"product/{product.id}", product.title, product.answer, page)
        members = [self.facts.indicators[id_] for id_ in product.indicators if id_ in self.facts.indicators]
        themes = {self.entry.themes.get(member.theme, "GOVE") for member in members} or {"GOVE"}
        self.say(dataset, DCAT.theme, *(_authority("data-theme", theme) for theme in sorted(themes)))
        for member in members:
            if member.files:
                self.say(dataset, DCTERMS.hasPart, self.address(f"id/dataset/{member.id}"))
        distribution = URIRef(f"{dataset}/html")
        self.say(dataset, DCAT.distribution, distribution)
        self.say(distribution, RDF.type, DCAT.Distribution)
        self.say(distribution, DCTERMS.title, Literal("Pagina", lang="nl"))
        self.say(distribution, DCAT.accessURL, self.address(page))
        self.say(distribution, DCTERMS.license, LICENCES[self.entry.licence])
        self.media(distribution, "html")
        return dataset

    def distribution(self, dataset: URIRef, file: DataFile, *, high_value: bool) -> None:
        distribution = URIRef(f"{dataset}/{file.format}")
        checksum = URIRef(f"{distribution}/checksum")
        self.say(dataset, DCAT.distribution, distribution)
        self.say(distribution, RDF.type, DCAT.Distribution)
        self.say(distribution, DCTERMS.title, Literal(file.format.upper(), lang="nl"))
        self.say(distribution, DCAT.accessURL, self.address(file.path))
        self.say(distribution, DCAT.downloadURL, self.address(file.path))
        self.say(distribution, DCTERMS.license, LICENCES[self.entry.licence])
        self.say(distribution, DCATAP.availability, _authority("planned-availability", "STABLE"))
        self.say(distribution, DCAT.byteSize, Literal(str(file.size), datatype=XSD.nonNegativeInteger))
        self.say(distribution, SPDX.checksum, checksum)
        self.say(checksum, RDF.type, SPDX.Checksum)
        self.say(checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256)
        self.say(checksum, SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary))
        self.media(distribution, file.format)
        if high_value:
            self.say(distribution, DCATAP.applicableLegislation, HVD_LAW)

    def media(self, distribution: URIRef, format_: str) -> None:
        code, media = MEDIA[format_]
        self.say(distribution, DCTERMS["format"], _authority("file-type", code))
        self.say(distribution, DCAT.mediaType, URIRef(f"http://www.iana.org/assignments/media-types/{media}"))
        self.languages(distribution)

    def period(self, dataset: URIRef, periods: tuple[str, ...]) -> None:
        first, last = _days(min(periods))[0], _days(max(periods))[1]
        node = URIRef(f"{dataset}/period")
        self.say(dataset, DCTERMS.temporal, node)
        self.say(node, RDF.type, DCTERMS.PeriodOfTime)
        self.say(node, DCAT.startDate, Literal(first, datatype=XSD.date))
        self.say(node, DCAT.endDate, Literal(last, datatype=XSD.date))

    def frequency(self, indicator: IndicatorFacts) -> str:
        """How often figures are renewed: no more often than the slowest of their sources."""
        order = list(FREQUENCIES)
        found = [order.index(self.facts.sources[id_].frequency) for id_ in indicator.sources]
        return FREQUENCIES[order[min(found)]] if found else "ANNUAL"

    def origin(self, indicator: IndicatorFacts) -> str:
        names = "; ".join(
            f"{self.facts.sources[id_].title.nl} ({self.facts.sources[id_].deliverer})"
            for id_ in indicator.sources
        )
        release = f" Uitgave {self.facts.release[:16]}." if self.facts.release else ""
        return f"Gemaakt uit: {names}. Beveiligd met profiel {indicator.protection}.{release}"


def _plain(text: str) -> str:
    return " ".join(text.split())


def _days(period: str) -> tuple[str, str]:
    """The first and last day of a period."""
    if match := re.fullmatch(r"(\d{4})-Q([1-4])", period):
        last = int(match[2]) * 3
        return f"{match[1]}-{last - 2:02d}-01", f"{match[1]}-{last:02d}-{30 if last in (6, 9) else 31}"
    if match := re.fullmatch(r"(\d{4})-(\d{2})", period):
        return f"{period}-01", f"{period}-{calendar.monthrange(int(match[1]), int(match[2]))[1]}"
    return f"{period[:4]}-01-01", f"{period[:4]}-12-31"
