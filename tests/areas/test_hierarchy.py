"""A division: checked, with a place for every unit."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.areas import Areas, is_unknown
from zicht.errors import DeliveryError, ZichtError


def table(text: str) -> pa.Table:
    head, *lines = [[cell.strip() or None for cell in line.split("|")] for line in text.strip().splitlines()]
    return pa.table({name: pa.array([line[i] for line in lines], pa.string()) for i, name in enumerate(head)})


BUURTEN = table("""
    code       | name
    BU90010102 | Zuid
    BU90010101 | Noord
    BU90010201 | Oost
    BU90020001 | Dorp
""")
WIJKEN = table("""
    code     | name    | parent
    WK900101 | Stad    | GM9001
    WK900102 | Buiten  |
    WK900200 | Dorpen  | GM9002
""")
GEMEENTEN = table("""
    code   | name
    GM9001 | Voorbeeldstad
    GM9002 | Voorbeelddorp
""")
COROP = table("""
    gemeente | code | name
    GM9001   | CR90 | Voorland
    GM9002   | CR90 | Voorland
""")
GGD = table("""
    gemeente | code | name
    GM9001   | GG91 | GGD Stad
    GM9002   | GG92 | GGD Dorp
""")
LAND = table("""
    code | name
    NL   | Nederland
