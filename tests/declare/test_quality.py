"""Norms and lead times in contracts: what is read, and every mistake with its place and what would be right."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from zicht.declare import Duration, Register, period_day, read_project
from zicht.demo import new_project
from zicht.errors import DeclarationError


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("starter") / "p"
    new_project(folder)
    return folder


def with_norms(starter: Path, to: Path, *, table: str = "", custom: str = "", sla: str = "") -> Path:
    """The starter with a norm, a customProperty or a service level more; each a line of YAML."""
    shutil.copytree(starter, to, dirs_exist_ok=True)
    file = to / "registers" / "inwoners.yaml"
    text = file.read_text("utf-8")
    if table:
        text = text.replace("    quality:\n", f"    quality:\n      - {table}\n", 1)
    if custom:
        text = text.replace("    customProperties:\n", f"    customProperties:\n      - {custom}\n", 1)
    if sla:
        text = text.replace("slaProperties:\n", f"slaProperties:\n  - {sla}\n", 1)
    file.write_text(text, "utf-8")
    return to


def register_of(folder: Path) -> Register:
    return read_project(folder).registers["inwoners"]


CUSTOM = "type: custom, engine: zicht"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{metric: nullValues, mustBe: 0}", "`nullValues` is about a column. Put it under the `quality` of that column."),
        ("{metric: duplicateValues, mustBe: 0}", "`duplicateValues` names no column."),
        ("{metric: duplicateValues, arguments: {properties: [nergens]}, mustBe: 0}", "has no column `nergens`. It has: persoon_id"),
        ("{metric: rowCount, arguments: {properties: [a]}, mustBe: 0}", "`rowCount` has no argument `properties`. It has: none."),
        ("{metric: rowCount, mustBeBetween: [5, 1]}", "the limit `mustBeBetween` is `[5, 1]`. Write two numbers, the smallest first"),
        ("{metric: rowCount, mustBe: veel}", "the limit `mustBe` is `veel`. Write a number."),
        ("{metric: rowCount, mustBe: 1, unit: percent}", "`rowCount` is no share of rows."),
        ("{metric: rowCount, mustBe: 1, unit: kilo}", "the unit `kilo` is not known. Write `rows` or `percent`."),
        ("{metric: rowCount, mustBe: 1, severity: zwaar}", "the severity `zwaar` is not known. Use error, warning or info."),
        ("{metric: rowCount, mustBe: 1, customProperties: [{property: norm.actie, value: misschien}]}", "`norm.actie` is misschien. Write blokkeren or waarschuwen"),
        (f"{{{CUSTOM}, implementation: {{metric: verzonnen}}}}", "is no norm that Zicht knows. Write `implementation:` with `metric:`, one of unmatchedValues"),
        (f"{{{CUSTOM}, implementation: {{metric: falseConditions, mustBe: 0}}}}", "says no condition."),
        (f"{{{CUSTOM}, implementation: {{metric: rowCountChange}}}}", "says 0 limits. Write exactly one of mustBe"),
        (f"{{{CUSTOM}, implementation: {{metric: falseConditions, condition: leeftijd > 3, mustBe: 0}}}}", "leeftijd"),
        (f"{{{CUSTOM}, implementation: {{metric: unmatchedValues, columns: [buurtcode], to: nergens.code, mustBe: 0}}}}", "there is no register `nergens`."),
        (f"{{{CUSTOM}, implementation: {{metric: unmatchedValues, columns: [buurtcode], to: inwoners.straat, mustBe: 0}}}}", "has no column `straat`."),
        (f"{{{CUSTOM}, implementation: {{metric: unmatchedValues, columns: [buurtcode], to: inwoners.peiljaar, mustBe: 0}}}}", "`buurtcode` is string and `inwoners.peiljaar` is integer."),
        (f"{{{CUSTOM}, implementation: {{metric: unmatchedValues, columns: [buurtcode], to: 'inwoners.a, b', mustBe: 0}}}}", "Write `to:` as register.column, with 1 column between commas."),
        (f"{{{CUSTOM}, implementation: {{metric: distributionDrift, mustBeLessThan: 1}}}}", "`distributionDrift` is about a column."),
        ("{type: sql, query: SELECT count(*) FROM elders, mustBe: 0}", "elders"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_norm_has_its_place_and_says_what_would_be_right(
    starter: Path, tmp_path: Path, rule: str, said: str
) -> None:
    with pytest.raises(DeclarationError, match=r"registers/inwoners\.yaml:\d+:\d+: ") as caught:
        read_project(with_norms(starter, tmp_path, table=rule))
    assert said in str(caught.value)


def test_a_column_that_names_rows_has_no_distribution_to_watch(starter: Path, tmp_path: Path) -> None:
    shutil.copytree(starter, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "registers" / "inwoners.yaml"
    rule = f"quality: [{{{CUSTOM}, implementation: {{metric: distributionDrift, mustBeLessThan: 1}}}}]"
    text = file.read_text("utf-8").replace("{name: persoon_id, ", f"{{name: persoon_id, {rule}, ")
    file.write_text(text, "utf-8")
    with pytest.raises(DeclarationError, match="`persoon_id` names rows, so it has no distribution"):
        read_project(tmp_path)


def test_rules_for_people_and_for_other_tools_are_left_alone(starter: Path, tmp_path: Path) -> None:
    before = [norm.id for norm in register_of(starter).norms]
    soda = "{type: custom, engine: soda, implementation: 'checks: [row_count > 0]'}"
    with_norms(starter, tmp_path, table=f"{{type: text, description: netjes geleverd}}\n      - {soda}")
    assert [norm.id for norm in register_of(tmp_path).norms] == before


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("{metric: invalidValues, arguments: {validValues: [M, V]}, mustBe: 0}", True),
        ("{metric: invalidValues, arguments: {validValues: [M, V]}, mustBe: 0, severity: warning}", False),
        ("{metric: invalidValues, arguments: {validValues: [M, V]}, mustBeLessThan: 5, unit: percent}", False),
        ("{metric: invalidValues, arguments: {validValues: [M, V], pattern: M}, mustBe: 0}", False),
    ],
)  # fmt: skip
def test_valid_values_are_kept_at_the_door_only_where_the_rule_blocks_and_allows_no_other(
    starter: Path, tmp_path: Path, rule: str, kept: bool
) -> None:
    shutil.copytree(starter, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "registers" / "inwoners.yaml"
    text = file.read_text("utf-8")
    line = next(line for line in text.splitlines() if "validValues: [M, V]" in line)
    file.write_text(text.replace(line, f"        quality: [{rule}]"), "utf-8")
    register = register_of(tmp_path)
    column = register.column("geslacht")
    assert column is not None
    assert (column.allowed == ("M", "V")) == kept
    assert any(norm.metric == "invalidValues" for norm in register.norms) != kept


def test_two_norms_of_a_kind_have_names_of_their_own(starter: Path, tmp_path: Path) -> None:
    with_norms(starter, tmp_path, table="{metric: rowCount, mustBeLessThan: 9000}")
    assert [norm.id for norm in register_of(tmp_path).norms if norm.metric == "rowCount"] == [
        "rowCount",
        "rowCount.2",
    ]


def test_lead_times_are_read_from_service_levels_and_custom_properties(starter: Path, tmp_path: Path) -> None:
    value = "{geleverd: P2W, gebouwd: P1D, totaal: P1Y6M}"
    with_norms(starter, tmp_path, custom=f"{{property: norm.doorlooptijd, value: {value}}}")
    times = register_of(tmp_path).lead_times
    # What the standard has a word for goes before the custom property.
    assert times.norms == {"delivered": Duration(0, 30), "built": Duration(0, 1), "total": Duration(18, 0)}
    assert times.frequency == Duration(12)
    assert times.reference == "begin"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"sla": "{property: latency, value: 3, unit: eeuw}"}, "`latency` is 3 eeuw. Write a whole number"),
        ({"sla": "{property: frequency, value: soms}"}, "`frequency` is soms. Write a whole number"),
        (
            {"sla": "{property: latency, value: 3, unit: d, element: inwoners.straat}"},
            "`straat` is no column with dates",
        ),
        ({"custom": "{property: norm.doorlooptijd, value: snel}"}, "says totaal: snel. Write a duration such as P60D"),
        ({"custom": "{property: norm.doorlooptijd, value: {bezorgd: P1D}}"}, "says bezorgd: P1D"),
        ({"custom": "{property: norm.actie, value: misschien}"}, "Write blokkeren or waarschuwen."),
    ],
)  # fmt: skip
def test_a_mistake_in_a_lead_time_says_what_would_be_right(
    starter: Path, tmp_path: Path, how: dict[str, str], said: str
) -> None:
    folder = with_norms(starter, tmp_path, **how)
    file = folder / "registers" / "inwoners.yaml"
    lines = file.read_text("utf-8").splitlines()
    if "sla" in how and "latency" in how["sla"]:
        lines = [
            line for line in lines if "latency" not in line or line.strip().removeprefix("- ") == how["sla"]
        ]
    file.write_text("\n".join(lines), "utf-8")
    with pytest.raises(DeclarationError) as caught:
        read_project(folder)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("duration", "day", "after"),
    [
        (Duration(1), dt.date(2024, 1, 31), dt.date(2024, 2, 29)),
        (Duration(12), dt.date(2024, 2, 29), dt.date(2025, 2, 28)),
        (Duration(0, 60), dt.date(2024, 12, 31), dt.date(2025, 3, 1)),
        (Duration(13, 1), dt.date(2023, 12, 31), dt.date(2025, 2, 1)),
    ],
)
def test_months_are_those_of_the_calendar(duration: Duration, day: dt.date, after: dt.date) -> None:
    assert duration.after(day) == after


@pytest.mark.parametrize(
    ("period", "begin", "end"),
    [
        ("2024", dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
        ("2024-Q3", dt.date(2024, 7, 1), dt.date(2024, 9, 30)),
        ("2024-02", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("2024-02-05", dt.date(2024, 2, 5), dt.date(2024, 2, 5)),
        ("2024-13", None, None),
        ("ooit", None, None),
    ],
)
def test_a_period_has_a_first_and_a_last_day(period: str, begin: dt.date | None, end: dt.date | None) -> None:
    assert (period_day(period, "begin"), period_day(period, "end")) == (begin, end)
