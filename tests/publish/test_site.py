"""The site as files: what is in it, what is not, and how it is brought up to date."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_city import City, figure, indicator, texts

from zicht.errors import DisclosureError, ZichtError
from zicht.publish import publish_site
from zicht.publish.pictures import Picture
from zicht.publish.site import RECORD
from zicht.release import open_release

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class WellFormed(HTMLParser):
    """Complains about elements that are not closed, ids that stand twice, and anything a strict policy refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.problems: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id" and value in self.ids:
                self.problems.append(f"id {value} stands twice")
            if name == "id":
                self.ids.add(value)
            if name == "style" or name.startswith("on"):
                self.problems.append(f"{tag} has {name}")
            if name in ("href", "src"):
                self.links.append(value)
        data = dict(attrs).get("type") in (
            "application/ld+json",
            "application/json",
        )  # not run, so no policy is about it
        if tag == "style" or (tag == "script" and "src" not in dict(attrs) and not data):
            self.problems.append(f"{tag} in the page")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")


def _parsed(path: Path) -> WellFormed:
    parser = WellFormed()
    parser.feed(path.read_text("utf-8"))
    parser.close()
    if parser.open:
        parser.problems.append(f"not closed: {parser.open}")
    return parser


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_every_page_is_well_formed_and_holds_no_inline_script_or_style(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 60
    assert {page.name: problems for page in pages if (problems := _parsed(page).problems)} == {}


def test_every_link_leads_to_a_file_of_the_site_and_no_page_is_left_out(site):
    linked, broken = set(), []
    for page in sorted(site.rglob("index.html")):
        for link in _parsed(page).links:
            if re.match(r"[a-z]+:", link) or link.startswith("#"):
                assert link.startswith(
                    (
                        "https://proefstad.example",
                        "https://creativecommons.org/licenses/",
                        "https://wetten.overheid.nl/",
                        "mailto:",
                        "#",
                    )
                ), link
                continue
            target = (page.parent / re.split("[?#]", link)[0]).resolve()
            target = target / "index.html" if target.is_dir() else target
            linked.add(target)
            if not target.is_file():
                broken.append((page, link))
    assert broken == []
    left = {
        page.relative_to(site).as_posix() for page in site.rglob("index.html") if page.resolve() not in linked
    }
    assert left == set()


def test_dutch_stands_at_the_root_and_english_beside_it(site):
    dutch, english = (site / place / "gebied/WK900901/index.html" for place in (".", "en"))
    assert '<html lang="nl"' in dutch.read_text("utf-8")
    assert '<html lang="en"' in english.read_text("utf-8")
    assert "District, division of 2025" not in dutch.read_text("utf-8")
    assert "district, division of 2025" in english.read_text("utf-8")


def test_the_notice_of_the_project_stands_on_every_page(site):
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert "Proefstad bestaat niet." in text or "Proefstad does not exist." in text, page


def test_an_area_page_says_value_interval_verdict_and_where_it_lies(site):
    page = (site / "gebied/BU90090100/index.html").read_text("utf-8")
    assert "54,4<small>%</small>" in page
    assert "<b>Hoger</b> dan Proefstad (40,4%)" in page
    assert 'href="../WK900901/"' in page
    assert "kaart/GM9009.svg" in page


def test_unknown_addresses_are_a_row_in_the_table_and_no_area_of_their_own(site):
    assert "Onbekend adres" in (site / "indicator/bereik/wijk/index.html").read_text("utf-8")
    assert not (site / "gebied/WK9009--").exists()
    everything = b"".join(
        data for path, data in _bytes(site).items() if path.endswith((".html", "zoek.json"))
    )
    assert b"BU9009----" not in everything


def test_the_csv_opens_right_in_a_dutch_spreadsheet(site):
    data = (site / "data/bereik.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    by_area = {(row["gebied"], row["periode"]): row for row in rows}
    shown, hidden = by_area["BU90090100", "2024"], by_area["BU90090202", "2024"]
    assert (shown["waarde"], shown["ondergrens_95"], shown["status"]) == ("54,4", "48", "gepubliceerd")
    assert (hidden["waarde"], hidden["ondergrens_95"], hidden["status"]) == ("", "", "verborgen")


def test_the_json_holds_the_same_figures(site):
    document = json.loads((site / "data/bereik.json").read_text("utf-8"))
    columns = document["columns"]
    place = list(zip(columns["area"], columns["period"], strict=True)).index(("BU90090100", "2024"))
    assert (columns["value"][place], columns["lower"][place], columns["status"][place]) == (
        54.4,
        48.0,
        "published",
    )


def test_the_breakdown_and_the_break_in_method_are_on_the_page_of_the_indicator(site):
    page = (site / "indicator/inwoners/index.html").read_text("utf-8")
    assert "tot 25 jaar" in page
    assert "Nieuwe telling" in page
    assert "Dat komt door afronding." in page


def test_how_a_figure_is_made_is_said_in_the_words_of_the_page_and_the_source_once(city, tmp_path):
    steps = [
        "register: personen",
        "measure: share",
        "population: leeftijd >= 18",
        "by leeftijd: groep",
        "Geteld per gebied.",
    ]
    attribution = {"nl": "Bron: registratie <A>", "en": "Source: register <A>"}
    first = city.indicators[0]
    first |= {"steps": steps, "attribution": attribution}
    folder = tmp_path / "site"
    publish_site(open_release(city.write(tmp_path / "release")), folder)
    dutch = (folder / f"indicator/{first['id']}/index.html").read_text("utf-8")
    assert "<li>Geteld in de registratie: <code>personen</code></li>" in dutch
    assert "<li>Berekening: deel van het geheel, in procenten</li>" in dutch
    assert "<li>Wie of wat meetelt: <code>leeftijd &gt;= 18</code></li>" in dutch
    assert "<li>Verdeeld naar Leeftijd: <code>groep</code></li>" in dutch
    assert "<li>Geteld per gebied.</li>" in dutch
    assert "Noem als bron: registratie &lt;A&gt;" in dutch
    english = (folder / f"en/indicator/{first['id']}/index.html").read_text("utf-8")
    assert "<li>Calculation: part of the whole, as a percentage</li>" in english
    assert "Name as the source: register &lt;A&gt;" in english


def test_a_rule_of_protection_is_said_once_and_numbered_beside_each_subject(site):
    page = (site / "verantwoording/index.html").read_text("utf-8")
    assert page.count("Een cijfer over minder dan 10 mensen") == 1
    assert page.count('<td class="num">1</td></tr>') >= 2


def test_what_is_hidden_of_an_open_figure_is_explained(city, tmp_path):
    first = city.indicators[0]
    first["protection"] = "open"
    row = next(row for row in city.figures[first["id"]] if row["value"] is not None)
    row |= {
        "status": "primary",
        "value": None,
        "numerator": None,
        "denominator": None,
        "n": None,
        "lower": None,
        "upper": None,
    }
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    page = (tmp_path / f"site/indicator/{first['id']}/index.html").read_text("utf-8")
    assert "Dit cijfer is gedeeld door een cijfer over mensen." in page
    assert "gaat niet over mensen" not in page


# ---- hidden stays hidden


def _secret_city(city: City, status: str) -> City:
    """A city of which one buurt has a figure with a value that occurs nowhere else, hidden with a status."""
    city.figures["bereik"] = [row for row in city.figures["bereik"] if row["area"] != "BU90090100"]
    for period in ("2023", "2024"):
        city.figures["bereik"].append(figure("bereik", "BU90090100", "buurt", period, None, status=status))
    return city


def test_primary_and_secondary_cannot_be_told_apart_in_any_byte(city, tmp_path):
    sites = []
    for status in ("primary", "secondary"):
        release = open_release(_secret_city(city, status).write(tmp_path / status))
        publish_site(release, tmp_path / f"site-{status}")
        sites.append(_bytes(tmp_path / f"site-{status}"))
        sites[-1].pop(RECORD)
    first, second = sites
    assert first.keys() == second.keys()
    differ = {path for path in first if first[path] != second[path]}
    assert differ == {
        "verantwoording/index.html",
        "en/verantwoording/index.html",
        "data/datapackage.json",
        "data/wie_missen_we.datapackage.json",
    }  # the digest of the release
    for path in differ:
        pages = [re.sub(rb'<code>\w+</code>|"version": "\w+"', b"", files[path]) for files in sites]
        assert pages[0] == pages[1]


@pytest.mark.parametrize("column", ["value", "lower", "upper", "n", "numerator"])
def test_a_hidden_figure_that_still_has_a_number_stops_the_site(city, tmp_path, column):
    city.figures["bereik"][5].update(
        {"status": "secondary", "value": None, "lower": None, "upper": None, column: 7}
    )
    release = open_release(city.write(tmp_path / "release"))
    with pytest.raises(DisclosureError, match=f"hidden figure of `bereik` still has its {column}"):
        publish_site(release, tmp_path / "site")


NUMBER = re.compile(r"(?<![\w.,])[−-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?|(?<![\w.,])[−-]?\d+(?:,\d+)?")


def _numbers_said(html: str) -> set[float]:
    """The numbers in the running text, cells and titles of a Dutch page; shapes, limits of classes, years and names left out."""
    html = re.sub(
        r'<nav.*?</nav>|<pre.*?</pre>|<script type="application/json".*?</script>|<svg class="(?:spark|bar|strip|chart).*?</svg>| (?:d|points|viewBox|href|class|id)="[^"]*"',
        " ",
        html,
        flags=re.S,
    )
    html = re.sub(
        r"<title>.*?– Proefstad in cijfers</title>|<style.*?</style>|<head>.*?</head>", " ", html, flags=re.S
    )
    text = re.sub(r"<[^>]*>", " ", html)
    text = re.sub(
        r"[\d.,]+%? tot [\d.,]+%?|niet altijd precies 100%|liggen?t? 95% tussen|99,8% tussen|(?:Buurt|Wijk) \d+|20\d\d|(?:tot )?25 jaar|95%-interval|elke 100|minder dan 10|veelvoud van 5",
        " ",
        text,
    )
    return {
        float(found.replace(".", "").replace(",", ".").replace("−", "-")) for found in NUMBER.findall(text)
    }


def test_no_page_says_a_number_that_the_release_does_not_have(city, site):
    allowed: set[float] = set()
    for rows in city.figures.values():
        for row in rows:
            for name, digits in (("value", 1), ("lower", 0), ("upper", 0)):
                if row[name] is not None:
                    whole = round(row[name], digits)
                    allowed |= {whole, round(row[name]), float(int(row[name])), float(int(row[name]) + 1)}
    top = dict.fromkeys(("2023", "2024"), 40.437)
    for row in city.figures["bereik"]:
        if row["value"] is not None:  # differences from the gemeente, as the table has them
            allowed.add(round(round(row["value"], 1) - round(top[row["period"]], 1), 1))
    allowed |= {30.0, 70.0}  # the parts of the breakdown in whole percentages
    counted = {float(n) for n in range(20)} | {
        60105.0,
        60113.0,
    }  # how many areas; the sum that does not add up
    pages = [*site.glob("gebied/*/index.html"), *site.glob("indicator/**/index.html"), site / "index.html"]
    breaks: set[float] = set()
    for page in site.glob("indicator/**/index.html"):
        classes = re.search(r'<ul class="(?:classes|rounds)">.*?</ul>', page.read_text("utf-8"), re.S)
        breaks |= _numbers_said(classes[0])
    for page in pages:
        said = _numbers_said(page.read_text("utf-8"))
        assert said - allowed - counted - breaks == set(), page


def test_the_files_for_programs_hold_exactly_the_figures_of_the_release(city, site):
    released = {
        (row["area"], row["period"]): (round(row["value"], 1) if row["value"] is not None else None)
        for row in city.figures["bereik"]
    }
    columns = json.loads((site / "data/bereik.json").read_text("utf-8"))["columns"]
    published = dict(zip(zip(columns["area"], columns["period"], strict=True), columns["value"], strict=True))
    assert published == released
    codes = json.loads((site / "data/gebieden/buurt.json").read_text("utf-8"))["codes"]
    level = json.loads((site / "data/kaart/bereik/buurt.json").read_text("utf-8"))
    of_map = {
        (area, period): value
        for period, column in zip(level["periods"], level["value"], strict=True)
        for area, value in zip(codes, column, strict=True)
    }
    assert of_map == {
        key: value
        for key, value in released.items()
        if re.fullmatch(r"BU\d+", key[0]) and key[1] in level["periods"]
    }


# ---- bringing a site up to date


def test_the_same_release_gives_the_same_bytes(city, release, sheets, tmp_path):
    again = open_release(city.write(tmp_path / "again"))
    publish_site(release, tmp_path / "one")
    sheets.clear()
    publish_site(again, tmp_path / "two")
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_two_processes_make_the_same_site_as_one(release, tmp_path):
    publish_site(release, tmp_path / "one", workers=1)
    publish_site(release, tmp_path / "two", workers=2)
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_a_second_run_writes_nothing(release, tmp_path):
    first = publish_site(release, tmp_path / "site")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "site").rglob("*")}
    second = publish_site(release, tmp_path / "site")
    assert (second.pages_written, second.pages_kept, second.bytes) == (0, first.pages_written, first.bytes)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "site").rglob("*")} == before


