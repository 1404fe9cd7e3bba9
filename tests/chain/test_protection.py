"""What a release shows does not give away what it hides: an attacker with the release alone, who subtracts, gets nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from figures_by_hand import AREAS, figures, hidden, indicator, shown

from zicht.chain import Built
from zicht.chain.protection import hide_where_denominator_is_hidden, protect_register
from zicht.chain.sharing import hide_what_tells, lies_in
from zicht.declare import DimensionDeclared, Indicator
from zicht.disclosure import PROFILES
from zicht.figures import TOTAL
from zicht.release import HIDDEN

SEX = DimensionDeclared.model_validate({"id": "sex", "title": {"nl": "g"}, "sql": "sex", "categories": ({"id": "M", "title": {"nl": "m"}}, {"id": "V", "title": {"nl": "v"}})})  # fmt: skip


AGE = DimensionDeclared.model_validate({"id": "age", "title": {"nl": "l"}, "sql": "age", "categories": ({"id": "young", "title": {"nl": "j"}}, {"id": "middle", "title": {"nl": "m"}}, {"id": "old", "title": {"nl": "o"}})})  # fmt: skip


def protected(pairs: list[tuple[Indicator, pa.Table]]) -> dict[str, pa.Table]:
    done = protect_register(
        {one.id: table for one, table in pairs}, [one for one, _ in pairs], {"sex": SEX, "age": AGE}, AREAS,
        {one.id: PROFILES["microdata"] for one, _ in pairs},
    )  # fmt: skip
    return dict(done.figures)


def by_age(sizes: Mapping[str, tuple[int, int, int]]) -> tuple[Indicator, pa.Table]:
    """A count of people by age: for each buurt the numbers of young, middle-aged and old."""
    count = indicator("people", "count", by=("age",))
    leaves = {
        (buurt, age): (float(n), n)
        for buurt, counts in sizes.items()
        for age, n in zip(("young", "middle", "old"), counts, strict=True)
    }
    return count, figures(count, leaves)


def test_one_small_buurt_takes_another_with_it() -> None:
    count = indicator("people", "count")
    n = {
        ("BU90020101",): (5.0, 5),
        ("BU90020102",): (60.0, 60),
        ("BU90020103",): (80.0, 80),
        ("BU90020104",): (90.0, 90),
    }
    status = shown(protected([(count, figures(count, n))])["people"])
    assert status["BU90020101"] == "primary"
    assert [s for area, s in sorted(status.items()) if area.startswith("BU")].count("secondary") >= 1
    assert status["GM9002"] == "ok"


def test_who_is_not_in_the_numerator_is_a_group_too() -> None:
    share = indicator("with_car", "share", numerator="car")
    leaves = {
        (f"BU9002010{i}",): (part, n)
        for i, (part, n) in enumerate([(97.0, 100), (50.0, 100), (40.0, 90), (45.0, 95)], 1)
    }
    status = shown(protected([(share, figures(share, leaves))])["with_car"])
    assert status["BU90020101"] == "primary", "three without a car are as few as three with one"


def test_the_same_people_counted_by_another_indicator_give_nothing_away() -> None:
    count = indicator("people", "count")
    share = indicator("with_car", "share", numerator="car")
    sizes = [5, 60, 80, 90]
    n = {(f"BU9002010{i}",): (float(size), size) for i, size in enumerate(sizes, 1)}
    half = {(f"BU9002010{i}",): (size // 2, size) for i, size in enumerate(sizes, 1)}
    out = protected([(count, figures(count, n)), (share, figures(share, half))])
    people, cars = shown(out["people"]), shown(out["with_car"])
    denominators = dict(
        zip(out["with_car"]["area"].to_pylist(), out["with_car"]["denominator"].to_pylist(), strict=True)
    )
    for area, status in people.items():
        if status in HIDDEN:
            assert cars[area] in HIDDEN
            assert denominators[area] is None


def test_the_young_that_a_table_by_age_hides_are_not_the_rest_of_the_share_of_grown_ups() -> None:
    sizes = {"BU90020101": (5, 70, 90), "BU90020102": (20, 12, 500), "BU90020103": (30, 100, 20), "BU90020104": (60, 90, 70)}  # fmt: skip
    share = indicator("grown_ups", "share", numerator="age >= 25")
    leaves = {
        (buurt,): (float(middle + old), young + middle + old) for buurt, (young, middle, old) in sizes.items()
    }
    out = protected([by_age(sizes), (share, figures(share, leaves))])
    young = hidden(out["people"], age="young")
    assert len(young) > 1
    assert young <= hidden(out["grown_ups"])


def test_a_population_that_is_two_categories_of_another_table_does_not_give_the_third_away() -> None:
    sizes = {"BU90020101": (20, 200, 5), "BU90020102": (25, 210, 40), "BU90020103": (26, 190, 45), "BU90020104": (27, 220, 50)}  # fmt: skip
    share = indicator("workers", "share", population="age >= 25", numerator="works")
    leaves = {
        (buurt,): (float((middle + old) // 2), middle + old) for buurt, (_, middle, old) in sizes.items()
    }
    out = protected([by_age(sizes), (share, figures(share, leaves))])
    workers = hidden(out["workers"])
    young, middle, old, everybody = (
        hidden(out["people"], age=age) for age in ("young", "middle", "old", TOTAL)
    )
    assert old
    assert young <= workers | everybody, "all people less those of 25 and over are the young"
    assert old <= middle | workers, "those of 25 and over less the middle-aged are the old"


def test_what_is_not_in_the_numerator_is_not_told_by_a_figure_over_the_others() -> None:
    homes = {"BU90020101": (3, 100), "BU90020102": (40, 90), "BU90020103": (20, 110), "BU90020104": (30, 80)}
    every = indicator("homes", "count")
    empty = indicator("empty", "share", numerator="not lived_in")
    lived_in = indicator("lived_in", "count", population="lived_in")
    out = protected(
        [
            (every, figures(every, {(b,): (float(n), n) for b, (_, n) in homes.items()})),
            (empty, figures(empty, {(b,): (float(part), n) for b, (part, n) in homes.items()})),
            (lived_in, figures(lived_in, {(b,): (float(n - part), n - part) for b, (part, n) in homes.items()})),
        ]
    )  # fmt: skip
    assert "BU90020101" in hidden(out["empty"])
    assert hidden(out["empty"]) <= hidden(out["lived_in"]) | hidden(out["homes"])


def test_a_count_that_one_register_hides_is_not_below_the_line_of_another() -> None:
    sizes = {f"BU9002010{at}": n for at, n in enumerate((5, 60, 80, 90), 1)}
    homes = indicator("homes", "count", register="addresses")
    sold = indicator("sold", "share", register="owned", numerator="sold")
    others = indicator("others", "share", register="owned", numerator="sold")
    count = protected([(homes, figures(homes, {(b,): (float(n), n) for b, n in sizes.items()}))])["homes"]
    shares = {
        one.id: figures(
            one, {(b,): (float(n // 2), n + more) for b, n in sizes.items()}, "2024"
        ).drop_columns(["largest", "second"])
        for one, more in ((sold, 0), (others, 1))
    }
    out = hide_what_tells({"homes": count, **shares}, {one.id: one for one in (homes, sold, others)})
    assert len(hidden(count)) > 1
    assert hidden(out["sold"]) == hidden(count)
    assert out["sold"].filter(pc.is_in(out["sold"]["status"], pa.array(HIDDEN)))["denominator"].null_count == len(hidden(count))  # fmt: skip
    assert not hidden(out["others"]), "one home more in every buurt: these are other homes"
    assert out["homes"].equals(count)


def counts(sizes: Sequence[int]) -> dict[tuple[str, ...], tuple[float, int]]:
    """A count for each buurt."""
    return {(f"BU9002010{at}",): (float(n), n) for at, n in enumerate(sizes, 1)}


def test_a_count_that_one_register_hides_is_not_above_the_line_of_another() -> None:
    rented = indicator("rented", "count", register="addresses")
    share = indicator("share", "share", register="owned", numerator="rented")
    both = {one.id: one for one in (rented, share)}
    leaves = {area: (part, n + 100) for area, (part, n) in counts((5, 60, 80, 90)).items()}
    of_share = figures(share, leaves).drop_columns(["largest", "second"])
    of_rented = figures(rented, counts((5, 60, 80, 90))).drop_columns(["largest", "second"])
    closed = protected([(rented, figures(rented, counts((5, 60, 80, 90))))])["rented"]
    assert len(hidden(closed)) > 1
    assert hidden(hide_what_tells({"rented": closed, "share": of_share}, both)["share"]) == hidden(closed)
    closed = protected([(share, figures(share, leaves))])["share"]
    assert hidden(hide_what_tells({"rented": of_rented, "share": closed}, both)["rented"]) == hidden(closed)


def test_what_one_register_hides_is_no_sum_of_the_categories_of_another() -> None:
    homes = indicator("homes", "count", register="addresses")
    by_age, table = by_age_in(
        "owned", {f"BU9002010{at}": (n, n, n) for at, n in enumerate((1, 20, 30, 40), 1)}
    )
    closed = protected([(homes, figures(homes, counts((3, 60, 90, 120))))])["homes"]
    out = hide_what_tells({"homes": closed, "people": table}, {"homes": homes, "people": by_age})["people"]
    for age in ("young", "middle", "old", TOTAL):
        assert hidden(closed) <= hidden(out, age=age)


def by_age_in(register: str, sizes: Mapping[str, tuple[int, int, int]]) -> tuple[Indicator, pa.Table]:
    """As `by_age`, over another register and as the public has it."""
    one, table = by_age(sizes)
    return one.model_copy(update={"register_": register}), table.drop_columns(["largest", "second"])


@pytest.mark.parametrize(("part", "whole", "inside"), [("2024-Q1", "2024", True), ("2024-07", "2024-Q3", True), ("2024-07", "2024-Q2", False), ("2023-07", "2024", False), ("2024", "2024", False), ("2024-07", "2024-07", False)])  # fmt: skip
def test_a_period_lies_in_a_longer_one(part: str, whole: str, inside: bool) -> None:
    assert lies_in(part, whole) == inside


@pytest.mark.parametrize("population", ["burglary", None])
def test_a_quarter_that_is_hidden_is_not_the_year_less_the_other_quarters(population: str | None) -> None:
    quarters = [(3, 40, 30, 50), (30, 33, 41, 20), (42, 28, 19, 33), (25, 31, 22, 44)]
    quarterly = indicator("quarterly", "count")
    yearly = indicator("yearly", "count", population=population, period="left(month, 4)")
    of_quarters = pa.concat_tables(
        figures(quarterly, counts(one), f"2024-Q{at}") for at, one in enumerate(quarters, 1)
    )
    of_year = figures(yearly, counts([sum(one) for one in zip(*quarters, strict=True)]), "2024")
    closed = protected([(quarterly, of_quarters), (yearly, of_year)])
    assert not hidden(closed["yearly"])
    out = hide_what_tells(closed, {one.id: one for one in (quarterly, yearly)})
    gone = hidden(out["quarterly"].filter(pc.equal(out["quarterly"]["period"], "2024-Q1")))
    assert "BU90020101" in gone
    assert hidden(out["yearly"]) == gone
    other = figures(yearly, counts([1 + sum(one) for one in zip(*quarters, strict=True)]), "2024")
    if population is not None:
        out = hide_what_tells(closed | {"yearly": other}, {one.id: one for one in (quarterly, yearly)})
        assert not hidden(out["yearly"]), "one more in every buurt: these are other events"


def test_an_indicator_that_is_not_published_below_the_wijk_is_protected_at_its_own_levels() -> None:
    count = indicator("people", "count", levels=("wijk", "gemeente"))
    table = figures(count, {("BU90020101",): (5.0, 5), ("BU90020102",): (60.0, 60)})
    table = table.filter(pc.not_equal(table["level"], "buurt"))
    assert shown(protected([(count, table)])["people"]) == {"WK900201": "ok", "GM9002": "ok"}


@pytest.mark.parametrize("levels", [("gemeente",), ("wijk", "gemeente")])
def test_figures_of_fewer_levels_do_not_tell_what_those_of_all_levels_hide(levels: tuple[str, ...]) -> None:
    sizes = {"BU90020101": (5, 70, 900), "BU90020102": (0, 42, 500), "BU90020103": (0, 100, 720), "BU90020104": (0, 90, 670)}  # fmt: skip
    people = by_age(sizes)
    rest = []
    for name, counted in {"middle_aged": 1, "grown_up": None}.items():
        one = indicator(name, "count", population=name, levels=levels)
        leaves = {
            (buurt,): (float(sum(n[1:]) if counted is None else n[counted]),) * 2
            for buurt, n in sizes.items()
        }
        table = figures(one, {place: (part, int(n)) for place, (part, n) in leaves.items()})
        rest.append((one, table.filter(pc.is_in(table["level"], pa.array(levels)))))
    out = protected([people, *rest])
    young, middle, old, everybody = (
        hidden(out["people"], age=age) for age in ("young", "middle", "old", TOTAL)
    )
    assert "GM9002" in young
    assert middle & set(shown(out["middle_aged"])) <= hidden(out["middle_aged"])
    assert "GM9002" in everybody | hidden(out["grown_up"]), "all people less the grown-ups are the young"
    assert "GM9002" in old | middle | hidden(out["middle_aged"]) | hidden(out["grown_up"])


def test_a_sum_of_which_one_has_most_is_hidden() -> None:
    total = indicator("wealth", "sum", value="wealth")
    leaves = {(f"BU9002010{i}",): (1000.0 * i, 50) for i in (1, 2, 3, 4)}
    table = figures(total, leaves)
    largest = pa.array(
        [row["value"] * (0.8 if row["area"] == "BU90020102" else 0.05) for row in table.to_pylist()]
    )
    table = table.set_column(table.column_names.index("largest"), "largest", largest)
    status = shown(protected([(total, table)])["wealth"])
    assert status["BU90020102"] == "primary"
    assert sum(s in HIDDEN for area, s in status.items() if area.startswith("BU")) >= 2


def test_a_hidden_figure_has_no_number_and_contributions_never_leave() -> None:
    count = indicator("people", "count", by=("sex",))
    leaves = {
        (f"BU9002010{i}", sex): (float(n), n)
        for i in (1, 2, 3, 4)
        for sex, n in (("M", 3 * i), ("V", 12 * i))
    }
    table = protected([(count, figures(count, leaves))])["people"]
    assert not {"largest", "second"} & set(table.column_names)
    gone = table.filter(pc.is_in(table["status"], pa.array(HIDDEN)))
    assert gone.num_rows > 0
    for name in ("value", "numerator", "denominator", "n", "lower", "upper"):
        assert gone[name].null_count == gone.num_rows


def test_a_rate_is_hidden_where_its_denominator_is() -> None:
    count, rate = indicator("people", "count"), indicator("reports", "rate", per_indicator="people")
    counts = figures(count, {("BU90020101",): (5.0, 5), ("BU90020102",): (60.0, 60)}).drop_columns(
        ["largest", "second"]
    )
    status = pa.chunked_array(
        [pa.array(["primary" if area == "BU90020101" else "ok" for area in counts["area"].to_pylist()])]
    )
    counts = counts.set_column(counts.column_names.index("status"), "status", status)
    rates = figures(rate, {("BU90020101",): (20.0, 20), ("BU90020102",): (30.0, 30)}, "2025-03").drop_columns(
        ["largest", "second"]
    )
    out = shown(hide_where_denominator_is_hidden(rates, counts, ()))
    assert out == {"BU90020101": "primary", "BU90020102": "ok", "WK900201": "ok", "GM9002": "ok"}


@pytest.mark.parametrize("id_", ["inwoners", "bijstand"])
def test_no_hidden_count_follows_from_the_release_by_subtraction(built: Built, id_: str) -> None:
    assert built.release is not None
    # The attacker even gets the figures of unknown addresses that the release leaves out.
    step = next(step for step in built.steps if step.name == "protected/inwoners")
    table = pq.read_table(step.folder / f"{id_}.parquet")
    by = [name for name in ("leeftijd",) if name in table.column_names]
    parents = dict(
        zip(*(built.release.areas()[name].to_pylist() for name in ("code", "parent")), strict=True)
    )
    parents |= {code: _parent_of_unknown(code) for code in table["area"].to_pylist() if "-" in code}
    cells = {(row["area"], *(row[name] for name in by)): row for row in table.to_pylist()}
    unknown = {key: i for i, key in enumerate(k for k, row in cells.items() if row["status"] in HIDDEN)}
    assert unknown
    equations = []
    for key in cells:
        children = [k for k in cells if parents.get(k[0]) == key[0] and k[1:] == key[1:]]
        parts = [k for k in cells if by and key[1] == TOTAL and k[0] == key[0] and k[1] != TOTAL]
        for group in (children, parts):
            if group:
                equation = np.zeros(len(unknown))
                for k, sign in [(key, -1.0), *((k, 1.0) for k in group)]:
                    if k in unknown:
                        equation[unknown[k]] += sign
                equations.append(equation)
    system = np.array(equations)
    rank = np.linalg.matrix_rank(system)
    for key, index in unknown.items():
        unit = np.zeros((1, len(unknown)))
        unit[0, index] = 1
        assert np.linalg.matrix_rank(np.vstack([system, unit])) > rank, f"{key} can be recomputed"


def _parent_of_unknown(code: str) -> str:
    return (
        f"GM{code[2:6]}"
        if code.startswith("WK")
        else (f"WK{code[2:6]}--" if code[6:8] == "--" else f"WK{code[2:8]}")
    )
