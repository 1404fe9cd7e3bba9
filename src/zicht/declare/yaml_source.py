"""YAML that keeps its places and sets no traps.

YAML 1.1 reads `0363` (the gemeente Amsterdam) as octal 243, `NO` as false and `1:30` as 90. Here a plain
word becomes a number, a boolean or nothing only where YAML 1.2's core schema says so and the text is the way that value
is written; everything else stays the text that somebody wrote. Every value keeps the place where it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from zicht.errors import DeclarationError, Place, Problem

MAX_BYTES = 5_000_000  # a declaration is written by a person; more is a data file in the wrong folder
MAX_NODES = 200_000  # aliases can multiply a small file beyond any memory ("billion laughs")
MAX_DEPTH = 60

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)?\.[0-9]+([eE][-+]?[0-9]+)?|[-+]?[1-9][0-9]*\.?[eE][-+]?[0-9]+")
# What YAML 1.2 lets stand in a file (section 5.1); libyaml refuses the rest without saying where.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}

Key = str | int
Trail = tuple[Key, ...]


@dataclass(frozen=True)
class Document:
    """One YAML file: its plain value, and the place of every key and value in it.

    Attributes:
        file: its name, as messages show it.
        value: what it holds, as plain lists, mappings and values.
        places: the place of every value, by the keys and numbers that lead to it.
        keys: the place of every key, the same way.
    """

    file: str
    value: object
    places: dict[Trail, Place] = field(repr=False)
    keys: dict[Trail, Place] = field(repr=False)

    def place(self, path: Trail) -> Place:
        """The place of the value at `path`, or of the nearest thing around it."""
        for end in range(len(path), -1, -1):
            found = self.places.get(path[:end])
            if found:
                return found
        return Place(self.file, 1, 1)

    def key_place(self, path: Trail) -> Place:
        """The place of the key at `path`, or of the nearest thing around it."""
        return self.keys.get(path) or self.place(path)


def read_yaml(path: Path, shown: str | None = None) -> Document:
    """Read one YAML file.

    Args:
        path: the file.
        shown: the name to use in messages; the path itself when left out.

    Returns:
        What it holds, with places.

    Raises:
        DeclarationError: the file is not there, not UTF-8, too large, not YAML, holds more than one document, or says a key twice.
    """
    name = shown or str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DeclarationError.at(Place(name), f"cannot be read ({error.strerror}).") from error
    if len(raw) > MAX_BYTES:
        raise DeclarationError.at(
            Place(name),
            f"is {len(raw):,} bytes; a declaration has at most {MAX_BYTES:,}.",
            "Data belongs in a delivery.",
        )
    return parse_yaml(_decoded(raw, name), name)


def parse_yaml(text: str, name: str) -> Document:
    """Read YAML from text; see `read_yaml`.

    Args:
        text: the YAML.
        name: what messages call it.

    Returns:
        What it holds, with places.

    Raises:
        DeclarationError: as `read_yaml`.
    """
    _refuse_control_characters(text, name)
    try:
        _refuse_deep_nesting(text, name)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        if error.problem == "but found another document":
            raise DeclarationError.at(
                place,
                "is not YAML as it is used here: a second document begins (`---`).",
                "Write each in a file of its own.",
            ) from error
        raise DeclarationError.at(
            place, f"is not YAML: {error.problem or error.context}.", _yaml_advice(text, mark)
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise DeclarationError.at(Place(name), f"is not YAML: {' '.join(str(error).split())}.") from error
    builder = _Builder(name)
    value = builder.build(node, ()) if node is not None else None
    if builder.problems:
        raise DeclarationError(builder.problems)
    return Document(name, value, builder.places, builder.keys)


def _refuse_control_characters(text: str, name: str) -> None:
    found = _UNPRINTABLE.search(text)
    if found is None:
        return
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    raise DeclarationError.at(
        Place(name, line, column),
        f"holds the invisible character U+{ord(found[0]):04X}.",
        "Remove it; a text holds letters, spaces and line ends.",
    )


def _refuse_deep_nesting(text: str, name: str) -> None:
    # Events come one by one, composing recurses in C: a file of a hundred thousand brackets would end the process.
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark = event.start_mark
                assert mark is not None  # noqa: S101 -- libyaml marks every event; the type says it may not
                raise DeclarationError.at(
                    Place(name, mark.line + 1, mark.column + 1), "is nested too deep to be a declaration."
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise DeclarationError.at(
            Place(name, line, column),
            f"is not UTF-8: byte 0x{raw[error.start]:02x}.",
            "Save the file as UTF-8.",
        ) from error


def _yaml_advice(text: str, mark: yaml.Mark | None) -> str:
    if mark is None:
        return ""
    lines = text.splitlines()
    if mark.line < len(lines) and "\t" in lines[mark.line][: mark.column + 1]:
        return "Indent with spaces, not with a tab."
    return "Look for a missing quote, a colon inside text without quotes, or an indent that is off."


class _Builder:
    """Turns composed nodes into plain values, noting places and refusing what would be misread."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Trail, Place] = {}
        self.keys: dict[Trail, Place] = {}
        self.problems: list[Problem] = []
        self.nodes = 0
        self.open: set[int] = set()

    def build(self, node: yaml.Node, path: Trail) -> object:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(path) > MAX_DEPTH or id(node) in self.open:
            raise DeclarationError.at(
                self._place(node), "refers to itself or is too large to be a declaration."
            )
        self.places[path] = self._place(node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        self.open.add(id(node))
        value: object
        if isinstance(node, yaml.SequenceNode):
            value = [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        else:
            value = self._mapping(node, path)
        self.open.discard(id(node))
        return value

    def _mapping(self, node: yaml.Node, path: Trail) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(place, "a key must be a single word."))
                continue
            key = str(key_node.value)
            if key in result:
                first = self.keys[(*path, key)]
                self.problems.append(
                    Problem(
                        place,
                        f"`{key}` stands here for the second time.",
                        f"The first is on line {first.line}; keep one.",
                    )
                )
                continue
            self.keys[(*path, key)] = place
            result[key] = self.build(value_node, (*path, key))
        return result

    def _scalar(self, node: yaml.ScalarNode) -> object:
        text = str(node.value)
        if node.style in ("'", '"', "|", ">"):
            return text
        if node.tag not in _IMPLICIT_TAGS:
            self.problems.append(
                Problem(self._place(node), f"the tag `{node.tag}` is not used in declarations.")
            )
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text) and len(text) <= 18:
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) else text

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.name, node.start_mark.line + 1, node.start_mark.column + 1)


_IMPLICIT_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("null", "bool", "int", "float", "timestamp", "str", "merge", "value")
}
