"""Polygons as people deliver them: any coordinate system, packed or not, and damaged in every way."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import zipfile
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

import zicht.areas.boundaries
import zicht.areas.reading
from zicht.areas import RD, WGS84, Boundaries, read_polygons
from zicht.errors import DeliveryError, Place

SQUARE = [[136000, 455000], [136100, 455000], [136100, 455100], [136000, 455100], [136000, 455000]]
RD_MEMBER = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}


def feature(
    coordinates: object = (SQUARE,), kind: str = "Polygon", **properties: object
) -> dict[str, object]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"code": "BU03440111"} | properties, "geometry": geometry}


def geojson(*features: object, crs: object = RD_MEMBER) -> bytes:
    document: dict[str, object] = {"type": "FeatureCollection", "features": features or [feature()]}
    if crs is not None:
        document["crs"] = crs
    return json.dumps(document).encode()


def geopackage(
    path: Path, *layers: str, crs: str | None = RD, wkb: bytes = shapely.Polygon(SQUARE).wkb
) -> Path:
    for layer in layers:
        pyogrio.raw.write(
            path,
            np.array([wkb], dtype=object),
            [np.array(["BU03440111"], dtype=object), np.array([12])],
            ["code", "aantal"],
            layer=layer,
            driver="GPKG",
            geometry_type="Unknown",
            crs=crs,
            append=path.exists(),
        )
    return path


def refusal(source: Path | bytes, **options: object) -> str:
    with pytest.raises(DeliveryError) as caught:
        read_polygons(source, options.pop("code", "code"), **options)
    return str(caught.value)


def test_geojson_with_the_old_crs_member_is_in_that_system():
    found = read_polygons(geojson(), "code")
    assert found.codes == ("BU03440111",)
    assert found.geometries[0].bounds == (136000, 455000, 136100, 455100)


def test_geojson_without_a_system_is_in_degrees():
    ring = [[5.1, 52.08], [5.12, 52.08], [5.12, 52.1], [5.1, 52.08]]
    found = read_polygons(geojson(feature([ring]), crs=None), "code")
    # The tower of the Dom, 5.1214 E 52.0907 N, stands at about (136 800, 455 900) in the Dutch grid.
    assert found.locate([136_600], [455_600], RD).to_pylist() == ["BU03440111"]
    assert shapely.area(found.geometries[0]) == pytest.approx(1371 * 2225 / 2, rel=0.01)


def test_the_system_that_the_caller_gives_wins():
    assert read_polygons(geojson(crs=None), "code", crs=RD).geometries[0].area == 10_000
    assert "do not lie in the Netherlands. These are no degrees" in refusal(geojson(), crs="EPSG:4326")


def test_a_code_can_be_made_of_several_properties():
    content = geojson(feature(gemeente="0344", KODE="0111"))
    assert read_polygons(content, lambda found: f"BU{found['gemeente']}{found['KODE']}").codes == (
        "BU03440111",
    )
    assert "Object 1 has no area code, as text. Its properties are: code." in refusal(
        geojson(), code=lambda found: f"BU0344{found['KODE']}"
    )


def test_a_code_that_has_become_a_number_is_refused_for_its_zeros_are_lost():
    assert refusal(geojson(feature(KODE=111)), code="KODE") == (
        "polygons: Object 1 has no area code in 'KODE', as text. Its properties are: code, KODE."
    )


def test_a_file_of_an_older_program_is_read_as_latin_1(tmp_path: Path):
    path = tmp_path / "oud.geojson"
    path.write_bytes(geojson(feature(naam="XX")).replace(b"XX", "Súdwest-Fryslân".encode("latin-1")))
    assert read_polygons(path, lambda found: str(found["naam"])).codes == ("Súdwest-Fryslân",)


def test_a_packed_file_is_unpacked(tmp_path: Path):
    path = tmp_path / "buurten.geojson.gz"
    path.write_bytes(gzip.compress(geojson()))
    assert read_polygons(str(path), "code").codes == ("BU03440111",)


def test_a_geopackage_says_its_own_system_and_its_layer_is_chosen(tmp_path: Path):
    path = geopackage(tmp_path / "wijkenbuurten.gpkg", "buurten", "gemeenten")
    assert f"{path}: There are 2 layers. Say which of them: buurten, gemeenten." == refusal(path)
    assert "There is no layer 'wijken' of polygons. Its layers are: buurten, gemeenten." in refusal(
        path, layer="wijken"
    )
    found = read_polygons(path, "code", layer="buurten")
    assert (found.codes, found.geometries[0].area) == (("BU03440111",), 10_000)
    assert "no area code in 'buurtcode', as text. Its properties are: code, aantal." in refusal(
        path, code="buurtcode", layer="buurten"
    )


def test_a_geopackage_in_degrees_lands_in_the_same_place(tmp_path: Path):
    land = read_polygons(geojson(), "code")
    degrees = land.to_table(WGS84)["geometry"][0].as_py()
    for name in ("EPSG:4326", "EPSG:4258"):
        path = geopackage(tmp_path / f"{name[-4:]}.gpkg", "buurten", crs=name, wkb=degrees)
        found = read_polygons(path, "code")
        assert shapely.hausdorff_distance(found.geometries[0], land.geometries[0]) < 1


def test_a_geopackage_without_a_system_is_refused_until_it_is_given(tmp_path: Path):
    path = geopackage(tmp_path / "zonder.gpkg", "buurten", crs=None)
    assert "has no coordinate system" in refusal(path)
    assert read_polygons(path, "code", crs=RD).geometries[0].area == 10_000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "polygons:1:1: This is no JSON"),
        (b"\n\n  {'type': 1}", "polygons:3:4: This is no JSON"),
        (geojson()[:-40], "This is no JSON"),
        (b"[" * 200_000, "no GeoJSON needs"),
        (b"[1, 2]", "no GeoJSON with objects"),
        (b'{"type": "Topology", "arcs": []}', "no GeoJSON with objects"),
        (b'{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline"}', "no GeoJSON with objects"),
        (b'{"type": "FeatureCollection", "features": []}', "no GeoJSON with objects"),
        (geojson(None, 3, "x"), "Object 1 has no area code"),
        (geojson(feature([SQUARE[:3]])), "at least four points"),
        (geojson(feature([SQUARE[:4]])), "does not end where it begins"),
        (geojson(feature([[*SQUARE[:4], ["a", "b"]]])), "has no polygon"),
        (geojson(feature([[*SQUARE[:4], [136000]]])), "has no polygon"),
        (geojson(feature([[*SQUARE[:4], None]])), "has no polygon"),
        (geojson(feature([])), "it is 'Polygon', or empty"),
        (geojson(feature([[]], "MultiPolygon")), "it is 'MultiPolygon', or empty"),
        (geojson(feature([1, 2], "Point")), "it is 'Point', or empty"),
        (geojson(feature({"a": 1})), "it is 'Polygon', or empty"),
        (
            geojson(feature() | {"geometry": None}),
            r"Object 1 (BU03440111) has no polygon: it has no geometry",
        ),
        (geojson(feature([[[136000, 1e400], *SQUARE]])), "Infinity is not a number"),
        (geojson().replace(b"136100", b"1" + b"0" * 400), "has no polygon"),
        (geojson().replace(b"136100", b"1" + b"0" * 5000), "no GeoJSON needs"),
        (geojson(crs={"type": "link"}), "names no coordinate system"),
        (
            geojson(crs={"type": "name", "properties": {"name": "+proj=nonsense"}}),
            "is not a coordinate system",
        ),
        (geojson(crs=None), "These are no degrees"),
        (
            geojson(feature([[[y / 1e4, x / 1e5] for x, y in SQUARE]]), crs=None),
            "do not lie in the Netherlands",
        ),
        (geojson(feature([[[52.0, 5.1], [52.1, 5.1], [52.1, 5.2], [52.0, 5.1]]]), crs=None), "are swapped"),
        (gzip.compress(geojson())[:-20], "cannot be read"),
        (b"\x1f\x8bnonsense", "cannot be read"),
        (b"SQLite format 3\x00" + b"\x00" * 4096, "cannot be read"),
        (b"PK\x03\x04" + b"\x00" * 50, "This is no JSON"),
    ],
)
def test_every_damaged_file_is_refused_with_what_would_be_right(content: bytes, says: str):
    assert says in refusal(content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    assert str(tmp_path / "weg.geojson") in refusal(tmp_path / "weg.geojson")
    assert "cannot be read" in refusal(tmp_path)


def test_many_mistakes_are_told_together_but_not_without_end():
    with pytest.raises(DeliveryError) as caught:
        read_polygons(geojson(*[feature(KODE=None) for _ in range(200)]), "KODE")
    assert len(caught.value.problems) == 50
    assert caught.value.problems[0].place == Place("polygons")


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(zicht.areas.reading, "MAX_BYTES", 1 << 20)
    assert "larger than 1 MB" in refusal(gzip.compress(b" " * (20 << 20)))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "groot.geojson"
    path.write_bytes(geojson())
    monkeypatch.setattr(zicht.areas.reading, "MAX_BYTES", 100)
    assert "larger than" in refusal(path)


def test_more_vertices_than_a_map_needs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = geopackage(tmp_path / "fijn.gpkg", "buurten")
    for module in (zicht.areas.reading, zicht.areas.boundaries):
        monkeypatch.setattr(module, "MAX_VERTICES", 4)
    assert "more than 4 vertices" in refusal(geojson())
    assert "more than 4 vertices" in refusal(path)
    monkeypatch.setattr(zicht.areas.boundaries, "MAX_VERTICES", 2)
    with pytest.raises(DeliveryError, match="more than 2 vertices"):
        Boundaries.from_wkb(["BU03440111"], [shapely.Polygon(SQUARE).wkb], RD)


def test_a_zip_is_not_opened_as_something_else(tmp_path: Path):
    path = tmp_path / "buurten.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("buurten.geojson", geojson())
    assert "This is no JSON" in refusal(path)


def damaged(content: bytes, seed: int) -> bytes:
    """One of many ways in which a file breaks: cut, bytes changed, a piece repeated or left out."""
    rng = random.Random(seed)
    at, to = sorted(rng.randrange(len(content)) for _ in range(2))
    ways = [
        content[:at],
        content[:at] + bytes(rng.randrange(256) for _ in range(rng.randrange(1, 5))) + content[at + 1 :],
        content[:at] + content[to:],
        content[:to] + content[at:],
        content[:at] + rng.choice([b"null", b"-1", b"{}", b"[]", b'"', b"1e999", b"NaN"]) + content[to:],
    ]
    return rng.choice(ways)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
@example(0)
def test_a_broken_geojson_is_read_or_refused_and_never_anything_else(seed: int):
    content = geojson(
        feature(), feature([SQUARE, [[136010, 455010], *SQUARE[2:4], [136010, 455010]]], code="BU03440112")
    )
    with contextlib.suppress(DeliveryError):
        found = read_polygons(damaged(content, seed), "code")
        assert shapely.is_valid(found.geometries).all()


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return geopackage(tmp_path_factory.mktemp("gpkg") / "heel.gpkg", "buurten").read_bytes()


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_broken_geopackage_is_read_or_refused_and_never_anything_else(packed: bytes, seed: int):
    with contextlib.suppress(DeliveryError):
        found = read_polygons(damaged(packed, seed), "code")
        assert shapely.is_valid(found.geometries).all()
