"""A scheme declared by its rule becomes indicators, and a mistake in the rule is said where it stands."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from zicht.declare import read_project
from zicht.errors import DeclarationError

SCHEME = """
schemes:
  - id: pas
    name: {nl: de pas, en: the pass}
    entitled: {nl: Recht heeft wie tot 120 heeft., en: Entitled is who has up to 120.}
    unit: {nl: inwoners, en: inhabitants}
    theme: inkomen
    register: inwoners
    purpose: beleidsinformatie
    population: inkomen is not null
    income: inkomen / 200
    limit: 120
    conditions: geboortejaar < 2000 or bijstand
    used: bijstand
    by: [leeftijd]
    other_limits: [100, 150]
"""
LIMITS = """
findings:
  - id: andere_grens
    title: {nl: Wat als?}
    pattern: other_limit
    indicator: grens_pas
    level: wijk
    dimension: grens_pas
    limits: [100, 120, 150]
    limit: 120
    called: {nl: "een grens van {limit} %", en: "a limit of {limit} %"}
"""
UNUSED = """
findings:
  - id: ongebruikt
    title: {nl: Waar blijft de pas liggen?}
    pattern: take_up
    indicator: niet_gebruik_pas
    level: wijk
    rule_errors: {wrongly: [0.02, 0.08], missed: [0.01, 0.05], because: {nl: Oud inkomen.}}
"""


def said(folder: Path, scheme: str = SCHEME, finding: str = "") -> list[str]:
    for path, text in (
        (next((folder / "indicators").glob("*.yaml")), scheme),
        (folder / "products" / "rondkomen.yaml", finding),
    ):
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    try:
        read_project(folder)
    except DeclarationError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_scheme_becomes_indicators_over_the_same_rule(starter: Path) -> None:
    assert said(starter, finding=LIMITS + UNUSED.replace("\nfindings:", "")) == []
    made = read_project(starter).indicators
    assert [id_ for id_ in made if id_.endswith("_pas")] == ["grens_pas", "niet_gebruik_pas", "recht_pas"]
    assert made["recht_pas"].population == made["niet_gebruik_pas"].population
    assert made["niet_gebruik_pas"].by == ("leeftijd",)
    assert made["niet_gebruik_pas"].purpose == "beleidsinformatie"


def test_the_rule_counts_whom_its_words_say(starter: Path) -> None:
    """A condition with `or` in it does not let in who has too much income."""
    said(starter)
    project = read_project(starter)
    people = """(values (20_000, 1990, false), (24_000, 2010, true), (24_001, 1990, true), (26_000, 1990, false), (null, 1990, false),
        (19_000, 2010, false)) p(inkomen, geboortejaar, bijstand)"""
    asked = {id_: project.indicators[id_].population for id_ in ("recht_pas", "grens_pas")}
    counted = {
        id_: duckdb.sql(f"select count(*) from {people} where {sql}").fetchall()[0][0]
        for id_, sql in asked.items()
    }
    assert counted == {"recht_pas": 2, "grens_pas": 4}
    classes = duckdb.sql(
        f"select {project.dimensions['grens_pas'].sql} k, count(*) from {people} where {asked['grens_pas']} group by k order by k"
    )
    assert classes.fetchall() == [("100", 1), ("120", 1), ("150", 2)]


def test_without_other_limits_no_classes_are_made(starter: Path) -> None:
    assert said(starter, SCHEME.replace("    other_limits: [100, 150]\n", "")) == []
    project = read_project(starter)
    assert "grens_pas" not in project.indicators
    assert "grens_pas" not in project.dimensions


@pytest.mark.parametrize(
    ("before", "after", "place", "told"),
    [
        ("income: inkomen / 200", "income: inkomsten / 200", "25", "`income`:"),
        ("conditions: geboortejaar", "conditions: geboorte", "27", "`conditions`:"),
        ("used: bijstand", "used: gebruikt", "28", "`used`:"),
        ("population: inkomen is", "population: loon is", "24", "`population`:"),
        ("register: inwoners", "register: inwonders", "22", "register `inwonders` is not declared. Did you mean `inwoners`?"),
        ("theme: inkomen", "theme: inkom", "21", "theme `inkom` is not declared."),
        ("by: [leeftijd]", "by: [leeftyd]", "29", "dimension `leeftyd` is not declared."),
        ("[100, 150]", "[150, 100]", "30", "the limits in `other_limits` must go up"),
        ("id: pas", "id: pas\n    rule: x", "", "`rule`"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_rule_is_said_once_where_it_stands(
    starter: Path, before: str, after: str, place: str, told: str
) -> None:
    problems = dict.fromkeys(said(starter, SCHEME.replace(before, after, 1)))
    (problem,) = problems
    assert told in problem
    assert problem.startswith("indicators/")


def test_an_indicator_that_has_the_id_of_one_of_a_scheme_is_refused(starter: Path) -> None:
    twice = SCHEME + SCHEME.replace("\nschemes:", "").replace("id: pas", "id: kaart").replace(
        "- id: kaart", "- id: pas"
    )
    assert any("`pas` is declared twice." in problem for problem in said(starter, twice))


@pytest.mark.parametrize(
    ("finding", "before", "after", "told"),
    [
        (LIMITS, "limits: [100, 120, 150]", "limits: [120, 150]", "are not the first categories of `grens_pas` in their order"),
        (LIMITS, "limits: [100, 120, 150]", "limits: [120, 100]", "are not the first categories of `grens_pas` in their order"),
        (LIMITS, "limit: 120", "limit: 130", "limit `130` is not declared."),
        (LIMITS, "dimension: grens_pas", "dimension: leeftijd", "`grens_pas` is not broken down by `leeftijd`."),
        (LIMITS, "indicator: grens_pas", "indicator: bijstand", "`other_limit` is looked for in a count, and `bijstand` is a share."),
        (LIMITS, "een grens van {limit} %", "een grens", "`called` does not say where the limit stands"),
        (LIMITS, "    limit: 120", "    limit: 120\n    of: inwoners", "say of how many in `per`"),
        (LIMITS, "    limit: 120", "    limit: 120\n    of: gemiddeld_inkomen\n    per: 100", "`gemiddeld_inkomen` is a mean, which counts no units."),
        (UNUSED, "wrongly: [0.02, 0.08]", "wrongly: [0.08, 0.02]", "the least comes first in `wrongly`: [0.02, 0.08]"),
        (UNUSED, "wrongly: [0.02, 0.08]", "wrongly: [0.02, 1.5]", "less than 1"),
        (UNUSED, "indicator: niet_gebruik_pas", "indicator: recht_pas", "`take_up` is looked for in a share, and `recht_pas` is a count."),
        (UNUSED, "level: wijk", "level: wijk\n    groups: [geslacht]", "`niet_gebruik_pas` is not broken down by `geslacht`."),
    ],
)  # fmt: skip
def test_a_finding_about_a_scheme_that_does_not_fit_is_refused(
    starter: Path, finding: str, before: str, after: str, told: str
) -> None:
    problems = said(starter, finding=finding.replace(before, after, 1))
    assert any(told in problem for problem in problems), problems
    assert all(problem.startswith("products/rondkomen.yaml:") for problem in problems)
