"""A declared analysis finds what is there, says nothing of what is hidden, and is quiet where there is nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pydantic import TypeAdapter

from zicht.declare import Analysis
from zicht.errors import ZichtError
from zicht.figures import FIGURES
from zicht.findings import FINDINGS, Ground
from zicht.findings import look_for as carry_out

AGE = "leeftijd"
_ANALYSES: TypeAdapter[Analysis] = TypeAdapter(Analysis)


def analysis(pattern: str = "over_representation", **more: object) -> Analysis:
    declared = {"id": "f", "title": {"nl": "Wat?"}, "pattern": pattern, "indicator": "i", "level": "buurt"}
    return _ANALYSES.validate_python({**declared, **more})


def look_for(one: Analysis, figures: pa.Table, areas: Ground, **traits: pa.Table) -> pa.Table:
    return carry_out(one, {"i": figures, **traits}, areas)


def ground(codes: list[str], adjacency: list[tuple[str, str]] | None = None) -> Ground:
    pairs = None
    if adjacency is not None:
        both = [*adjacency, *((b, a) for a, b in adjacency)]
        pairs = pa.table({"code": [a for a, _ in both], "neighbour": [b for _, b in both]})
    points = {code: (1000.0 * number, 0.0) for number, code in enumerate(codes)}
    return Ground(codes, dict.fromkeys(codes, "GM1"), pairs, points, 2025)


def shares(text: str) -> pa.Table:
    """Figures from lines such as `B1 | jong 12/200 | oud */100`: events and people, `*` where a rule hides the figure."""
    rows: list[dict[str, object]] = []
    for line in text.strip().splitlines():
        area, *parts = (part.strip() for part in line.split("|"))
        told = []
        for part in parts:
            group, _, counts = part.rpartition(" ")
            events, people = counts.split("/")
            told.append((group or "TOTAL", None if events == "*" else float(events), float(people)))
        if told[0][0] != "TOTAL":
            hidden = any(events is None for _, events, _ in told)
            total = None if hidden else sum(events or 0.0 for _, events, _ in told)
            told.append(("TOTAL", total, sum(people for _, _, people in told)))
        rows += [row(area, group, events, people) for group, events, people in told]
    return pa.Table.from_pylist(rows, pa.schema([*FIGURES, pa.field(AGE, pa.string())]))


def row(
    area: str, group: str, events: float | None, people: float, period: str = "2024"
) -> dict[str, object]:
    told = events is not None
    return {
        "indicator": "i", "area": area, "division": 2025, "level": "buurt", "period": period, AGE: group,
        "value": events / people * 100 if told and people else None, "numerator": events, "denominator": people if told else None,
        "n": int(people) if told else None, "status": "ok" if told else "primary",
    }  # fmt: skip


def by_area(found: pa.Table, method: str = "ratio") -> dict[str, dict[str, object]]:
    return {row["area"]: row for row in found.to_pylist() if row["method"] == method}


AGED = """
    B1 | jong 20/1000 | oud 20/100
    B2 | jong 10/500  | oud 120/600
    B3 | jong 20/1000 | oud 60/300
    B4 | jong 60/1000 | oud 60/100
