"""A project folder, read whole: every file typed, every name it uses known, all mistakes at once.

`read_project` is the one way in. It stops at nothing: files that are right are read even where others are wrong, so that one run
shows everything there is to mend.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from pydantic import ValidationError

from zicht.declare.algorithms import AlgorithmFile
from zicht.declare.analyses import mistakes_in_findings
from zicht.declare.base import Declared, Named
from zicht.declare.contract import Register, read_contract
from zicht.declare.identifiers import check_identifiers
from zicht.declare.indicators import check_indicators
from zicht.declare.models import (
    DimensionDeclared,
    Indicator,
    IndicatorsFile,
    ProductFile,
    ProjectFile,
    SourceFile,
)
from zicht.declare.names import inside as _inside
from zicht.declare.names import unknown as _unknown
from zicht.declare.papers import KeptPaper
from zicht.declare.points import check_points
from zicht.declare.postcodes import check_postcodes
from zicht.declare.products import check_papers, check_products
from zicht.declare.purposes import PurposeFile
from zicht.declare.quality_checks import check_norms
from zicht.declare.relink import check_relinking
from zicht.declare.scheme_figures import check_schemes, dimension_of, indicators_of
from zicht.declare.schemes import Scheme
from zicht.declare.site import HouseStyle, shipped_style
from zicht.declare.sql import check_query
from zicht.declare.validation import as_tuples, explain_validation
from zicht.declare.yaml_source import Document, Trail, read_yaml
from zicht.errors import DeclarationError, Place, Problem

Model = TypeVar("Model", bound=Declared)
Item = TypeVar("Item", bound=Named)
Kind = TypeVar("Kind")
FOLDERS = ("purposes", "sources", "registers", "indicators", "products", "algorithms", "papers")
"""The folders of a project, each with one kind of declaration."""

MAX_FILES = 2_000  # a project folder is written by people


@dataclass(frozen=True)
class Written:
    """A declared thing and where it was written.

    Attributes:
        document: the file.
        trail: keys and places in lists that lead to it; nothing for the whole file.
    """

    document: Document
    trail: Trail = ()

    def place(self, *trail: str | int) -> Place:
        """The place of a part of it, to which `trail` leads from it."""
        return self.document.place((*self.trail, *trail))


@dataclass(frozen=True)
class Project:
    """Everything a project folder declares, in the order of ids.

    Attributes:
        folder: the folder itself.
        file: zicht.yaml.
        style: the house style of its site.
        sources, registers, dimensions, indicators, schemes, products, purposes, algorithms, papers: by id; the indicators of schemes are among the
            indicators.
        register_sql: SQL text of the registers that are made by SQL, by register id.
        written: where each of these stands, by (kind, id).
    """

    folder: Path
    file: ProjectFile
    style: HouseStyle
    sources: Mapping[str, SourceFile]
    registers: Mapping[str, Register]
    dimensions: Mapping[str, DimensionDeclared]
    indicators: Mapping[str, Indicator]
    schemes: Mapping[str, Scheme]
    products: Mapping[str, ProductFile]
    purposes: Mapping[str, PurposeFile]
    algorithms: Mapping[str, AlgorithmFile]
    papers: Mapping[str, KeptPaper]
    register_sql: Mapping[str, str]
    written: Mapping[tuple[str, str], Written]


def read_project(folder: Path) -> Project:
    """Read and check a project folder.

    Args:
        folder: the folder that holds zicht.yaml.

    Returns:
        All that is declared; nothing in it contradicts the rest.

    Raises:
        DeclarationError: with every mistake in the folder.
    """
    reader = _Reader(folder)
    project = reader.read()
    if reader.problems or project is None:
        raise DeclarationError(reader.problems)
    return project


class _Reader:
    """Reads a folder file by file, gathering problems."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.written: dict[tuple[str, str], Written] = {}
        self.dimensions: dict[str, DimensionDeclared] = {}
        self.indicators: dict[str, Indicator] = {}
        self.schemes: dict[str, Scheme] = {}
        self.register_sql: dict[str, str] = {}

    def read(self) -> Project | None:
        if not (self.folder / "zicht.yaml").is_file():
            self.problems.append(
                Problem(
                    Place(str(self.folder)),
                    "holds no zicht.yaml, so it is no project folder.",
                    "`zicht new` makes one.",
                )
            )
            return None
        self._unknown_entries()
        root = self._document(self.folder / "zicht.yaml")
        file = self._model(ProjectFile, root) if root else None
        purposes = self._each("purposes", PurposeFile)
        sources = self._each("sources", SourceFile)
        registers = dict(self._registers())
        for document in self._documents("indicators"):
            self._indicators(document)
        self._made_of_schemes()
        products = self._each("products", ProductFile)
        algorithms = self._each("algorithms", AlgorithmFile)
        papers = self._each("papers", KeptPaper)
        if file is None or root is None or (style := self._style(file)) is None:
            return None
        self.written["project", file.id] = Written(root)
        project = Project(
            folder=self.folder, file=file, style=style, sources=_ordered(sources), registers=_ordered(registers),
            dimensions=_ordered(self.dimensions), indicators=_ordered(self.indicators), schemes=_ordered(self.schemes), products=_ordered(products),
            purposes=_ordered(purposes), algorithms=_ordered(algorithms), papers=_ordered(papers), register_sql=_ordered(self.register_sql), written=MappingProxyType(self.written),
        )  # fmt: skip
        # Names are looked up only when every file could be read: a broken sources file would otherwise
        # make every register that uses it look wrong.
        if not self.problems:
            self.problems.extend(_cross_check(project))
        return project

    def _style(self, file: ProjectFile) -> HouseStyle | None:
        name = file.site.style
        if not name.endswith(".yaml"):
            return shipped_style(name)
        document = self._document(self.folder / name)
        return self._model(HouseStyle, document) if document else None

    def _unknown_entries(self) -> None:
        allowed = {"zicht.yaml", *FOLDERS}
        for entry in sorted(self.folder.iterdir()):
            near = difflib.get_close_matches(entry.name, allowed, n=1, cutoff=0.75)
            if entry.name not in allowed and not entry.name.startswith(".") and near and entry.is_dir():
                self.problems.append(
                    Problem(Place(self._shown(entry)), "is not read.", f"Did you mean `{near[0]}`?")
                )

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix() if path != self.folder else str(path)

    def _document(self, path: Path) -> Document | None:
        if not path.resolve().is_relative_to(self.folder.resolve()):
            self.problems.append(
                Problem(
                    Place(self._shown(path)),
                    "is a link to a file outside the project folder.",
                    "Copy the file here.",
                )
            )
            return None
        try:
            return read_yaml(path, self._shown(path))
        except DeclarationError as error:
            self.problems.extend(error.problems)
            return None

    def _documents(self, kind: str) -> Iterator[Document]:
        folder = self.folder / kind
        if folder.exists() and not folder.is_dir():
            self.problems.append(
                Problem(Place(kind), "is a file.", f"Make a folder `{kind}/` with a YAML file for each.")
            )
            return
        files = (
            sorted(path for path in folder.glob("*") if path.suffix in (".yaml", ".yml"))
            if folder.is_dir()
            else []
        )
        if len(files) > MAX_FILES:
            self.problems.append(
                Problem(Place(kind), f"holds {len(files)} files; at most {MAX_FILES} are read.")
            )
            return
        for path in files:
            document = self._document(path)
            if document is not None:
                yield document

    def _model(
        self, model: type[Model], document: Document, trail: Trail = (), value: object = None
    ) -> Model | None:
        content = document.value if value is None else value
        if not isinstance(content, dict):
            self.problems.append(
                Problem(
                    document.place(trail),
                    "is empty or not a list of `key: value` lines.",
                    f"See the reference of {model.__name__}.",
                )
            )
            return None
        try:
            return model.model_validate(as_tuples(content), by_alias=True)
        except ValidationError as error:
            self.problems.extend(explain_validation(error, model, document, trail))
            return None

    def _each(self, kind: str, model: type[Item]) -> dict[str, Item]:
        found: dict[str, Item] = {}
        for document in self._documents(kind):
            item = self._model(model, document)
            if item is not None:
                self._add(kind, found, item, Written(document))
        return found

    def _add(self, kind: str, found: dict[str, Item], item: Item, written: Written) -> None:
        if item.id in found:
            first = self.written[kind, item.id].place("id")
            self.problems.append(
                Problem(
                    written.place("id"), f"`{item.id}` is declared twice.", f"The first stands at {first}."
                )
            )
            return
        found[item.id] = item
        self.written[kind, item.id] = written

    def _registers(self) -> Iterator[tuple[str, Register]]:
        seen: dict[str, str] = {}
        for document in self._documents("registers"):
            register, problems = read_contract(document)
            self.problems.extend(problems)
            if register is None:
                continue
            if register.id in seen:
                self.problems.append(
                    Problem(
                        document.place(("schema", 0, "name")),
                        f"`{register.id}` is declared twice.",
                        f"The first stands in {seen[register.id]}.",
                    )
                )
                continue
            seen[register.id] = document.file
            self.written["registers", register.id] = Written(document)
            self._register_query(register)
            yield register.id, register

    def _register_query(self, register: Register) -> None:
        if register.sql_file is None:
            return
        place = register.document.place(("schema", 0, "customProperties"))
        path = self.folder / "registers" / register.sql_file
        if "/" in register.sql_file or "\\" in register.sql_file or path.is_symlink():
            self.problems.append(
                Problem(
                    place,
                    f"`{register.sql_file}` does not stand beside the contract.",
                    "Name a file in registers/.",
                )
            )
            return
        try:
            self.register_sql[register.id] = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            self.problems.append(
                Problem(
                    place,
                    f"registers/{register.sql_file} cannot be read.",
                    "Write the query there, in UTF-8.",
                )
            )

    def _indicators(self, document: Document) -> None:
        content = document.value
        if not isinstance(content, dict):
            self._model(IndicatorsFile, document)
            return
        # Item by item, so that one wrong indicator does not hide the others.
        items = ("dimensions", "indicators", "schemes")
        shell = {key: value for key, value in content.items() if key not in items}
        self._model(IndicatorsFile, document, value=shell or {"indicators": []})
        self._items("dimensions", DimensionDeclared, self.dimensions, document, content)
        self._items("indicators", Indicator, self.indicators, document, content)
        self._items("schemes", Scheme, self.schemes, document, content)

    def _made_of_schemes(self) -> None:
        """Add the indicators that schemes stand for, as if they were written where the scheme is."""
        for scheme in self.schemes.values():
            written = self.written["schemes", scheme.id]
            dimension = dimension_of(scheme)
            if dimension is not None:
                self._add("dimensions", self.dimensions, dimension, written)
            for indicator in indicators_of(scheme):
                self._add("indicators", self.indicators, indicator, written)

    def _items(
        self,
        kind: str,
        model: type[Item],
        found: dict[str, Item],
        document: Document,
        content: Mapping[str, object],
    ) -> None:
        items = content.get(kind) or []
        if not isinstance(items, list):
            self.problems.append(
                Problem(document.place((kind,)), f"`{kind}` is not a list.", "Begin each with `- id:`.")
            )
            return
        for index, item in enumerate(items):
            trail: Trail = (kind, index)
            parsed = self._model(model, document, trail, item if item is not None else "")
            if parsed is not None:
                self._add(kind, found, parsed, Written(document, trail))


