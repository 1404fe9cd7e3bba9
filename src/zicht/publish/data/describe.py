"""What a file with figures says about itself: CSVW for each CSV, Frictionless Data Packages, schema.org in the page.

CSVW: <https://www.w3.org/TR/tabular-metadata/>. Data Package: version 2 of <https://datapackage.org>. Dataset:
<https://schema.org/Dataset>.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zicht.publish.catalogue import Catalogue, Indicator, Product
from zicht.publish.data.tables import NUMBERS, PROVISIONAL, STATUS_NAMES
from zicht.publish.edition import Edition
from zicht.publish.texts import Texts

LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
}
"""The addresses of licences that sources have, by their SPDX name."""
_DUTCH = {
    "area": "gebied", "name": "naam", "level": "niveau", "division": "indeling", "period": "periode",
    "value": "waarde", "lower": "ondergrens_95", "upper": "bovengrens_95", "status": "status", PROVISIONAL: "voorlopig",
}  # fmt: skip
_KINDS = {"division": "integer", PROVISIONAL: "boolean"}
"""Types of columns in a Data Package that are neither text nor numbers of figures."""
_MEANING = {
    "area": "column.area",
    "name": "column.name",
    "level": "column.level",
    "division": "column.division",
    "period": "column.period",
    "value": "column.value",
    "lower": "column.lower",
    "upper": "column.upper",
    "status": "column.status",
    PROVISIONAL: "column.provisional",
}


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file of the site: its path, SHA-256 and size in bytes."""

    path: str
    digest: str
    size: int


def licences(indicator: Indicator) -> list[str]:
    """The licences of the sources of an indicator, each once."""
    return sorted({source.licence for source in indicator.sources if source.licence})


def columns(indicator: Indicator) -> list[str]:
    """The names of the columns of a file for programs, in order."""
    return ["area", "name", "level", "division", "period", *indicator.by, *NUMBERS, "status", PROVISIONAL]


def _meaning(edition: Edition, indicator: Indicator, name: str, texts: Texts) -> str:
    if name in _MEANING:
        return texts(_MEANING[name], unit=texts.pick(indicator.unit))
    dimension = edition.catalogue.dimensions.get(name)
    return texts("column.by", title=texts.pick(dimension.title) if dimension else name)


def csvw(edition: Edition, indicator: Indicator, *, dutch: bool) -> bytes:
    """The CSVW metadata of a CSV file of an indicator.

    Args:
        edition: the release.
        indicator: of which the file holds the figures.
        dutch: whether it is the file for a Dutch spreadsheet, with other names, delimiter and decimal sign.
    """
    texts = Texts("nl" if dutch else "en")
    names = {name: _DUTCH.get(name, name) if dutch else name for name in columns(indicator)}
    listed = [
        {
            "name": names[name],
            "titles": names[name],
            "dc:description": _meaning(edition, indicator, name, texts),
            "datatype": _csvw_type(name, dutch=dutch),
            **({"required": True} if name not in (*NUMBERS, "name") else {}),
        }
        for name in columns(indicator)
    ]
    found = licences(indicator)
    file = f"{indicator.id}.csv" if dutch else f"{indicator.id}.plain.csv"
    document = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": texts.language}],
        "url": file,
        "dc:title": texts.pick(indicator.title),
        "dc:description": texts.pick(indicator.explanation),
        **({"dc:license": {"@id": LICENCES[found[0]]}} if len(found) == 1 and found[0] in LICENCES else {}),
        "dc:source": [texts.pick(source.title) for source in indicator.sources],
        "dialect": {"delimiter": ";" if dutch else ",", "header": True, "encoding": "utf-8"},
        "tableSchema": {
            "columns": listed,
            "primaryKey": [names[name] for name in ("area", "period", *indicator.by)],
        },
    }
    return _pretty(document)


def _csvw_type(name: str, *, dutch: bool) -> object:
    if name in NUMBERS:
        return {"base": "decimal", "format": {"decimalChar": ",", "groupChar": "."}} if dutch else "decimal"
    if name == PROVISIONAL:
        return {"base": "boolean", "format": "ja|nee" if dutch else "true|false"}
    return "integer" if name == "division" else "string"


def resource(edition: Edition, indicator: Indicator, texts: Texts) -> dict[str, object]:
    """The CSV for programs as a resource of a Data Package in `data/`, without what is known of its bytes.

    Parquet is left out: a table in it describes itself, and readers of Data Packages take its nulls for mistakes.
    """
    schema = {
        "fields": [_field(edition, indicator, name, texts) for name in columns(indicator)],
        "primaryKey": ["area", "period", *indicator.by],
    }
    about = {
        "title": texts.pick(indicator.title),
        "description": texts.pick(indicator.explanation),
        "sources": [
            {"title": f"{texts.pick(source.title)}{f' ({source.deliverer})' if source.deliverer else ''}"}
            for source in indicator.sources
        ],
        "licenses": [_licence(name) for name in licences(indicator)],
    }
    return {
        "name": indicator.id.replace("_", "-").lower(), "type": "table", "path": f"{indicator.id}.plain.csv", "format": "csv",
        "mediatype": "text/csv", "encoding": "utf-8", "dialect": {"delimiter": ","}, "schema": schema,
        **{key: value for key, value in about.items() if value},
    }  # fmt: skip


