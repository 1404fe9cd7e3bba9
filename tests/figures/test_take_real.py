"""Figures taken over from real area statistics: what CBS and the police published, with everything that is odd about it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest
from figure_tables import indicator, register

from zicht.areas import Areas
from zicht.engine import DuckDBEngine
from zicht.figures import check_sums, compute

pytestmark = [pytest.mark.shared, pytest.mark.slow]


@pytest.fixture(scope="module")
def country(shared: Path) -> pa.Table:
    """The national file, codes and three years of crime as text and numbers."""
    options = pyarrow.csv.ConvertOptions(
        column_types={"code": pa.string(), "crime_2024": pa.float64(), "inwoners": pa.float64()}
    )
    table = pyarrow.csv.read_csv(shared / "data/netherlands/nl_buurt_flat.csv.gz", convert_options=options)
    return table.rename_columns(["area" if name == "code" else name for name in table.column_names])


@pytest.fixture(scope="module")
def areas(country: pa.Table) -> Areas:
    """The division of the file itself."""
    levels = {
        level: pa.table({"code": rows["area"], "name": rows["name"]})
        for level in ("gemeente", "wijk", "buurt")
        for rows in [country.filter(pc.equal(country["level"], level))]
    }
    return Areas.from_tables(2024, levels)


def taken(table: pa.Table, areas: Areas, **declared: object) -> tuple[pa.Table, tuple[object, ...], pa.Table]:
    """Figures, leftovers and sums of one indicator that is taken over."""
    one = indicator("it", "take", **declared)
    with DuckDBEngine(threads=2) as engine:
        engine.add("units", table)
        made = compute(engine, register(table), "units", [one], {}, areas, None)
    return made.figures["it"], made.leftovers.get("it", ()), check_sums(made.figures["it"], areas, one)


def test_every_area_of_the_country_has_its_inhabitants(country, areas):
    figures, left, _ = taken(country, areas, value="inwoners")
    counts = {entry["values"]: entry["counts"] for entry in pc.value_counts(figures["level"]).to_pylist()}
    assert counts == {"buurt": 14_574, "wijk": 3_393, "gemeente": 342}
    assert left == ()
    assert pc.sum(figures.filter(pc.equal(figures["level"], "gemeente"))["value"]).as_py() > 17_900_000


def test_crime_does_not_add_up_in_exactly_twelve_gemeenten(country, areas):
    """There the police use another division into buurten; everywhere else crime over buurten is that of the gemeente."""
    _, _, sums = taken(country, areas, value="crime_2024", adds_up=True)
    over = sums.filter(pc.and_(pc.equal(sums["level"], "buurt"), pc.equal(pc.utf8_length(sums["parent"]), 6)))
    wrong = over.filter(pc.equal(over["verdict"], "differs"))
    names = dict(zip(country["area"].to_pylist(), country["name"].to_pylist(), strict=True))
    found = {names[code] for code in wrong["parent"].to_pylist()}
    assert over.num_rows == 342
    assert len(found) == 12
    assert {"Zoetermeer", "Best", "Groningen", "Voorst", "Heeze-Leende"} <= found


@pytest.fixture(scope="module")
def utrecht(shared: Path) -> pa.Table:
    """Codes and inhabitants of the workbook of 2023, codes padded as CBS delivers them."""
    import fastexcel

    sheet = fastexcel.read_excel(shared / "data/utrecht/CBS-Utrecht-kwb-2023.xlsx").load_sheet(
        0, dtypes="string"
    )
    table = pa.table(sheet.to_arrow())
    lower = {name.lower(): name for name in table.column_names}
    return pa.table(
        {"area": table[lower["gwb_code"]], "inhabitants": pc.cast(table[lower["a_inw"]], pa.int64())}
    )


def test_utrecht_adds_up_but_for_rounding(utrecht):
    """CBS rounds wijken and buurten to fives: 367,715 over buurten, 367,755 over wijken, 367,947 in the gemeente."""
    codes = pc.utf8_trim_whitespace(utrecht["area"])
    levels = {
        level: pa.table({"code": kept, "name": kept})
        for level, prefix in (("gemeente", "GM"), ("wijk", "WK"), ("buurt", "BU"))
        for kept in [codes.filter(pc.starts_with(codes, prefix))]
    }
    areas = Areas.from_tables(2023, levels)
    figures, _, sums = taken(utrecht, areas, value="inhabitants", adds_up=True, rounded_to=5)
    rows = [row for row in sums.to_pylist() if row["parent"] == "GM0344"]
    assert [(row["level"], row["sum_of_children"], row["own_value"], row["verdict"]) for row in rows] == [
        ("buurt", 367_715, 367_947, "rounding"),
        ("wijk", 367_755, 367_947, "rounding"),
    ]
    assert set(sums["verdict"].to_pylist()) <= {"equal", "rounding"}
    assert figures.num_rows == 122
