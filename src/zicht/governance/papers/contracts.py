"""Data contracts (ODCS 3.1): of registers, as they were agreed, and of the figures that the public gets."""

from __future__ import annotations

import json
import uuid
from functools import cache

import jsonschema_rs
import yaml

from zicht.declare import json_schema
from zicht.governance.papers.facts import Facts, IndicatorFacts, RegisterFacts, digest_of_facts
from zicht.governance.papers.paper import Paper, said

STANDARD = "Open Data Contract Standard 3.1"
COLUMNS: tuple[tuple[str, str, str, bool], ...] = (
    ("area", "string", "Code van het gebied.", True),
    ("name", "string", "Naam van het gebied.", False),
    ("level", "string", "Niveau: buurt, wijk, gemeente, regio of land.", True),
    ("division", "integer", "Jaar van de gebiedsindeling.", True),
    ("period", "string", "Periode (ISO 8601).", True),
    ("value", "number", "Het cijfer; leeg waar het verborgen is of niet gemeten.", False),
    ("lower", "number", "Ondergrens van het 95 %-interval, waar dat er is.", False),
    ("upper", "number", "Bovengrens van het 95 %-interval, waar dat er is.", False),
    ("status", "string", "Of het cijfer is gegeven, verborgen, afgerond of er niet is.", True),
    ("provisional", "boolean", "Of het cijfer nog kan veranderen.", True),
)
"""Columns that the figures for programs have (plain CSV and Parquet): name, type, meaning and whether a value is always there."""


def contract_papers(facts: Facts) -> tuple[Paper, ...]:
    """The contract of each register and of the figures of each published indicator.

    Args:
        facts: what the project knows.
    """
    registers = [
        _paper(f"contract-{one.id}.odcs.yaml", register_contract(facts, one), one.id)
        for one in facts.registers.values()
    ]
    published = [one for one in facts.indicators.values() if one.files]
    figures = [
        _paper(f"contract-figures-{one.id}.odcs.yaml", figures_contract(facts, one), one.id)
        for one in published
    ]
    return (*registers, *figures)


def register_contract(facts: Facts, register: RegisterFacts) -> dict[str, object]:
    """The contract of a register as it was written, with the web address of the processing activities that use it.

    Args:
        facts: what the project knows.
        register: the register.
    """
    contract: dict[str, object] = json.loads(json.dumps(dict(register.contract), default=str))
    activities = [one.uri for one in facts.purposes.values() if register.id in one.registers]
    if activities:
        links = contract.get("authoritativeDefinitions")
        listed = list(links) if isinstance(links, list) else []
        contract["authoritativeDefinitions"] = [
            *listed,
            *({"type": "verwerkingsactiviteit", "url": uri} for uri in activities),
        ]
    return contract


def figures_contract(facts: Facts, indicator: IndicatorFacts) -> dict[str, object]:
    """The contract of the figures of an indicator, as the public gets them.

    Args:
        facts: what the project knows.
        indicator: the indicator.
    """
    address = facts.project.address
    dataset = f"{address}/id/dataset/{indicator.id}"
    columns = [
        *COLUMNS,
        *((id_, "string", f"Uitsplitsing naar {id_}; TOTAL voor alles samen.", True) for id_ in indicator.by),
    ]
    properties = [
        {
            "name": name,
            "logicalType": type_,
            "physicalType": type_,
            "required": required,
            "description": meaning,
            "classification": "public",
        }
        for name, type_, meaning, required in columns
    ]
    keys = ["area", "period", *indicator.by]
    for one in properties:
        if one["name"] in keys:
            one |= {"primaryKey": True, "primaryKeyPosition": keys.index(str(one["name"])) + 1}
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, dataset)),
        "name": indicator.title.nl,
        "version": "1.0.0",
        "status": "active",
        "domain": indicator.theme,
        "dataProduct": facts.project.id,
        "description": {"purpose": " ".join(indicator.explanation.nl.split()), "limitations": f"Beveiligd met profiel {indicator.protection}."},
        "authoritativeDefinitions": [{"type": "dcat", "url": dataset}],
        "servers": [
            {"server": file.format, "type": "api", "location": f"{address}/{file.path}"} for file in indicator.files
        ],
        "schema": [
            {
                "name": indicator.id,
                "logicalType": "object",
                "physicalType": "table",
                "dataGranularityDescription": "Een rij per gebied, periode en uitsplitsing",
                "properties": properties,
                "quality": [{"type": "library", "metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": keys}, "dimension": "uniqueness"}],
            }
        ],
    }  # fmt: skip


def _paper(name: str, contract: dict[str, object], what: str) -> Paper:
    breaches = tuple(said(error, f"contract of `{what}`") for error in _validator().iter_errors(contract))
    text = yaml.dump(contract, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=120)
    return Paper("contracts", name, text, STANDARD, breaches, digest_of_facts(contract))


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(dict(json_schema("registers")))
