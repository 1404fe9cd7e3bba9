"""A register's contract: an Open Data Contract Standard 3.1 file, read into what Zicht acts on.

The file stays a plain ODCS contract that other tools read. What ODCS has no word for stands in its `customProperties`, under
fixed names (`bron`, `eenheid`, `gebied`, `indeling`, `periode`, `ligging`, `ontbreekt`, `pseudonimiseren`, `nietIdentificerend`, `weigering`, `sql`,
`verwerkingsactiviteit`, `dpv`, `proxy`, `peildatum`, `norm.*`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import resources
from typing import Literal, TypeVar, cast, get_args

import jsonschema_rs

from zicht.declare.base import Level
from zicht.declare.binding import Fault, Proxy, is_share, read_category, read_proxy, read_purposes
from zicht.declare.identifiers import column_mistakes
from zicht.declare.lead_times import LeadTimes, read_lead_times
from zicht.declare.models import Status
from zicht.declare.quality import Norm, is_kept_at_the_door, read_norms
from zicht.declare.yaml_source import Document, Trail
from zicht.errors import Place, Problem

LogicalType = Literal["string", "integer", "number", "date", "timestamp", "boolean"]
"""Types that columns may have, by the words of the Open Data Contract Standard."""

Classification = Literal["public", "internal", "personal", "special", "criminal", "identifying"]
"""How sensitive a column may be; criminal is AVG art. 10, special art. 9."""

Unit = Literal["person", "household", "address", "firm", "event", "object", "area"]
"""What one row of a register may be."""

Choice = TypeVar("Choice")

_FINEST_FIRST = get_args(Level)
FIRST_DIVISION, LAST_DIVISION = 1830, 2100  # as for the division of a project


@dataclass(frozen=True, slots=True)
class Located:
    """An area code that is not delivered but follows from where a point lies (customProperty `ligging`).

    Attributes:
        x, y: names of the columns with the coordinates.
        crs: coordinate reference system of the two, such as `EPSG:28992`.
        against: SQL expression with the code that the delivery itself claims; contradictions are counted and reported.
    """

    x: str
    y: str
    crs: str = "EPSG:28992"
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a register.

    Attributes:
        name: name in the register.
        physical_name: name in the delivery, where that differs.
        logical_type: what the values are.
        required: whether a value must be there; a row without one is refused.
        unique: whether a value may stand once only.
        key: whether it is part of the primary key.
        classification: how sensitive it is; None where the contract does not say.
        pattern, minimum, maximum, allowed: what a valid value looks like; a row with another is refused.
        missing: codes that mean “no value”, with the status each stands for. `""` is the empty cell.
        area_level: level, where the column holds area codes (customProperty `gebied`); `"mixed"` where levels are mixed.
        division: year of the division that the codes are of, where that is not the one of the project (customProperty `indeling`).
        located: where the code follows from, when it is not delivered (customProperty `ligging`).
        period: whether the column says to which period the row belongs (customProperty `periode`).
        pseudonym: whether identifiers stay as pseudonyms or fall away (customProperty `pseudonimiseren`); see `zicht.declare.identifiers`.
        harmless: why values that look like those of persons are none (customProperty `nietIdentificerend`).
        description: what it means.
        purposes: ids of the purposes it may serve (customProperty `verwerkingsactiviteit`); None where those of the register hold.
        category: category of personal data, a term of DPV-PD such as `pd:Income` (customProperty `dpv`).
        proxy: what is known of it as a stand-in for a protected ground (customProperty `proxy`).
    """

    name: str
    logical_type: LogicalType
    physical_name: str
    required: bool = False
    unique: bool = False
    key: bool = False
    classification: Classification | None = None
    pattern: str | None = None
    minimum: float | str | None = None
    maximum: float | str | None = None
    allowed: tuple[str, ...] | None = None
    missing: tuple[tuple[str, Status], ...] = ()
    area_level: Level | Literal["mixed"] | None = None
    division: int | None = None
    located: Located | None = None
    period: bool = False
    pseudonym: bool | None = None
    harmless: str | None = None
    description: str = ""
    purposes: tuple[str, ...] | None = None
    category: str | None = None
    proxy: Proxy | None = None

    @property
    def is_pseudonym(self) -> bool:
        """Whether the register holds pseudonyms in the place of its values: so it is with identifiers, unless they fall away."""
        return self.classification == "identifying" if self.pseudonym is None else self.pseudonym

    @property
    def is_dropped(self) -> bool:
        """Whether it is checked at the door and then falls away, so that the register does not have it."""
        return self.classification == "identifying" and self.pseudonym is False

    @property
    def status_name(self) -> str | None:
        """Name of the column beside it that says why a value is missing; None where no codes are declared."""
        return f"{self.name}__status" if self.missing else None


