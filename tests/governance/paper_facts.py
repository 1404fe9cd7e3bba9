"""Facts of a small invented city, to make papers from without building anything."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from zicht.declare import AlgorithmFile, CatalogueEntry, Text
from zicht.governance import (
    ColumnFacts,
    DataFile,
    Facts,
    IndicatorFacts,
    ProductFacts,
    ProjectFacts,
    PurposeFacts,
    RegisterFacts,
    SourceFacts,
    StepRun,
)

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
RULES = {
    "1.1": "Ja",
    "1.2": "We ontwikkelen en gebruiken het zelf",
    "1.3": "In gebruik",
    "1.4.1": "Nee, het is geen AI-systeem",
    "1.4.2": "Geen van bovenstaande",
}
"""Answers to the tree of the AI Act for fixed rules."""

HIGH_RISK = {
    "1.1": "Ja",
    "1.2": "We ontwikkelen en gebruiken het zelf",
    "1.3": "In gebruik",
    "1.4.1": "Ja, het is een AI-systeem",
    "1.5": "Nee",
    "2.1": "Nee",
    "2.3": "Geen van beide",
    "2.4": "Ja",
    "2.7.2": "Nee",
    "2.5": "Ja",
    "2.9": "Nee",
}
"""Answers that lead to a high-risk AI system: profiling within annex III."""

CONTRACT: dict[str, object] = {
    "apiVersion": "v3.1.0", "kind": "DataContract", "id": "5a1c3f5c-6c9a-4b8e-9a51-3b1a8f5e6d01", "version": "1.0.0", "status": "active",
    "schema": [{"name": "zorg", "properties": [{"name": "zorgsoort", "logicalType": "string"}]}],
}  # fmt: skip


def algorithm(**changes: object) -> AlgorithmFile:
    """An algorithm that is right, with changes."""
    said: dict[str, object] = {
        "id": "recht", "title": {"nl": "Recht op hulp"}, "summary": {"nl": "Telt wie recht heeft."}, "status": "in_use",
        "category": "other", "themes": ("Sociale zekerheid",), "begin": "2025-03", "goal": {"nl": "Hulp dichterbij."},
        "proportionality": {"nl": "Tellen kan niet zonder."}, "human_intervention": {"nl": "Mensen lezen de cijfers."},
        "risks": {"nl": "Regels verouderen."}, "method": {"nl": "Vaste regels."}, "purposes": ("zorg",),
        "ai_act": {"answers": RULES, "decided_by": "privacy officer", "decided_on": "2025-01-20"},
    }  # fmt: skip
    return AlgorithmFile.model_validate({**said, **changes})


def purpose(**changes: object) -> PurposeFacts:
    """A purpose with data on health, with changes."""
    said = PurposeFacts(
        id="zorg", version=1, title=Text(nl="Zorgstatistiek"), aim=Text(nl="Zien hoeveel zorg er is."),
        uri="https://stad.example/id/verwerking/zorg", grounds=("A6-1-e", "A9-2-j"), legal_basis="AVG artikel 6; UAVG artikel 24",
        controller="College van Stad", subjects=("inwoners met zorg",), categories=("soort zorg",), special=True, criminal=False,
        bsn=False, bsn_basis=None, retention="P5Y", retention_basis="reeksen", recipients=(), outside_eea=False,
        measures=("statistische beveiliging",), dpia="uitgevoerd", registers=("zorg",),
    )  # fmt: skip
    return replace(said, **changes)  # type: ignore[arg-type]


def run(**changes: object) -> StepRun:
    """A run that made a register, with changes."""
    said = StepRun(
        run="9a2b7c1e-27f0-4b55-8b52-3f0d9c1b7e10", trace="4bf92f3577b34da6a3ce929d0e0e4736", name="register/zorg", title="Zorg",
        began=NOW, ended=NOW + dt.timedelta(seconds=2), state="made", digest="d" * 64, outside={"zorgbron": "a" * 64}, size=1024,
    )  # fmt: skip
    return replace(said, **changes)  # type: ignore[arg-type]


def facts(**changes: object) -> Facts:
    """The facts of a city with one register about health, one indicator and one product; with changes."""
    columns = (
        ColumnFacts("zorgsoort", "string", "soort zorg", "special"),
        ColumnFacts("leeftijd", "integer", "leeftijd", "personal"),
        ColumnFacts("buurtcode", "string", "buurt", "personal"),
    )
    file = DataFile("data/zorg_telling.plain.csv", "csv", 2048, "b" * 64)
    said = Facts(
        made=NOW, version="0",
        project=ProjectFacts(
            "stad", Text(nl="Stad in cijfers", en="City in figures"), Text(nl="Over de stad."), "Gemeente Stad", "https://stad.example",
            "data@stad.example", 2025, ("nl", "en"),
            CatalogueEntry(publisher="https://identifier.overheid.nl/tooi/id/gemeente/gm9003", address="https://stad.example"),
        ),
        purposes={"zorg": purpose()},
        sources={"zorgbron": SourceFacts("zorgbron", Text(nl="Zorgadministratie"), "Afdeling Zorg", None, None, "yearly", "special", "leveringen/zorg.csv", "", "a" * 64)},
        registers={
            "zorg": RegisterFacts(
                "zorg", "Zorg", "", "person", CONTRACT, "registers/zorg.yaml", str(CONTRACT["id"]), "1.0.0", "c" * 64, columns, "zorgbron",
                None, (), ("zorgbron",), {}, personal=True, rows=20_000, refused=3, snapshot="d" * 64,
            )
        },
        indicators={
            "zorg_telling": IndicatorFacts(
                "zorg_telling", Text(nl="Mensen met zorg"), Text(nl="Hoeveel mensen zorg krijgen."), Text(nl="mensen"), "zorg", "count",
                "zorg", ("zorg",), ("zorgbron",), (("zorg", "zorgsoort"), ("zorg", "buurtcode")), ("zorg",), "microdata", ("leeftijdsgroep",),
                ("buurt", "gemeente"), ("2024-Q4", "2025-Q1"), 120, 14, (file,),
            )
        },
        products={"wijkzorg": ProductFacts("wijkzorg", Text(nl="Zorg in de wijk"), Text(nl="Hoeveel?"), Text(nl="Zoveel."), Text(nl="Raad"), ("zorg_telling",), ("zorg",))},
        algorithms={"recht": algorithm()},
        release="e" * 64,
        runs=(run(),),
    )  # fmt: skip
    return replace(said, **changes)  # type: ignore[arg-type]
