"""The files with figures beside the pages: what is in each, and what describes them."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from full_city import declared
from small_city import City

from zicht.publish import publish_site
from zicht.publish.data import Issue, SignalNews, feed
from zicht.publish.data.index import sitemap
from zicht.release import open_release

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def released(city: City, indicator: str = "bereik") -> dict[tuple[str, str], float | None]:
    """What the release says, at the precision in which it is published."""
    return {
        (row["area"], row["period"]): None if row["value"] is None else round(row["value"], 1)
        for row in city.figures[indicator]
        if row.get("leeftijd", "TOTAL") == "TOTAL"
    }


def addressed(city: City, folder: Path, url: str) -> Path:
    """The site of a city that declares its address."""
    path = city.write(folder / "release")
    catalogue = json.loads((path / "catalogue.json").read_text("utf-8"))
    catalogue["project"]["site"] = {"url": url}
    (path / "catalogue.json").write_text(json.dumps(catalogue), "utf-8")
    publish_site(open_release(path), folder / "site")
    return folder / "site"


def test_the_csv_for_programs_has_decimal_points_english_names_and_a_status_on_every_row(city, site):
    data = (site / "data/bereik.plain.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    assert list(rows[0]) == [
        "area",
        "name",
        "level",
        "division",
        "period",
        "value",
        "lower",
        "upper",
        "status",
        "provisional",
    ]
    assert {
        (row["area"], row["period"]): float(row["value"]) if row["value"] else None for row in rows
    } == released(city)
    assert {row["status"] for row in rows if not row["value"]} == {"hidden"}
    assert all(row["status"] for row in rows)


def test_the_parquet_has_the_same_figures_and_no_counts_behind_them(city, site):
    table = pq.read_table(site / "data/inwoners.parquet")
    assert table.column_names == [
        "area", "name", "level", "division", "period", "leeftijd", "value", "lower", "upper", "status", "provisional",
    ]  # fmt: skip
    assert table.num_rows == len(city.figures["inwoners"])
    assert pq.read_metadata(site / "data/inwoners.parquet").metadata is None
    totals = table.filter(pa.compute.equal(table["leeftijd"], "TOTAL")).to_pylist()
    assert {(row["area"], row["period"]): row["value"] for row in totals} == released(city, "inwoners")


def test_a_version_is_named_by_its_own_bytes_and_named_on_the_page(site):
    (version,) = (site / "v/bereik").iterdir()
    assert hashlib.sha256(version.read_bytes()).hexdigest()[:16] == version.stem
    assert version.read_bytes() == (site / "data/bereik.parquet").read_bytes()
    assert f"v/bereik/{version.name}" in (site / "indicator/bereik/index.html").read_text("utf-8")


def test_the_geojson_stands_in_degrees_and_has_a_feature_an_area(city, site):
    found = json.loads((site / "data/bereik/buurt.geojson").read_text("utf-8"))
    latest = {area: value for (area, period), value in released(city).items() if period == "2024"}
    values = {one["id"]: one["properties"]["value"] for one in found["features"]}
    assert values == {code: latest[code] for code in city.boundaries["buurt"]}
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in found["features"]])
    west, south, east, north = shapely.total_bounds(shapes)
    assert 3 < west < east < 8
    assert 50 < south < north < 54
    assert re.search(r"\d\.\d{7}", (site / "data/bereik/buurt.geojson").read_text("utf-8")) is None


def test_the_geopackage_has_a_layer_a_level_in_rijksdriehoek(city, site):
    layers = pyogrio.list_layers(site / "data/bereik.gpkg")[:, 0].tolist()
    assert layers == ["gemeente", "wijk", "buurt"]
    meta, _, geometry, fields = pyogrio.raw.read(site / "data/bereik.gpkg", layer="buurt")
    assert meta["crs"] == "EPSG:28992"
    assert len(geometry) == 16
    columns = dict(zip(meta["fields"], fields, strict=True))
    hidden = columns["status"] == "hidden"
    assert np.isnan(columns["value"][hidden]).all()
    assert not np.isnan(columns["value"][~hidden]).any()


def test_one_geopackage_has_all_indicators_beside_one_another(site):
    meta = pyogrio.read_info(site / "data/gebieden.gpkg", layer="wijk")
    assert list(meta["fields"]) == [
        "code", "name", "bereik_2024", "bereik_2024_status", "inwoners_2024", "inwoners_2024_status",
    ]  # fmt: skip


def test_a_level_of_very_many_areas_is_in_the_geopackage_of_the_whole_only(city, tmp_path, monkeypatch):
    monkeypatch.setattr("zicht.publish.data.geo.MOST_SHAPED", 10)
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site", workers=1)
    assert not (tmp_path / "site/data/bereik/buurt.geojson").exists()
    assert pyogrio.list_layers(tmp_path / "site/data/bereik.gpkg")[:, 0].tolist() == ["gemeente", "wijk"]
    assert "buurt" in pyogrio.list_layers(tmp_path / "site/data/gebieden.gpkg")[:, 0]


@pytest.mark.parametrize(("file", "delimiter"), [("bereik.csv", ";"), ("inwoners.plain.csv", ",")])
def test_every_csv_has_metadata_that_names_its_columns(site, file, delimiter):
    metadata = json.loads((site / f"data/{file}-metadata.json").read_text("utf-8"))
    header = (site / f"data/{file}").read_text("utf-8-sig").splitlines()[0].replace('"', "")
    assert metadata["url"] == file
    assert metadata["dialect"]["delimiter"] == delimiter
    columns = metadata["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == header.split(delimiter)
    assert all(column["dc:description"] for column in columns)
    assert metadata["dc:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}


def test_the_data_packages_say_of_every_file_how_large_it_is_and_what_its_digest_is(site):
    for name in ("datapackage.json", "wie_missen_we.datapackage.json"):
        package = json.loads((site / "data" / name).read_text("utf-8"))
        assert [one["name"] for one in package["resources"]] == ["bereik", "inwoners"]
        for one in package["resources"]:
            data = (site / "data" / one["path"]).read_bytes()
            assert (one["bytes"], one["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
            header = data.decode().splitlines()[0].replace('"', "").split(",")
            assert [field["name"] for field in one["schema"]["fields"]] == header


@pytest.mark.shared
def test_the_data_package_holds_against_the_profile_of_frictionless(site, shared):
    profile = shared / "standards/frictionless/public/profiles/2.0/datapackage.json"
    package = json.loads((site / "data/datapackage.json").read_text("utf-8"))
    check = jsonschema.Draft7Validator(json.loads(profile.read_text("utf-8")))
    assert [error.message for error in check.iter_errors(package)] == []
    package["resources"][0].pop("path")
    assert list(check.iter_errors(package))


def test_every_page_of_an_indicator_is_a_dataset_for_search_engines(site):
    for page, language in (("indicator/bereik/wijk", "nl"), ("en/indicator/bereik/wijk", "en")):
        html = (site / page / "index.html").read_text("utf-8")
        (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
        found = json.loads(block)
        assert (found["@type"], found["inLanguage"], found["temporalCoverage"]) == (
            "Dataset",
            language,
            "2023/2024",
        )
        for download in found["distribution"]:
            assert (site / page / download["contentUrl"]).resolve().is_file()


def test_a_title_cannot_end_the_block_that_search_engines_read(city, tmp_path):
    city.indicators[0]["title"] = {"nl": "</script><script>alert(1)</script>"}
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    html = (tmp_path / "site/indicator/bereik/index.html").read_text("utf-8")
    assert "<script>alert" not in html
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    assert json.loads(block)["name"] == "</script><script>alert(1)</script>"


def test_with_an_address_there_is_a_map_for_search_engines_of_all_pages(city, tmp_path):
    site = addressed(city, tmp_path, "https://proefstad.example/cijfers")
    found = [one.text for one in ET.parse(site / "sitemap.xml").iter(f"{MAP}loc")]
    pages = {
        path.relative_to(site).as_posix().removesuffix("index.html")
        for path in site.rglob("index.html")
        if "insluiten" not in path.parts  # a chart for another site is no page to find
    }
    assert {one.removeprefix("https://proefstad.example/cijfers/") for one in found} == pages
    assert "Sitemap: https://proefstad.example/cijfers/sitemap.xml\n" in (site / "robots.txt").read_text()
    html = (site / "indicator/bereik/wijk/index.html").read_text("utf-8")
    assert '"url":"https://proefstad.example/cijfers/indicator/bereik/wijk/"' in html


def test_without_an_address_there_is_none(site):
    assert not (site / "sitemap.xml").exists()
    assert (site / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"


def test_a_map_of_very_many_pages_is_an_index_of_several():
    files = dict(sitemap([f"https://x.example/{n}/" for n in range(50_001)], "https://x.example/"))
    assert set(files) == {"sitemap.xml", "sitemap-1.xml", "sitemap-2.xml"}
    index = [one.text for one in ET.fromstring(files["sitemap.xml"]).iter(f"{MAP}loc")]
    assert index == ["https://x.example/sitemap-1.xml", "https://x.example/sitemap-2.xml"]
    assert len(list(ET.fromstring(files["sitemap-2.xml"]).iter(f"{MAP}url"))) == 1


@pytest.mark.parametrize(
    ("url", "base"),
    [("", "/"), ("https://x.example", "/"), ("https://x.example/cijfers", "/cijfers/"), ("https://x.example/a/b/", "/a/b/")],
)  # fmt: skip
def test_the_page_for_what_is_not_there_links_from_where_the_site_stands(city, tmp_path, url, base):
    html = (addressed(city, tmp_path, url) / "404.html").read_text("utf-8")
    links = {link for link in re.findall(r'(?:href|src)="([^"]+)"', html) if not re.match(r"[a-z]+:|#", link)}
    assert links
    assert all(link.startswith(base) for link in links)


def test_a_site_that_is_not_published_yet_has_a_feed_without_entries(site):
    root = ET.parse(site / "feed.xml").getroot()
    assert root.tag == f"{ATOM}feed"
    assert root.findtext(f"{ATOM}title") == "Proefstad in cijfers: nieuwe uitgaven"
    assert root.findall(f"{ATOM}entry") == []


def test_the_feed_tells_of_every_release_newest_first(release):
    issues = [
        Issue("a" * 64, dt.date(2026, 3, 1), ("Bereik", "A & B")),
        Issue("b" * 64, dt.date(2026, 9, 2), ()),
        Issue("c" * 64, dt.date(2026, 11, 22), tuple(f"cijfer {n}" for n in range(40))),
    ]
    root = ET.fromstring(feed(release, issues))
    entries = [(e.findtext(f"{ATOM}title"), e.findtext(f"{ATOM}summary")) for e in root.iter(f"{ATOM}entry")]
    assert entries == [
        ("Uitgave van 22 november 2026", "40 cijfers zijn nieuw of bijgewerkt."),
        ("Uitgave van 2 september 2026", "De cijfers zijn dezelfde gebleven."),
        ("Uitgave van 1 maart 2026", "Nieuw of bijgewerkt: Bereik; A & B."),
    ]
    assert root.findtext(f"{ATOM}updated") == "2026-11-22T00:00:00Z"


def test_a_signal_in_the_feed_leads_to_the_page_that_tells_it(city, tmp_path):
    city.products[0]["findings"] = [declared("signals")]
    city.site = {"url": "https://x.example/cijfers"}
    release = open_release(city.write(tmp_path / "release"))
    news = [SignalNews(name, name, "Is er iets?", "2026-01", ("Wijk 1",), None) for name in ("f", "gone")]
    root = ET.fromstring(feed(release, [Issue("a" * 64, dt.date(2026, 3, 1), (), tuple(news))]))
    links = [link.get("href") for entry in root.iter(f"{ATOM}entry") for link in entry.iter(f"{ATOM}link")]
    assert links[1:] == [
        "https://x.example/cijfers/product/wie_missen_we/#b-f",
        "https://x.example/cijfers/producten/",
    ]


def test_points_of_a_map_can_be_taken_as_a_table(site: Path) -> None:
    lines = (site / "data" / "bereik.punten.csv").read_text("utf-8").splitlines()
    assert lines[:2] == ["x,y", "140250,500250"]
    assert len(lines) == 11
    page = (site / "indicator" / "bereik" / "index.html").read_text("utf-8")
    assert 'href="../../data/bereik.punten.csv" download' in page
    assert not list((site / "data").glob("inwoners.punten.*"))


def test_what_may_still_change_is_marked_in_every_file_and_on_every_page(city, tmp_path):
    city.indicators[0]["provisional"] = ["2024"]
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site", workers=1)
    data = tmp_path / "site" / "data"
    dutch = list(csv.DictReader(io.StringIO((data / "bereik.csv").read_text("utf-8-sig")), delimiter=";"))
    plain = list(csv.DictReader(io.StringIO((data / "bereik.plain.csv").read_text("utf-8"))))
    columns = json.loads((data / "bereik.json").read_text("utf-8"))["columns"]
    held = pq.read_table(data / "bereik.parquet")
    for period, mark in (("2023", False), ("2024", True)):
        assert {row["voorlopig"] for row in dutch if row["periode"] == period} == {"ja" if mark else "nee"}
        assert {row["provisional"] for row in plain if row["period"] == period} == {str(mark).lower()}
        rows = zip(columns["period"], columns["provisional"], strict=True)
        assert {said for when, said in rows if when == period} == {mark}
        assert set(held.filter(pc.equal(held["period"], period))["provisional"].to_pylist()) == {mark}
    shaped = json.loads((data / "bereik/wijk.geojson").read_text("utf-8"))
    assert {one["properties"]["provisional"] for one in shaped["features"]} == {True}
    assert not any(pq.read_table(data / "inwoners.parquet")["provisional"].to_pylist())
    for page in ("indicator/bereik/", "gebied/GM9009/", "en/indicator/bereik/wijk/"):
        word = "provisional" if page.startswith("en") else "voorlopig"
        assert f"2024 ({word})" in (tmp_path / "site" / page / "index.html").read_text("utf-8")
    assert "(voorlopig)" not in (tmp_path / "site/indicator/inwoners/index.html").read_text("utf-8")