"""


def test_an_area_that_is_merely_older_does_not_stand_out_when_age_is_allowed_for() -> None:
    crude = by_area(look_for(analysis(), shares(AGED), ground(["B1", "B2", "B3", "B4"])))
    fair = by_area(look_for(analysis(controls=(AGE,)), shares(AGED), ground(["B1", "B2", "B3", "B4"])))
    assert crude["B2"]["relevant"]
    assert crude["B2"]["estimate"] > 1.5
    assert fair["B2"]["estimate"] == pytest.approx(0.72, abs=0.15)
    assert fair["B2"]["estimate"] < 1 < fair["B4"]["estimate"]
    assert fair["B4"]["relevant"]


def test_an_area_with_a_hidden_figure_is_left_out_and_holds_no_number() -> None:
    text = AGED.replace("60/300", "*/300")
    found = look_for(analysis(controls=(AGE,)), shares(text), ground(["B1", "B2", "B3", "B4"]))
    left = by_area(found)["B3"]
    assert left["status"] == "not_available"
    assert {name for name in FINDINGS.names[7:17] if left[name] is not None} == set()
    assert found.schema.equals(FINDINGS)


def test_who_sees_the_figures_could_have_made_the_finding() -> None:
    """What stands in columns that a release does not publish makes no difference."""
    figures = shares(AGED)
    other = figures.set_column(figures.column_names.index("n"), "n", pa.nulls(figures.num_rows, pa.int64()))
    other = other.set_column(other.column_names.index("largest"), "largest", pa.array([9.0] * other.num_rows))
    codes = ground(["B1", "B2", "B3", "B4"])
    assert look_for(analysis(), figures, codes).equals(look_for(analysis(), other, codes))


def test_one_category_can_be_looked_at() -> None:
    found = by_area(look_for(analysis(only={AGE: "oud"}), shares(AGED), ground(["B1", "B2", "B3", "B4"])))
    assert found["B2"]["observed"] == 120


def test_areas_without_public_figures_cannot_be_compared() -> None:
    with pytest.raises(ZichtError, match="of 1 of 2 areas all figures are public"):
        look_for(analysis(), shares("B1 | 10/100\nB2 | */100"), ground(["B1", "B2"]))


def test_clusters_need_boundaries() -> None:
    with pytest.raises(ZichtError, match="needs the boundaries of each buurt"):
        look_for(analysis("clusters"), shares("B1 | 10/100\nB2 | 12/100"), ground(["B1", "B2"]))


def test_high_areas_that_lie_together_are_found() -> None:
    codes = [f"B{number:02d}" for number in range(40)]
    text = "\n".join(f"{code} | {90 if 10 <= number < 16 else 30}/1000" for number, code in enumerate(codes))
    near = [(a, b) for at, a in enumerate(codes) for b in codes[at + 1 : at + 4]]
    found = by_area(look_for(analysis("clusters"), shares(text), ground(codes, near)), "local_moran")
    high = {code for code, one in found.items() if one["relevant"]}
    assert {"B12", "B13"} <= high <= set(codes[9:17])


def test_a_piece_of_the_map_is_found_with_its_members_and_numbers() -> None:
    codes = [f"B{number:02d}" for number in range(40)]
    text = "\n".join(f"{code} | {60 if 10 <= number < 17 else 30}/1000" for number, code in enumerate(codes))
    rows = look_for(analysis("scan"), shares(text), ground(codes, [])).to_pylist()
    (cluster,) = [row for row in rows if row["area"] is None]
    assert (cluster["group"], cluster["observed"]) == ("1", 420)
    assert cluster["p"] <= 0.001
    assert [row["area"] for row in rows if row["group"] == "1" and row["area"]] == codes[10:17]


@pytest.mark.parametrize("pattern", ["over_representation", "scan", "funnel", "ranks"])
def test_of_two_hundred_cities_in_which_nothing_is_the_matter_few_report_anything(pattern: str) -> None:
    random = np.random.default_rng(7)
    codes = [f"B{number:02d}" for number in range(60)]
    people = random.integers(200, 5000, len(codes))
    reported = 0
    for _ in range(200):
        events = random.binomial(people, 0.06)
        rows = [
            row(code, "TOTAL", float(e), float(p)) for code, e, p in zip(codes, events, people, strict=True)
        ]
        figures = pa.Table.from_pylist(rows, pa.schema([*FIGURES, pa.field(AGE, pa.string())]))
        reported += any(
            one["relevant"] for one in look_for(analysis(pattern), figures, ground(codes, [])).to_pylist()
        )
    assert reported <= 14


def months(count: int, last: dict[str, int]) -> pa.Table:
    random = np.random.default_rng(3)
    rows = []
    for number in range(count):
        period = f"{2020 + number // 12}-{number % 12 + 1:02d}"
        for area in ("B1", "B2", "B3"):
            value = float(random.poisson(5))
            if number == count - 1 and area in last:
                value = float(last[area])
            rows.append({**row(area, "TOTAL", None, 0.0, period), "value": value, "status": "ok"})
    return pa.Table.from_pylist(rows, pa.schema([*FIGURES, pa.field(AGE, pa.string())]))


def test_a_month_that_the_past_does_not_explain_is_a_signal() -> None:
    found = by_area(
        look_for(analysis("signals"), months(60, {"B2": 25}), ground(["B1", "B2", "B3"])), "signal"
    )
    assert [area for area, one in found.items() if one["relevant"]] == ["B2"]
    assert (found["B2"]["period"], found["B2"]["observed"]) == ("2024-12", 25)


def test_a_past_that_is_too_short_is_refused_with_what_there_is() -> None:
    with pytest.raises(
        ZichtError, match="needs figures of 38 months or more, and `i` has 30 periods, from 2020-01"
    ):
        look_for(analysis("signals"), months(30, {}), ground(["B1", "B2", "B3"]))


def levels_of(codes: list[str], values: list[float | None]) -> pa.Table:
    """Figures of a trait: a value an area, `None` where it is not public."""
    rows = [
        {**row(code, "TOTAL", None, 0.0), "value": value, "status": "ok" if value is not None else "primary"}
        for code, value in zip(codes, values, strict=True)
    ]
    return pa.Table.from_pylist(rows, pa.schema([*FIGURES, pa.field(AGE, pa.string())]))


TWELVE = [f"B{number:02d}" for number in range(12)]
IN_TOWN = [float(10 * 2**number) if number < 6 else float(10_000 * 2 ** (number - 6)) for number in range(12)]
"""Six areas with few people and six with many, each with twice as many as the one before."""
TOWN = "\n".join(
    f"{code} | {(20 if number < 6 else 60) + 40 * (number == 8)}/1000" for number, code in enumerate(TWELVE)
)


def test_an_area_is_compared_with_those_most_like_it_and_they_are_named() -> None:
    alike = analysis(compared_with="look_alikes", traits=("t",), ratios=("t",))
    found = look_for(alike, shares(TOWN), ground(TWELVE), t=levels_of(TWELVE, IN_TOWN))
    crude = by_area(look_for(analysis(), shares(TOWN), ground(TWELVE)))
    fair = by_area(found)
    assert {code for code, one in crude.items() if one["relevant"]} >= {"B00", "B05", "B08"}
    assert [code for code, one in fair.items() if one["relevant"]] == ["B08"]
    assert (fair["B08"]["expected"], fair["B08"]["reference"]) == (60.0, "look_alikes")
    named = [(one["area"], one["group"]) for one in found.to_pylist() if one["method"] == "look_alikes"]
    assert sorted(peer for area, peer in named if area == "B08") == ["B06", "B07", "B09", "B10"]


def test_differences_of_a_trait_count_as_ratios_where_that_is_declared() -> None:
    def nearest(ratios: list[str]) -> str:
        one = analysis("look_alikes", traits=("t",), ratios=tuple(ratios))
        rows = look_for(one, shares(TOWN), ground(TWELVE), t=levels_of(TWELVE, values)).to_pylist()
        return next(found["group"] for found in rows if found["area"] == "B02" and found["statistic"] == 1)

    values = [1000.0, 100.0, 10.0, 1.0, *[5000.0 * at for at in range(8)]]
    assert nearest([]) == "B03"
    values[3] = 0.5
    values[1] = 20.0
    assert nearest(["t"]) == "B01"


def test_an_area_of_which_most_traits_are_hidden_has_no_look_alikes_and_is_nobodys() -> None:
    traits = {"t": levels_of(TWELVE, [None, *IN_TOWN[1:]]), "u": levels_of(TWELVE, [None, *IN_TOWN[1:]])}
    found = look_for(analysis("look_alikes", traits=("t", "u")), shares(TOWN), ground(TWELVE), **traits)
    rows = found.to_pylist()
    assert [one["status"] for one in rows if one["area"] == "B00"] == ["not_available"]
    assert "B00" not in {one["group"] for one in rows}


def test_few_areas_have_few_look_alikes_and_two_have_none() -> None:
    figures, traits = shares(TOWN), levels_of(TWELVE, IN_TOWN)
    rows = look_for(analysis("look_alikes", traits=("t",)), figures, ground(TWELVE), t=traits).to_pylist()
    assert sum(one["area"] == "B00" for one in rows) == 4  # a third of twelve
    with pytest.raises(ZichtError, match="of 2 of 2 areas enough traits are public; 3 or more are needed"):
        look_for(
            analysis("look_alikes", traits=("t",)), figures, ground(["B01", "B02"]), t=traits.slice(0, 3)
        )


def test_what_lies_outside_the_funnel_is_found_and_what_small_areas_do_by_chance_is_not() -> None:
    random = np.random.default_rng(5)
    codes = [f"B{number:02d}" for number in range(60)]
    people = random.integers(200, 9000, 60)
    events = random.binomial(people, 0.06)
    people[7], events[7] = 6000, 560
    text = "\n".join(f"{code} | {e}/{n}" for code, e, n in zip(codes, events, people, strict=True))
    rows = look_for(analysis("funnel"), shares(text), ground(codes)).to_pylist()
    assert [one["area"] for one in rows if one["relevant"]] == ["B07"]
    (spread,) = [one for one in rows if one["area"] is None]
    assert (spread["group"], spread["estimate"]) == ("spread", pytest.approx(1.0, abs=0.2))


def test_where_all_areas_differ_much_the_funnel_is_as_much_wider() -> None:
    codes = [f"B{number:02d}" for number in range(40)]
    text = "\n".join(f"{code} | {60 if number % 2 else 140}/1000" for number, code in enumerate(codes))
    rows = look_for(analysis("funnel"), shares(text), ground(codes)).to_pylist()
    assert not any(one["relevant"] for one in rows)
    assert next(one["estimate"] for one in rows if one["group"] == "spread") > 3


def test_a_place_is_known_only_where_areas_truly_differ() -> None:
    codes = [f"B{number:02d}" for number in range(20)]
    text = "\n".join(f"{code} | {200 if number < 3 else 100}/2000" for number, code in enumerate(codes))
    found = by_area(look_for(analysis("ranks"), shares(text), ground(codes)), "rank")
    assert [code for code, one in found.items() if one["relevant"]] == codes[:3]
    assert all(one["lower"] <= one["estimate"] <= one["upper"] for one in found.values())


def households(events: dict[tuple[str, str], int], people: int = 1000) -> pa.Table:
    """Shares of two groups in areas, by area and group."""
    rows = [row(area, group, float(count), float(people)) for (area, group), count in events.items()]
    return pa.Table.from_pylist(rows, pa.schema([*FIGURES, pa.field(AGE, pa.string())]))


def test_a_group_is_compared_with_the_same_area_and_not_with_others() -> None:
    """In each area both groups are alike; that the young live where it is more frequent must not count."""
    figures = pa.concat_tables(
        [
            households({("B1", "jong"): 300, ("B2", "oud"): 50}, 3000),
            households({("B1", "oud"): 30, ("B2", "jong"): 5}, 300),
        ]
    )
    adjusted = analysis("adjusted_ratio", breakdown=AGE, base="oud")
    (fair,) = look_for(adjusted, figures, ground(["B1", "B2"])).to_pylist()
    assert (fair["area"], fair["group"], fair["relevant"]) == (None, f"{AGE}=jong", False)
    assert fair["estimate"] == pytest.approx(1.0, abs=0.02)
    crude = 305 / 3300 / (80 / 3300)
    assert crude > 3


def test_a_group_with_twice_as_much_in_each_area_is_found_also_where_a_cell_is_hidden() -> None:
    events = {
        (f"B{number}", group): (80 if group == "jong" else 40) * number
        for number in (1, 2, 3)
        for group in ("jong", "oud")
    }
    figures = pa.concat_tables(
        [households(events), shares("B4 | jong */50 | oud 3/50").filter(pa.array([True, True, False]))]
    )
    adjusted = analysis("adjusted_ratio", breakdown=AGE, base="oud")
    (found,) = look_for(adjusted, figures, ground(["B1", "B2", "B3", "B4"])).to_pylist()
    assert found["relevant"]
    assert found["estimate"] == pytest.approx(2.0, abs=0.02)
    assert found["lower"] < 2 < found["upper"]


def test_a_base_that_is_not_public_is_said() -> None:
    figures = households({("B1", "jong"): 30, ("B2", "jong"): 50})
    with pytest.raises(ZichtError, match="Finding `f`: leeftijd has no category 'oud'"):
        look_for(analysis("adjusted_ratio", breakdown=AGE, base="oud"), figures, ground(["B1", "B2"]))


def test_values_without_counts_that_are_high_together_are_found() -> None:
    random = np.random.default_rng(2)
    codes = [f"B{number:02d}" for number in range(40)]
    values = [float(value) + (8 if 10 <= at < 16 else 0) for at, value in enumerate(random.normal(70, 1, 40))]
    near = [(a, b) for at, a in enumerate(codes) for b in codes[at + 1 : at + 4]]
    found = by_area(
        look_for(analysis("clusters"), levels_of(codes, [*values[:-1], None]), ground(codes, near)),
        "local_moran",
    )
    high = {
        code
        for code, one in found.items()
        if one["relevant"] and one["estimate"] > 0 and one["statistic"] > 0
    }
    assert {"B12", "B13"} <= high <= set(codes[10:16])
    assert (found["B12"]["observed"], found["B39"]["status"]) == (pytest.approx(values[12]), "not_available")