def test_one_changed_figure_rewrites_only_the_pages_that_show_it(city, release, tmp_path):
    publish_site(release, tmp_path / "site")
    before = _bytes(tmp_path / "site")
    changed = next(
        row for row in city.figures["bereik"] if row["area"] == "BU90090100" and row["period"] == "2024"
    )
    changed["value"] += 0.2
    report = publish_site(open_release(city.write(tmp_path / "new")), tmp_path / "site")
    after = _bytes(tmp_path / "site")
    rewritten = {path for path in after if before.get(path) != after[path]}
    assert "gebied/BU90090100/index.html" in rewritten
    assert "gebied/BU90090101/index.html" not in rewritten
    assert not any("inwoners" in path for path in rewritten)
    assert report.pages_written == len(rewritten - {RECORD})


def _as_made_by_other_code(folder: Path) -> None:
    """Leave the record of a site as if all its parts had been made in another way."""
    record = json.loads((folder / RECORD).read_text())
    record["inputs"] = "other"
    for job in record["jobs"].values():
        job["key"] = "other"
    (folder / RECORD).write_text(json.dumps(record))


def test_a_picture_is_drawn_again_only_where_its_drawing_changed_or_it_is_gone(
    city, release, tmp_path, monkeypatch
):
    drawn: list[str] = []
    draw = Picture.png
    monkeypatch.setattr(Picture, "png", lambda picture: drawn.append(picture.svg) or draw(picture))
    site = tmp_path / "site"
    publish_site(release, site, workers=1)
    before, all_drawn = _bytes(site), len(drawn)
    pictures = [
        path for path in before if path.endswith(".png") and path.startswith(("delen/", "grafiek/", "en/"))
    ]
    assert all_drawn == len(pictures) > 2

    drawn.clear()
    _as_made_by_other_code(site)
    publish_site(release, site, workers=1)
    assert not drawn
    assert _bytes(site) == before

    _as_made_by_other_code(site)
    (site / "delen/bereik.png").unlink()
    publish_site(release, site, workers=1)
    assert len(drawn) == 1
    assert _bytes(site) == before

    drawn.clear()
    next(entry for entry in city.indicators if entry["id"] == "bereik")["question"] = {
        "nl": "Anders?",
        "en": "Different?",
    }
    changed = open_release(city.write(tmp_path / "new"))
    publish_site(changed, site, workers=1)
    assert 0 < len(drawn) < all_drawn
    publish_site(changed, tmp_path / "fresh", workers=1)
    assert _bytes(site) == _bytes(tmp_path / "fresh")


