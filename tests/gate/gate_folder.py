"""A small project about persons to attack. It has no deliveries: what is refused is refused without them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from zicht.chain import check
from zicht.errors import DeclarationError

TODAY = dt.date(2026, 11, 22)
ZICHT = """
zicht: 1
id: poging
title: Poging
description: Een project om te breken
organisation: {name: Gemeente Poging, url: "https://poging.example"}
areas: {division: 2025, levels: [{level: gemeente, source: gebieden, code: code, name: naam}]}
themes: [{id: alles, title: Alles}]
"""
PERSONS = {
    "peiljaar": ("integer", "public", {"periode": True}),
    "persoon_id": ("string", "identifying", {"key": True}),
    "gemeentecode": ("string", "personal", {"gebied": "gemeente"}),
    "leeftijd": ("integer", "personal", {}),
    "inkomen": ("number", "personal", {"verwerkingsactiviteit": ["armoede"]}),
    "nationaliteit": ("string", "special", {}),
}
CARE = {
    "peiljaar": ("integer", "public", {"periode": True}),
    "persoon_id": ("string", "identifying", {"key": True}),
    "voorziening": ("string", "special", {}),
}
SUSPECTS = {
    "peiljaar": ("integer", "public", {"periode": True}),
    "persoon_id": ("string", "identifying", {"key": True}),
    "delict": ("string", "criminal", {}),
}
MADE = {
    "peiljaar": ("integer", "public", {"periode": True}),
    "gemeentecode": ("string", "personal", {"gebied": "gemeente"}),
    "leeftijd": ("integer", "personal", {}),
    "kenmerk": ("boolean", "special", {}),
}
Columns = dict[str, tuple[str, str | None, dict[str, object]]]


@dataclass(frozen=True)
class Folder:
    """The project folder, and how to change it."""

    path: Path

    def write(self, name: str, value: object) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(value if isinstance(value, str) else yaml.safe_dump(value, sort_keys=False), "utf-8")

    def read(self, name: str) -> dict[str, object]:
        return yaml.safe_load((self.path / name).read_text("utf-8"))

    def source(self, id_: str, personal: str = "ordinary") -> None:
        domain = {} if personal == "none" else {"pseudonym_domain": "poging"}
        origin = {"file": f"leveringen/{id_}.csv"}
        said = {"id": id_, "title": id_, "deliverer": "Afdeling", "personal": personal, "origin": origin}
        self.write(f"sources/{id_}.yaml", {**said, **domain})

    def register(
        self, id_: str, columns: Columns, *, sql: str | None = None, purposes: Sequence[str] = (), unit: str = "person", period: str | None = None
    ) -> None:  # fmt: skip
        custom = {"eenheid": unit} | ({"sql": f"{id_}.sql"} if sql else {"bron": id_})
        custom |= {"verwerkingsactiviteit": list(purposes)} if purposes else {}
        custom |= {"periode": period} if period else {}
        self.write(f"registers/{id_}.yaml", {
            "apiVersion": "v3.1.0", "kind": "DataContract", "id": f"contract-{id_}", "name": id_, "version": "1.0.0", "status": "active",
            "schema": [{"name": id_, "logicalType": "object", "customProperties": _custom(custom), "properties": [_column(name, *said) for name, said in columns.items()]}],
        })  # fmt: skip
        if sql:
            self.write(f"registers/{id_}.sql", sql)

    def indicator(self, id_: str = "proef", **said: object) -> None:
        declared = {
            "id": id_,
            "title": "Proef",
            "explanation": "Wat telt",
            "unit": "personen",
            "theme": "alles",
            "register": "personen",
            "measure": "count",
        }
        self.write(f"indicators/{id_}.yaml", {"indicators": [{**declared, **said}]})

    def purpose(self, id_: str, **said: object) -> None:
        declared: dict[str, object] = {
            "id": id_, "version": 1, "valid_from": "2025-01-01", "title": id_, "aim": f"Beleid over {id_}", "purpose": ["dpv:PublicPolicyMaking"],
            "legal_basis": ["eu-gdpr:A6-1-e", "eu-gdpr:A9-2-j"], "legal_basis_text": "AVG artikel 6",
            "controller": {"name": "College", "id": "https://identifier.overheid.nl/tooi/id/gemeente/gm0999"}, "dpo_contact": "fg@poging.example",
            "data_subjects": [{"title": "inwoners", "term": "dpv:Citizen"}], "categories": [{"title": "inkomen", "term": "pd:Income"}],
            "retention": "P5Y", "retention_basis": "reeksen", "processing": ["dpv:Aggregate"],
            "measures": [{"title": "beveiliging", "term": "dpv:Anonymisation", "kind": "technisch"}], "dpia": {"status": "niet-nodig"},
            "registers": ["personen"],
        }  # fmt: skip
        self.write(f"purposes/{id_}.yaml", {**declared, **said})

    def change(self, name: str, **said: object) -> None:
        self.write(name, {**self.read(name), **said})

    def refusals(self, today: dt.date = TODAY) -> str:
        """Everything that is refused, as the person who wrote the folder reads it; empty where it may be built."""
        try:
            check(self.path, today=today)
        except DeclarationError as error:
            return str(error)
        return ""


def a_project(path: Path) -> Folder:
    """The project as it should be: nothing in it is refused."""
    folder = Folder(path)
    folder.write("zicht.yaml", ZICHT)
    folder.source("gebieden", "none")
    for id_, columns, personal, purposes in (
        ("personen", PERSONS, "special", ["armoede", "zorg", "veiligheid"]),
        ("wmo", CARE, "special", ["zorg"]),
        ("verdachten", SUSPECTS, "criminal", ["veiligheid"]),
    ):
        folder.source(id_, personal)
        folder.register(id_, columns, purposes=purposes)
    folder.purpose("armoede")
    folder.purpose("zorg", special=True, registers=["personen", "wmo"])
    folder.purpose("veiligheid", criminal=True, registers=["personen", "verdachten"])
    folder.indicator(purpose="armoede")
    return folder


def _column(name: str, kind: str, classification: str | None, custom: dict[str, object]) -> dict[str, object]:
    said = dict(custom)
    column: dict[str, object] = {"name": name, "logicalType": kind}
    if classification:
        column["classification"] = classification
    if said.pop("key", False):
        column |= {"primaryKey": True, "required": True}
    for key in ("description", "physicalName", "quality"):
        if key in said:
            column[key] = said.pop(key)
    return column | ({"customProperties": _custom(said)} if said else {})


def _custom(said: dict[str, object]) -> list[dict[str, object]]:
    return [{"property": name, "value": value} for name, value in said.items()]
