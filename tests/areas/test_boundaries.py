"""Polygons that share borders: simplified without slivers, with their neighbours and what lies in them."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from zicht.areas import RD, WGS84, Boundaries, read_polygons
from zicht.errors import DeliveryError, ZichtError

X, Y = 136_000.0, 455_000.0  # somewhere in Utrecht


def boundaries(shapes: dict[str, shapely.Geometry]) -> Boundaries:
    moved = [shapely.transform(shape, lambda at: at + np.array([X, Y])) for shape in shapes.values()]
    return Boundaries.from_wkb(list(shapes), [shape.wkb for shape in moved], RD)


def grid(side: int, size: float = 100.0) -> dict[str, shapely.Geometry]:
    return {
        f"BU9001{row:02}{column:02}": shapely.box(
            column * size, row * size, (column + 1) * size, (row + 1) * size
        )
        for row in range(side)
        for column in range(side)
    }


def pairs(found: pa.Table) -> set[tuple[str, str]]:
    return set(zip(found["code"].to_pylist(), found["neighbour"].to_pylist(), strict=True))


def gaps(found: Boundaries) -> int:
    return holes(shapely.union_all(found.geometries))


def holes(land: shapely.Geometry) -> int:
    return int(shapely.get_num_interior_rings(shapely.get_parts(land)).sum())


def voronoi(seed: int, number: int) -> Boundaries:
    """A random division of a square of a kilometre, its borders wrinkled in the same way on both sides."""
    rng = np.random.default_rng(seed)
    cells = shapely.voronoi_polygons(
        shapely.multipoints(rng.uniform(0, 1000, (number, 2))), extend_to=shapely.box(0, 0, 1000, 1000)
    )
    square = shapely.intersection(shapely.get_parts(cells), shapely.box(0, 0, 1000, 1000))
    fine = shapely.segmentize(square[shapely.area(square) > 1], 15)

    def wrinkle(at: np.ndarray) -> np.ndarray:
        return np.round(at + np.sin(at[:, ::-1] / 20) * 2, 3)

    shapes = shapely.transform(fine, wrinkle)
    return boundaries({f"BU9001{i:04}": shape for i, shape in enumerate(shapes)})


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 60), st.sampled_from([0, 1, 5, 20, 60]))
def test_a_random_division_stays_without_overlap_and_gap_however_much_it_is_simplified(
    seed: int, number: int, tolerance: int
):
    before = voronoi(seed, number).matched(0.5)
    after = before.simplified(tolerance)
    assert after.codes == before.codes
    assert shapely.is_valid(after.geometries).all()
    assert not shapely.is_empty(after.geometries).any()
    assert shapely.coverage_is_valid(after.geometries)
    assert gaps(after) == gaps(before) == 0
    assert shapely.union_all(after.geometries).area == pytest.approx(
        shapely.area(after.geometries).sum(), rel=1e-9
    )
    assert pairs(after.adjacency()) == pairs(before.adjacency())


def test_simplifying_leaves_out_vertices_and_keeps_the_border_the_same_line_for_both_neighbours():
    before = voronoi(7, 20)
    after = before.simplified(20)
    assert (
        shapely.get_num_coordinates(after.geometries).sum()
        < 0.5 * shapely.get_num_coordinates(before.geometries).sum()
    )
    assert shapely.is_empty(shapely.coverage_invalid_edges(after.geometries)).all()


def test_borders_that_were_drawn_apart_are_made_to_match():
    ragged = boundaries(
        {"BU90010001": shapely.box(0, 0, 100, 100), "BU90010002": shapely.box(103, 0, 200, 100)}
    )
    assert pairs(ragged.adjacency()) == set()
    assert pairs(ragged.adjacency(buffer_m=5)) == {("BU90010001", "BU90010002"), ("BU90010002", "BU90010001")}
    overlapping = boundaries(
        {"BU90010001": shapely.box(0, 0, 100, 100), "BU90010002": shapely.box(90, 20, 200, 80)}
    )
    matched = overlapping.matched(0)
    assert shapely.coverage_is_valid(matched.geometries)
    assert shapely.area(matched.geometries).sum() == pytest.approx(10_000 + 6_000)
    assert pairs(matched.adjacency()) == pairs(overlapping.adjacency()) != set()


def test_a_small_area_drawn_over_a_large_one_keeps_its_land():
    drawn_over = boundaries(
        {"BU90010001": shapely.box(0, 0, 100, 100), "BU90010002": shapely.box(40, 40, 60, 60)}
    )
    assert shapely.area(drawn_over.matched(0).geometries).tolist() == [
        pytest.approx(9_600),
        pytest.approx(400),
    ]


def test_an_area_without_land_of_its_own_is_named():
    twice = boundaries({"BU90010001": shapely.box(0, 0, 100, 100), "BU90010002": shapely.box(0, 0, 100, 100)})
    with pytest.raises(ZichtError, match="lie wholly under others cannot be drawn: BU9001000"):
        twice.simplified(10)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 60), st.integers(1, 8))
@example(15246, 8, 8)  # a gap in an island in a gap
def test_a_division_from_which_strips_were_cut_closes_again(seed: int, number: int, strips: int):
    whole = voronoi(seed, number).matched(0.5)
    rng = np.random.default_rng(seed)
    ends = rng.uniform(30, 970, (strips, 2, 2)) + np.array([X, Y])
    cut = shapely.union_all(shapely.buffer(shapely.linestrings(ends), rng.uniform(0.5, 4, strips)))
    torn = Boundaries(whole.codes, shapely.difference(whole.geometries, cut))
    assume(not shapely.is_empty(torn.geometries).any())
    closed = torn.closed(40)
    assert closed.codes == whole.codes
    assert gaps(torn) > 0 == gaps(closed)
    assert shapely.is_valid(closed.geometries).all()
    assert shapely.coverage_is_valid(closed.geometries)
    assert shapely.area(closed.geometries).sum() == pytest.approx(shapely.area(whole.geometries).sum())
    assert (shapely.area(shapely.difference(torn.geometries, closed.geometries)) < 1e-6).all()
    assert pairs(torn.adjacency()) <= pairs(closed.adjacency())
    halves = closed.dissolved(
        {code: "GM9001" if code < closed.codes[number // 3] else "GM9002" for code in closed.codes}
    )
    assert gaps(halves) == 0
    assert shapely.coverage_is_valid(halves.geometries)


def test_a_gap_goes_to_the_area_with_most_border_of_it_and_further_on_to_those_it_lies_between():
    # The gap lies between the two halves, and beyond them as a tail between two areas in the east.
    land = boundaries(
        {
            "BU90010001": shapely.box(0, 0, 100, 49),
            "BU90010002": shapely.Polygon([(0, 50), (0, 100), (100, 100), (100, 50), (50, 55)]),
            "BU90010003": shapely.box(100, 0, 200, 49),
            "BU90010004": shapely.Polygon([(100, 50), (100, 100), (200, 100), (200, 49), (150, 55)]),
            "BU90010005": shapely.box(-10, 0, 0, 100),
        }
    )
    closed = land.closed(20)
    gained = shapely.area(closed.geometries) - shapely.area(land.geometries)
    assert gaps(closed) == 0
    assert gained.sum() == pytest.approx(350 + 325)
    assert gained[4] == pytest.approx(0)
    assert min(gained[0] + gained[1], gained[2] + gained[3]) > 300


def test_a_gap_within_an_island_in_a_gap_is_closed_once():
    def ring(outside: float, inside: float) -> shapely.Polygon:
        return shapely.difference(*(shapely.box(-at, -at, at, at) for at in (outside, inside)))

    torn = boundaries(
        {"BU90010001": ring(100, 50), "BU90010002": ring(48, 20), "BU90010003": shapely.box(-18, -18, 18, 18)}
    )
    closed = torn.closed(10)
    assert shapely.coverage_is_valid(closed.geometries)
    assert shapely.area(closed.geometries).sum() == pytest.approx(200**2)


def test_wide_gaps_and_the_water_outside_stay_and_so_do_islands():
    ring = shapely.difference(shapely.box(0, 0, 200, 200), shapely.box(50, 50, 150, 150))
    inlet = shapely.difference(ring, shapely.box(95, 0, 105, 50))
    around = {"BU90010001": ring, "BU90010002": shapely.box(80, 80, 120, 120)}
    assert shapely.area(boundaries(around).closed(25).geometries).tolist() == [30_000, 1_600]
    assert shapely.area(boundaries(around).closed(40).geometries).tolist() == [37_500 + 900, 1_600]
    assert shapely.area(boundaries({"BU90010001": inlet}).closed(500).geometries).tolist() == [29_500]


def test_an_area_that_falls_apart_when_borders_are_made_to_match_gives_its_crumbs_away():
    arm = shapely.box(60, 45, 100, 55)  # drawn over the first area; the third lies across it
    land = boundaries(
        {
            "BU90010001": shapely.box(-400, 0, 100, 100),
            "BU90010002": shapely.union(shapely.box(100, 0, 300, 100), arm),
            "BU90010003": shapely.box(70, 40, 80, 60),
        }
    )
    assert shapely.get_num_geometries(land.matched(0).geometries).tolist() == [1, 2, 1]
    closed = land.closed(10)
    assert shapely.get_num_geometries(closed.geometries).tolist() == [1, 1, 1]
    assert shapely.area(closed.geometries).tolist() == pytest.approx([49_600, 20_200, 200])


def test_closing_by_no_width_leaves_everything_as_it_is():
    land = boundaries({"BU90010001": shapely.box(0, 0, 100, 100), "BU90010002": shapely.box(90, 0, 200, 100)})
    assert land.closed(0) is land
    for width in (-1.0, float("nan")):
        with pytest.raises(ZichtError, match="metres from 0"):
            land.closed(width)


def test_neighbours_share_a_line_and_not_merely_a_corner():
    found = pairs(boundaries(grid(3)).adjacency())
    assert ("BU90010101", "BU90010102") in found
    assert ("BU90010101", "BU90010202") not in found
    assert len(found) == 2 * 12
    assert {(right, left) for left, right in found} == found
    assert ("BU90010101", "BU90010202") in pairs(boundaries(grid(3)).adjacency(buffer_m=1))


@pytest.mark.parametrize("distance", [-1.0, float("nan")])
def test_a_distance_is_not_negative(distance: float):
    with pytest.raises(ZichtError, match="metres from 0"):
        boundaries(grid(2)).adjacency(distance)
    with pytest.raises(ZichtError, match="metres from 0"):
        boundaries(grid(2)).simplified(distance)


def test_parts_of_one_code_become_one_area_and_a_crossed_border_is_repaired():
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    apart = [shapely.box(20, 0, 30, 10), shapely.box(30, 0, 40, 10), shapely.box(60, 0, 61, 10)]
    found = Boundaries.from_wkb(
        ["BU90010002", "BU90010001", "BU90010001", "BU90010001"],
        [shapely.transform(shape, lambda at: at + np.array([X, Y])).wkb for shape in [bow_tie, *apart]],
        RD,
    )
    assert found.codes == ("BU90010001", "BU90010002")
    assert shapely.area(found.geometries).tolist() == [210, 50]
    assert shapely.get_num_geometries(found.geometries).tolist() == [2, 2]
    assert shapely.is_valid(found.geometries).all()


def test_larger_areas_are_made_of_those_that_lie_in_them():
    land = boundaries(grid(4))
    wijken = land.dissolved({code: f"WK{code[2:8]}" for code in land.codes})
    assert wijken.codes == ("WK900100", "WK900101", "WK900102", "WK900103")
    assert shapely.area(wijken.geometries).tolist() == [40_000] * 4
    with pytest.raises(ZichtError, match="in no larger one: BU90010001"):
        land.dissolved({code: "GM9001" for code in land.codes if code != "BU90010001"})


def test_a_point_lies_in_one_area_and_a_point_on_a_border_in_the_first():
    land = boundaries(grid(2))
    x = [X + 50, X + 100, X + 100, X - 1, np.nan, X + 200]
    y = [Y + 150, Y + 50, Y + 100, Y + 50, Y, Y + 200]
    found = ["BU90010100", "BU90010000", "BU90010000", None, None, "BU90010101"]
    assert land.locate(x, y, RD).to_pylist() == found
    assert land.locate([], [], RD).to_pylist() == []
    with pytest.raises(ZichtError, match="there are 1 and 2"):
        land.locate([1], [1, 2], RD)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_point_inside_the_land_lies_in_an_area_that_holds_it(seed: int):
    land = voronoi(seed, 12).matched(0.5)
    x, y = np.random.default_rng(seed).uniform(10, 990, (2, 200)) + np.array([[X], [Y]])
    found = land.locate(x, y, RD).to_pylist()
    by_code = dict(zip(land.codes, land.geometries, strict=True))
    holding = [
        code is not None and shapely.intersects(by_code[code], shapely.Point(*at))
        for code, *at in zip(found, x, y, strict=True)
    ]
    assert all(holding)


def test_what_is_stored_comes_back_the_same_in_any_system():
    land = voronoi(3, 9)
    assert shapely.equals_identical(Boundaries.from_table(land.to_table()).geometries, land.geometries).all()
    degrees = land.to_table(WGS84)
    assert degrees.schema.metadata[b"crs"] == b"OGC:CRS84"
    assert 5 < shapely.get_coordinates(shapely.from_wkb(degrees["geometry"].to_numpy()))[0, 0] < 5.2
    back = Boundaries.from_table(degrees)
    assert shapely.hausdorff_distance(back.geometries, land.geometries).max() < 0.001


@pytest.mark.parametrize(
    ("wkb", "says"),
    [
        (b"", "Object 1 \\(BU90010001\\) has no polygon"),
        (b"\x01\x02nonsense", "has no polygon"),
        (shapely.Point(X, Y).wkb, "has no polygon"),
        (shapely.Polygon().wkb, "coordinates that have no place"),
        (shapely.Polygon([(X, Y), (X + 1, Y), (X + 2, Y)]).wkb, "without area"),
        (shapely.Polygon([(X, Y), (X + 1, np.inf), (X + 2, Y)]).wkb, "coordinates that have no place"),
    ],
)
def test_what_is_no_polygon_is_refused(wkb: bytes, says: str):
    with pytest.raises(DeliveryError, match=says):
        Boundaries.from_wkb(["BU90010001"], [wkb], RD)


@pytest.fixture(scope="module")
def country(shared: Path) -> Boundaries:
    return read_polygons(shared / "data/netherlands/buurt_2024_derived_rd.geojson.gz", "buurtcode")


@pytest.mark.shared
def test_the_111_buurten_of_utrecht_have_a_polygon_and_make_10_wijken(shared: Path):
    folder = shared / "data/utrecht"
    buurten = read_polygons(folder / "utrecht_2013_buurt.geojson", lambda found: f"BU0344{found['KODE']}")
    assert len(buurten.codes) == 111
    wijken = buurten.dissolved({code: f"WK{code[2:8]}" for code in buurten.codes})
    drawn = read_polygons(folder / "utrecht_2013_wijk.geojson", lambda found: f"WK0344{found['KODE']}")
    assert wijken.codes == drawn.codes
    assert len(wijken.codes) == 10
    assert shapely.area(wijken.geometries) == pytest.approx(shapely.area(drawn.geometries), rel=1e-3)


@pytest.mark.shared
def test_80_lamp_posts_of_utrecht_lie_outside_every_buurt_and_3057_contradict_their_attribute(shared: Path):
    folder = shared / "data/utrecht"
    buurten = read_polygons(folder / "utrecht_2013_buurt.geojson", lambda found: f"BU0344{found['KODE']}")
    with gzip.open(folder / "utrecht_2013_mastoverzicht_full.geojson.gz") as file:
        posts = json.loads(file.read().decode("latin-1"))["features"]
    x, y = np.array([post["geometry"]["coordinates"] for post in posts]).T
    said = pa.array(["BU0344" + post["properties"]["BUURT"].replace(".", "") for post in posts])
    begin = time.process_time()
    found = buurten.locate(x, y, WGS84)
    assert time.process_time() - begin < 1
    assert (len(found), found.null_count) == (18_533, 80)
    assert pc.sum(pc.not_equal(found, said)).as_py() == 3_057


@pytest.mark.shared
def test_generalised_maps_of_cbs_stay_a_coverage_when_simplified(shared: Path):
    for name, number in (("gemeente", 345), ("wijk", 3340), ("provincie", 12)):
        before = read_polygons(shared / f"data/netherlands/{name}_2022_rd.geojson.gz", "code")
        after = before.simplified(100)
        assert len(after.codes) == number
        assert shapely.coverage_is_valid(after.geometries)
        assert shapely.area(after.geometries).sum() == pytest.approx(
            shapely.area(before.geometries).sum(), rel=1e-4
        )
        assert pairs(after.adjacency()) == pairs(before.adjacency())


@pytest.mark.shared
@pytest.mark.slow
def test_the_14566_buurten_of_the_country_simplify_without_slivers(country: Boundaries):
    begin = time.process_time()
    after = country.simplified(50)
    assert time.process_time() - begin < 20
    assert len(after.codes) == 14_566
    assert shapely.is_valid(after.geometries).all()
    area = shapely.area(after.geometries).sum()
    assert area == pytest.approx(shapely.area(country.geometries).sum(), rel=0.005)
    land = shapely.union_all(after.geometries)
    assert land.area == pytest.approx(area, rel=1e-9)
    matched = country.matched(50)
    assert holes(land) == gaps(matched)
    kept = pairs(after.adjacency())
    assert kept == pairs(matched.adjacency())
    # Polygons 13 m off overlap in slivers here and there; a pair that shares a real border is never lost.
    assert len(pairs(country.adjacency()) - kept) < 100


@pytest.mark.shared
@pytest.mark.slow
def test_the_gemeenten_of_the_country_have_no_slivers_left_once_gaps_are_closed(country: Boundaries):
    begin = time.process_time()
    closed = country.closed(100)
    assert time.process_time() - begin < 12
    assert closed.codes == country.codes
    assert shapely.coverage_is_valid(closed.geometries)

    def holes_in_gemeenten(found: Boundaries) -> int:
        larger = found.dissolved({code: f"GM{code[2:6]}" for code in found.codes})
        assert len(larger.codes) == 342
        return int(shapely.get_num_interior_rings(shapely.get_parts(larger.geometries)).sum())

    open_still = country.matched(25)
    assert holes_in_gemeenten(open_still) > 4_000
    assert holes_in_gemeenten(closed) < 25  # enclaves among them, such as those of Baarle
    assert gaps(open_still) > 5_000
    assert gaps(closed) < 60  # lakes between gemeenten, and Belgian land
    assert (
        shapely.get_num_geometries(closed.geometries).sum() < len(country.codes) + 310
    )  # as delivered, nearly
    before, after = shapely.area(country.geometries), shapely.area(closed.geometries)
    kept = shapely.area(shapely.intersection(country.geometries, closed.geometries)) / before
    assert kept.min() > 0.8
    assert np.quantile(kept, 0.05) > 0.97
    assert np.median(np.abs(after / before - 1)) < 0.01
    # What overlaps shares its circumference: pairs that only slivers of overlap made neighbours may part.
    assert len(pairs(country.matched(0).adjacency()) - pairs(closed.adjacency())) < 400


@pytest.mark.shared
@pytest.mark.slow
def test_200_000_points_find_their_buurt_in_the_country_in_seconds(country: Boundaries):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(14_000, 278_000, 200_000), rng.uniform(306_000, 620_000, 200_000)
    begin = time.process_time()
    found = country.locate(x, y, RD)
    assert time.process_time() - begin < 5
    inside = 1 - found.null_count / len(found)
    assert inside == pytest.approx(34.93e9 / (264_000 * 314_000), abs=0.005)


@pytest.mark.shared
def test_buurten_within_25_m_count_as_neighbours_where_polygons_are_approximate(country: Boundaries):
    exact, near = pairs(country.adjacency()), pairs(country.adjacency(buffer_m=25))
    assert exact < near
    alone = set(country.codes) - {code for code, _ in near}
    assert len(alone) < 30
