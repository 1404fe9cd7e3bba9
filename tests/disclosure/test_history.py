"""What a release gives away with earlier ones is found, named and closed; what it does not is left alone."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_sets import small_sets
from tables_as_text import count_table, roll_up, statuses, tree
from years_as_text import FEW, Years, hides

from zicht.disclosure import Dimension, Link, Profile, Table, audit
from zicht.disclosure.attack.differencing import Differencer, differences
from zicht.disclosure.history import (
    History,
    Identity,
    Published,
    Refinement,
    common_refinement,
)
from zicht.errors import DisclosureError

MOVE = """
    2023 | 2024 | n
    -----+------+----
    A    | A    | 117
    A    | B    | 3
    B    | B    | 200
"""
SPLIT = """
    2023 | 2024 | n
    -----+------+----
    A    | A1   | 80
    A    | A2   | 40
    B    | B    | 200
    B    | A2   | 6
"""
MERGE = """
    2023 | 2024 | n
    -----+------+----
    A    | AB   | 80
    B    | AB   | 60
    C    | AB   | 4
    C    | C    | 90
"""
SWAP = """
    2023 | 2024 | n
    -----+------+----
    A    | A    | 80
    A    | B    | 30
    B    | A    | 20
    B    | B    | 60
"""
TO_TWO_PLACES = """
    2023 | 2024 | n
    -----+------+----
    A    | A    | 100
    A    | B    | 3
    A    | C    | 4
    B    | B    | 50
    B    | C    | 40
    C    | C    | 60
    C    | B    | 30
"""
NEARLY_THE_SAME_UNION = """
    2023 | 2024 | n
    -----+------+----
    A    | P    | 50
    A    | Q    | 40
    B    | P    | 30
    B    | Q    | 20
    B    | C    | 5
    C    | C    | 70
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MOVE, ["[A in 2023, B in 2024] <= 3 by 2023 and 2024"]),
        (SPLIT, ["[B in 2023, A2 in 2024] <= 6 by 2023 and 2024"]),
        (MERGE, ["[C in 2023, AB in 2024] <= 4 by 2023 and 2024"]),
        (SWAP, []),
        (TO_TWO_PLACES, ["[A in 2023, B in 2024] + [A in 2023, C in 2024] <= 7 by 2023 and 2024"]),
        (NEARLY_THE_SAME_UNION, ["[B in 2023, C in 2024] <= 5 by 2023 and 2024"]),
    ],
    ids=["move", "split", "merge", "swap", "to two places", "unions of two"],
)
def test_few_units_that_follow_from_two_divisions_are_found_alone_or_together(
    text: str, told: list[str]
) -> None:
    assert Years(text).told() == told


def test_the_reason_is_a_sum_that_a_reviewer_can_check() -> None:
    [exposure] = Years(NEARLY_THE_SAME_UNION).exposed()
    assert exposure.witness == ("2024 [C: 75] - 2023 [C: 70] = 5 = [B in 2023, C in 2024]",)
    assert exposure.releases == ("2023", "2024")
    assert exposure.interval == (5.0, 5.0)


def test_without_a_reason_there_are_still_cells_to_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zicht.disclosure.attack.reasons._multipliers", lambda *_: None)
    [exposure] = Years(MOVE).exposed()
    assert exposure.what == "[A in 2023, B in 2024]"
    assert exposure.cells
    assert Years(MOVE).shown_after_closing() == {"GM"}


def test_a_failure_names_the_smallest_cell_of_the_new_release_to_hide() -> None:
    years = Years(MOVE)
    [failure] = differences([years.new], years.hidden, FEW, years.history, release="2024")
    assert (failure.attack, failure.table, failure.cell) == ("A4", "2024", "A")
    assert failure.witness == (
        "2023, 2024 together give away [A in 2023, B in 2024]",
        "2023 [A: 120] - 2024 [A: 117] = 3 = [A in 2023, B in 2024]",
    )