def test_pages_that_no_longer_belong_are_removed(city, release, tmp_path):
    publish_site(release, tmp_path / "site")
    city.indicators = [entry for entry in city.indicators if entry["id"] != "inwoners"]
    city.areas = [area for area in city.areas if area[0] != "BU90090433"]
    publish_site(open_release(city.write(tmp_path / "new")), tmp_path / "site")
    assert not (tmp_path / "site/indicator/inwoners").exists()
    assert not (tmp_path / "site/gebied/BU90090433").exists()
    fresh = tmp_path / "fresh"
    publish_site(open_release(tmp_path / "new"), fresh)
    assert _bytes(fresh) == _bytes(tmp_path / "site")


def test_a_run_that_was_killed_is_finished_by_the_next(release, tmp_path):
    whole = tmp_path / "whole"
    publish_site(release, whole)

    class Killed(Exception):
        pass

    def kill(_what: str, done: int, _total: int) -> None:
        if done == 2:
            raise Killed

    broken = tmp_path / "broken"
    with pytest.raises(Killed):
        publish_site(release, broken, progress=kill)
    half = next(path for path in broken.rglob("*.*") if path.parent != broken)
    half.write_bytes(half.read_bytes()[:100])
    (broken / "left.html").write_text("of another run")
    publish_site(release, broken)
    assert _bytes(broken) == _bytes(whole)


