"""Mistakes in declared findings are said with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from zicht.declare import read_project
from zicht.errors import DeclarationError

FINDING = """
findings:
  - id: meer_bijstand
    title: {nl: Waar is meer bijstand?}
    pattern: over_representation
    indicator: bijstand
    level: wijk
"""


def said(folder: Path, text: str) -> list[str]:
    with (folder / "products" / "rondkomen.yaml").open("a", encoding="utf-8") as file:
        file.write(text)
    try:
        read_project(folder)
    except DeclarationError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_finding_that_fits_is_read(starter: Path) -> None:
    assert said(starter, FINDING) == []
    (analysis,) = read_project(starter).products["rondkomen"].findings
    assert (analysis.id, analysis.compared_with, analysis.phenomenon) == ("meer_bijstand", "all", False)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("indicator: bijstand", "indicator: bijstant", "indicator `bijstant` is not declared. Did you mean `bijstand`?"),
        ("indicator: bijstand", "indicator: inwoners", "is looked for in a share or a rate, and `inwoners` is a count."),
        ("pattern: over_representation", "pattern: signals", "`signals` is looked for in a count or a sum or a take, and `bijstand` is a share."),
        ("    level: wijk\n", "    level: wijk\n    controls: [leeftijd]\n", "`bijstand` is not broken down by `leeftijd`."),
        ("    level: wijk\n", "    level: wijk\n    only: {leeftijd: 65+}\n", "`bijstand` is not broken down by `leeftijd`."),
        ("    level: wijk\n", "    level: wijk\n    compared_with: look_alikes\n", "`compared_with: look_alikes` and `traits` go together"),
        ("    level: wijk\n", "    level: wijk\n    compared_with: look_alikes\n    traits: [inwoner]\n", "indicator `inwoner` is not declared. Did you mean `inwoners`?"),
        ("    level: wijk\n", "    level: wijk\n    compared_with: look_alikes\n    traits: [bijstand]\n", "`bijstand` is what is compared, so it cannot be what areas are alike in."),
        ("pattern: over_representation", "pattern: look_alikes", "`look_alikes` needs `traits`"),
        ("pattern: over_representation", "pattern: ranks\n    compared_with: gemeente", "places are among all areas"),
        ("pattern: over_representation", "pattern: scan\n    compared_with: look_alikes\n    traits: [inwoners]", "`scan` cannot compare with `look_alikes`"),
        ("    level: wijk\n", "    level: wijk\n    compared_with: look_alikes\n    traits: [inwoners]\n    ratios: [huishoudens]\n", "`huishoudens` stands in `ratios` and not in `traits`"),
        ("pattern: over_representation", "pattern: scan\n    model: bernoulli\n    compared_with: gemeente", "which knows no `controls`, no other comparison"),
        ("pattern: over_representation", "pattern: scan\n    cap: 0.6", "`cap`"),
        ("pattern: over_representation\n    indicator: bijstand", "pattern: recent_clusters\n    indicator: inwoners\n    per: bijstand",
         "`bijstand` is a share, and it takes a count of those it can happen to."),
        ("pattern: over_representation\n    indicator: bijstand", "pattern: breaks\n    indicator: inwoners\n    relative_to: inwoner", "Did you mean `inwoners`?"),
        ("pattern: over_representation", "pattern: forecast", "`forecast` is looked for in a count, and `bijstand` is a share."),
        ("pattern: over_representation", "pattern: smoothed\n    compared_with: look_alikes\n    traits: [inwoners]",
         "`smoothed` cannot compare with `look_alikes`"),
        ("pattern: over_representation", "pattern: small_areas\n    size: inwonersaantal", "indicator `inwonersaantal` is not declared."),
        ("pattern: over_representation", "pattern: small_areas\n    size: bijstand", "`size` asks how many units an area has, and `bijstand` is a share."),
        ("pattern: over_representation", "pattern: small_areas\n    size: inwoners\n    covariates: [inkomens]", "indicator `inkomens` is not declared."),
        ("pattern: over_representation", "pattern: small_areas\n    size: inwoners\n    classes: [20, 10]", "`classes` must rise"),
        ("pattern: over_representation", "pattern: small_areas\n    size: inwoners\n    covariates: [bijstand]", "cannot explain itself"),
        ("pattern: over_representation", "pattern: adjusted_ratio\n    breakdown: leeftijd\n    base: 65+", "`bijstand` is not broken down by `leeftijd`."),
        ("pattern: over_representation", "pattern: adjusted_ratio\n    breakdown: leeftijd\n    base: 65+\n    controls: [leeftijd]", "`leeftijd` can stand in one of `breakdown`, `controls` and `only`"),
        ("pattern: over_representation", "pattern: ranking", "`pattern` cannot be 'ranking'."),
        ("    level: wijk\n", "    level: wijk\n  - {id: meer_bijstand, title: Nog eens, pattern: clusters, indicator: bijstand, level: wijk}\n",
         "finding `meer_bijstand` is declared in product `rondkomen` already."),
    ],
)  # fmt: skip
def test_a_finding_that_does_not_fit_is_refused_with_its_place(
    starter: Path, before: str, after: str, told: str
) -> None:
    (problem,) = said(starter, FINDING.replace(before, after, 1))
    assert told in problem
    assert problem.startswith("products/rondkomen.yaml:")


def test_a_finding_that_would_never_judge_a_whole_month_is_refused(starter: Path) -> None:
    indicators = starter / "indicators" / "bevolking.yaml"
    text = indicators.read_text("utf-8")
    at = text.index("measure: count")
    indicators.write_text(text[:at] + "provisional: 2\n    " + text[at:], "utf-8")
    counted = FINDING.replace("over_representation", "signals").replace(
        "indicator: bijstand", "indicator: inwoners"
    )
    (problem,) = said(starter, counted + "    months: 2\n")
    assert "no month would be judged whole. Write `months: 3` or more." in problem
    assert problem.startswith("products/rondkomen.yaml:")


SITES = """
findings:
  - id: waar
    title: {nl: Waar?}
    pattern: sites
    indicator: bijstand
    level: wijk
    choose: 3
    objective: p_median
    candidates: {register: REGISTER}
"""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("REGISTER", "inwoner", "register `inwoner` is not declared. Did you mean `inwoners`?"),
        ("REGISTER", "inwoners", "places are public objects, and a row of `inwoners` is of a"),
        ("REGISTER", "inwoners", "`inwoners` has no public column that names each object."),
        ("REGISTER", "inwoners", "`inwoners` does not say in which wijk each object lies."),
        ("REGISTER", "inwoners, x: lengte", "column `lengte` is not declared"),
        ("p_median", "max_cover", "`max_cover` needs `reach`, in metres"),
    ],
)  # fmt: skip
def test_places_are_public_objects_and_never_homes(starter: Path, before: str, after: str, told: str) -> None:
    problems = said(starter, SITES.replace(before, after).replace("REGISTER", "inwoners"))
    assert [one for one in problems if told in one], problems
