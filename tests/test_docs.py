"""What can be written, run or met is documented, and what the docs show is true."""

from __future__ import annotations

import doctest
import importlib
import inspect
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import jsonschema
import pytest
import yaml
from markdown_it import MarkdownIt
from typer.testing import CliRunner

import zicht
from zicht.cli.app import app
from zicht.declare import FOLDERS, Measure, base, contract, json_schema, lead_times, parse_yaml, read_project
from zicht.demo import new_project
from zicht.disclosure import PROFILES
from zicht.errors import DeclarationError
from zicht.figures import FIGURES, STATUSES
from zicht.publish.headers import HEADERS
from zicht.release import TRANSITIONS, State

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docs"))

from generators import api, command, declarations, described, rules, spec, states

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
WRITTEN = sorted(path for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md")) if "generated" not in path.parts)
GUIDES = sorted(
    [*(DOCS / "how-to").glob("*.md"), *(DOCS / "tutorial").glob("*.md"), *ROOT.glob("README*.md")]
)
TUTORIAL = DOCS / "tutorial" / "index.md"


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """A block of code in a page."""

    page: Path
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """What a reader is to type: the lines that begin with `$`, or all lines where none does."""
        lines = [line.split("  #")[0].strip() for line in self.text.splitlines() if line.strip()]
        typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        return typed or lines


def blocks(path: Path, *languages: str) -> Iterator[Block]:
    for token in MarkdownIt().parse(path.read_text("utf-8")):
        if token.type == "fence" and token.info.strip() in languages:
            yield Block(path, token.info.strip(), token.content)


def headings(path: Path) -> list[str]:
    return [
        token.tag for token in MarkdownIt().parse(path.read_text("utf-8")) if token.type == "heading_open"
    ]


def links(path: Path) -> list[str]:
    tokens = MarkdownIt().parse(path.read_text("utf-8"))
    inner = [child for token in tokens for child in token.children or () if child.type == "link_open"]
    return [str(link.attrs["href"]) for link in inner]


# What is documented


def test_every_key_of_every_declaration_has_a_description_in_its_model() -> None:
    kinds = {part for model in declarations.MODELS.values() for part in declarations.models_of(model)}
    keys = [key for model in {base.Text, *kinds} for key in declarations.keys(model)]
    assert sorted(f"{key.model}.{key.name}" for key in keys if not key.own_meaning) == []


def test_json_schemas_tell_an_editor_what_every_key_means() -> None:
    for kind in declarations.MODELS:
        schema = json_schema(kind)
        for part in (schema, *schema.get("$defs", {}).values()):
            for name, key in part.get("properties", {}).items():
                assert key.get("description"), f"{kind}: {part['title']}.{name} has no description"


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("kind", ("project", *FOLDERS)),
        ("measure", get_args(Measure)),
        ("status", STATUSES),
        ("figure_column", FIGURES.names),
        ("profile_rule", rules.profile_fields()),
        ("unit", get_args(contract.Unit)),
        ("logical_type", get_args(contract.LogicalType)),
        ("classification", get_args(contract.Classification)),
    ],
)
def test_every_name_in_the_code_has_a_meaning_and_no_other_has(section: str, names: tuple[str, ...]) -> None:
    assert set(described.meanings(section)) == set(names)


def test_every_property_that_contracts_are_read_for_is_documented() -> None:
    source = inspect.getsource(contract) + inspect.getsource(lead_times)
    read = set(re.findall(r"""custom(?:\.get\(|\[)"([\w.]+)\"""", source))
    assert read == {*described.meanings("table_property"), *described.meanings("column_property")}
    known = set(described.meanings("odcs"))
    for key in re.findall(r"""(?:item|table)\.get\("(\w+)\"""", source):
        assert (
            key == "customProperties"
            or any(key in name for name in known)
            or key in ("properties", "description")
        )


def test_every_command_and_option_says_what_it_is_for() -> None:
    silent = [
        f"zicht {one.name} {' '.join(parameter.names)}"
        for one in command.commands()
        for parameter in (command.Parameter(("",), "command", "", one.help), *one.parameters)
        if not parameter.help
    ]
    assert silent == []


def test_the_reference_shows_every_command_option_profile_and_sql_function() -> None:
    made = dict((*command.pages(), *rules.pages()))
    for one in command.commands():
        assert f"## zicht {one.name}".strip() in made["command.md"]
        for parameter in one.parameters:
            assert all(f"`{name}`" in made["command.md"] for name in parameter.names)
    assert all(f"| `{name}` |" in made["profiles.md"] for name in PROFILES)
    assert all(profile.description for profile in PROFILES.values())
    for name in (*rules.sql.ALLOWED_FUNCTIONS, *rules.sql.QUERY_FUNCTIONS):
        assert f"| `{name}` |" in made["sql.md"]
    for kind in rules.error_kinds():
        assert kind.__doc__, f"{kind.__name__} does not say what it is"