@dataclass(frozen=True, slots=True)
class Register:
    """The contract of one table.

    Attributes:
        id: the name of the table in SQL.
        contract_id, version, status: as in the ODCS file.
        title, description: what the register is.
        source: id of the source it is taken from; None for a register made by SQL.
        sql_file: name of the file beside the contract that makes it; None for a delivered register.
        unit: what one row is.
        columns: in the order of the contract.
        max_refused: share of rows (0-1) that may be refused before the build stops.
        period: the period of all rows, where no column says it.
        document: the file, for places in messages.
        purposes: ids of the purposes that its rows, and columns that say nothing else, may serve (customProperty `verwerkingsactiviteit`).
        norms: the quality norms that it declares.
        lead_times: the lead times that it declares.
    """

    id: str
    contract_id: str
    version: str
    title: str
    description: str
    source: str | None
    sql_file: str | None
    unit: Unit
    columns: tuple[Column, ...]
    max_refused: float
    period: str | None
    document: Document
    purposes: tuple[str, ...] = ()
    norms: tuple[Norm, ...] = ()
    lead_times: LeadTimes = field(default_factory=LeadTimes)

    @property
    def kept(self) -> tuple[Column, ...]:
        """The columns that the register has: all but those that fall away at the door."""
        return tuple(column for column in self.columns if not column.is_dropped)

    def column(self, name: str) -> Column | None:
        """The column with this name."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def area_column(self) -> Column | None:
        """The column with area codes; the first, where there are more, and never one with codes of another division."""
        return next(
            (column for column in self.columns if column.area_level and column.division is None), None
        )

    def division_column(self, division: int) -> Column | None:
        """The column with codes of a division that is not the project's; that of the finest level, where there are more.

        Args:
            division: its year.
        """
        found = [column for column in self.columns if column.division == division and column.area_level]
        return min(found, key=lambda column: _FINEST_FIRST.index(column.area_level or ""), default=None)

    @property
    def period_column(self) -> Column | None:
        """The column that says to which period a row belongs."""
        return next((column for column in self.columns if column.period), None)

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the columns that together name a row."""
        return tuple(column.name for column in self.columns if column.key)


@cache
def odcs_schema() -> Mapping[str, object]:
    """The JSON Schema of ODCS 3.1.0, as its authors publish it (Apache-2.0)."""
    text = resources.files("zicht.declare.schemas").joinpath("odcs-3.1.0.schema.json").read_text("utf-8")
    return cast("Mapping[str, object]", json.loads(text))


def read_contract(document: Document) -> tuple[Register | None, list[Problem]]:
    """Read a contract.

    Args:
        document: the YAML file.

    Returns:
        The register, or None where it cannot be read, and every mistake found.
    """
    problems = _standard_problems(document)
    if problems:
        return None, problems
    reader = _Reader(document)
    register = reader.register()
    return (None if reader.problems else register), reader.problems


def _standard_problems(document: Document) -> list[Problem]:
    if not isinstance(document.value, dict):
        return [
            Problem(
                Place(document.file, 1, 1), "is not an ODCS contract.", "Begin with `apiVersion: v3.1.0`."
            )
        ]
    problems = {}
    for error in _odcs_validator().iter_errors(document.value):
        trail: Trail = tuple(error.instance_path)
        message = _short(error.message)
        problems[trail, message] = Problem(
            document.place(trail),
            f"breaks the contract standard (ODCS 3.1): {message}.",
            f"See `{_dotted(trail)}`.",
        )
    return list(problems.values())


@cache
def _odcs_validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(dict(odcs_schema()))


def _short(message: str) -> str:
    return message if len(message) <= 160 else f"{message[:110]} … {message[-40:]}"


def _dotted(trail: Trail) -> str:
    return ".".join(str(part) for part in trail) or "the whole file"