def _ordered(items: Mapping[str, Kind]) -> Mapping[str, Kind]:
    return MappingProxyType(dict(sorted(items.items())))


Finder = Callable[[Project], Iterable[Problem]]


def _cross_check(project: Project) -> Iterator[Problem]:
    for check in (
        _check_sources,
        _check_areas,
        _check_registers,
        check_norms,
        check_indicators,
        check_schemes,
        check_products,
        mistakes_in_findings,
        check_papers,
        check_identifiers,
        check_relinking,
        check_points,
        check_postcodes,
    ):
        yield from check(project)


def _check_sources(project: Project) -> Iterator[Problem]:
    root = project.folder.resolve()
    for source in project.sources.values():
        written = project.written["sources", source.id]
        if source.origin.file is not None:
            yield from _inside(root, source.origin.file, written.place("origin", "file"))
        if source.local_copy is not None:
            place = written.place("local_copy")
            if project.file.local_copies is None:
                yield Problem(
                    place,
                    "names a local copy, and zicht.yaml names no folder for them.",
                    "Add `local_copies:` to zicht.yaml.",
                )
            else:
                yield from _inside(
                    (root / project.file.local_copies).resolve(),
                    source.local_copy.file,
                    written.place("local_copy", "file"),
                )
        if source.personal != "none" and source.origin.file is None:
            yield Problem(
                written.place("origin"),
                "personal data is not fetched from the network.",
                "Have it delivered as a file.",
            )