def test_three_years_give_away_what_no_two_of_them_do() -> None:
    lines = [
        ("2022", "2023", "2024", "n"),
        ("A", "D", "F", "40"),
        ("B", "C", "F", "30"),
        ("B", "D", "E", "50"),
        ("A", "C", "F", "4"),
    ]
    assert Years("\n".join(" | ".join(line) for line in lines)).told() == [
        "[A in 2022, C in 2023, F in 2024] <= 4 by 2022 and 2023 and 2024"
    ]
    for left_out in range(3):
        two = [" | ".join(part for at, part in enumerate(line) if at != left_out) for line in lines]
        assert Years("\n".join(two)).told() == []


def test_the_year_that_gives_it_away_may_be_one_long_past() -> None:
    chain = """
        2022 | 2023 | 2024 | n
        -----+------+------+----
        A    | P    | A    | 90
        A    | P    | B    | 4
        B    | P    | B    | 40
        B    | R    | B    | 60
    """
    assert Years(chain).told() == ["[A in 2022, P in 2023, B in 2024] <= 4 by 2022 and 2024"]


def test_a_cell_hidden_for_another_and_shown_a_year_later_gives_that_other_away() -> None:
    same = """
        2023 | 2024 | n
        -----+------+----
        A    | A    | 4
        B    | B    | 30
        C    | C    | 90
    """
    other_cover = {"2023": {"A", "B"}, "2024": {"A", "C"}}
    [exposure] = Years(same, other_cover).exposed()
    assert exposure.interval == (4.0, 4.0)
    assert exposure.releases == ("2023", "2024")
    assert Years(same, {"2023": {"A", "B"}, "2024": {"A", "B"}}).told() == []
    assert Years(same, {"2023": {"A", "B"}, "2024": {"A", "B", "C"}}).told() == []


def test_what_earlier_releases_gave_away_already_is_no_fault_of_the_new_one() -> None:
    chain = """
        2022 | 2023 | 2024 | n
        -----+------+------+----
        A    | A    | A    | 117
        A    | B    | B    | 3
        B    | B    | B    | 200
    """
    assert Years(chain).told() == []


def test_figures_rounded_to_five_blur_a_difference_and_exact_ones_do_not() -> None:
    assert Years(MOVE, rounded={"2023": 5}, exact=("GM",)).told() == []
    found = Years(MOVE, rounded={"2023": 5}, exact=("GM", "A")).told()
    assert found == ["[A in 2023, B in 2024] <= 3 by 2023 and 2024"]


@pytest.mark.parametrize(
    ("least", "most", "left"), [(18, 22, []), (20, 21, [(3.0, 4.0)]), (20, 20, [(4.0, 4.0)])]
)
def test_what_others_publish_narrows_down_what_a_release_hides(
    least: int, most: int, left: list[tuple[float, float]]
) -> None:
    # A and B are 24 together. Others say what B is, more or less exactly.
    area = tree("area", "GM > A B C")
    new, others = (roll_up(name, (area,), {("A",): 4, ("B",): 20, ("C",): 60}) for name in ("new", "others"))
    about = hides(others, {"B"})
    published = Published("CBS", others, np.where(about, least, -np.inf), np.where(about, most, np.inf))
    history = History((published,), links=(Link.shared(new, others),))
    found = differences([new], hides(new, {"A", "B"}), FEW, history)
    assert [failure.interval for failure in found if "[A]" in failure.witness[0]] == left
    assert all(any("[B: " in line for line in failure.witness) for failure in found)


def test_a_correction_of_one_person_is_a_difference_too() -> None:
    corrected = """
        first | second | n
        ------+--------+----
        A     | A      | 40
        -     | A      | 1
        B     | B      | 60
    """
    [exposure] = Years(corrected).exposed()
    assert exposure.what == "[nowhere in first, A in second]"
    assert exposure.interval == (1.0, 1.0)


def test_a_small_group_of_one_kind_is_found_where_the_area_as_a_whole_is_large() -> None:
    moved = """
        2023 | 2024 | age   | n
        -----+------+-------+----
        A    | A    | young | 40
        A    | A    | old   | 60
        A    | B    | young | 2
        A    | B    | old   | 30
        B    | B    | young | 50
        B    | B    | old   | 70
    """
    found = Years(moved, by=("age",)).told()
    assert found == ["[A in 2023, B in 2024 × young] <= 2 by 2023 and 2024"]


