"""Whoever draws areas, and however often he asks, learns of no few units."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_sets import small_sets
from tables_as_text import crosstab, roll_up, statuses, tree

from zicht.disclosure import Dimension, Profile, Table
from zicht.disclosure.drawn import Guard
from zicht.disclosure.history import History, Published, Refinement
from zicht.errors import DisclosureError

FEW = Profile("few", min_units=10, max_group_share=None)
CITY = tree("area", "GM > W1 W2\nW1 > A B C D\nW2 > E F G")
COUNTS = {("A",): 3, ("B",): 4, ("C",): 20, ("D",): 50, ("E",): 30, ("F",): 6, ("G",): 40}
HIDDEN = {("A",), ("B",), ("C",), ("F",), ("G",)}


def city(hidden: set[tuple[str, ...]] = HIDDEN) -> Guard:
    table = roll_up("inhabitants", (CITY,), COUNTS)
    published = Published.with_status("2024", table, statuses(table, hidden))
    return Guard(History((published,)), FEW, "inhabitants")


@pytest.mark.parametrize(
    ("areas", "figure"),
    [
        ("D E", 80),  # both are published
        ("A B C", 27),  # W1 without D
        ("W1", 77),
        ("W1 E", 107),
        ("F G D", 96),
        ("C G", 60),  # new, but it leaves A, B and F together 13
        ("A B", None),  # 7 units
        ("A B D", None),  # D is published, so that is A and B again
        ("A C", None),  # leaves B
        ("W1 F", None),  # leaves F
        ("G E", None),  # leaves F
        ("C D G E", 140),
        ("A B C F", None),  # leaves G, and so F
        ("A F G", None),  # leaves A
    ],
)
def test_a_union_is_answered_if_it_leaves_no_few_units_over(areas: str, figure: int | None) -> None:
    answer = city().answer(areas.split())
    assert (answer.allowed, answer.value) == (figure is not None, figure)
    assert bool(answer.reason) == (figure is None)


def test_answers_are_remembered_by_the_guard_that_comes_with_them() -> None:
    first = city().answer(["C", "G"])
    assert first.allowed
    assert city().answer(["A", "C", "E", "G"]).allowed  # leaves B and F, 10 together
    again = first.guard.answer(["A", "C", "E", "G"])  # but with C and G known, A is
    assert not again.allowed
    assert again.guard is first.guard
    assert first.guard.answer(["G", "C"]).allowed  # the same again tells nothing
    assert first.guard.answers == 1


def test_a_guard_is_not_changed_by_answering() -> None:
    guard = city()
    guard.answer(["C", "G"])
    assert guard.answers == 0
    assert guard.answer(["A", "C", "E", "G"]).allowed


def test_a_refusal_says_why_without_numbers_and_a_union_nearby_may_do() -> None:
    refused = city().answer(["A", "C", "D"])
    assert refused.reason == "With what is published already, it would tell too much of B."
    assert refused.guard.nearest(["A", "C", "D"]) == ("A", "B", "C", "D")
    small = city().answer(["A", "B"])
    assert small.reason == "It is about fewer than 10 units."
    assert small.guard.nearest(["A", "B"]) == ("A", "B", "C")


def test_a_union_may_be_asked_for_one_kind_of_units() -> None:
    table = crosstab(
        CITY,
        """
        area | young | old
        A    | 3     | 30
        B    | 25    | 35
        C    | 40    | 50
        D    | 60    | 70
        E    | 30    | 12
        F    | 40    | 45
        G    | 50    | 55
        """,
        reveals=False,
    )
    hidden = {(area, kind) for area in "AB" for kind in ("young", "old")}
    guard = Guard(History((Published.with_status("2024", table, statuses(table, hidden)),)), FEW, "t")
    assert guard.answer(["A", "B"]).value == 93
    assert guard.answer(["A", "C"]).value == 123
    assert not guard.answer(["A", "C"], {"kind": "old"}).allowed  # A young is then A without its old
    assert guard.answer(["A", "B", "C"], {"kind": "young"}).value == 68
    assert guard.answer(["C", "E"], {"kind": "young"}).value == 70


def test_what_another_year_published_counts_too() -> None:
    old = roll_up("2023", (tree("area", "GM > A B"),), {("A",): 120, ("B",): 200})
    new = roll_up("2024", (tree("area", "GM > P Q R"),), {("P",): 100, ("Q",): 17, ("R",): 203})
    atoms = pa.table({"o": ["A", "A", "A", "B"], "n": [100, 17, 3, 200], "w": ["P", "Q", "R", "R"]})
    tie = Refinement(atoms, {"2023": "o", "2024": "w"})
    hidden = Published.with_status("2024", new, statuses(new, {("P",), ("Q",), ("R",)}))
    alone = Guard(History((hidden,)), FEW, "2024")
    beside = Guard(History((Published.whole("2023", old), hidden), (tie,)), FEW, "2024")
    assert alone.answer(["P", "Q"]).allowed
    refused = beside.answer(["P", "Q"])
    assert refused.reason == "With what is published already, it would tell too much of A ∩ R."


def test_figures_that_a_rule_on_sums_hides_are_refused() -> None:
    columns = {
        "area": ["GM", "A", "B", "C"],
        "value": [1000.0, 600.0, 300.0, 100.0],
        "n": [60, 20, 20, 20],
        "largest": [500.0, 500.0, 30.0, 9.0],
        "second": [30.0, 20.0, 29.0, 8.0],
    }
    table = Table("turnover", (tree("area", "GM > A B C"),), pa.table(columns))
    rule = Profile("half", max_group_share=None, max_largest_share=0.5)
    guard = Guard(History((Published.whole("2024", table),)), rule, "turnover")
    assert guard.answer(["A", "C"]).reason == "By the rule largest_share it may not be published."
    assert guard.answer(["A", "B", "C"]).value == 1000
    assert guard.answer(["B", "C"]).value == 400


@pytest.mark.parametrize(
    ("areas", "codes", "message"),
    [
        ([], {}, "No area was asked for"),
        (["X"], {}, "has no area 'X'"),
        (["A"], {"sex": "f"}, "no further dimension 'sex'"),
    ],
)
def test_what_cannot_be_asked_is_refused_as_a_mistake(
    areas: list[str], codes: dict[str, str], message: str
) -> None:
    with pytest.raises(DisclosureError, match=message):
        city().answer(areas, codes)


def test_a_guard_needs_the_table_that_is_asked_of() -> None:
    with pytest.raises(DisclosureError, match="No table 'x' was published; there are none"):
        Guard(History(), FEW, "x")


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_no_sequence_of_questions_gives_a_set_of_a_few_units_away(data: st.DataObject) -> None:
    size = data.draw(st.integers(3, 7))
    units = data.draw(st.lists(st.sampled_from([1, 2, 3, 4, 6, 9, 20]), min_size=size, max_size=size))
    names = [f"B{at}" for at in range(size)]
    area = Dimension("area", ("GM", *names), (None, *["GM"] * size))
    table = roll_up("t", (area,), {(name,): n for name, n in zip(names, units, strict=True)})
    also = data.draw(st.sets(st.sampled_from(names)))
    hidden = {(name,) for name, n in zip(names, units, strict=True) if n < 5 or name in also}
    published = Published.with_status("2024", table, statuses(table, hidden))
    guard = Guard(History((published,)), Profile("fives", min_units=5, max_group_share=None), "t")
    rows = [[1.0] * size] + [
        [float(name == other) for other in names] for name in names if (name,) not in hidden
    ]
    if small_sets(np.array(rows), units, 5):
        return  # given away before anybody asked
    for asked in data.draw(st.lists(st.sets(st.sampled_from(names), min_size=1), min_size=1, max_size=6)):
        answer = guard.answer(asked)
        guard = answer.guard
        if answer.allowed:
            rows.append([float(name in asked) for name in names])
    assert not small_sets(np.array(rows), units, 5)


def test_a_question_takes_milliseconds_in_a_country_of_buurten() -> None:
    rng = np.random.default_rng(3)
    gemeenten = [f"{at:04d}" for at in range(300)]
    buurten = [f"BU{gm}{wijk:02d}{at:02d}" for gm in gemeenten for wijk in range(5) for at in range(8)]
    counts = {(code,): int(n) for code, n in zip(buurten, rng.integers(1, 300, len(buurten)), strict=True)}
    parents = {"NL": None} | {f"GM{gm}": "NL" for gm in gemeenten}
    parents |= {f"WK{code[2:8]}": f"GM{code[2:6]}" for code in buurten}
    parents |= {code: f"WK{code[2:8]}" for code in buurten}
    table = roll_up("t", (Dimension("area", tuple(parents), tuple(parents.values())),), counts)
    few = {(code,) for (code,), n in counts.items() if n < 10}
    cover = {(f"{code[:8]}{at:02d}",) for (code,) in few for at in (0, 1)}
    guard = Guard(History((Published.with_status("2024", table, statuses(table, few | cover)),)), FEW, "t")
    asked = [list(rng.choice(buurten[at * 40 : at * 40 + 40], 6, replace=False)) for at in range(60)]
    guard.answer(asked[0])
    start = time.process_time()
    for areas in itertools.islice(asked, 1, None):
        guard = guard.answer([str(area) for area in areas]).guard
    assert (time.process_time() - start) / (len(asked) - 1) < 0.25