def _check_areas(project: Project) -> Iterator[Problem]:
    written = project.written["project", project.file.id]
    areas = project.file.areas
    named: list[tuple[str, Trail]] = [
        (level.source, ("areas", "levels", i, "source")) for i, level in enumerate(areas.levels)
    ]
    named += [
        (level.boundaries.source, ("areas", "levels", i, "boundaries"))
        for i, level in enumerate(areas.levels)
        if level.boundaries
    ]
    if areas.regions:
        named.append((areas.regions.source, ("areas", "regions", "source")))
    if areas.successions:
        named.append((areas.successions, ("areas", "successions")))
    for source, trail in named:
        if source not in project.sources:
            yield _unknown(written.place(*trail), "source", source, project.sources)


def _check_registers(project: Project) -> Iterator[Problem]:
    for register in project.registers.values():
        written = project.written["registers", register.id]
        where = written.place("schema", 0, "customProperties")
        if register.source is not None and register.source not in project.sources:
            yield _unknown(where, "source", register.source, project.sources)
        named = [register.purposes, *(column.purposes or () for column in register.columns)]
        for id_ in dict.fromkeys(id_ for ids in named for id_ in ids if id_ not in project.purposes):
            yield _unknown(where, "purpose", id_, project.purposes)
        sql = project.register_sql.get(register.id)
        if sql is not None:
            for mistake in check_query(
                sql,
                {
                    r.id: tuple(c.name for c in r.kept)
                    for r in project.registers.values()
                    if r.id != register.id
                },
            ):
                yield Problem(
                    Place(f"registers/{register.sql_file}", mistake.line, mistake.column),
                    mistake.what,
                    mistake.remedy,
                )
