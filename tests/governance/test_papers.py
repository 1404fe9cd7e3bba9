"""Every paper keeps to its standard, says what the facts say, and a broken one is caught."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import yaml
from paper_facts import HIGH_RISK, NOW, RULES, algorithm, facts, purpose, run
from rdflib import DCAT, DCTERMS, Graph, URIRef
from referencing import Registry, Resource

from zicht.errors import ZichtError
from zicht.governance import (
    KINDS,
    Kind,
    Logbook,
    LogRecord,
    Paper,
    TraceContext,
    begun_catalogue,
    finished_catalogue,
    log_lines,
    make_papers,
)
from zicht.governance.papers.ai_act import ai_class
from zicht.governance.papers.dcat import catalogue_graph, shape_breaches
from zicht.governance.papers.forms import FORMS, Form, questions
from zicht.governance.papers.lineage import event_breaches, events
from zicht.governance.papers.paper import breaches_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def made(*kinds: Kind, **changes: object) -> tuple[Paper, ...]:
    return make_papers(facts(**changes), kinds or KINDS)


def record(**changes: object) -> LogRecord:
    began = int(NOW.timestamp() * 1000)
    plain = LogRecord(
        TRACE, SPAN, None, "tellen", "https://stad.example/id/verwerking/zorg", began, began + 5, "Ok"
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_every_paper_of_a_city_keeps_to_its_standard() -> None:
    papers = made()
    assert {paper.kind for paper in papers} == set(KINDS) - {
        "logbook",
        "processings",
    }  # nothing was logged here, and no activity given
    assert [paper.breaches for paper in papers if not paper.valid] == []


def test_papers_of_the_same_facts_are_the_same_and_those_of_another_moment_rest_on_the_same_facts() -> None:
    assert made() == made()
    later = made(made=NOW + dt.timedelta(days=30))
    assert [paper.facts for paper in later] == [paper.facts for paper in made()]
    assert [paper.text for paper in later] != [paper.text for paper in made()]


# The catalogue


def test_the_catalogue_says_the_same_in_three_formats() -> None:
    papers = made("catalogue")
    names = {"catalogue.ttl": "turtle", "catalogue.jsonld": "json-ld", "catalogue.rdf": "xml"}
    triples = [set(Graph().parse(data=paper.text, format=names[paper.name])) for paper in papers]
    assert len(triples) == 3
    assert triples[0] == triples[1] == triples[2]


def test_a_distribution_names_the_size_and_digest_of_its_file() -> None:
    text = made("catalogue")[0].text
    assert "b" * 64 in text
    assert '"2048"^^xsd:nonNegativeInteger' in text
    assert "https://stad.example/data/zorg_telling.plain.csv" in text
    assert '"2024-10-01"^^xsd:date' in text  # the first quarter that there are figures of begins here


@pytest.mark.parametrize("said", [DCTERMS.accessRights, DCTERMS.publisher, DCTERMS.identifier, DCAT.theme])
def test_a_data_set_without_what_is_mandatory_breaks_the_shapes(said: URIRef) -> None:
    city = facts()
    assert city.project.catalogue is not None
    graph = catalogue_graph(city, city.project.catalogue)
    assert shape_breaches(graph) == ()
    graph.remove((URIRef("https://stad.example/id/dataset/zorg_telling"), said, None))
    assert any(str(said) in breach for breach in shape_breaches(graph))


def test_a_high_value_data_set_is_held_against_the_law_for_those() -> None:
    city = facts()
    assert city.project.catalogue is not None
    entry = city.project.catalogue.model_copy(update={"high_value": {"zorg_telling": "statistics"}})
    valuable = replace(city, project=replace(city.project, catalogue=entry))
    paper = make_papers(valuable, ["catalogue"])[0]
    assert paper.valid
    assert "http://data.europa.eu/eli/reg_impl/2023/138/oj" in paper.text
    assert "c_e1da4e07" in paper.text


def test_the_catalogue_of_a_site_knows_its_files_and_its_day_and_holds_to_the_shapes() -> None:
    files = {"data/zorg_telling.plain.csv": (4096, "e" * 64), "data/zorg_telling.json": (99, "f" * 64)}
    found = finished_catalogue(begun_catalogue(facts()), files, dt.date(2026, 3, 2), "0123456789abcdef")
    graph = Graph().parse(data=found["ttl"], format="turtle")
    assert set(graph) == set(Graph().parse(data=found["jsonld"], format="json-ld"))
    assert shape_breaches(graph) == ()
    urls = {str(url).removeprefix("https://stad.example/") for url in graph.objects(None, DCAT.downloadURL)}
    assert urls == files.keys()
    for size, digest in files.values():
        assert f'"{size}"^^xsd:nonNegativeInteger' in found["ttl"]
        assert digest in found["ttl"]
    assert {str(day) for day in graph.objects(None, DCTERMS.modified)} == {"2026-03-02"}


def test_a_catalogue_that_is_begun_knows_no_file_no_day_and_no_version() -> None:
    text = json.dumps(begun_catalogue(facts()))
    for later in (
        "byteSize",
        "checksumValue",
        "modified",
        "DCAT#version",
        "dcat#version",
        NOW.date().isoformat(),
    ):
        assert later not in text
    assert json.dumps(begun_catalogue(facts(made=NOW + dt.timedelta(days=9)))) == text


def test_a_project_that_stands_in_no_catalogue_has_none() -> None:
    city = facts()
    assert begun_catalogue(replace(city, project=replace(city.project, catalogue=None))) == {}
    city = facts()
    assert make_papers(replace(city, project=replace(city.project, catalogue=None)), ["catalogue"]) == ()
    assert made("catalogue", release=None) == ()


# Algorithms and the AI Act


def test_an_entry_is_filled_from_the_folder() -> None:
    entry = json.loads(made("algorithms")[0].text)
    assert entry["organization"] == "Gemeente Stad"
    assert entry["lawful_basis"] == "AVG artikel 6; UAVG artikel 24"
    assert entry["process_index_url"] == "https://stad.example/id/verwerking/zorg"
    assert entry["source_data"] == "Zorgadministratie (Afdeling Zorg)"
    assert entry["lang"] == "nld"


def test_an_entry_that_is_too_long_for_the_register_is_caught() -> None:
    long = algorithm(goal={"nl": "x" * 2501})
    paper = made("algorithms", algorithms={"recht": long})[0]
    assert not paper.valid
    assert "goal" in paper.breaches[0]
    assert "xxx" not in paper.breaches[0]


@pytest.mark.parametrize(
    ("answers", "conclusion", "labels"),
    [
        ({"1.1": "Nee"}, "11.0", ("geen algoritme",)),
        (RULES, "11.1", ("aanbieder", "gebruiksverantwoordelijke", "in gebruik")),
        (HIGH_RISK, "14.0.2", ("hoog-risico AI", "geen transparantieverplichting")),
    ],
)
def test_the_tree_of_the_ai_act_leads_where_its_answers_lead(
    answers: dict[str, str], conclusion: str, labels: tuple[str, ...]
) -> None:
    found = ai_class(answers)
    assert found.conclusion_id == conclusion
    assert set(labels) <= set(found.labels)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"1.1": "Ja"}, "Question 1.2 of the AI Act tree has no answer"),
        ({"1.1": "ja hoor"}, "is no answer to question 1.1"),
        ({**RULES, "2.5": "Nee"}, "Question 2.5 of the AI Act tree is answered and is not asked"),
    ],
)
def test_answers_that_do_not_walk_the_tree_are_refused(answers: dict[str, str], said: str) -> None:
    with pytest.raises(ZichtError, match=said):
        ai_class(answers)


# The log of data processing


def test_a_record_that_was_written_can_be_read_again(tmp_path: Path) -> None:
    logbook = Logbook(tmp_path / "log.jsonl")
    logbook.write(
        [
            record(),
            record(span="1" * 16, parent=SPAN, subject="pid_3f9a77c1d2e4b5a6", subject_kind="pseudoniem"),
        ]
    )
    lines = list(log_lines(tmp_path / "log.jsonl"))
    assert [line["parent_span_id"] for line in lines] == [None, SPAN]
    paper = made("logbook", log=tuple(lines))[0]
    assert paper.valid


def test_records_of_which_one_is_wrong_are_not_written_at_all(tmp_path: Path) -> None:
    logbook = Logbook(tmp_path / "log.jsonl")
    with pytest.raises(ZichtError, match="breaks Logboek Dataverwerkingen"):
        logbook.write([record(), record(trace="0" * 32)])
    assert (tmp_path / "log.jsonl").read_text("utf-8") == ""


@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (f"00-{TRACE}-{SPAN}-01", TRACE),
        (f"00-{TRACE}-{SPAN}-00", TRACE),
        (f"00-{'0' * 32}-{SPAN}-01", None),
        (f"ff-{TRACE}-{SPAN}-01", None),
        ("", None),
        (f"00-{TRACE}", None),
    ],
)
def test_a_trace_that_comes_in_is_gone_on_with_and_another_text_is_not(
    header: str, trace: str | None
) -> None:
    context = TraceContext.read(header)
    assert (context.trace if context else None) == trace


def test_a_trace_goes_out_as_it_came_in() -> None:
    context = TraceContext.read(f"00-{TRACE}-{SPAN}-01")
    assert context is not None
    assert context.header("1" * 16) == f"00-{TRACE}-{'1' * 16}-01"


# Lineage


@pytest.mark.parametrize(("state", "type_"), [("made", "COMPLETE"), ("failed", "FAIL"), ("killed", "ABORT")])
def test_every_run_starts_and_ends_in_events(state: str, type_: str) -> None:
    found = list(events(facts(), run(state=state)))
    assert [event["eventType"] for event in found] == ["START", type_]
    assert [event_breaches(event) for event in found] == [(), ()]


def test_a_count_tells_the_columns_that_it_was_made_of() -> None:
    counted = list(events(facts(), run(name="figures/zorg", outside={}, needs={"register/zorg": "d" * 64})))[
        -1
    ]
    text = json.dumps(counted)
    assert '"field": "zorgsoort"' in text
    assert '"AGGREGATION"' in text
    assert event_breaches(counted) == ()


def test_an_event_with_a_facet_that_is_wrong_is_caught() -> None:
    event = json.loads(json.dumps(next(iter(events(facts(), run())))))
    event["job"]["facets"]["documentation"]["description"] = 3
    assert any("documentation" in breach for breach in event_breaches(event))
    event = json.loads(json.dumps(next(iter(events(facts(), run())))))
    event["run"]["runId"] = "no uuid"
    assert event_breaches(event) != ()


# Contracts and assessments


def test_the_contract_of_figures_names_what_makes_a_row() -> None:
    text = next(paper.text for paper in made("contracts") if "figures" in paper.name)
    contract = yaml.safe_load(text)
    keys = [one["name"] for one in contract["schema"][0]["properties"] if one.get("primaryKey")]
    assert keys == ["area", "period", "leeftijdsgroep"]
    assert contract["servers"][0]["location"] == "https://stad.example/data/zorg_telling.plain.csv"


def test_a_contract_that_is_broken_is_caught() -> None:
    city = facts()
    broken = {**city.registers["zorg"].contract, "status": 3}
    papers = make_papers(
        replace(city, registers={"zorg": replace(city.registers["zorg"], contract=broken)}), ["contracts"]
    )
    assert [paper.name for paper in papers if not paper.valid] == ["contract-zorg.odcs.yaml"]


def test_an_assessment_is_filled_as_far_as_is_known_and_leaves_judgement_open() -> None:
    answers = json.loads(made("dpia")[0].text)["answers"]
    assert [row["2.1.4"]["value"] for row in answers["2.1"]] == [
        "gewoon",
        "bijzonder",
    ]  # the columns in use, and not that on age
    assert answers["10.1.1"][0]["10.1.1.4"]["value"] == "Aantal jaren"
    assert answers["11.1.1"][0]["11.1.1.1"]["value"] == "Rechtsgrond taak van algemeen belang"
    assert answers["12.1.1"]["value"] == "true"
    assert answers["12.2.1"]["value"] == "false"
    assert not {"14.1", "14.2", "16.1", "20.1"} & set(answers)


def test_how_much_of_an_assessment_is_filled_is_counted() -> None:
    paper = made("dpia")[0]
    assert 30 < paper.filled < paper.asked == len(questions("dpia"))


def test_the_pre_scan_tells_of_many_people_only_where_that_is_known() -> None:
    assert json.loads(made("prescan")[0].text)["answers"]["1.5.1"]["value"] == "true"
    city = facts()
    unbuilt = replace(city, registers={"zorg": replace(city.registers["zorg"], rows=None)})
    assert "1.5.1" not in json.loads(make_papers(unbuilt, ["prescan"])[0].text)["answers"]


def test_an_answer_that_the_form_does_not_offer_is_refused() -> None:
    form = Form("dpia", NOW)
    with pytest.raises(KeyError, match=r"11\.1\.1\.1"):
        form.row("11.1.1", {"11.1.1.1": "Omdat het kan"})
    with pytest.raises(KeyError):
        form.answer("99.1", "er is geen 99")


def test_an_assessment_in_another_shape_is_caught() -> None:
    value = json.loads(made("iama")[0].text)
    assert breaches_of("assessment-output.v2.schema.json", value, "iama") == ()
    value["answers"]["1.1.2"] = "bare text"
    assert breaches_of("assessment-output.v2.schema.json", value, "iama") != ()


# Held against the standards themselves, by another validator


@pytest.mark.shared
def test_papers_hold_against_the_standards_by_another_validator(shared: Path) -> None:
    standards = shared / "standards"

    def holds(schema: str, value: object) -> None:
        described = json.loads((standards / schema).read_text("utf-8"))
        jsonschema.Draft202012Validator(described, format_checker=jsonschema.FormatChecker()).validate(value)

    for paper in made("algorithms"):
        holds("algoritmeregister/algoritme-1.0.schema.json", json.loads(paper.text))
    for paper in made("dpia", "iama", "prescan"):
        holds("par-assessments/schemas/assessment-output.v2.schema.json", json.loads(paper.text))
    for paper in made("contracts"):
        schema = json.loads((standards / "odcs/schema/odcs-json-schema-v3.1.0.json").read_text("utf-8"))
        jsonschema.Draft201909Validator(schema).validate(yaml.safe_load(paper.text))
    holds("logboek/logregel.schema.json", record().as_dict())


@pytest.mark.shared
def test_events_hold_against_the_specification_by_another_validator(shared: Path) -> None:
    spec = shared / "standards" / "openlineage" / "spec"
    registry: Registry = Registry()
    core = json.loads((spec / "OpenLineage.json").read_text("utf-8"))
    registry = registry.with_resource(core["$id"], Resource.from_contents(core))
    checker = jsonschema.Draft202012Validator(
        {"$ref": f"{core['$id']}#/$defs/RunEvent"},
        registry=registry,
        format_checker=jsonschema.FormatChecker(),
    )
    for line in made("lineage")[0].text.splitlines():
        checker.validate(json.loads(line))


@pytest.mark.shared
def test_the_questions_that_ship_are_those_of_the_ministry(shared: Path) -> None:
    def ids(tasks: list[dict[str, object]]) -> set[str]:
        return {str(task["id"]) for task in tasks} | {
            id_ for task in tasks for id_ in ids(task.get("tasks", []))
        }  # type: ignore[arg-type]

    for kind in FORMS:
        source = yaml.safe_load(
            (shared / f"standards/par-assessments/sources/{kind}.yaml").read_text("utf-8")
        )
        assert set(questions(kind)) <= ids(source["tasks"])


def test_a_purpose_outside_the_eea_leaves_the_place_open() -> None:
    abroad = json.loads(made("dpia", purposes={"zorg": purpose(outside_eea=True)})[0].text)
    assert "8.1.1" not in abroad["answers"]