def test_the_diagram_of_a_release_shows_every_state_and_transition() -> None:
    made = dict(states.pages())["states.md"]
    assert set(states.PLACES) == set(State)
    assert all(f">{state}</text>" in made for state in State)
    for one in TRANSITIONS:
        assert f"{one.before} --> {one.after}: {one.action}" in made
        assert f"| `{one.before}` | `{one.action}` | `{one.after}` |" in made


def test_exit_codes_are_those_of_the_command() -> None:
    from zicht.cli import INTERRUPTED
    from zicht.cli.screen import MISTAKE

    assert set(described.meanings("exit")) == {"0", str(MISTAKE), "2", str(INTERRUPTED)}


@pytest.mark.parametrize("room", api.ROOMS)
def test_every_public_name_of_a_room_has_a_docstring(room: str) -> None:
    silent = [
        name
        for name, thing in api.public_names(room)
        if (inspect.isclass(thing) or inspect.isfunction(thing)) and not inspect.getdoc(thing)
    ]
    assert silent == []


def test_every_public_name_of_a_room_is_in_the_reference() -> None:
    made = dict(api.pages())
    for room in api.ROOMS:
        for name, _ in api.public_names(room):
            assert f"\n### {name}\n" in made[f"api-{room}.md"]


def test_every_room_with_a_public_face_is_in_the_reference() -> None:
    folders = {path.parent.name for path in (ROOT / "src" / "zicht").glob("*/__init__.py")}
    with_face = {room for room in folders if hasattr(importlib.import_module(f"zicht.{room}"), "__all__")}
    assert with_face - {"cli"} == set(api.ROOMS)


def test_every_spec_test_is_a_page_with_its_tables() -> None:
    made = dict(spec.pages())
    for path in spec.FOLDER.glob("test_*.py"):
        text = made[f"spec-{path.stem.removeprefix('test_')}.md"]
        functions = re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.MULTILINE)
        assert text.count("\n## ") == len(functions)
        assert text.count("| --- |") >= len(functions) / 2


# What the docs show


@pytest.mark.parametrize("path", WRITTEN, ids=named)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    made = {
        name for name, _ in (*command.pages(), *rules.pages(), *declarations.pages(), *states.pages())
    } | {
        "api.md",
        "spec.md",
    }
    for link in links(path):
        target = link.split("#")[0]
        if re.match(r"[a-z]+:", link) or not target:
            continue
        there = (path.parent / target).resolve()
        assert there.exists() or (there.parent.name == "generated" and there.name in made), (
            f"{link} leads nowhere"
        )


def _exists(line: str) -> str | None:
    """What is wrong with a command line; None where it could be typed."""
    words = line.split()
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        wrong = [word for word in words[1:] if "=" not in word and word not in targets]
        return f"make has no {wrong[0]}" if wrong else None
    if words[0] == "pytest":
        wrong = [word for word in words[1:] if not (ROOT / word).exists()]
        return f"{wrong[0]} is not there" if wrong else None
    if words[0] not in ("zicht", ".venv/bin/zicht"):
        return None if words[0] in ("git", "cd", "bash", "python3", "export") else f"{words[0]} is not ours"
    known = {one.name: one for one in command.commands()}
    if len(words) > 1 and words[1] not in known and not words[1].startswith("-"):
        return f"zicht has no command {words[1]}"
    named_ = (" ".join(words[1:4]), " ".join(words[1:3]), *words[1:2], "")
    of = known[next(name for name in named_ if name in known)]
    options = {name for parameter in of.parameters for name in parameter.names} | {"-h", "--help"}
    wrong = [word for word in words[1:] if word.startswith("-") and word.split("=")[0] not in options]
    return f"zicht {of.name} has no option {wrong[0]}" if wrong else None


@pytest.mark.parametrize("path", WRITTEN, ids=named)
def test_commands_that_are_shown_exist(path: Path) -> None:
    for block in blocks(path, "console", "sh"):
        for line in block.commands:
            assert _exists(line) is None, f"`{line}`: {_exists(line)}"


