"""The small city with all that a release can have: registers of processing and algorithms, where figures come from, and what stands out.

The pages of those are looked at in the browser; the tests of each page change a part of it.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from small_city import City, small_city, texts

from zicht.findings import About, findings

ACTIVITY = {
    "version": 3, "digest": "ab", "title": texts("Wie missen we?", "Whom do we miss?"), "aim": texts("Zien wie we missen."),
    "controller": "College van Proefstad", "data_subjects": ["huishoudens"], "categories": ["inkomen", "buurt"], "measures": ["beveiliging"],
    "recipients": [], "registers": ["personen"], "indicators": ["bereik"], "products": ["wie_missen_we"],
    "activity": {
        "legalBasisText": "AVG artikel 6 lid 1 onder e", "validFrom": "2025-01-01", "dpoContact": "fg@proefstad.example",
        "personalData": {"retentionPeriod": "P10Y"}, "dpia": {"status": "uitgevoerd", "date": "2025-02-10", "document": "javascript:alert(1)"},
    },
}  # fmt: skip
REGISTERS = {
    "huishoudens": {
        "title": "Huishoudens <b>samen</b>", "contract": {"id": "c-1", "version": "1.2.0"}, "sql": "select 1 < 2", "made_of": ["personen"], "source": None,
    },
    "personen": {
        "title": "Personen", "contract": {"id": "c-2", "version": "1.0.0"}, "sql": None, "made_of": [],
        "source": {"id": "brp", "title": texts("Basisregistratie", "Base register"), "deliverer": "Burgerzaken", "agreement": "Afspraak 7"},
    },
}  # fmt: skip
ALGORITHM = {
    "id": "rekenregel", "title": texts("Rekenregel", "Rule"), "indicators": ["bereik"], "purposes": ["missen"],
    "entry": {"description_short": "Rekent recht uit.", "status": "In gebruik", "publication_category": "Overige algoritmes", "goal": "Om te tellen.",
              "lawful_basis_grouping": [{"title": "Gemeentewet", "link": "https://wetten.overheid.nl/x"}, {"title": "Kwaad", "link": "javascript:alert(1)"}]},
    "ai_act": {"conclusion": "Niet van toepassing."},
}  # fmt: skip
WIJKEN = ["WK900901", "WK900902", "WK900903", "WK900904"]
RATIOS: dict[str, list[object]] = {
    "estimate": [1.57, 0.4, 1.02, None], "lower": [1.5, 0.3, 0.9, None], "upper": [1.64, 0.5, 1.14, None],
    "observed": [2570, 40, 102, None], "expected": [1640.2, 100.0, 100.0, None],
    "relevant": [True, True, False, None], "status": ["ok", "ok", "ok", "not_available"],
}  # fmt: skip


def declared(pattern: str, **more: object) -> dict[str, object]:
    """A finding as a product of the catalogue names it."""
    return {
        "id": "f", "title": texts("Waar is het meer?", "Where is it more?"), "pattern": pattern, "indicator": "bereik",
        "level": "wijk", "controls": [], "compared_with": "all", "phenomenon": False, **more,
    }  # fmt: skip


def found(method: str, columns: dict[str, list[object]]) -> pa.Table:
    """What stands out in the wijken of the small city."""
    return findings(About("f", "wijk", 2025, "2024"), method, {"area": WIJKEN, **columns})


def city_with_registers() -> City:
    """The small city whose release has the evidence of both registers and of provenance."""
    city = small_city()
    city.evidence["processings"] = {"purposes": {"missen": ACTIVITY}}
    city.evidence["algorithms"] = {"algorithms": [ALGORITHM]}
    city.evidence["lineage"] = {
        "indicators": {"bereik": {"register": "huishoudens", "purpose": "missen"}},
        "registers": REGISTERS,
    }
    city.evidence["provenance"] = {"snapshots": {"personen": "d1g3st"}, "deliveries": {"brp": "2025-02-14"}}
    return city


def write_full_city(folder: Path, **site: object) -> Path:
    """Write a release in which every kind of page of the site has something to show; return its folder.

    Args:
        folder: of the release.
        site: how the site looks, as `project.site` of the catalogue; the house style of Zicht where left out.
    """
    city = city_with_registers()
    city.site = dict(site) or None
    city.products[0]["findings"] = [declared("over_representation", phenomenon=True)]
    city.indicators[0]["points"] = texts("Loketten", "Counters")
    city.points["bereik"] = [(140250 + 170 * at, 500250 + 90 * at) for at in range(10)]
    written = city.write(folder)
    pq.write_table(found("ratio", RATIOS), written / "findings.parquet")
    return written