def test_a_file_that_somebody_removed_comes_back(release, tmp_path):
    publish_site(release, tmp_path / "site")
    before = _bytes(tmp_path / "site")
    shutil.rmtree(tmp_path / "site/gebied/WK900901")
    publish_site(release, tmp_path / "site")
    assert _bytes(tmp_path / "site") == before


def test_a_folder_with_something_else_in_it_is_left_alone(release, tmp_path):
    (tmp_path / "holiday.jpg").write_text("mine")
    with pytest.raises(ZichtError, match="not a site of Zicht"):
        publish_site(release, tmp_path)
    assert (tmp_path / "holiday.jpg").read_text() == "mine"


def test_progress_tells_how_far_it_is(release, tmp_path):
    told = []
    publish_site(release, tmp_path / "site", progress=lambda *news: told.append(news))
    assert told[-1][1] == told[-1][2] == len(told)


# ---- what people write and what they deliver

EVIL = '<script>alert("1")</script>'


def test_names_and_texts_that_hold_markup_stay_text(city, tmp_path):
    city.areas = [
        (code, EVIL if code == "WK900901" else name, level, parent)
        for code, name, level, parent in city.areas
    ]
    city.indicators[0]["title"] = city.indicators[0]["question"] = texts(EVIL + "{x}{{7*7}}")
    city.indicators[0]["unit"] = texts(f"% van de {EVIL}")
    city.products[0]["question"] = texts(f'" onload="x {EVIL}')
    city.notice = texts(EVIL)
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    for path, data in _bytes(tmp_path / "site").items():
        if path.endswith((".html", ".svg")):
            assert b"<script>alert" not in data, path
            assert b'" onload="' not in data, path
            # A picture cannot ask the stylesheet of its page for the colours of a dark ground, so it brings those.
            own = ["style in the page"] if path.endswith("-periodes.svg") else []
            assert _parsed(tmp_path / "site" / path).problems == own, path


