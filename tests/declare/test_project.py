"""A project folder is read whole, and every mistake is said with its place and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from zicht.declare import FigureNamed, read_project, story_pieces
from zicht.errors import DeclarationError


def problems(folder: Path) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        read_project(folder)
    return [str(problem) for problem in caught.value.problems]


def edit(folder: Path, file: str, before: str, after: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert before in text, f"{file} does not hold {before!r}"
    path.write_text(text.replace(before, after, 1), "utf-8")


def test_the_starter_has_no_mistakes(starter: Path) -> None:
    project = read_project(starter)
    assert sorted(project.indicators) == ["bijstand", "gemiddeld_inkomen", "inwoners"]
    register = project.registers["inwoners"]
    assert register.key == ("persoon_id",)
    assert register.area_column is not None
    assert register.area_column.name == "buurtcode"
    assert register.period_column is not None


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("indicators/bevolking.yaml", "measure: share", "mesure: share", "indicators/bevolking.yaml:31:5: `mesure` is not a key here. Did you mean `measure`?"),
        ("indicators/bevolking.yaml", "theme: inkomen", "theme: inkommen", ":28:12: theme `inkommen` is not declared. Did you mean `inkomen`?"),
        ("indicators/bevolking.yaml", "register: inwoners", "register: inwoner", "register `inwoner` is not declared. Did you mean `inwoners`?"),
        ("indicators/bevolking.yaml", "measure: count", "measure: counting", "`measure` cannot be 'counting'."),
        ("indicators/bevolking.yaml", "numerator: bijstand", "numerator: bijstandd", "names `bijstandd`, which is no column. Did you mean `bijstand`?"),
        ("indicators/bevolking.yaml", "numerator: bijstand", "numerator: (select 1)", "`numerator`:"),
        ("indicators/bevolking.yaml", "    numerator: bijstand\n", "", "a share needs `numerator`"),
        ("indicators/bevolking.yaml", "by: [leeftijd]", "by: [leeftijdd]", "dimension `leeftijdd` is not declared. Did you mean `leeftijd`?"),
        ("indicators/bevolking.yaml", "- id: bijstand", "- id: inwoners", "`inwoners` is declared twice."),
        ("indicators/bevolking.yaml", "id: 65+", "id: TOTAL", "`TOTAL` is written by Zicht itself"),
        ("indicators/bevolking.yaml", "numerator: bijstand", 'numerator: geslacht = "X"', 'names `X`, which is no column. Text stands between single quotes: \'X\'.'),
        ("indicators/bevolking.yaml", "numerator: bijstand", "numerator: bijstand;", "holds a `;`. Leave it out."),
        ("indicators/bevolking.yaml", "numerator: bijstand", "numerator: bijstand && true", "holds a `&&`. Write `and`."),
        ("indicators/bevolking.yaml", "numerator: bijstand", "numerator: adressen.woz", "put registers together in one that SQL makes"),
        ("indicators/bevolking.yaml", "measure: count", "measure: count\n    value: inkomen", "a count does not use `value`"),
        ("indicators/bevolking.yaml", "measure: count", "measure: count\n    levels: [wijken]", "`levels` cannot be 'wijken'."),
        ("indicators/bevolking.yaml", "decimals: 1", "decimals: een", "`decimals` must be a whole number, and 'een' is not."),
        ("indicators/bevolking.yaml", "nl: Hoeveel mensen wonen", "nl: Hoeveel mensen, jong en oud, wonen", "A text with a comma stands between quotes."),
        ("indicators/bevolking.yaml", "- id: bijstand", "- id: bij-stand", "Use small letters, digits and `_`, and begin with a letter."),
        ("products/rondkomen.yaml", "[bijstand, gemiddeld_inkomen, inwoners]", "bijstand", "`indicators` must be a list, and 'bijstand' is not. Write `[one, two]`"),
        ("sources/gebieden.yaml", "deliverer:", "---\ndeliverer:", "a second document begins (`---`). Write each in a file of its own."),
        ("zicht.yaml", "zicht: 1", "zicht: 2", "`zicht` cannot be 2."),
        ("zicht.yaml", "division: 2025", "division: '2025'", "zicht.yaml:15:13"),
        ("zicht.yaml", "source: gebieden,", "source: gebied,", "source `gebied` is not declared. Did you mean `gebieden`?"),
        ("zicht.yaml", "level: wijk,", "level: wik,", "`level` cannot be 'wik'."),
        ("sources/inwoners.yaml", "file: leveringen/inwoners.csv", "file: ../../etc/passwd", "lies outside the folder"),
        ("sources/inwoners.yaml", "file: leveringen/inwoners.csv", "file: /etc/passwd", "lies outside the folder"),
        ("sources/inwoners.yaml", "file: leveringen/inwoners.csv", "url: https://example.org/x.csv", "personal data is not fetched from the network"),
        ("sources/inwoners.yaml", "file: leveringen/inwoners.csv", "url: http://example.org/x.csv", "cannot stand at `url`"),
        ("sources/inwoners.yaml", "personal: ordinary", "personal: yes", "`personal` cannot be 'yes'."),
        ("registers/inwoners.yaml", "value: inwoners}", "value: inwonersx}", "source `inwonersx` is not declared."),
        ("registers/inwoners.yaml", "logicalType: boolean", "logicalType: bool", "breaks the contract standard (ODCS 3.1)"),
        ("registers/inwoners.yaml", "apiVersion: v3.1.0", "apiVersion: v9", "breaks the contract standard (ODCS 3.1)"),
        ("registers/inwoners.yaml", "value: person}", "value: people}", "eenheid `people` is not known."),
        ("registers/inwoners.yaml", 'value: {"": not_available}', 'value: {"": missing}', "status `missing` is not known."),
        ("registers/inwoners.yaml", "name: bijstand,", "name: inkomen,", "column `inkomen` stands here twice."),
        ("registers/inwoners.yaml", "value: buurt}", "value: buurt}, {property: indeling, value: next}", "`indeling` is next."),
        ("registers/inwoners.yaml", "property: gebied, value: buurt}", "property: indeling, value: 2024}", "`indeling` stands beside no level of areas."),
        ("registers/inwoners.yaml", "value: buurt}", "value: buurt}, {property: indeling, value: 2024}, {property: ligging, value: {x: a, y: b}}", "`indeling` and `ligging` cannot stand together"),
        ("registers/inwoners.yaml", "value: 0.01}", "value: 3}", "`weigering` is 3."),
        ("products/rondkomen.yaml", "[bijstand, ", "[bystand, ", "indicator `bystand` is not declared. Did you mean `bijstand`?"),
        ("products/rondkomen.yaml", "purposes: [beleidsinformatie]", "purposes: [beleid]", "purpose `beleid` is not declared."),
        ("purposes/beleidsinformatie.yaml", "retention: P10Y", "retention: two years", "'two years' cannot stand at `retention`."),
        ("purposes/beleidsinformatie.yaml", "registers: [inwoners]", "registers: [personen]", "register `personen` is not declared."),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_place_and_what_would_be_right(
    starter: Path, file: str, before: str, after: str, said: str
) -> None:
    edit(starter, file, before, after)
    found = problems(starter)
    assert any(said in problem for problem in found), found
    assert any(problem.startswith(file) for problem in found), found


def test_codes_of_another_division_are_not_where_figures_are_about(starter: Path) -> None:
    edit(
        starter,
        "registers/inwoners.yaml",
        "value: buurt}",
        "value: buurt}, {property: indeling, value: 2024}",
    )
    assert any("register `inwoners` marks no area column." in problem for problem in problems(starter))


def test_all_mistakes_are_said_at_once(starter: Path) -> None:
    edit(starter, "indicators/bevolking.yaml", "measure: count", "measure: counting")
    edit(starter, "indicators/bevolking.yaml", "measure: share", "mesure: share")
    edit(starter, "sources/gebieden.yaml", "deliverer:", "delivere:")
    edit(starter, "products/rondkomen.yaml", "audience:", "audiance:")
    assert {problem.split(":")[0] for problem in problems(starter)} == {
        "indicators/bevolking.yaml",
        "sources/gebieden.yaml",
        "products/rondkomen.yaml",
    }


def test_a_folder_without_zicht_yaml_is_no_project(tmp_path: Path) -> None:
    assert "holds no zicht.yaml" in problems(tmp_path)[0]


def test_a_misspelt_folder_is_noticed(starter: Path) -> None:
    (starter / "products").rename(starter / "product")
    assert any("Did you mean `products`?" in problem for problem in problems(starter))


def test_a_link_out_of_the_folder_is_not_followed(starter: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("id: secret\n")
    (starter / "sources" / "x.yaml").symlink_to(tmp_path / "secret.yaml")
    found = problems(starter)
    assert any("link to a file outside" in problem for problem in found)
    assert not any("secret" in problem.replace("x.yaml", "") for problem in found)


def test_a_register_made_by_sql_reads_declared_registers_only(starter: Path) -> None:
    contract = (starter / "registers" / "inwoners.yaml").read_text("utf-8")
    contract = contract.replace("name: inwoners\n", "name: ouderen\n").replace(
        "property: bron, value: inwoners", "property: sql, value: ouderen.sql"
    )
    (starter / "registers" / "ouderen.yaml").write_text(contract, "utf-8")
    (starter / "registers" / "ouderen.sql").write_text(
        "select * from inwoners\nwhere geboortejaar < 1960", "utf-8"
    )
    assert read_project(starter).register_sql["ouderen"].startswith("select")
    (starter / "registers" / "ouderen.sql").write_text(
        "select * from inwoners\nunion all\nselect * from geheim", "utf-8"
    )
    found = problems(starter)
    assert any(problem.startswith("registers/ouderen.sql:3") and "geheim" in problem for problem in found), (
        found
    )


# ---- stories

PRODUCT = """id: verhaal
title: Verhaal
question: Hoeveel?
answer: Zoveel.
audience: Raad
indicators: [inwoners]
limits: Niets.
sections:
  - title: {title}
    text: {text}
