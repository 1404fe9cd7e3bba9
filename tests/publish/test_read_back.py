"""No file of the site holds a figure that the release does not have, and what is hidden stands nowhere: every file is read back."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from pathlib import Path

import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typst
from against_release import differences
from links import broken_links
from read_back import READERS, files_of, forms, holds, said
from small_city import City

from zicht.publish import deliver, publish_site
from zicht.release import Release, open_release

SECRETS = {"BU90090100": 5_917, "BU90090101": 6_281}
"""People in two buurten of one wijk: the first hidden by a rule, the second because the others add up to the wijk."""
PLANTED = 3917.4


@pytest.fixture
def adding_up(city: City) -> City:
    """The city with numbers of people that add up, of which two are hidden."""
    rows = [row for row in city.figures["inwoners"] if row["leeftijd"] == "TOTAL" and row["period"] == "2024"]
    of = {row["area"]: row for row in rows}
    parent = {code: above for code, _, _, above in city.areas}
    for code, secret in SECRETS.items():
        of[code]["value"], of[code]["n"] = float(secret), secret
    for above in ("WK900901", "WK900902", "WK900903", "WK900904", "GM9009"):
        inside = [row["value"] for code, row in of.items() if parent.get(code) == above]
        of[above]["value"], of[above]["n"] = float(sum(inside)), round(sum(inside))
    for code, status in zip(SECRETS, ("primary", "secondary"), strict=True):
        for row in city.figures["inwoners"]:
            if row["area"] == code and row["period"] == "2024":
                row.update({"value": None, "n": None, "status": status})
    city.evidence["checks"]["sums"]["inwoners"]["differs"] = [
        {
            "indicator": "inwoners", "parent": "WK900901", "name": "Wijk 1", "period": "2024", "level": "buurt",
            "own_value": of["WK900901"]["value"] + 1, "sum_of_children": of["WK900901"]["value"],
            "difference": -1.0, "verdict": "differs",
        }
    ]  # fmt: skip
    return city


def secret_forms(city: City) -> set[str]:
    """What is hidden, and their sum, in every way of writing; in no way in which the release itself has that number."""
    shown = {
        round(row[name], 1)
        for rows in city.figures.values()
        for row in rows
        for name in ("value", "lower", "upper")
        if row[name] is not None
    }
    secrets = {float(one) for one in SECRETS.values()} | {float(sum(SECRETS.values()))}
    assert not secrets & shown
    return {form for secret in secrets for form in forms(secret, 0) | forms(secret, 1)}


def test_every_kind_of_file_in_a_site_is_read(site: Path, tmp_path: Path) -> None:
    deliver(site, str(tmp_path / "www"))
    kinds = {path.suffix for path in files_of(tmp_path / "www")} - {".br", ".gz"}
    assert kinds <= READERS.keys()


def test_the_data_files_hold_what_the_release_says_and_nothing_else(release: Release, site: Path) -> None:
    assert differences(site, release) == []


def test_a_number_that_is_not_of_the_release_is_found_in_every_data_file(
    release: Release, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    publish_site(release, site)
    path = site / "data/bereik.plain.csv"
    rows = path.read_text().splitlines()
    at = next(
        number for number, row in enumerate(rows) if row.endswith((',,,,"hidden",false', ",,,,hidden,false"))
    )
    rows[at] = rows[at].replace(",,,,", ",41.2,,,")
    path.write_text("\n".join(rows))
    table = pq.read_table(site / "data/bereik.parquet")
    doubled = pa.compute.multiply(table["value"], 2.0)
    pq.write_table(
        table.set_column(table.column_names.index("value"), "value", doubled), site / "data/bereik.parquet"
    )
    level = json.loads((site / "data/kaart/bereik/buurt.json").read_text())
    level["value"] = [[12.34 for _ in column] for column in level["value"]]
    (site / "data/kaart/bereik/buurt.json").write_text(json.dumps(level))
    found = differences(site, release)
    for file in ("bereik.plain.csv", "bereik.parquet", "kaart/buurt.json"):
        assert any(line.startswith(file) for line in found), file


def test_what_is_hidden_stands_in_no_file_of_the_site(adding_up: City, tmp_path: Path) -> None:
    publish_site(open_release(adding_up.write(tmp_path / "release")), tmp_path / "site")
    secret = secret_forms(adding_up)
    found = [path.name for path in files_of(tmp_path / "site") if holds(said(path), secret)]
    assert found == []
    shown = forms(adding_up.figures["inwoners"][0]["value"], 0)
    assert holds(said(tmp_path / "site/data/inwoners.csv"), shown)


# ---- the readers themselves: a number planted in a file is found


def _plant_png(path: Path, text: str) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = chunk(b"IHDR", head) + chunk(b"tEXt", f"Comment\0{text}".encode())
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunks + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    )


def _plant_gpkg(path: Path, text: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table t (note text)")
        connection.execute("insert into t values (?)", (text,))


def _plant_pdf(path: Path, text: str) -> None:
    path.write_bytes(typst.compile(f"In deze buurt wonen {text} mensen.".encode()))


def _plant_pdf_title(path: Path, text: str) -> None:
    document = pikepdf.new()
    document.add_blank_page()
    document.docinfo["/Title"] = f"{text} mensen"
    document.save(path)


WAYS = {
    "page.html": lambda path, text: path.write_text(f"<p>Er wonen <b>{text}</b> mensen.</p>"),
    "hidden.html": lambda path, text: path.write_text(f'<div data-n="{text}"><!-- {text} --></div>'),
    "picture.svg": lambda path, text: path.write_text(f"<svg><title>{text}</title></svg>"),
    "label.svg": lambda path, text: path.write_text(f'<svg aria-label="waarde {text}"/>'),
    "data.json": lambda path, text: path.write_text(json.dumps({"a": [{"value": float(text)}]})),
    "data.csv": lambda path, text: path.write_text(f"area,value\nBU1,{text}\n"),
    "data.parquet": lambda path, text: pq.write_table(pa.table({"value": [float(text)]}), path),
    "meta.parquet": lambda path, text: pq.write_table(
        pa.table({"x": [1]}).replace_schema_metadata({"note": text}), path
    ),
    "data.gpkg": _plant_gpkg,
    "card.png": _plant_png,
    "profile.pdf": _plant_pdf,
    "title.pdf": _plant_pdf_title,
    "feed.xml": lambda path, text: path.write_text(f"<feed><summary>{text}</summary></feed>"),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_planted_number_is_found(tmp_path: Path, name: str) -> None:
    WAYS[name](tmp_path / name, str(PLANTED))
    assert holds(said(tmp_path / name), forms(PLANTED, 1))
    assert not holds(said(tmp_path / name), forms(PLANTED + 1, 1))


def test_a_number_inside_another_is_not_taken_for_it() -> None:
    assert not holds(["13917.4", "3917.45", "1.3917,4"], forms(PLANTED, 1))
    assert holds(["ongeveer 3.917,4 mensen"], forms(PLANTED, 1))


# ---- links


def test_every_link_and_fragment_leads_somewhere(site: Path) -> None:
    assert broken_links(site) == []


def test_a_link_that_leads_nowhere_is_found(site: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/index.html").write_text(
        '<p id="here"> <a href="#here"> <a href="../b.csv"> <img src="/c.png">'
    )
    (tmp_path / "index.html").write_text(
        '<a href="a/#there"> <a href="a/"> <a href="/a/"> <a href="https://x.example">'
    )
    found = sorted(broken_links(tmp_path))
    assert found == ["a/index.html: ../b.csv", "a/index.html: /c.png", "index.html: a/#there"]