def test_both_readmes_have_the_same_parts_blocks_and_links() -> None:
    english, dutch = ROOT / "README.md", ROOT / "README.nl.md"
    assert headings(english) == headings(dutch)
    assert links(english)[1:] == links(dutch)[1:]  # the first leads to the other language
    for language in ("console", "yaml"):
        shown = [[block.commands for block in blocks(path, language)] for path in (english, dutch)]
        assert shown[0] == shown[1]


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "README.nl.md"], ids=named)
def test_the_readme_lists_every_command(path: Path) -> None:
    listed = re.findall(r"^\| `zicht (\w+)", path.read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(
        one.name for one in command.commands() if one.name and " " not in one.name
    )


def _put(block: Block, folder: Path) -> None:
    """Write a block whose first line names its file, or make the change that a diff shows."""
    first, _, rest = block.text.partition("\n")
    if block.language == "diff":
        file = folder / first.removeprefix("--- ").strip()
        old = "".join(f"{line[1:]}\n" for line in rest.splitlines() if line.startswith("-"))
        new = "".join(f"{line[1:]}\n" for line in rest.splitlines() if line.startswith("+"))
        text = file.read_text("utf-8")
        assert text.count(old) == 1, f"{file.name} does not hold once: {old}"
        file.write_text(text.replace(old, new), "utf-8")
    else:
        file = folder / first.lstrip("#- ").strip()
        file.write_text(block.text, "utf-8")


def _is_file(block: Block) -> bool:
    return block.language == "diff" or bool(
        re.match(r"(#|--) (zicht\.yaml|\w+/[\w-]+\.(yaml|sql))\n", block.text)
    )


@pytest.mark.parametrize("path", [path for path in GUIDES if path != TUTORIAL], ids=named)
def test_declarations_that_are_shown_fit_the_folder_that_zicht_new_makes(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    new_project(folder)
    shown = [block for block in blocks(path, "yaml", "sql", "diff") if _is_file(block)]
    for block in shown:
        _put(block, folder)
    try:
        read_project(folder)
    except DeclarationError as error:
        pytest.fail(f"{named(path)}: {error}")


def test_parts_of_declarations_that_are_shown_are_yaml() -> None:
    for path in GUIDES:
        for block in blocks(path, "yaml"):
            assert parse_yaml(block.text, named(path)).value is not None


def _matches(shown: str, line: str) -> bool:
    """Whether a line is as shown; `…` stands for anything."""
    return re.search(".*".join(re.escape(part.strip()) for part in shown.split("…")), line) is not None


@pytest.mark.slow
def test_the_tutorial_can_be_followed_to_the_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks(TUTORIAL, "console", "diff"):
        if block.language == "diff":
            _put(block, tmp_path)
            continue
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            line, _, shown = part.partition("\n")
            words = line.split()[1:]
            if words[0] == "serve":  # it would run until somebody stops it
                continue
            result = CliRunner().invoke(app, words)
            said = iter(result.output.splitlines())
            for expected in shown.splitlines():
                if expected.strip() not in ("", "…"):
                    assert any(_matches(expected, actual) for actual in said), (
                        f"`{line}` does not say `{expected}`:\n{result.output}"
                    )
            wrong = re.search(r"mistakes?\.$|break the contract", shown, re.MULTILINE)
            assert result.exit_code == (1 if wrong else 0), result.output


@pytest.mark.parametrize("path", [path for path in WRITTEN if ">>> " in path.read_text("utf-8")], ids=named)
def test_python_that_is_shown_gives_what_is_shown(path: Path) -> None:
    results = doctest.testfile(
        str(path), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    )
    assert results.failed == 0


def test_the_headers_to_publish_with_are_those_that_zicht_serve_sends() -> None:
    shown = [block.text for block in blocks(DOCS / "how-to" / "publish.md", "text")]
    assert "".join(f"{name}: {value}\n" for name, value in HEADERS.items()) in shown


def test_decisions_are_numbered_and_dated() -> None:
    files = sorted((DOCS / "decisions").glob("0*.md"))
    numbers = [int(path.name[:4]) for path in files]
    assert len(set(numbers)) == len(numbers)
    for path, number in zip(files, numbers, strict=True):
        text = path.read_text("utf-8")
        assert text.startswith(f"# {number}. "), f"{path.name} does not begin with its number"
        assert re.search(r"^Date: \d{4}-\d{2}-\d{2}\. Status: ", text, re.MULTILINE), (
            f"{path.name} has no date"
        )


# What the repository says of itself


def test_the_version_is_the_same_everywhere() -> None:
    publiccode = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert zicht.__version__ == project["version"] == publiccode["softwareVersion"]
    assert f"## {zicht.__version__} - " in (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert publiccode["legal"]["license"] == project["license"] == "EUPL-1.2"


@pytest.mark.shared
def test_publiccode_yml_keeps_to_its_standard(shared: Path) -> None:
    schema = json.loads((shared / "standards/publiccode/publiccode-0.7.core.schema.json").read_text("utf-8"))
    value = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    checker = jsonschema.FormatChecker()
    found = jsonschema.Draft202012Validator(schema, format_checker=checker).iter_errors(value)
    assert [error.message for error in found] == []


@pytest.mark.shared
def test_the_glossary_has_every_word_of_the_design(shared: Path) -> None:
    def words(path: Path) -> set[tuple[str, str]]:
        rows = [
            line.split("|")[1:3] for line in path.read_text("utf-8").splitlines() if line.startswith("| ")
        ]
        return {(english.strip(), dutch.strip()) for english, dutch in rows}

    assert words(shared / "design" / "glossary.md") <= words(ROOT / "GLOSSARY.md")
