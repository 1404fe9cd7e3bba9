"""YAML keeps its places and sets no traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.declare import parse_yaml, read_yaml
from zicht.errors import DeclarationError


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0363", "0363"),  # Amsterdam, not octal 243
        ("012345", "012345"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("off", "off"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1e3", 1000.0),
        ("12", 12),
        ("-3", -3),
        ("0.5", 0.5),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("=", "="),
        ("<<", "<<"),
        ("99999999999999999999", "99999999999999999999"),
    ],
)
def test_a_plain_word_becomes_something_else_only_where_it_is_written_so(written: str, read: object) -> None:
    value = parse_yaml(f"a: {written}", "x.yaml").value
    assert isinstance(value, dict)
    assert value["a"] == read
    assert type(value["a"]) is type(read)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3:1", "second time"),
        ("a: [1, 2\nb: 3\n", "x.yaml:2:2", "not YAML"),
        ("a:\n\t- b\n", "x.yaml:2:1", "not YAML"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2:1", "not YAML"),
        ("a: !!python/object:os.system x\n", "x.yaml:1:4", "the tag"),
        ("a: &x [*x]\n", "x.yaml:1", "refers to itself"),
        ("? [a, b]\n: 1\n", "x.yaml:1:3", "single word"),
        ("[" * 500, "x.yaml:1:61", "nested too deep"),
        ("a: *unknown\n", "x.yaml:1:4", "undefined alias"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, place: str, what: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        parse_yaml(text, "x.yaml")
    problem = caught.value.problems[0]
    assert str(problem.place).startswith(place)
    assert what in problem.what


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    with pytest.raises(DeclarationError, match="too large"):
        parse_yaml("\n".join(lines), "x.yaml")


def test_bytes_that_are_not_utf8_are_said_with_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(DeclarationError, match=r"x.yaml:2:7: is not UTF-8: byte 0xe9"):
        read_yaml(file, "x.yaml")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(file).value == {"a": 1}


def test_every_value_has_its_place() -> None:
    document = parse_yaml("a:\n  - b: 1\n    c: [x, y]\n", "x.yaml")
    assert str(document.place(("a", 0, "c", 1))) == "x.yaml:3:12"
    assert str(document.key_place(("a", 0, "b"))) == "x.yaml:2:5"
    assert str(document.place(("a", 0, "nothing"))) == "x.yaml:2:5"


@given(st.text())
def test_any_text_is_read_or_refused_and_never_breaks_the_reader(text: str) -> None:
    try:
        parse_yaml(text, "x.yaml")
    except DeclarationError as error:
        places = {problem.place.file for problem in error.problems}
    else:
        places = {"x.yaml"}
    assert places == {"x.yaml"}
