"""Ready packs: phenomena that many gemeenten look for, each a few files of Voorbeeldstad that a project of your own can take over.

A pack is copied and not referred to. So its definition stands in the folder, where a privacy officer reads it and a council can change it, and
stays what it is when Zicht is renewed. What it needs of the project (registers with their columns, a purpose, a theme) is looked at first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import cast

from zicht.declare import Project, read_project, read_yaml
from zicht.errors import DeclarationError, Place, Problem, ZichtError


@dataclass(frozen=True, slots=True)
class Pack:
    """A phenomenon that is ready to be taken over.

    Attributes:
        id: its name.
        title, definition: by language.
        basis: what of the definition stands in a published source, and what is our own design.
        purpose: id of the purpose that its files name.
        theme: id of the theme that its files name.
        needs: by register the columns that its SQL reads.
        files: what is copied, as paths in a project folder.
    """

    id: str
    title: Mapping[str, str]
    definition: Mapping[str, str]
    basis: str
    purpose: str
    theme: str
    needs: Mapping[str, Sequence[str]]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What a pack added to a project.

    Attributes:
        pack: the pack.
        written: paths in the project folder of files that were written.
        kept: of those that stood there already, word for word.
    """

    pack: Pack
    written: tuple[str, ...]
    kept: tuple[str, ...]


def packs() -> tuple[Pack, ...]:
    """All packs that come with Zicht, in order of id."""
    folder = Path(str(resources.files("zicht.demo"))) / "phenomena"
    return tuple(_read(path) for path in sorted(folder.glob("*.yaml")))


def add_pack(folder: Path, name: str, purpose: str | None = None, theme: str | None = None) -> Added:
    """Copy a pack into a project. Either all of it is there afterwards and the project has no mistakes, or nothing has changed.

    Args:
        folder: the project folder.
        name: id of the pack.
        purpose: id of the purpose under which the project uses the data; that of the pack where left out.
        theme: id of the theme under which the indicators stand; that of the pack where left out.

    Returns:
        What was written.

    Raises:
        DeclarationError: the project has mistakes, lacks what the pack needs, or has other files or ids of these names; with every one of these.
        ZichtError: there is no such pack, or the folder cannot be written.
    """
    pack = _named(name)
    purpose, theme = purpose or pack.purpose, theme or pack.theme
    project = read_project(folder)
    texts = {file: _adapted(_shipped(file), pack, purpose, theme) for file in pack.files}
    problems = [*_lacking(project, pack, purpose, theme), *_in_the_way(folder, texts)]
    if problems:
        raise DeclarationError(problems)
    written = [file for file in texts if not (folder / file).exists()]
    try:
        for file in written:
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(texts[file], "utf-8", newline="\n")
        read_project(folder)
    except (OSError, DeclarationError) as error:
        for file in written:
            (folder / file).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise ZichtError(f"{folder} cannot be written: {error.strerror or error}.") from error
        raise
    return Added(pack, tuple(written), tuple(file for file in texts if file not in written))


def _read(path: Path) -> Pack:
    raw = cast("Mapping[str, object]", read_yaml(path, path.name).value)
    needs = cast("Mapping[str, Sequence[str]]", raw["needs"])
    title, definition = (cast("Mapping[str, str]", raw[key]) for key in ("title", "definition"))
    files = tuple(cast("Sequence[str]", raw["files"]))
    return Pack(
        str(raw["id"]),
        title,
        definition,
        str(raw["basis"]),
        str(raw["purpose"]),
        str(raw["theme"]),
        needs,
        files,
    )


def _named(name: str) -> Pack:
    known = {pack.id: pack for pack in packs()}
    if name not in known:
        raise ZichtError(f"There is no pack `{name}`; there are {', '.join(known)}.")
    return known[name]


def _shipped(file: str) -> str:
    return (resources.files("zicht.demo") / "voorbeeldstad" / file).read_text("utf-8")


def _adapted(text: str, pack: Pack, purpose: str, theme: str) -> str:
    """The text of a file with the purpose and the theme of the project it goes to."""
    text = re.sub(rf"(?m)^( +purpose:) {pack.purpose}$", rf"\1 {purpose}", text)
    text = re.sub(rf"(?m)^(purposes:) \[{pack.purpose}\]$", rf"\1 [{purpose}]", text)
    return re.sub(rf"(?m)^( +theme:) {pack.theme}$", rf"\1 {theme}", text)


def _lacking(project: Project, pack: Pack, purpose: str, theme: str) -> Iterator[Problem]:
    """What the pack needs and the project does not have."""
    for name, columns in pack.needs.items():
        register = project.registers.get(name)
        if register is None:
            yield Problem(
                Place("registers"),
                f"pack `{pack.id}` needs a register `{name}` with {', '.join(columns)}.",
                f"Declare it, or make it of a register of yours with a query in registers/{name}.sql.",
            )
            continue
        known = {column.name for column in register.kept}
        lacking = [column for column in columns if column not in known]
        if lacking:
            yield Problem(
                project.written["registers", name].place("schema", 0, "properties"),
                f"pack `{pack.id}` needs column {', '.join(lacking)} of register `{name}`.",
                "Add it to the contract, or make a register of this name with a query.",
            )
    if purpose not in project.purposes:
        yield Problem(
            Place("purposes"),
            f"pack `{pack.id}` uses data for purpose `{purpose}`, which is not declared.",
            "Declare it, or name one of yours with --purpose.",
        )
    if theme not in {one.id for one in project.file.themes}:
        yield Problem(
            project.written["project", project.file.id].place("themes"),
            f"pack `{pack.id}` stands under theme `{theme}`, which is not declared.",
            "Add it to zicht.yaml, or name one of yours with --theme.",
        )


def _in_the_way(folder: Path, texts: Mapping[str, str]) -> Iterator[Problem]:
    for file, text in texts.items():
        path = folder / file
        if path.is_symlink() or (
            path.exists() and (not path.is_file() or path.read_text("utf-8", errors="replace") != text)
        ):
            yield Problem(
                Place(file),
                "is there already and says something else.",
                "Move it away, or give it another name.",
            )