@pytest.mark.parametrize("code", ["../../etc", "BU/../x", "a b", "..", "", "C:\\x", "x" * 65, ".git"])
def test_a_code_that_could_leave_the_folder_is_refused(city, tmp_path, code):
    city.areas.append((code, "Kwaad", "buurt", "WK900901"))
    with pytest.raises(ZichtError, match="cannot be part of a web address"):
        publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] in (
        ["release"],
        ["release", "site"],
        ["site", "release"],
    )


def test_an_indicator_id_that_could_leave_the_folder_is_refused(city, tmp_path):
    entry = indicator("bereik")
    city.indicators = [{**entry, "id": "../bereik"}]
    city.figures["../bereik"] = city.figures["bereik"]
    release = open_release(city.write(tmp_path / "release"))
    with pytest.raises(ZichtError, match="cannot be part of a web address"):
        publish_site(release, tmp_path / "site")


def test_a_spreadsheet_takes_no_name_for_a_formula(city, tmp_path):
    city.areas = [
        (code, "=1+1" if code == "WK900901" else name, level, parent)
        for code, name, level, parent in city.areas
    ]
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    assert ';"\'=1+1";' in (tmp_path / "site/data/bereik.csv").read_text("utf-8-sig")


def test_a_level_without_shapes_has_a_table_and_says_that_it_has_no_map(city, tmp_path):
    del city.boundaries["wijk"]
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    page = (tmp_path / "site/indicator/bereik/wijk/index.html").read_text("utf-8")
    assert "Van deze wijken hebben we geen kaart." in page
    assert "Wijk 3" in page


def test_a_period_that_is_not_published_yet_is_said_and_not_shown(city, tmp_path):
    for row in city.figures["bereik"]:
        if row["period"] == "2024":
            row.update({"value": None, "lower": None, "upper": None, "status": "not_yet_published"})
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    page = (tmp_path / "site/indicator/bereik/index.html").read_text("utf-8")
    assert "Cijfers over 2023" in page
    assert "2024 is nog niet gepubliceerd" in page


def test_a_sum_of_which_a_part_is_hidden_is_not_said(city, tmp_path):
    for row in city.figures["inwoners"]:
        if row["area"] == "WK900902":
            row.update({"value": None, "n": None, "status": "primary"})
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    assert "60.105" not in (tmp_path / "site/verantwoording/index.html").read_text("utf-8")


def test_a_map_of_very_many_areas_is_left_to_the_script_with_a_way_to_the_table(city, tmp_path, monkeypatch):
    for module in ("indicators", "mapdata", "general"):
        monkeypatch.setattr(f"zicht.publish.{module}.MOST_IN_SVG", 10)
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site", workers=1)
    page = (tmp_path / "site/indicator/bereik/buurt/index.html").read_text("utf-8")
    assert '<svg class="map"' not in page
    assert 'href="#table-title"' in page
    shapes = json.loads((tmp_path / "site/data/grenzen/buurt.json").read_text("utf-8"))
    figures = json.loads((tmp_path / "site/data/kaart/bereik/buurt.json").read_text("utf-8"))
    assert len(shapes["paths"]) == len(figures["value"][-1]) == 16
    assert all(re.fullmatch(r"M-?\d+,-?\d+l[-\d, ]+z", path) for path in shapes["paths"])
