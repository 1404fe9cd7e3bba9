"""Every kind of declaration, from the models that check it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from generators.described import meanings
from generators.writing import anchor, code, page, plain, table
from zicht.declare import base, contract, models, purposes
from zicht.declare.schema import MODELS
from zicht.declare.site import HouseStyle

ALIASES = {
    base.Id: "[id](shared-id)",
    base.Sql: "[SQL expression](shared-sql)",
    base.PublicText: "[public text](shared-text)",
    models.Division: "division year",
    purposes.Day: "day",
}
_GENERIC = {"Small letters, digits and underscores; starts with a letter."} | {
    meta.description
    for alias in ALIASES
    for meta in get_args(alias)
    if isinstance(meta, FieldInfo) and meta.description
}


@dataclass(frozen=True)
class Key:
    """One key of a declaration."""

    model: str
    name: str
    type: str
    required: bool
    default: str
    own_meaning: str
    limits: str

    @property
    def meaning(self) -> str:
        """What it means, from the model or from meanings.yaml; empty where nobody says."""
        return self.own_meaning or meanings("keys").get(f"{self.model}.{self.name}", "")


def keys(model: type[base.Declared]) -> Iterator[Key]:
    """The keys of a model, in its order."""
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        own = "" if (field.description or "") in _GENERIC else field.description or ""
        yield Key(
            model=model.__name__,
            name=field.alias or name,
            type=_type(hints[name]),
            required=field.is_required(),
            default="" if field.is_required() else _default(field),
            own_meaning=own,
            limits=_limits(field, hints[name]),
        )


def models_of(model: type[base.Declared], trail: str = "") -> dict[type[base.Declared], str]:
    """A model and the models within it, each with the key it first stands under, in the order in which a reader meets them."""
    found = {model: trail}
    for name, hint in get_type_hints(model, include_extras=True).items():
        for part in _parts(hint):
            if isinstance(part, type) and issubclass(part, base.Declared) and part is not base.Text:
                for inner, where in models_of(part, f"{trail}.{name}".lstrip(".")).items():
                    found.setdefault(inner, where)
    return found


def _parts(hint: object) -> Iterator[object]:
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


def _type(hint: object) -> str:
    for alias, said in ALIASES.items():
        if hint == alias:
            return said
    origin, inner = get_origin(hint), [part for part in get_args(hint) if part is not type(None)]
    if origin is Annotated:
        return _type(get_args(hint)[0])
    if origin is Literal:
        return " or ".join(code(value) for value in inner)
    if origin in (Union, UnionType):
        return " or ".join(_type(part) for part in inner)
    if origin is tuple:
        one = _type(inner[0])
        return f"list, each with {one}" if one.startswith("[these keys]") else f"list of {one}"
    if origin is dict:
        return f"{_type(inner[1])} by {_type(inner[0])}"
    if isinstance(hint, type) and issubclass(hint, base.Declared):
        return f"[these keys](key-{hint.__name__})"
    return {str: "text", int: "whole number", float: "number", bool: "true or false", dt.date: "date"}[hint]


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or value in ((), "", {}) or isinstance(value, base.Declared):
        return "–"
    return code(json.dumps(value, ensure_ascii=False))


def _limits(field: FieldInfo, hint: object) -> str:
    if hint in ALIASES:
        return ""
    said = []
    for rule in field.metadata:
        for name, words in (
            ("ge", "at least {}"), ("le", "at most {}"), ("pattern", "matches {}"),
            ("min_length", "at least {} long"), ("max_length", "at most {} long"),
        ):  # fmt: skip
            value = getattr(rule, name, None)
            if value is not None and not (name == "min_length" and value == 1):
                said.append(words.format(code(value)))
    return f" ({'; '.join(said)})" if said else ""


def _section(model: type[base.Declared], where: str) -> str:
    rows = [
        (
            code(key.name), key.type + key.limits, "required" if key.required else key.default, plain(key.meaning),
        )
        for key in keys(model)
    ]  # fmt: skip
    head = f"{anchor(f'key-{model.__name__}')}\n## {code(where) if where else 'The file'}"
    doc = (model.__doc__ or "").strip()
    return "\n\n".join([head, plain(doc), table(("key", "type", "default", "meaning"), rows)])


def _kind(kind: str, model: type[base.Declared]) -> str:
    where = "zicht.yaml" if kind == "project" else f"{kind}/*.yaml"
    extra = []
    if kind == "indicators":
        rows = [(code(name), plain(text)) for name, text in meanings("measure").items()]
        extra = ["## Measures", table(("measure", "what it gives, and the keys it needs"), rows)]
    return page(
        where,
        plain(meanings("kind")[kind]),
        *(_section(part, where) for part, where in models_of(model).items()),
        *extra,
        f"The JSON Schema: `zicht schema {kind}`.",
    )


def _registers() -> str:
    def listed(section: str, head: tuple[str, str]) -> str:
        return table(head, [(code(name), plain(text)) for name, text in meanings(section).items()])

    def choices(values: tuple[str, ...], section: str) -> str:
        return table(
            ("value", "meaning"), [(code(value), plain(meanings(section)[value])) for value in values]
        )

    return page(
        "registers/*.yaml",
        plain(meanings("kind")["registers"]),
        "## What Zicht reads of the standard",
        listed("odcs", ("key", "what Zicht does with it")),
        "## Custom properties of the table",
        "What the standard has no word for stands in `customProperties`, as `{property: name, value: …}`.",
        listed("table_property", ("property", "meaning")),
        "## Custom properties of a column",
        listed("column_property", ("property", "meaning")),
        "## Units",
        choices(get_args(contract.Unit), "unit"),
        "## Types of columns",
        choices(get_args(contract.LogicalType), "logical_type"),
        "## Classification",
        choices(get_args(contract.Classification), "classification"),
        "The JSON Schema: `zicht schema registers`. It is the standard's own.",
    )


def _shared() -> str:
    return page(
        "Texts, ids and SQL",
        "What the other pages refer to.",
        f"{anchor('shared-text')}\n## Public text",
        "A text for the public is Dutch, with English beside it: `{nl: Inwoners, en: Inhabitants}`. Dutch alone may be written without brackets: "
        "`title: Inwoners`. On English pages the Dutch text stands in where there is no English one.",
        table(
            ("key", "type", "meaning"), [(code(k.name), k.type, plain(k.meaning)) for k in keys(base.Text)]
        ),
        f"{anchor('shared-id')}\n## Id",
        "Small letters, digits and underscores; it starts with a letter and is at most 63 characters long. Other declarations refer to it, and it "
        "stands in addresses of the site, so choose one that can stay.",
        f"{anchor('shared-sql')}\n## SQL expression",
        "One expression about one row of the register, in the dialect of DuckDB: `leeftijd < 18 and geslacht = 'V'`. It may name columns of the "
        "register and call the functions of [this list](sql.md). Statements, subqueries and comments are refused.",
    )


def _style() -> str:
    return page(
        "A house style",
        "A file beside zicht.yaml, named there under `site`, `style`. Colours that cannot be told apart, or text that cannot be read on its ground, are refused.",
        *(_section(part, where) for part, where in models_of(HouseStyle).items()),
    )


def pages() -> Iterator[tuple[str, str]]:
    """The pages: name and text."""
    yield "declare-shared.md", _shared()
    yield "declare-registers.md", _registers()
    yield "declare-style.md", _style()
    for kind, model in MODELS.items():
        yield f"declare-{kind}.md", _kind(kind, model)