def _field(edition: Edition, indicator: Indicator, name: str, texts: Texts) -> dict[str, object]:
    kind = "number" if name in NUMBERS else _KINDS.get(name, "string")
    field: dict[str, object] = {
        "name": name,
        "type": kind,
        "description": _meaning(edition, indicator, name, texts),
    }
    dimension = edition.catalogue.dimensions.get(name)
    allowed = (
        STATUS_NAMES
        if name == "status"
        else ("TOTAL", *dimension.categories)
        if dimension
        else indicator.levels
    )
    if name in ("status", "level") or dimension:
        field["constraints"] = {"required": True, "enum": list(allowed)}
    return field


def _licence(name: str) -> dict[str, str]:
    return {"name": name, **({"path": LICENCES[name]} if name in LICENCES else {})}


def package(
    catalogue: Catalogue,
    version: str,
    made: Sequence[Mapping[str, object]],
    files: Mapping[str, FileFact],
    product: Product | None = None,
) -> bytes:
    """A Data Package of the site, or of one product.

    Args:
        catalogue: of the release.
        version: of the release.
        made: the resources, as `resource` gives them; their paths start in `data/`.
        files: by path in the site what is known of each file.
        product: of which it is; the whole site where left out.
    """
    texts = Texts("nl")
    contributor = {
        "title": catalogue.organisation.get("name") or texts.pick(catalogue.title),
        "roles": ["publisher"],
    }
    if str(catalogue.organisation.get("url", "")).startswith("https://"):
        contributor["path"] = str(catalogue.organisation["url"])
    name = catalogue.id if product is None else f"{catalogue.id}-{product.id}"
    document = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name.replace("_", "-").lower(),
        "title": texts.pick(catalogue.title if product is None else product.title),
        "description": texts.pick(catalogue.description if product is None else product.question),
        "version": version,
        "contributors": [contributor],
        "licenses": _licences_of(made),
        "resources": [_known(one, files) for one in made],
    }
    return _pretty({key: value for key, value in document.items() if value})


def _licences_of(made: Iterable[Mapping[str, object]]) -> list[object]:
    found = {json.dumps(one): one for made_of in made for one in _listed(made_of.get("licenses"))}
    return [found[key] for key in sorted(found)]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _known(made: Mapping[str, object], files: Mapping[str, FileFact]) -> dict[str, object]:
    fact = files[f"data/{made['path']}"]
    return {**made, "bytes": fact.size, "hash": f"sha256:{fact.digest}"}


def dataset(
    edition: Edition, indicator: Indicator, texts: Texts, page: str, downloads: Sequence[tuple[str, str]]
) -> str:
    """An indicator as a schema.org Dataset in JSON-LD, ready to stand in a page.

    Args:
        edition: the release.
        indicator: of it.
        texts: of the language.
        page: the address of the page.
        downloads: address and media type of each file.

    Returns:
        JSON in which no sign can end the element that it stands in.
    """
    catalogue, periods = edition.catalogue, edition.figures(indicator).periods
    addresses = [LICENCES.get(name, name) for name in licences(indicator)]
    top = edition.areas.top
    document = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": page,
        "url": page,
        "name": texts.pick(indicator.title),
        "description": texts.pick(indicator.explanation),
        "inLanguage": texts.language,
        "isAccessibleForFree": True,
        "license": addresses[0] if len(addresses) == 1 else addresses,
        "temporalCoverage": f"{periods[0]}/{periods[-1]}" if periods else "",
        "spatialCoverage": edition.areas.names[top] if top is not None else "",
        "variableMeasured": {
            "@type": "PropertyValue", "name": texts.pick(indicator.title), "unitText": texts.pick(indicator.unit),
        },
        "creator": {
            "@type": "Organization", "name": catalogue.organisation.get("name") or texts.pick(catalogue.title),
            **({"url": catalogue.organisation["url"]} if catalogue.organisation.get("url") else {}),
        },
        "includedInDataCatalog": {"@type": "DataCatalog", "name": texts.pick(catalogue.title)},
        "distribution": [
            {"@type": "DataDownload", "contentUrl": address, "encodingFormat": kind} for address, kind in downloads
        ],
    }  # fmt: skip
    kept = {key: value for key, value in document.items() if value}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _pretty(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
