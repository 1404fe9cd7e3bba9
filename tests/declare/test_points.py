"""Points on a map are where public objects stand: nothing else can be declared as points."""

from __future__ import annotations

from pathlib import Path

import pytest

from zicht.declare import read_project
from zicht.errors import DeclarationError

REGISTER = """apiVersion: v3.1.0
kind: DataContract
id: 6f0c2a9e-51d5-4d0c-8a3c-6f3f0f9d2a77
name: Banken in het park
version: 1.0.0
status: active
schema:
  - name: banken
    logicalType: object
    customProperties:
      - {property: bron, value: banken}
      - {property: eenheid, value: object}
      - {property: periode, value: "2025"}
    properties:
      - {name: bank, logicalType: string, required: true, primaryKey: true, classification: public}
      - {name: soort, logicalType: string, classification: public}
      - {name: x, logicalType: number, classification: public}
      - {name: y, logicalType: number, classification: public}
      - {name: buurtcode, logicalType: string, classification: public, customProperties: [{property: gebied, value: buurt}]}
"""
SOURCE = """id: banken
title: {nl: Banken, en: Benches}
deliverer: Beheer openbare ruimte
origin: {file: leveringen/banken.csv}
"""
INDICATOR = """indicators:
  - id: banken
    title: {nl: Banken, en: Benches}
    explanation: {nl: Banken in parken., en: Benches in parks.}
    unit: {nl: banken, en: benches}
    theme: bevolking
    register: banken
    measure: count
    points: {register: banken, title: {nl: Banken, en: Benches}}
"""


def said(
    folder: Path, *, register: str = REGISTER, source: str = SOURCE, indicator: str = INDICATOR
) -> list[str]:
    (folder / "leveringen" / "banken.csv").write_text(
        "bank,soort,x,y,buurtcode\n1,hout,155000,463000,\n", "utf-8"
    )
    for kind, text in (("registers", register), ("sources", source), ("indicators", indicator)):
        (folder / kind / "banken.yaml").write_text(text, "utf-8")
    try:
        read_project(folder)
    except DeclarationError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_benches_may_be_shown_where_they_stand(starter: Path) -> None:
    assert said(starter) == []
    points = read_project(starter).indicators["banken"].points
    assert points is not None
    assert (points.register_, points.x, points.y) == ("banken", "x", "y")


@pytest.mark.parametrize("unit", ["person", "household", "address", "firm", "event", "area"])
def test_rows_that_are_no_objects_are_never_points(starter: Path, unit: str) -> None:
    (problem,) = said(starter, register=REGISTER.replace("value: object", f"value: {unit}"))
    assert f"a row of `banken` is a {unit}; only objects are shown as points." in problem
    assert problem.startswith("indicators/banken.yaml:9:")


@pytest.mark.parametrize("classification", ["internal", "personal"])
def test_one_column_that_is_not_public_closes_the_register(starter: Path, classification: str) -> None:
    spoilt = REGISTER.replace(
        "{name: soort, logicalType: string, classification: public}",
        f"{{name: soort, logicalType: string, classification: {classification}}}",
    )
    told = said(starter, register=spoilt)
    assert any("has columns that are not public: soort." in problem for problem in told)


def test_a_column_without_classification_is_not_taken_for_public(starter: Path) -> None:
    told = said(
        starter,
        register=REGISTER.replace(
            "{name: soort, logicalType: string, classification: public}", "{name: soort, logicalType: string}"
        ),
    )
    assert any("has columns that are not public: soort." in problem for problem in told)


def test_a_source_with_personal_data_gives_no_points(starter: Path) -> None:
    told = said(starter, source=SOURCE + "personal: ordinary\n")
    assert any("comes from `banken`, which holds personal data." in problem for problem in told)


def test_what_a_query_made_of_persons_is_not_taken_for_objects(starter: Path) -> None:
    (starter / "registers" / "banken.sql").write_text(
        "select persoon_id as bank, 'x' as soort, 1.0 as x, 2.0 as y, buurtcode from inwoners", "utf-8"
    )
    told = said(
        starter,
        register=REGISTER.replace("{property: bron, value: banken}", "{property: sql, value: banken.sql}"),
    )
    assert any("`banken` is made by SQL" in problem for problem in told)


def test_points_that_would_tell_a_protected_count_are_refused(starter: Path) -> None:
    (problem,) = said(starter, indicator=INDICATOR + "    protection: microdata\n")
    assert (
        "figures of `banken` over `banken` are protected (`microdata`), and points can be counted." in problem
    )


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ("{register: bankn, title: Banken}", "register `bankn` is not declared. Did you mean `banken`?"),
        ("{register: banken, title: Banken, x: xx}", "column `xx` is not declared."),
        ("{register: banken, title: Banken, y: soort}", "`soort` is a string; a coordinate is a number."),
        (
            "{register: inwoners, title: Mensen}",
            "a row of `inwoners` is a person; only objects are shown as points.",
        ),
    ],
)
def test_points_that_cannot_be_drawn_are_said_with_their_place(starter: Path, points: str, told: str) -> None:
    spoilt = INDICATOR.replace("{register: banken, title: {nl: Banken, en: Benches}}", points)
    problems = said(starter, indicator=spoilt)
    assert any(told in problem and problem.startswith("indicators/banken.yaml:9:") for problem in problems), (
        problems
    )