""")
LEVELS = {"buurt": BUURTEN, "wijk": WIJKEN, "gemeente": GEMEENTEN}


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.from_tables(2024, LEVELS | {"land": LAND}, {"corop": COROP, "ggd": GGD})


def as_text(found: pa.Table) -> list[str]:
    return [
        " ".join("." if cell is None else str(cell) for cell in row.values()) for row in found.to_pylist()
    ]


def test_every_area_stands_under_its_parent_coarsest_first(areas: Areas):
    assert areas.levels == ("buurt", "wijk", "gemeente", "corop", "ggd", "land")
    assert as_text(areas.table) == [
        "NL Nederland land .",
        "GG91 GGD Stad ggd NL",
        "GG92 GGD Dorp ggd NL",
        "CR90 Voorland corop NL",
        "GM9001 Voorbeeldstad gemeente CR90",
        "GM9002 Voorbeelddorp gemeente CR90",
        "WK900101 Stad wijk GM9001",
        "WK900102 Buiten wijk GM9001",
        "WK900200 Dorpen wijk GM9002",
        "BU90010101 Noord buurt WK900101",
        "BU90010102 Zuid buurt WK900101",
        "BU90010201 Oost buurt WK900102",
        "BU90020001 Dorp buurt WK900200",
    ]


def test_children_are_the_areas_one_level_down_and_regions_that_do_not_nest_have_their_own(areas: Areas):
    assert areas.children("WK900101") == ("BU90010101", "BU90010102")
    assert areas.children("CR90") == ("GM9001", "GM9002")
    assert areas.children("GG92") == ("GM9002",)
    assert areas.children("NL") == ("CR90", "GG91", "GG92")
    assert areas.children("BU90020001") == ()
    with pytest.raises(ZichtError, match="has no area 'GM9003'"):
        areas.children("GM9003")


def test_the_ancestry_has_a_row_for_units_of_which_only_the_wijk_or_gemeente_is_known(areas: Areas):
    ancestry = areas.ancestry()
    assert ancestry.column_names == ["buurt", "wijk", "gemeente", "corop", "ggd", "land"]
    assert as_text(ancestry) == [
        "BU9001---- WK9001-- GM9001 CR90 GG91 NL",
        "BU900101-- WK900101 GM9001 CR90 GG91 NL",
        "BU90010101 WK900101 GM9001 CR90 GG91 NL",
        "BU90010102 WK900101 GM9001 CR90 GG91 NL",
        "BU900102-- WK900102 GM9001 CR90 GG91 NL",
        "BU90010201 WK900102 GM9001 CR90 GG91 NL",
        "BU9002---- WK9002-- GM9002 CR90 GG92 NL",
        "BU900200-- WK900200 GM9002 CR90 GG92 NL",
        "BU90020001 WK900200 GM9002 CR90 GG92 NL",
    ]


def test_a_division_without_wijken_puts_buurten_straight_in_their_gemeente():
    areas = Areas.from_tables(2024, {"buurt": BUURTEN, "gemeente": GEMEENTEN})
    assert areas.levels == ("buurt", "gemeente")
    assert areas.children("GM9001") == ("BU90010101", "BU90010102", "BU90010201")
    assert as_text(areas.ancestry())[:2] == ["BU9001---- GM9001", "BU90010101 GM9001"]


def test_a_division_of_gemeenten_alone_knows_no_unknown_children():
    areas = Areas.from_tables(2024, {"gemeente": GEMEENTEN})
    assert as_text(areas.ancestry()) == ["GM9001", "GM9002"]
    assert areas.place(pa.array(["GM9002", None]), "GM9001").to_pylist() == ["GM9002", "GM9001"]


def test_counts_add_up_exactly_over_the_tree(areas: Areas):
    for regio in ("corop", "ggd"):
        codes, parents = areas.tree(regio)
        at = dict(zip(codes, parents, strict=True))
        assert all(parent is None or codes.index(parent) < i for i, parent in enumerate(parents))
        leaves: Counter[str] = Counter()
        for code in areas.ancestry()["buurt"].to_pylist():
            node: str | None = code
            while node is not None:
                leaves[node] += 1
                node = at[node]
        assert set(leaves) == set(codes)
        assert leaves["NL"] == 9
    assert areas.tree() == areas.tree("corop")
    with pytest.raises(ZichtError, match="no regio level 'jeugdregio'; it has corop, ggd"):
        areas.tree("jeugdregio")


def test_units_go_to_the_finest_area_that_is_known_of_them(areas: Areas):
    codes = pa.chunked_array(
        [
            ["BU90010101", " BU90010102 ", "WK900102", None],
            ["GM9002", "", "BU99999999", "BU900101--", "WK9001--"],
            [],
        ]
    )
    assert areas.place(codes, "GM9001").to_pylist() == [
        "BU90010101",
        "BU90010102",
        "BU900102--",
        "BU9001----",
        "BU9002----",
        "BU9001----",
        "BU9001----",
        "BU900101--",
        "BU9001----",
    ]
    assert as_text(areas.unplaced(codes)) == [". 2", "BU99999999 1"]


def test_a_number_is_not_an_area_code(areas: Areas):
    with pytest.raises(ZichtError, match="leading zeros"):
        areas.place(pa.array([3440111]), "GM9001")
    with pytest.raises(ZichtError, match="'GM0344' is not a gemeente of division 2024"):
        areas.place(pa.array(["BU90010101"]), "GM0344")


units = st.lists(
    st.one_of(
        st.none(),
        st.sampled_from(
            ["BU90010101", "BU90010201 ", "BU9001----", "WK900101", "GM9002", "CR90", "NL", "", " "]
        ),
        st.text(max_size=3),
    )
)


@given(st.lists(units, max_size=4), st.booleans())
def test_no_unit_is_ever_lost(chunks: list[list[str | None]], encode: bool):
    areas = Areas.from_tables(2024, LEVELS)
    codes = pa.chunked_array(chunks, pa.string())
    codes = codes.dictionary_encode() if encode else codes
    placed = areas.place(codes, "GM9002")
    assert len(placed) == len(codes)
    known = set(areas.ancestry()["buurt"].to_pylist())
    assert set(placed.to_pylist()) <= known
    for code, found in zip(codes.to_pylist(), placed.to_pylist(), strict=True):
        if code is not None and code.strip() in known:
            assert found == code.strip()
    unplaced = sum(areas.unplaced(codes)["count"].to_pylist())
    unknown = sum(found == "BU9002----" for found in placed.to_pylist())
    direct = sum(code is not None and code.strip() == "GM9002" for code in codes.to_pylist())
    assert unknown == unplaced + direct


@given(st.sets(st.tuples(st.integers(1, 3), st.integers(0, 4), st.integers(0, 9)), min_size=1))
def test_each_known_code_stands_in_the_ancestry_exactly_once(land: set[tuple[int, int, int]]):
    def level(codes: set[str]) -> pa.Table:
        return pa.table({"code": sorted(codes), "name": sorted(codes)})

    buurten = {f"BU900{g}0{w}0{b}" for g, w, b in land}
    levels = {
        "buurt": level(buurten),
        "wijk": level({f"WK900{g}0{w}" for g, w, _ in land}),
        "gemeente": level({f"GM900{g}" for g, _, _ in land}),
    }
    areas = Areas.from_tables(2024, levels)
    finest = areas.ancestry()["buurt"].to_pylist()
    assert len(finest) == len(set(finest))
    assert {code for code in finest if not is_unknown(code)} == buurten
    assert len(finest) == len(buurten) + levels["wijk"].num_rows + levels["gemeente"].num_rows


def test_the_digest_is_of_what_is_declared_and_not_of_its_order():
    shuffled = LEVELS | {"buurt": BUURTEN.take([3, 2, 0, 1])}
    assert Areas.from_tables(2024, LEVELS).digest == Areas.from_tables(2024, shuffled).digest
    assert Areas.from_tables(2024, LEVELS).digest != Areas.from_tables(2023, LEVELS).digest


def problems(levels: dict[str, pa.Table], regions: dict[str, pa.Table] | None = None) -> list[str]:
    with pytest.raises(DeliveryError) as caught:
        Areas.from_tables(2024, levels, regions, files={"buurt": "buurten.csv"})
    return [str(problem) for problem in caught.value.problems]


def test_all_mistakes_in_a_division_are_told_at_once_each_with_its_place():
    buurten = table("""
        code       | name  | line
        BU90010101 | Noord | 2
        BU90010101 | Nogmaals | 3
        BU9001     | Kort  | 4
        BU90050001 | Elders | 5
        WK900102   | Wijk  | 6
        BU900101-- | Onbekend | 7
        BU90010102 |       | 8
    """).set_column(2, "line", pa.array(range(2, 9)))
    found = problems({"buurt": buurten, "wijk": WIJKEN, "gemeente": GEMEENTEN})
    assert found == [
        "areas of 2024, level wijk: wijk WK900102 has no buurten. Every wijk has at least one buurt: declare it.",
        "areas of 2024, level wijk: wijk WK900200 has no buurten. Every wijk has at least one buurt: declare it.",
        "buurten.csv:3: BU90010101 is declared twice, first at buurten.csv:2. Keep one of the two.",
        "buurten.csv:4: 'BU9001' is not an area code: a buurt is BU with 4 digits and 4 digits or capitals, such as "
        "BU03440111.",
        "buurten.csv:5: BU90050001 lies in WK900500, which division 2024 does not have. Declare WK900500 too, or leave "
        "BU90050001 out.",
        "buurten.csv:6: WK900102 is the code of a wijk and stands among the areas of level buurt.",
        "buurten.csv:7: BU900101-- is not an area. Leave it out: the child for unknown addresses is there of itself.",
        "buurten.csv:8: BU90010102 has no name. Give it the name that people know it by.",
    ]


def test_a_wijk_put_in_another_gemeente_than_its_code_says_is_told():
    wijken = table("""
        code     | name | parent
        WK900101 | Stad | GM9002
    """)
    assert "areas of 2024, level wijk: WK900101 is put in GM9002. By its code it lies in GM9001." in problems(
        {"wijk": wijken, "gemeente": GEMEENTEN}
    )


def test_every_gemeente_lies_in_one_regio_of_a_level():
    corop = table("""
        gemeente | code | name
        GM9001   | CR90 | Voorland
        GM9001   | CR91 | Achterland
        GM0344   | CR90 | Voorland
    """)
    ggd = table("""
        gemeente | code | name
        GM9001   | CR90 | GGD Voorland
        GM9002   | CR90 | GGD Achterland
    """)
    assert problems({"gemeente": GEMEENTEN}, {"corop": corop, "ggd": ggd}) == [
        "areas of 2024, level corop: GM9001 is put in a corop twice. A gemeente lies in one corop.",
        "areas of 2024, level corop: GM0344 is not a gemeente of division 2024. Only gemeenten of the division can be in "
        "a corop.",
        "areas of 2024, level gemeente: GM9002 is in no corop. Put it in one in areas of 2024, level corop.",
        "areas of 2024, level ggd: ggd CR90 is called 'GGD Achterland' here and 'GGD Voorland' at areas of 2024, level "
        "ggd. Give it one name.",
        "areas of 2024, level ggd: CR90 is both a corop and a ggd. Give the two different codes.",
    ]


def test_a_division_without_gemeenten_or_with_a_table_of_other_columns_is_refused():
    assert problems({"wijk": pa.table({"Code": ["WK900101"]})}) == [
        "areas of 2024, level gemeente: Division 2024 has no gemeenten. Every division declares at least the level "
        "gemeente.",
        "areas of 2024, level wijk: The table of level wijk has no column code and no column name. Its columns are: "
        "Code.",
    ]
    assert "'straat' is not a level with codes of its own" in problems({"straat": GEMEENTEN})[-1]


@pytest.mark.shared
def test_the_whole_country_of_2024_is_a_good_division(shared: Path):
    with gzip.open(shared / "data/netherlands/nl_buurt_flat.csv.gz") as file:
        flat = pyarrow.csv.read_csv(file)
    codes, names = flat["code"], flat["name"]
    level = {"BU": "buurt", "WK": "wijk", "GM": "gemeente"}
    levels = {
        level[prefix]: pa.table({"code": codes, "name": names}).filter(pc.starts_with(codes, prefix))
        for prefix in level
    }
    areas = Areas.from_tables(2024, levels)
    assert [len(areas.codes(name)) for name in areas.levels] == [14574, 3393, 342]
    assert areas.ancestry().num_rows == 14574 + 3393 + 342


@pytest.mark.shared
def test_the_corop_areas_of_2022_hold_every_gemeente_once(shared: Path):
    listed = pyarrow.csv.read_csv(shared / "data/regions/gemeente_2022_hierarchie_derived.csv")
    gemeenten = listed.select(["code", "name"])
    corop = pa.table({"gemeente": listed["code"], "code": listed["corop_code"], "name": listed["nuts3"]})
    areas = Areas.from_tables(2022, {"gemeente": gemeenten}, {"corop": corop})
    assert [len(areas.codes(level)) for level in areas.levels] == [345, 40]
    assert sum(len(areas.children(code)) for code in areas.codes("corop")) == 345
