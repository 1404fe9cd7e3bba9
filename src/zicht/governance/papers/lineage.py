"""Lineage as events (OpenLineage 2-0-2): every run of a step with what it read and made, column by column.

A START event and one of COMPLETE, FAIL or ABORT stand for each run. An error is named by its kind; its text stays inside, for it may hold data.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import cast

import jsonschema_rs

from zicht.governance.papers.facts import ColumnName, Facts, RegisterFacts, StepRun, digest_of_facts
from zicht.governance.papers.paper import Paper, said, standard_json

STANDARD = "OpenLineage 2-0-2"
CORE = "openlineage.json"
FACETS = (
    "SchemaDatasetFacet", "ColumnLineageDatasetFacet", "DataQualityAssertionsDatasetFacet", "OutputStatisticsOutputDatasetFacet",
    "ErrorMessageRunFacet", "SQLJobFacet", "DocumentationJobFacet", "DatasetVersionDatasetFacet", "ParentRunFacet",
)  # fmt: skip
"""Facets that events carry."""

ENDS = {"made": "COMPLETE", "failed": "FAIL", "killed": "ABORT"}
Json = Mapping[str, object]


def lineage_papers(facts: Facts) -> tuple[Paper, ...]:
    """The events of the runs that are known, in order of time.

    Args:
        facts: what the project knows.

    Returns:
        One paper, an event a line; none where nothing was run.
    """
    found = [event for run in facts.runs for event in events(facts, run)]
    if not found:
        return ()
    found.sort(key=lambda event: str(event["eventTime"]))
    breaches = tuple(breach for event in found for breach in event_breaches(event))
    text = "".join(f"{json.dumps(event, ensure_ascii=False)}\n" for event in found)
    known = [[run.name, run.digest, dict(run.needs), dict(run.outside), run.state] for run in facts.runs]
    return (Paper("lineage", "lineage.jsonl", text, STANDARD, breaches, digest_of_facts(known)),)


def events(facts: Facts, run: StepRun) -> Iterator[Json]:
    """The events of one run.

    Args:
        facts: what the project knows.
        run: the run.

    Yields:
        START, and how it ended.
    """
    writer = _Writer(facts, run)
    yield writer.event("START", run.began)
    yield writer.event(ENDS[run.state], run.ended or run.began)


def event_breaches(event: Json) -> tuple[str, ...]:
    """What in an event breaks the specification, its facets too.

    Args:
        event: the event.

    Returns:
        A sentence a breach.
    """
    found = [said(error, "event") for error in _validator(f"{_id(CORE)}#/$defs/RunEvent").iter_errors(event)]
    for name, facet in _facets(event):
        match = re.search(r"/(\w+)\.json", str(cast("Json", facet).get("_schemaURL", "")))
        if match is None or match[1] not in FACETS:
            found.append(f"facet `{name}` names no schema that is known.")
            continue
        address = f"{_id(f'openlineage-{match[1]}.json')}#/$defs/{match[1]}"
        found += [said(error, f"facet `{name}`") for error in _validator(address).iter_errors(facet)]
    return tuple(found)


def _facets(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key in ("facets", "inputFacets", "outputFacets") and isinstance(part, dict):
                yield from part.items()
            else:
                yield from _facets(part)
    elif isinstance(value, list):
        for part in value:
            yield from _facets(part)


def _id(name: str) -> str:
    return str(standard_json(name)["$id"])


@cache
def _validator(address: str) -> jsonschema_rs.Validator:
    documents = [standard_json(name) for name in (CORE, *(f"openlineage-{facet}.json" for facet in FACETS))]
    registry = jsonschema_rs.Registry([(str(document["$id"]), dict(document)) for document in documents])
    return jsonschema_rs.validator_for({"$ref": address}, registry=registry, validate_formats=True)


class _Writer:
    """Writes the events of one run."""

    def __init__(self, facts: Facts, run: StepRun) -> None:
        self.facts = facts
        self.run = run
        self.namespace = facts.project.address
        self.producer = f"{facts.project.address}/id/zicht/{facts.version}"
        kind, _, self.id = run.name.partition("/")
        self.kind = kind
        self.register = facts.registers.get(self.id) if kind in ("register", "figures", "protected") else None

    def event(self, type_: str, at: dt.datetime) -> Json:
        return {
            "eventType": type_,
            "eventTime": at.astimezone(dt.UTC).isoformat(),
            "producer": self.producer,
            "schemaURL": f"{_id(CORE)}#/$defs/RunEvent",
            "run": {"runId": self.run.run, "facets": self.run_facets(type_)},
            "job": {"namespace": self.namespace, "name": self.run.name, "facets": self.job_facets()},
            "inputs": [*self.deliveries(), *self.results()],
            "outputs": [self.output(type_)],
        }

    def facet(self, schema: str, content: Json) -> Json:
        return {
            "_producer": self.producer,
            "_schemaURL": f"{_id(f'openlineage-{schema}.json')}#/$defs/{schema}",
            **content,
        }

    def run_facets(self, type_: str) -> dict[str, Json]:
        trace = self.run.trace
        build = f"{trace[:8]}-{trace[8:12]}-{trace[12:16]}-{trace[16:20]}-{trace[20:]}"
        found = {
            "parent": self.facet(
                "ParentRunFacet",
                {"run": {"runId": build}, "job": {"namespace": self.namespace, "name": "build"}},
            )
        }
        if type_ == "FAIL":
            error = {"message": self.run.error or "unknown", "programmingLanguage": "python"}
            found["errorMessage"] = self.facet("ErrorMessageRunFacet", error)
        return found

    def job_facets(self) -> dict[str, Json]:
        found = {
            "documentation": self.facet(
                "DocumentationJobFacet", {"description": self.run.title or self.run.name}
            )
        }
        if self.kind == "register" and self.register is not None and self.register.sql is not None:
            found["sql"] = self.facet("SQLJobFacet", {"query": self.register.sql, "dialect": "duckdb"})
        return found

    def deliveries(self) -> Iterator[Json]:
        for id_, digest in sorted(self.run.outside.items()):
            facets = {"version": self.facet("DatasetVersionDatasetFacet", {"datasetVersion": digest})}
            input_ = {"namespace": self.namespace, "name": f"source/{id_}", "facets": facets}
            if self.kind == "register" and self.register is not None and self.register.rows is not None:
                input_["inputFacets"] = {"dataQualityAssertions": self.assertions(self.register)}
            yield input_

    def results(self) -> Iterator[Json]:
        for name, digest in sorted(self.run.needs.items()):
            facets = {"version": self.facet("DatasetVersionDatasetFacet", {"datasetVersion": digest})}
            kind, _, id_ = name.partition("/")
            register = self.facts.registers.get(id_) if kind == "register" else None
            if register is not None:
                facets["schema"] = self.schema(register)
            yield {"namespace": self.namespace, "name": name, "facets": facets}

    def assertions(self, register: RegisterFacts) -> Json:
        found: list[Json] = [
            {
                "assertion": "contract",
                "success": not register.refused,
                "severity": "warn",
                "expected": register.contract_digest,
            }
        ]
        for norm in register.norms:
            column = {"column": norm.column} if norm.column else {}
            found.append({
                "assertion": norm.name, "success": norm.holds, "severity": "error" if norm.blocks else "warn",
                "params": {"dimension": norm.dimension}, **column,
            })  # fmt: skip
        return self.facet("DataQualityAssertionsDatasetFacet", {"assertions": found})

    def schema(self, register: RegisterFacts) -> Json:
        fields = [
            {"name": one.name, "type": one.type, "description": one.description} for one in register.columns
        ]
        return self.facet("SchemaDatasetFacet", {"fields": fields})

    def output(self, type_: str) -> Json:
        facets: dict[str, Json] = {}
        made: dict[str, object] = {"namespace": self.namespace, "name": self.run.name, "facets": facets}
        if type_ != "COMPLETE":
            return made
        facets["version"] = self.facet(
            "DatasetVersionDatasetFacet", {"datasetVersion": self.run.digest or ""}
        )
        statistics: dict[str, object] = {} if self.run.size is None else {"size": self.run.size}
        if self.kind == "register" and self.register is not None:
            facets["schema"] = self.schema(self.register)
            if self.register.lineage:
                facets["columnLineage"] = self.lineage(self.register.lineage, "IDENTITY", masking=False)
            if self.register.rows is not None:
                statistics["rowCount"] = self.register.rows
        elif self.register is not None:
            counted = [one for one in self.facts.indicators.values() if one.register == self.register.id]
            fields = [{"name": one.id, "type": "number", "description": one.title.nl} for one in counted]
            facets["schema"] = self.facet("SchemaDatasetFacet", {"fields": fields})
            columns = {one.id: one.columns for one in counted}
            facets["columnLineage"] = self.lineage(columns, "AGGREGATION", masking=self.kind == "protected")
        if statistics:
            made["outputFacets"] = {
                "outputStatistics": self.facet("OutputStatisticsOutputDatasetFacet", statistics)
            }
        return made

    def lineage(self, columns: Mapping[str, tuple[ColumnName, ...]], subtype: str, *, masking: bool) -> Json:
        return self.facet("ColumnLineageDatasetFacet", {
            "fields": {
                name: {
                    "inputFields": [
                        {"namespace": self.namespace, "name": f"register/{register}", "field": column,
                         "transformations": [{"type": "DIRECT", "subtype": subtype, "masking": masking}]}
                        for register, column in made_of
                    ]
                }
                for name, made_of in columns.items()
            }
        })  # fmt: skip