def test_two_divisions_in_one_release_are_subtracted_from_each_other() -> None:
    wards = roll_up("by ward", (tree("area", "GM > W1 W2"),), {("W1",): 100, ("W2",): 80})
    codes = roll_up("by postcode", (tree("area", "GM > P1 P2"),), {("P1",): 105, ("P2",): 75})
    atoms = pa.table({"ward": ["W1", "W2", "W2"], "postcode": ["P1", "P1", "P2"], "n": [100, 5, 75]})
    history = History((), (Refinement(atoms, {"by ward": "ward", "by postcode": "postcode"}),))
    found = Differencer([wards, codes], FEW, history).examine(np.zeros(6, dtype=bool))
    assert [exposure.interval for exposure in found] == [(5.0, 5.0)]


def test_births_and_deaths_tell_what_two_populations_hide() -> None:
    area = tree("area", "GM > A B C")

    def table(name: str, a: int, b: int, c: int) -> Table:
        return roll_up(name, (area,), {("A",): a, ("B",): b, ("C",): c})

    before, births, after = table("before", 4, 30, 50), table("births", 1, 12, 15), table("after", 5, 42, 65)
    flow = Identity((("before", 1), ("births", 1), ("after", -1)))
    published = (
        Published(
            "2023",
            before,
            *([np.where(hides(before, {"A", "B"}), e, before.value) for e in (-np.inf, np.inf)]),
        ),
        Published.whole("flows", births),
    )
    hidden = hides(after, {"A", "C"})
    assert differences([after], hidden, FEW, History(published)) == ()
    found = differences([after], hidden, FEW, History(published, identities=(flow,)))
    # B follows from before + births, so A does, in both years.
    assert found
    assert all(failure.attack == "A4" for failure in found)
    assert differences([after], hides(after, {"A", "B"}), FEW, History(published, identities=(flow,))) == ()


def test_sums_over_the_few_who_moved_are_found_by_how_few_they_are() -> None:
    def table(name: str, a: tuple[int, float], b: tuple[int, float]) -> Table:
        rows = [("GM", a[0] + b[0], a[1] + b[1]), ("A", *a), ("B", *b)]
        columns = {
            "area": [row[0] for row in rows],
            "n": [row[1] for row in rows],
            "value": [float(row[2]) for row in rows],
            "largest": [9.0] * 3,
            "second": [8.0] * 3,
        }
        return Table(name, (tree("area", "GM > A B"),), pa.table(columns))

    old, new = table("old", (120, 1200.0), (200, 2100.0)), table("new", (117, 1172.0), (203, 2128.0))
    atoms = pa.table(
        {"o": ["A", "A", "B"], "n": [117, 3, 200], "w": ["A", "B", "B"], "value": [1172.0, 28.0, 2100.0]}
    )
    history = History((Published.whole("2023", old),), (Refinement(atoms, {"old": "o", "new": "w"}),))
    found = Differencer([new], FEW, history, release="2024").examine(np.zeros(3, dtype=bool))
    assert {exposure.units for exposure in found} == {3}
    assert found[0].what == "[A in 2023, B in 2024]"


@pytest.mark.parametrize("text", [MOVE, SPLIT, MERGE, TO_TWO_PLACES, NEARLY_THE_SAME_UNION])
def test_closing_hides_until_nothing_is_exposed_and_nothing_that_need_not(text: str) -> None:
    years = Years(text)
    differencer = years.differencer()
    hidden, left = differencer.close(years.hidden)
    assert left == ()
    assert differencer.examine(hidden) == ()
    for cell in np.flatnonzero(hidden):
        fewer = hidden.copy()
        fewer[cell] = False
        assert differencer.examine(fewer)


def test_closing_the_move_hides_both_areas_and_keeps_the_gemeente() -> None:
    assert Years(MOVE).shown_after_closing() == {"GM"}


def test_closing_changes_nothing_where_nothing_is_exposed() -> None:
    assert Years(SWAP).shown_after_closing() == {"GM", "A", "B"}


