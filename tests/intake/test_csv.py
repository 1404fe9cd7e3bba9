"""CSV of any dialect, with the line of every row."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from deliveries_as_text import Take, delivery
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.declare import Format
from zicht.errors import DeliveryError
from zicht.intake import read_rows, read_table


def cells(path: Path, format_: Format | None = None) -> list[list[object]]:
    source = read_rows(delivery(path, format_))
    return [list(row.values()) for batch in source.batches(None) for row in batch.to_pylist()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_delimiter_encoding_and_line_ends_are_found_out(
    tmp_path: Path, delimiter: str, encoding: str, ends: str
) -> None:
    rows = [["code", "naam", "n"], ["BU1", "Café de Sluis € 5", "1"], ["BU2", "'t Zand", "22"]]
    path = tmp_path / "a.csv"
    path.write_bytes(ends.join(delimiter.join(row) for row in rows).encode(encoding))
    assert cells(path) == [[2, *rows[1]], [3, *rows[2]]]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_gzipped_file_reads_as_the_file_in_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress("naam;n\nCafé;1\n".encode(encoding)))
    assert cells(path) == [[2, "Café", "1"]]


def test_what_is_declared_goes_before_what_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a,b;c\n1,2;3\n".encode("utf-16-le"))
    assert cells(path, Format(encoding="utf-16", delimiter=";")) == [[2, "1,2", "3"]]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=6
)


@given(
    rows=st.lists(
        st.lists(st.one_of(TEXT, st.sampled_from(["\n", '"', ";", ",\n,"])), min_size=3, max_size=3),
        min_size=1,
        max_size=30,
    ),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_csv_writer_writes_comes_back_with_the_lines_it_stands_on(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str, quoting: int, ends: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ends)
    writer.writerow(["a", "b", "c"])
    lines = []
    for row in rows:
        lines.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(text.getvalue().encode())
    assert cells(path, Format(delimiter=delimiter)) == [
        [line, *row] for line, row in zip(lines, rows, strict=True)
    ]


@given(
    st.lists(
        st.sampled_from(["ok", "ok", "short", "long", "blank", "two lines", "long over two lines"]),
        min_size=1,
        max_size=60,
    )
)
@settings(max_examples=60, deadline=None)
def test_rows_that_do_not_fit_are_told_with_their_line_and_move_no_other(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str]
) -> None:
    written = {
        "ok": "1;2\n", "short": "1\n", "long": "1;2;3\n", "blank": "\n", "two lines": '"1\n";2\n', "long over two lines": '1;"\n\n";3\n',
    }  # fmt: skip
    text, good, bad = "a;b\n5;6\n", [2], []
    for kind in kinds:
        line = text.count("\n") + 1
        (good if kind in ("ok", "two lines", "blank") else bad).append(line)
        text += written[kind]
    path = tmp_path_factory.mktemp("misfits") / "a.csv"
    path.write_text(text)
    source = read_rows(delivery(path))
    lines = [line for batch in source.batches(None) for line in batch.column("__line").to_pylist()]
    assert lines == good
    assert [row.line for row in source.broken] == bad


def test_lines_are_right_across_batches(tmp_path: Path) -> None:
    row = '7;"two\nlines";' + "x" * 200 + "\n"
    path = tmp_path / "a.csv"
    path.write_text("a;b;c\n" + (row + "1;2\n") * 60_000)
    source = read_rows(delivery(path))
    batches = list(source.batches(None))
    assert len(batches) > 2
    lines = [line for batch in batches for line in batch.column("__line").to_pylist()]
    assert lines == [2 + 3 * i for i in range(60_000)]
    assert [row.line for row in source.broken] == [4 + 3 * i for i in range(60_000)]


def test_a_row_that_does_not_fit_the_header_is_refused(take: Take) -> None:
    taken = take("a;b\n1;2\n3\n4;5;6\n7;8\n", "{name: a, logicalType: integer}", refused=0.5)
    assert taken.column("a") == [1, 7]
    assert taken.refused == [
        (3, "", None, "has 1 cells where the header has 2"), (4, "", None, "has 3 cells where the header has 2"),
    ]  # fmt: skip


def test_the_header_may_stand_lower(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Report of 2024\n\nmade by;"a\nb"\ncode;n\nx;1\n')
    assert cells(path, Format(header_row=5)) == [[6, "x", "1"]]


def test_a_small_table_is_trimmed_and_empty_is_null(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a;b\n x ;\n  ;y\t\n")
    table = read_table(delivery(path))
    assert table.select(["a", "b"]).to_pylist() == [{"a": "x", "b": None}, {"a": None, "b": "y"}]


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        (b"", None, "is empty"),
        (b"a;b\n", 1, "has a header and no rows"),
        (b"a;a\n1;2\n", 1, "says `a` for the second time"),
        (b"a;b\n1;\x00\n", 2, "NUL byte"),
        (b'a;b\n1;2\n3;"4\n5;6\n', 3, "never closed"),
        (b"<!DOCTYPE html><html>", None, "is a web page"),
        (b"%PDF-1.7\n", None, "is a PDF"),
        (b"PK\x03\x04zzzz", None, "should be csv"),
        (b'{"a": [{"b": 1}]}', None, "holds JSON"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, data: bytes, line: int | None, what: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(DeliveryError) as stopped:
        cells(path)
    assert what in str(stopped.value)
    assert (stopped.value.problems[0].place.file, stopped.value.problems[0].place.line) == ("a.csv", line)


def test_a_wrong_declared_encoding_is_found_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b\n1;2\n3;caf\xe9\n")
    with pytest.raises(DeliveryError, match=r"a\.csv:3: is not utf-8: byte 0xe9"):
        cells(path, Format(encoding="utf-8"))
    assert "latin-1" in read_rows(delivery(path)).warnings[0]
    assert cells(path)[1] == [3, "3", "café"]