class _Reader:
    """Reads a document that is valid ODCS into a Register, noting what Zicht needs beyond the standard."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def fault(self, trail: Trail, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(self.document.place(trail), what, remedy))

    def _fault_at(self, trail: Trail) -> Fault:
        return partial(self.fault, (*trail, "customProperties"))

    def register(self) -> Register | None:
        root = cast("dict[str, object]", self.document.value)
        tables = cast("list[dict[str, object]]", root.get("schema") or [])
        if len(tables) != 1:
            self.fault(
                ("schema",), f"holds {len(tables)} tables.", "A contract in registers/ describes exactly one."
            )
            return None
        table = tables[0]
        trail: Trail = ("schema", 0)
        name = str(table.get("name") or "")
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
            self.fault(
                (*trail, "name"),
                f"`{name}` cannot be the name of a register.",
                "Use small letters, digits and underscores.",
            )
        custom = self._custom(table, trail)
        columns = self._columns(table, trail)
        source, sql_file = custom.get("bron"), custom.get("sql")
        if (source is None) == (sql_file is None):
            self.fault(
                (*trail, "customProperties"),
                "must say where the rows come from.",
                "Write the customProperty `bron` (id of a source) or `sql` (file beside this one), and not both.",
            )
        register = Register(
            id=name,
            contract_id=str(root["id"]),
            version=str(root["version"]),
            title=str(root.get("name") or name),
            description=str(table.get("description") or ""),
            source=None if source is None else str(source),
            sql_file=None if sql_file is None else str(sql_file),
            unit=self._choice(
                custom.get("eenheid", "object"), get_args(Unit), (*trail, "customProperties"), "eenheid"
            ),
            columns=columns,
            max_refused=self._share(custom.get("weigering", 0.0), trail),
            period=None if custom.get("periode") is None else str(custom["periode"]),
            document=self.document,
            purposes=read_purposes(custom.get("verwerkingsactiviteit"), self._fault_at(trail)) or (),
            norms=read_norms(table, trail, self.fault),
            lead_times=read_lead_times(root, custom, name, trail, self.fault),
        )
        for index, column in enumerate(columns):
            for what, remedy in column_mistakes(register, column):
                self.fault((*trail, "properties", index), f"column `{column.name}` {what}", remedy)
        return register

    def _columns(self, table: dict[str, object], trail: Trail) -> tuple[Column, ...]:
        listed = cast("list[dict[str, object]]", table.get("properties") or [])
        if not listed:
            self.fault(trail, "has no columns.", "List them under `properties`.")
        columns: dict[str, Column] = {}
        for index, item in enumerate(listed):
            here: Trail = (*trail, "properties", index)
            column = self._column(item, here)
            if column.name in columns:
                self.fault((*here, "name"), f"column `{column.name}` stands here twice.", "Keep one.")
            columns[column.name] = column
        return tuple(columns.values())

    def _column(self, item: dict[str, object], trail: Trail) -> Column:
        custom = self._custom(item, trail)
        options = cast("dict[str, object]", item.get("logicalTypeOptions") or {})
        name = str(item.get("name") or "")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,126}", name) or name.endswith("__status"):
            self.fault(
                (*trail, "name"), f"`{name}` cannot be the name of a column.",
                "Use letters, digits and underscores, and put the name in the delivery under `physicalName`.",
            )  # fmt: skip
        pattern = options.get("pattern")
        if pattern is not None:
            try:
                re.compile(str(pattern))
            except re.error as error:
                self.fault(
                    (*trail, "logicalTypeOptions", "pattern"), f"is not a regular expression: {error}."
                )
        return Column(
            name=name,
            physical_name=str(item.get("physicalName") or name),
            logical_type=self._choice(
                item.get("logicalType", "string"),
                get_args(LogicalType),
                (*trail, "logicalType"),
                "logicalType",
            ),
            required=bool(item.get("required", False)),
            unique=bool(item.get("unique", False)),
            key=bool(item.get("primaryKey", False)),
            classification=self._classification(item, trail),
            pattern=None if pattern is None else str(pattern),
            minimum=cast("float | str | None", options.get("minimum")),
            maximum=cast("float | str | None", options.get("maximum")),
            allowed=self._allowed(item),
            missing=self._missing(custom, trail),
            area_level=self._area_level(custom, trail),
            division=self._division(custom, trail),
            located=self._located(custom, trail),
            period=custom.get("periode") is True,
            pseudonym=self._yes_or_no(custom.get("pseudonimiseren"), trail),
            harmless=None if custom.get("nietIdentificerend") is None else str(custom["nietIdentificerend"]),
            description=str(item.get("description") or ""),
            purposes=read_purposes(custom.get("verwerkingsactiviteit"), self._fault_at(trail)),
            category=read_category(custom.get("dpv"), self._fault_at(trail)),
            proxy=read_proxy(custom.get("proxy"), self._fault_at(trail)),
        )

    def _custom(self, item: dict[str, object], trail: Trail) -> dict[str, object]:
        found: dict[str, object] = {}
        for index, entry in enumerate(cast("list[dict[str, object]]", item.get("customProperties") or [])):
            name = str(entry["property"])
            if name in found:
                self.fault((*trail, "customProperties", index), f"`{name}` stands here twice.", "Keep one.")
            found[name] = entry["value"]
        return found

    def _choice(self, value: object, allowed: tuple[Choice, ...], trail: Trail, what: str) -> Choice:
        if value not in allowed:
            self.fault(
                trail, f"{what} `{value}` is not known.", f"Use one of: {', '.join(map(str, allowed))}."
            )
            return allowed[0]
        return value

    def _classification(self, item: dict[str, object], trail: Trail) -> Classification | None:
        value = item.get("classification")
        return (
            None
            if value is None
            else self._choice(value, get_args(Classification), (*trail, "classification"), "classification")
        )

    def _yes_or_no(self, value: object, trail: Trail) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        self.fault((*trail, "customProperties"), f"`pseudonimiseren` is {value}.", "Write true or false.")
        return None

    def _share(self, value: object, trail: Trail) -> float:
        if is_share(value):
            return float(cast("float", value))
        self.fault(
            (*trail, "customProperties"),
            f"`weigering` is {value}.",
            "Write the share of rows that may be refused: 0 to 1.",
        )
        return 0.0

    def _allowed(self, item: dict[str, object]) -> tuple[str, ...] | None:
        for rule in cast("list[dict[str, object]]", item.get("quality") or []):
            if is_kept_at_the_door(rule):
                arguments = cast("dict[str, object]", rule["arguments"])
                return tuple(str(value) for value in cast("list[object]", arguments["validValues"]))
        return None

    def _missing(self, custom: dict[str, object], trail: Trail) -> tuple[tuple[str, Status], ...]:
        codes = custom.get("ontbreekt")
        if codes is None:
            return ()
        where: Trail = (*trail, "customProperties")
        if not isinstance(codes, dict) or not codes:
            self.fault(
                where,
                "`ontbreekt` must name the codes for a missing value.",
                'For example {".": primary, "": not_available}.',
            )
            return ()
        return tuple(
            (str(code), self._choice(status, get_args(Status), where, f"`ontbreekt` {code!r}: status"))
            for code, status in codes.items()
        )

    def _located(self, custom: dict[str, object], trail: Trail) -> Located | None:
        value = custom.get("ligging")
        if value is None:
            return None
        if not isinstance(value, dict) or not {"x", "y"} <= set(value) <= {"x", "y", "crs", "against"}:
            where: Trail = (*trail, "customProperties")
            self.fault(
                where, "`ligging` must name the columns `x` and `y`.", "It may also have `crs` and `against`."
            )
            return None
        return Located(**{key: str(part) for key, part in value.items()})

    def _area_level(self, custom: dict[str, object], trail: Trail) -> Level | Literal["mixed"] | None:
        value = custom.get("gebied")
        if value is None:
            return None
        return self._choice(value, (*get_args(Level), "mixed"), (*trail, "customProperties"), "`gebied`")

    def _division(self, custom: dict[str, object], trail: Trail) -> int | None:
        value = custom.get("indeling")
        if value is None:
            return None
        where: Trail = (*trail, "customProperties")
        if (
            not isinstance(value, int)
            or isinstance(value, bool)
            or not FIRST_DIVISION <= value <= LAST_DIVISION
        ):
            self.fault(where, f"`indeling` is {value}.", "Write the year of an area division, such as 2023.")
            return None
        if custom.get("gebied") in (None, "mixed"):
            self.fault(
                where,
                "`indeling` stands beside no level of areas.",
                "Write `gebied` too, such as `buurt`: the level of the codes in the column.",
            )
        if custom.get("ligging") is not None:
            self.fault(
                where,
                "`indeling` and `ligging` cannot stand together: points are laid on the borders of the project's own division.",
                "Let the column be delivered, or leave one of the two out.",
            )
        return value