def test_a_protected_release_that_is_closed_to_the_past_still_withstands_the_audit() -> None:
    moved = """
        2023 | 2024 | age   | n
        -----+------+-------+----
        A    | A    | young | 40
        A    | A    | old   | 60
        A    | B    | young | 2
        A    | B    | old   | 30
        B    | B    | young | 50
        B    | B    | old   | 70
        C    | C    | young | 4
        C    | C    | old   | 90
        D    | D    | young | 25
        D    | D    | old   | 80
    """
    square = {f"{area} × {age}" for area in "CD" for age in ("young", "old")}
    years = Years(moved, {"2023": square, "2024": square}, by=("age",))

    def withstands(hidden: np.ndarray) -> bool:
        labels = {tuple(years.new.label_at(int(p)).split(" × ")) for p in years.new.position[hidden]}
        return audit([years.new], {"2024": statuses(years.new, labels)}, FEW).safe

    differencer = years.differencer()
    assert withstands(years.hidden)
    assert differencer.examine(years.hidden)
    after, left = differencer.close(years.hidden)
    assert left == ()
    assert np.all(after >= years.hidden)
    assert differencer.examine(after) == ()
    assert withstands(after)


def test_a_register_gives_the_atoms_of_its_own_divisions() -> None:
    units = pa.table({"old": ["A", "A", "A", "B", None], "new": ["A", "B", "B", "B", "B"]})
    atoms = common_refinement(units, {"x": "old", "y": "new"}).atoms
    counts = {(row["old"], row["new"]): row["n"] for row in atoms.to_pylist()}
    assert counts == {("A", "A"): 1, ("A", "B"): 2, ("B", "B"): 1, (None, "B"): 1}


def test_atoms_that_do_not_add_up_to_their_area_are_refused() -> None:
    years = Years(MOVE)
    [refinement] = years.history.refinements
    short = Refinement(refinement.atoms.slice(1), refinement.divisions)
    with pytest.raises(DisclosureError, match="atoms of A hold 3 units, but table '2023' counts 120"):
        Differencer([years.new], FEW, History(years.history.publications, (short,)))


def test_an_identity_that_does_not_hold_is_refused() -> None:
    area = tree("area", "GM > A B")
    one, two = (roll_up(name, (area,), {("A",): 10, ("B",): b}) for name, b in (("one", 20), ("two", 21)))
    history = History((Published.whole("2023", two),), identities=(Identity((("one", 1), ("two", -1))),))
    with pytest.raises(DisclosureError, match="does not hold in"):
        Differencer([one], FEW, history)


def test_a_publication_that_contradicts_the_register_is_refused() -> None:
    table = count_table("t", (tree("area", "GM > A B"),), {("GM",): 30, ("A",): 10, ("B",): 20})
    with pytest.raises(DisclosureError, match=r"A of 't' is 12 to 14, but it is 10"):
        Published("CBS", table, np.array([30.0, 12, 20]), np.array([30.0, 14, 20]))


def test_what_is_rounded_is_known_to_within_two() -> None:
    table = count_table("t", (tree("area", "GM > A B"),), {("GM",): 33, ("A",): 11, ("B",): 22})
    published = Published.rounded("CBS", table, 5, exact=["GM"])
    assert published.least.tolist() == [33, 8, 18]
    assert published.most.tolist() == [33, 12, 22]


