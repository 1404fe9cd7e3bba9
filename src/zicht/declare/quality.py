"""Quality norms of a contract: the `quality` rules of the Open Data Contract Standard, read into what is measured.

ODCS knows the library metrics `nullValues`, `missingValues`, `invalidValues`, `duplicateValues` and `rowCount`, and `sql`. What it has no
metric for stands under `type: custom`, `engine: zicht`. Whether a broken norm blocks or warns follows from `severity`, or from the
customProperty `norm.actie`; a norm that says neither blocks. Dimensions are those of ODCS, after ISO/IEC 25012.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from zicht.declare.yaml_source import Trail

QualityDimension = Literal[
    "accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"
]
"""Dimensions of quality, by the words of the Open Data Contract Standard."""

Metric = Literal[
    "nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount", "unmatchedValues", "falseConditions",
    "distributionDrift", "rowCountChange", "sql",
]  # fmt: skip
"""What a quality norm can measure."""

Operator = Literal[
    "mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween",
    "mustNotBeBetween",
]  # fmt: skip
"""How what is measured is held against a limit."""

OF_ROWS: tuple[Metric, ...] = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "unmatchedValues", "falseConditions")  # fmt: skip
"""Metrics that count rows, so that the rows can be named and the count can be a percentage."""

AGAINST_EARLIER: tuple[Metric, ...] = ("distributionDrift", "rowCountChange")
"""Metrics that compare with the snapshot before."""

Fault = Callable[[Trail, str, str], None]

_DIMENSIONS: Mapping[Metric, QualityDimension] = {
    "nullValues": "completeness", "missingValues": "completeness", "invalidValues": "conformity", "duplicateValues": "uniqueness",
    "rowCount": "completeness", "unmatchedValues": "consistency", "falseConditions": "consistency", "distributionDrift": "consistency",
    "rowCountChange": "coverage", "sql": "accuracy",
}  # fmt: skip
_OF_A_COLUMN = ("nullValues", "missingValues", "invalidValues", "distributionDrift")
_LIBRARY = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")
_CUSTOM = ("unmatchedValues", "falseConditions", "distributionDrift", "rowCountChange")
_ARGUMENTS: Mapping[str, frozenset[str]] = {
    "nullValues": frozenset(), "missingValues": frozenset({"missingValues"}), "rowCount": frozenset(), "sql": frozenset(),
    "invalidValues": frozenset({"validValues", "pattern", "minimum", "maximum"}), "duplicateValues": frozenset({"properties"}),
    "unmatchedValues": frozenset({"columns", "to"}), "falseConditions": frozenset({"condition"}),
    "distributionDrift": frozenset(), "rowCountChange": frozenset(),
}  # fmt: skip
_ACTIONS = {"blokkeren": True, "waarschuwen": False}
_SEVERITIES = {"error": True, "warning": False, "info": False}
_PLACEHOLDER = re.compile(r"\$?\{(table|column)\}")


@dataclass(frozen=True, slots=True)
class Limit:
    """What a measured value is held against.

    Attributes:
        operator: how; both ends of `mustBeBetween` and `mustNotBeBetween` belong to what lies between.
        bounds: one number, or two for the operators with `Between`.
    """

    operator: Operator
    bounds: tuple[float, ...]

    def holds(self, value: float | None) -> bool:
        """Whether a `value` keeps to the limit; what could not be measured, or is no finite number, never does."""
        if value is None or not math.isfinite(value):
            return False
        first, last = self.bounds[0], self.bounds[-1]
        return {
            "mustBe": value == first,
            "mustNotBe": value != first,
            "mustBeGreaterThan": value > first,
            "mustBeGreaterOrEqualTo": value >= first,
            "mustBeLessThan": value < first,
            "mustBeLessOrEqualTo": value <= first,
            "mustBeBetween": first <= value <= last,
            "mustNotBeBetween": not first <= value <= last,
        }[self.operator]


@dataclass(frozen=True, slots=True)
class Valid:
    """What a valid value looks like; each part is None where it says nothing.

    Attributes:
        values: the texts that are allowed.
        pattern: a regular expression that is found in the text.
        minimum, maximum: the least and the most, both allowed.
    """

    values: tuple[str, ...] | None = None
    pattern: str | None = None
    minimum: float | str | None = None
    maximum: float | str | None = None


@dataclass(frozen=True, slots=True)
class Norm:
    """One rule that a register must meet.

    Attributes:
        id: unique within the register.
        metric: what is measured.
        columns: what it is measured of; empty for the whole register.
        limit: what the measured value is held against.
        percent: whether the value is a percentage of all rows, and no number of them.
        dimension: the dimension of quality that it belongs to.
        blocks: whether a build stops where it is broken; it warns otherwise.
        description: what the contract says about it; may be empty.
        trail: where it stands in the contract.
        missing: texts that mean “no value”, of `missingValues`.
        valid: what a valid value looks like, of `invalidValues`.
        sql: the condition of `falseConditions`, or the query of `sql`.
        register, matched: the register and its columns that hold the known values, of `unmatchedValues`.
    """

    id: str
    metric: Metric
    columns: tuple[str, ...]
    limit: Limit
    percent: bool
    dimension: QualityDimension
    blocks: bool
    description: str
    trail: Trail
    missing: tuple[str, ...] = ()
    valid: Valid = Valid()
    sql: str = ""
    register: str = ""
    matched: tuple[str, ...] = ()


def is_kept_at_the_door(rule: Mapping[str, object]) -> bool:
    """Whether a rule refuses rows when a delivery is taken in: a list of valid values that blocks and allows none else.

    Args:
        rule: one item of `quality` in an ODCS contract.
    """
    arguments = rule.get("arguments")
    return (
        rule.get("metric") == "invalidValues"
        and isinstance(arguments, dict)
        and set(arguments) == {"validValues"}
        and isinstance(arguments["validValues"], list)
        and rule.get("mustBe") == 0
        and _action(rule) is not False
    )


def read_norms(table: Mapping[str, object], trail: Trail, fault: Fault) -> tuple[Norm, ...]:
    """The norms of one table of a contract, those of its columns first.

    Args:
        table: an item of `schema`, valid ODCS.
        trail: where it stands.
        fault: told of every mistake, with its place.

    Returns:
        The norms that can be measured. Rules of `type: text` and of other engines are for people and other tools; those that
        `is_kept_at_the_door` are checked there.
    """
    name = str(table.get("name") or "")
    found: dict[str, Norm] = {}
    for column, rule, here in _rules(table, trail):
        if _is_measured(rule) and not (column and is_kept_at_the_door(rule)):
            norm = _NormReader(rule, column, name, here, fault).norm()
            if norm is not None:
                named = _free_name(norm.id, found)
                found[named] = replace(norm, id=named)
    return tuple(found.values())


def _rules(table: Mapping[str, object], trail: Trail) -> Iterator[tuple[str, Mapping[str, object], Trail]]:
    columns = cast("list[Mapping[str, object]]", table.get("properties") or [])
    holders = [(str(c.get("name") or ""), c, (*trail, "properties", i)) for i, c in enumerate(columns)]
    for column, holder, where in [*holders, ("", table, trail)]:
        for index, rule in enumerate(cast("list[Mapping[str, object]]", holder.get("quality") or [])):
            yield column, rule, (*where, "quality", index)


def _is_measured(rule: Mapping[str, object]) -> bool:
    kind = rule.get("type", "library")
    return kind in ("library", "sql") or (kind == "custom" and rule.get("engine") == "zicht")


def _free_name(wanted: str, taken: Mapping[str, object]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}.{number}"
    return name


def _action(rule: Mapping[str, object]) -> bool | None:
    """Whether a rule blocks; None where it does not say, or says what cannot be."""
    for entry in cast("list[Mapping[str, object]]", rule.get("customProperties") or []):
        if entry["property"] == "norm.actie":
            return _ACTIONS.get(str(entry["value"]))
    return _SEVERITIES.get(str(rule.get("severity")))


class _NormReader:
    """Reads one rule."""

    def __init__(
        self, rule: Mapping[str, object], column: str, table: str, trail: Trail, fault: Fault
    ) -> None:
        self.rule, self.column, self.table, self.trail = rule, column, table, trail
        self._fault, self.faults = fault, 0

    def fault(self, what: str, remedy: str = "", *at: str | int) -> None:
        self.faults += 1
        self._fault((*self.trail, *at), what, remedy)

    def norm(self) -> Norm | None:
        metric, arguments, limits = self._parts()
        if metric is None:
            return None
        if unknown := sorted(set(arguments) - _ARGUMENTS[metric]):
            known = ", ".join(f"`{name}`" for name in sorted(_ARGUMENTS[metric])) or "none"
            self.fault(f"`{metric}` has no argument `{unknown[0]}`.", f"It has: {known}.", "arguments")
        limit = self._limit(limits)
        columns = self._columns(metric, arguments)
        register, matched = self._matched(metric, arguments, columns)
        sql = self.rule.get("query") if metric == "sql" else arguments.get("condition")
        if metric == "falseConditions" and not sql:
            self.fault(
                "says no condition.", "Write `condition:`, such as `einde >= begin`.", "implementation"
            )
        norm = Norm(
            id=str(self.rule.get("id") or ".".join((*columns, metric))),
            metric=metric,
            columns=columns,
            limit=limit,
            percent=self._percent(metric),
            dimension=cast("QualityDimension", self.rule.get("dimension") or _DIMENSIONS[metric]),
            blocks=self._blocks(),
            description=str(self.rule.get("description") or self.rule.get("name") or ""),
            trail=self.trail,
            missing=self._texts(arguments, "missingValues") or (),
            valid=self._valid(metric, arguments),
            sql=self._filled_in(str(sql or "")),
            register=register,
            matched=matched,
        )
        return None if self.faults else norm

    def _parts(self) -> tuple[Metric | None, Mapping[str, object], Mapping[str, object]]:
        """The metric, its arguments, and where the limit stands."""
        kind = self.rule.get("type", "library")
        if kind == "sql":
            return "sql", {}, self.rule
        if kind == "library":
            arguments = cast("Mapping[str, object]", self.rule.get("arguments") or {})
            return cast("Metric", self.rule["metric"]), arguments, self.rule
        given = self.rule.get("implementation")
        if not isinstance(given, dict) or given.get("metric") not in _CUSTOM:
            self.fault(
                "is no norm that Zicht knows.",
                f"Write `implementation:` with `metric:`, one of {', '.join(_CUSTOM)}.",
                "implementation",
            )
            return None, {}, {}
        operators = get_args(Operator)
        arguments = {k: v for k, v in given.items() if k != "metric" and k not in operators}
        return cast("Metric", given["metric"]), arguments, given

    def _limit(self, given: Mapping[str, object]) -> Limit:
        operators = [name for name in get_args(Operator) if name in given]
        if len(operators) != 1:
            self.fault(
                f"says {len(operators)} limits.", f"Write exactly one of {', '.join(get_args(Operator))}."
            )
            return Limit("mustBe", (0.0,))
        value = given[operators[0]]
        bounds = value if isinstance(value, list) else [value]
        wanted = 2 if operators[0].endswith("Between") else 1
        if (
            len(bounds) != wanted
            or any(isinstance(one, bool) or not isinstance(one, int | float) for one in bounds)
            or list(bounds) != sorted(bounds)
        ):
            what = "two numbers, the smallest first, such as [1, 5]" if wanted == 2 else "a number"
            self.fault(f"the limit `{operators[0]}` is `{value}`.", f"Write {what}.", operators[0])
            return Limit("mustBe", (0.0,))
        return Limit(cast("Operator", operators[0]), tuple(float(cast("float", one)) for one in bounds))

    def _columns(self, metric: Metric, arguments: Mapping[str, object]) -> tuple[str, ...]:
        listed = self._texts(arguments, "properties") or self._texts(arguments, "columns")
        own = (self.column,) if self.column else ()
        if metric in ("rowCount", "rowCountChange") and self.column:
            self.fault(f"`{metric}` is about the whole register.", "Put it under the table's `quality`.")
        if metric in _OF_A_COLUMN and not self.column:
            self.fault(f"`{metric}` is about a column.", "Put it under the `quality` of that column.")
        if metric in ("duplicateValues", "unmatchedValues") and not (listed or own):
            name = "properties" if metric == "duplicateValues" else "columns"
            self.fault(f"`{metric}` names no column.", f"Put it under a column, or list them in `{name}`.")
        return listed or own

    def _matched(
        self, metric: Metric, arguments: Mapping[str, object], columns: tuple[str, ...]
    ) -> tuple[str, tuple[str, ...]]:
        if metric != "unmatchedValues":
            return "", ()
        to = arguments.get("to")
        register, _, listed = str(to or "").partition(".")
        matched = tuple(part.strip() for part in listed.split(",")) if listed else columns
        if not isinstance(to, str) or not register or len(matched) != len(columns):
            self.fault(
                "does not say where the values must be known.",
                f"Write `to:` as register.column, with {len(columns)} column{'s' * (len(columns) != 1)} between commas.",
                "implementation",
            )
        return register, matched

    def _percent(self, metric: Metric) -> bool:
        unit = self.rule.get("unit")
        if unit in ("percent", "%"):
            if metric not in (*OF_ROWS, "rowCountChange"):
                self.fault(f"`{metric}` is no share of rows.", "Leave `unit` out.", "unit")
            return True
        if unit not in (None, "rows"):
            self.fault(f"the unit `{unit}` is not known.", "Write `rows` or `percent`.", "unit")
        return metric == "rowCountChange"

    def _blocks(self) -> bool:
        severity = self.rule.get("severity")
        if severity is not None and severity not in _SEVERITIES:
            self.fault(f"the severity `{severity}` is not known.", "Use error, warning or info.", "severity")
        entries = cast("list[Mapping[str, object]]", self.rule.get("customProperties") or [])
        actions = [str(entry["value"]) for entry in entries if entry["property"] == "norm.actie"]
        if any(action not in _ACTIONS for action in actions) or len(actions) > 1:
            self.fault(
                f"`norm.actie` is {', '.join(actions)}.",
                "Write blokkeren or waarschuwen, once.",
                "customProperties",
            )
        if actions and severity in _SEVERITIES and _ACTIONS.get(actions[0]) != _SEVERITIES[str(severity)]:
            self.fault(
                f"says `norm.actie` {actions[0]} and severity {severity}, which is not the same.",
                "error goes with blokkeren; warning and info go with waarschuwen.",
                "severity",
            )
        return _action(self.rule) is not False

    def _texts(self, arguments: Mapping[str, object], name: str) -> tuple[str, ...] | None:
        value = arguments.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not value:
            self.fault(f"`{name}` is no list.", "Write it between [ and ].", "arguments", name)
            return None
        return tuple("" if one is None else str(one) for one in value)

    def _valid(self, metric: Metric, arguments: Mapping[str, object]) -> Valid:
        if metric != "invalidValues":
            return Valid()
        if not arguments:
            self.fault(
                "does not say what a valid value is.",
                "Write `arguments:` with validValues, pattern, minimum or maximum.",
            )
        pattern = arguments.get("pattern")
        if pattern is not None:
            try:
                re.compile(str(pattern))
            except re.error as error:
                self.fault(f"is not a regular expression: {error}.", "", "arguments", "pattern")
        return Valid(
            self._texts(arguments, "validValues"),
            None if pattern is None else str(pattern),
            cast("float | str | None", arguments.get("minimum")),
            cast("float | str | None", arguments.get("maximum")),
        )

    def _filled_in(self, sql: str) -> str:
        """SQL with the names that ODCS lets it leave open: `${table}` and `${column}`."""
        names = {"table": self.table, "column": self.column}
        return _PLACEHOLDER.sub(lambda found: names[found.group(1)], sql)