"""


def told(folder: Path, title: str, text: str, more: str = "") -> Path:
    (folder / "products").mkdir(exist_ok=True)
    (folder / "products/verhaal.yaml").write_text(PRODUCT.format(title=title, text=text) + more, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("title", "text", "more", "said"),
    [
        ("Het zijn er 1.234", "Tekst", "", ":9:12: the number 1.234 is typed; a number comes from the release."),
        ("Kop", "Ruim 12% van de mensen", "", ":10:11: the number 12 is typed"),
        ("Kop", '"Er zijn {cijfer inwoners} mensen"', "", ":10:11: `{cijfer inwoners}` is not a placeholder."),
        ("Kop", '"Er zijn {cijfer inwonners geheel laatste} mensen"', "", ":10:11: there is no indicator `inwonners`."),
        ("Kop", '"Er zijn {cijfer inwoners geheel laatste kleur=rood}"', "", ":10:11: `inwoners` is not broken down by `kleur`."),
        ("Kop", "Tekst", "    indicator: bijstand\n    chart: trend\n", "the product does not name the indicator `bijstand`."),
        ("Kop", "Tekst", "    indicator: inwoners\n", "a picture needs both `chart` and `indicator`."),
        ("Kop", "Tekst", "    indicator: inwoners\n    chart: pie\n", "chart"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_story_is_said_with_its_place(
    starter: Path, title: str, text: str, more: str, said: str
) -> None:
    found = problems(told(starter, title, text, more))
    assert any(said in problem for problem in found), found


def test_a_story_names_figures_and_keeps_years_and_numbers_of_definitions(starter: Path) -> None:
    text = '"In 2024 telde {vast 18 jaar} mee: {cijfer inwoners geheel laatste} en {cijfer inwoners GM9002 2024}."'
    section = read_project(told(starter, "Kop", text)).products["verhaal"].sections[0]
    assert story_pieces(section.text.nl) == [
        "In 2024 telde ", "18 jaar", " mee: ", FigureNamed("inwoners", "geheel", "laatste", {}), " en ",
        FigureNamed("inwoners", "GM9002", "2024", {}), ".",
    ]  # fmt: skip


def test_the_size_of_a_share_must_be_an_indicator(starter: Path) -> None:
    edit(starter, "indicators/bevolking.yaml", "measure: share", "measure: share\n    size: inwonners")
    assert any("indicator `inwonners` is not declared" in problem for problem in problems(starter))
