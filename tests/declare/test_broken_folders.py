"""Three hundred project folders broken on purpose: each gives a clear error with file and place, and never a traceback."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from zicht.declare import read_project
from zicht.errors import DeclarationError

FILES = (
    "zicht.yaml",
    "indicators/bevolking.yaml",
    "registers/inwoners.yaml",
    "sources/inwoners.yaml",
    "sources/gebieden.yaml",
    "products/rondkomen.yaml",
    "purposes/beleidsinformatie.yaml",
)
KEY = re.compile(r"^(\s*(?:- )?)([a-z_A-Z]+):", re.MULTILINE)


def truncated(text: str, chance: random.Random) -> bytes:
    keys = list(KEY.finditer(text))
    key = chance.choice(keys[1:])
    return (text[: key.end() - 2] + "\n").encode()


def misspelt_key(text: str, chance: random.Random) -> bytes:
    key = chance.choice([k for k in KEY.finditer(text) if len(k[2]) > 3])
    at = key.start(2) + chance.randrange(1, len(key[2]) - 1)
    return (text[:at] + "qq" + text[at + 1 :]).encode()


def doubled_key(text: str, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    tops = [i for i, line in enumerate(lines) if re.match(r"[a-zA-Z_]+: \S", line)]
    line = lines[chance.choice(tops)] if tops else "indicators: []\n"
    return (text + line).encode()


def wrong_encoding(text: str, chance: random.Random) -> bytes:
    at = chance.randrange(len(text))
    return text[:at].encode() + bytes([chance.choice([0xE9, 0xFF, 0xC0, 0x80])]) + text[at:].encode()


def control_character(text: str, chance: random.Random) -> bytes:
    at = chance.randrange(len(text))
    return (text[:at] + chance.choice("\x00\x07\x1b") + text[at:]).encode()


def tab_indent(text: str, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    indented = [i for i, line in enumerate(lines) if line.startswith("  ")]
    if not indented:
        return ("\t" + text).encode()
    i = chance.choice(indented)
    lines[i] = "\t" + lines[i].lstrip()
    return "".join(lines).encode()


def open_bracket(text: str, chance: random.Random) -> bytes:
    key = chance.choice(list(KEY.finditer(text)))
    return (text[: key.end()] + " [" + text[key.end() :]).encode()


def another_type(text: str, chance: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    tops = [i for i, line in enumerate(lines) if re.match(r"[a-zA-Z_]+:", line)]
    i = chance.choice(tops)
    key = lines[i].split(":")[0]
    end = next((j for j in range(i + 1, len(lines)) if not lines[j].startswith((" ", "-", "#"))), len(lines))
    return "".join([*lines[:i], f"{key}: {{onzin: [1, 2]}}\n", *lines[end:]]).encode()


def empty(text: str, chance: random.Random) -> bytes:
    return chance.choice([b"", b"\n", b"# only a comment\n", b"---\n", b"[]\n", b"just text\n", b"42\n"])


def lost_key(text: str, chance: random.Random) -> bytes:
    required = (
        "zicht",
        "id",
        "title",
        "organisation",
        "areas",
        "deliverer",
        "origin",
        "status",
        "schema",
        "kind",
        "question",
        "aim",
        "measure",
    )
    lines = text.splitlines(keepends=True)
    tops = [
        i for i, line in enumerate(lines) if re.match(rf"(?:  |  - |    |)(?:{'|'.join(required)}):", line)
    ]
    if not tops:
        return b""
    i = chance.choice(tops)
    indent = len(lines[i]) - len(lines[i].lstrip())
    end = next(
        (j for j in range(i + 1, len(lines)) if len(lines[j]) - len(lines[j].lstrip()) <= indent), len(lines)
    )
    return "".join(lines[:i] + lines[end:]).encode()


def path_trick(text: str, chance: random.Random) -> bytes:
    tricks = [
        "../../../etc/passwd",
        "/etc/shadow",
        "leveringen/../../x.csv",
        "~root/../../x",
        "..",
        r"..\..\x.csv",
    ]
    trick = chance.choice(tricks[:3])
    if "file: " in text:
        return re.sub(r"file: [^}\n]+", f"file: {trick}", text, count=1).encode()
    return (text + f"local: {trick}\n").encode()


def impossible_value(text: str, chance: random.Random) -> bytes:
    swaps = [
        ("division: 2025", "division: 20250"), ("measure: count", "measure: -1"), ("decimals: 1", "decimals: 99"),
        ("personal: ordinary", "personal: NO"), ("retention: P2Y", "retention: 0363"), ("languages: [nl, en]", "languages: [nl, fr]"),
        ("logicalType: integer", "logicalType: octal"), ("eenheid, value: person", "eenheid, value: 1:30"), ("frequency: yearly", "frequency: on"),
        ("id: rondkomen", "id: Rond komen!"), ("id: gebieden", "id: '1gebied'"), ("origin: {file:", "origin: {fill:"),
    ]  # fmt: skip
    fitting = [(before, after) for before, after in swaps if before in text]
    before, after = chance.choice(fitting) if fitting else ("id:", "id: [] #")
    return text.replace(before, after, 1).encode()


BREAKERS = (
    truncated, misspelt_key, doubled_key, wrong_encoding, control_character, tab_indent, open_bracket,
    another_type, empty, lost_key, path_trick, impossible_value,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(300))
def test_a_broken_folder_gives_a_clear_error(seed: int, starter: Path) -> None:
    chance = random.Random(seed)
    breaker = BREAKERS[seed % len(BREAKERS)]
    name = FILES[(seed // len(BREAKERS)) % len(FILES)]
    file = starter / name
    file.write_bytes(breaker(file.read_text("utf-8"), chance))
    before = {path: path.stat().st_mtime_ns for path in starter.rglob("*")}
    with pytest.raises(DeclarationError) as caught:
        read_project(starter)
    for problem in caught.value.problems:
        assert problem.what
        assert "Traceback" not in str(problem)
        assert "validation error" not in str(problem)
    # What one file lost, another may miss: then the place is where it is missed.
    assert all(
        problem.place.line and (starter / problem.place.file).is_file() for problem in caught.value.problems
    )
    assert before == {path: path.stat().st_mtime_ns for path in starter.rglob("*")}