def sums_shown(years: Years, atoms: list[tuple[str, ...]], hidden: dict[str, set[str]]) -> list[np.ndarray]:
    """Per release the sums that it shows, as rows over the atoms (areas in every year, then perhaps a kind)."""
    tables = [*(published.table for published in years.history.publications), years.new]
    found = []
    for year, table in enumerate(tables):
        shown = [table.label_at(int(p)).split(" × ") for p in table.position]
        shown = [codes for codes in shown if " × ".join(codes) not in hidden[table.name]]
        rows = [
            [
                float(codes[0] in ("GM", atom[year]) and codes[1:] in ([], ["TOTAL"], [atom[-1]]))
                for atom in atoms
            ]
            for codes in shown
        ]
        found.append(np.array(rows).reshape(-1, len(atoms)))
    return found


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_set_of_a_few_units_can_be_computed_from_what_passes(data: st.DataObject) -> None:
    count, by = data.draw(st.integers(2, 3)), data.draw(st.sampled_from([(), ("kind",)]))
    area, kind = st.sampled_from(["A", "B", "C"]), st.sampled_from(["x", "y"])
    place = st.tuples(*[area] * count, *[kind] * len(by))
    held = st.sampled_from([1, 1, 2, 3, 6, 9, 20, 30])
    units = data.draw(st.dictionaries(place, held, min_size=2, max_size=7))
    atoms = sorted(units)
    names = [str(2020 + year) for year in range(count)]
    lines = [" | ".join([*names, *by, "n"]), *(" | ".join([*atom, str(units[atom])]) for atom in atoms)]
    whole = Years("\n".join(lines), by=by)
    hidden = {
        table.name: {
            table.label_at(int(position))
            for position, value in zip(table.position, table.value, strict=True)
            if value < 5 or data.draw(st.integers(0, 6)) == 0
        }
        for table in (*(published.table for published in whole.history.publications), whole.new)
    }
    shown, numbers = sums_shown(whole, atoms, hidden), [units[atom] for atom in atoms]
    past = np.concatenate(shown[:-1])
    if small_sets(past, numbers, 5) or small_sets(shown[-1], numbers, 5):
        return  # given away before, or by one release alone
    found = Years("\n".join(lines), hidden, by=by).exposed(
        Profile("fives", min_units=5, max_group_share=None)
    )
    given_away = small_sets(np.concatenate([past, shown[-1]]), numbers, 5)
    assert found or not given_away
    if count == 2 and not by:
        assert given_away or all(exposure.interval[1] >= 5 for exposure in found)


@pytest.mark.shared
@pytest.mark.slow
def test_every_small_atom_of_thirty_changed_gemeenten_is_found_in_the_whole_country(shared: Path) -> None:
    with gzip.open(shared / "data" / "netherlands" / "nl_buurt_flat.csv.gz", "rt", encoding="utf-8") as file:
        buurten = [
            (r["code"], int(r["inwoners"] or 0)) for r in csv.DictReader(file) if r["level"] == "buurt"
        ]
    buurten = [(code, people) for code, people in buurten if people >= 10]
    changed = sorted({code[2:6] for code, _ in buurten})[::11][:30]
    rows, planted = [], set()
    for at, (code, people) in enumerate(buurten):
        after = buurten[(at + 1) % len(buurten)][0]
        few = (3, 9, 40)[at % 3]
        if at % 2 == 0 and code[2:6] in changed and after[2:6] == code[2:6] and people > 100:
            rows += [(code, code, people - few), (code, after, few)]
            planted |= {f"[{code} in 2023, {after} in 2024]"} if few < 10 else set()
        else:
            rows.append((code, code, people))
    atoms = pa.table({"2023": [r[0] for r in rows], "2024": [r[1] for r in rows], "n": [r[2] for r in rows]})
    old, new = country(rows, 0, "2023"), country(rows, 1, "2024")
    history = History((Published.whole("2023", old),), (Refinement(atoms, {"2023": "2023", "2024": "2024"}),))
    found = Differencer([new], FEW, history, release="2024").examine(np.zeros(new.n.size, dtype=bool))
    named = " ".join(exposure.what for exposure in found)
    assert len(planted) > 100
    assert all(atom in named for atom in planted)
    assert all(exposure.releases == ("2023", "2024") for exposure in found)


def country(rows: list[tuple[str, str, int]], side: int, name: str) -> Table:
    counts: dict[str, int] = {}
    for row in rows:
        code, people = row[side], row[2]
        for area in ("NL", f"GM{code[2:6]}", f"WK{code[2:8]}", code):
            counts[area] = counts.get(area, 0) + people
    parent = {
        "B": lambda c: f"WK{c[2:8]}",
        "W": lambda c: f"GM{c[2:6]}",
        "G": lambda c: "NL",
        "N": lambda c: None,
    }
    dimension = Dimension("area", tuple(counts), tuple(parent[code[0]](code) for code in counts))
    numbers = list(counts.values())
    return Table(
        name,
        (dimension,),
        pa.table({"area": list(counts), "value": [float(n) for n in numbers], "n": numbers}),
    )
