"""Pydantic's findings in the words of the person who wrote the file: place, what is wrong, what would be right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from zicht.declare.yaml_source import Document, Trail
from zicht.errors import Problem

_INSTEAD = {
    "int_type": ("a whole number", "Write it without quotes, such as 2025."),
    "int_from_float": ("a whole number", "Write it without a fraction."),
    "float_type": ("a number", "Write it without quotes and with a point, such as 0.5."),
    "bool_type": ("true or false", "Write `true` or `false`."),
    "tuple_type": ("a list", "Write `[one, two]`, or begin each on a line of its own with `- `."),
}
"""What else must stand there, by the kind of mistake."""

_NAMED = {
    r"^[a-z][a-z0-9_]{0,62}$": "Use small letters, digits and `_`, and begin with a letter.",
}
"""Patterns in words."""


def explain_validation(
    error: ValidationError, model: type[BaseModel], document: Document, trail: Trail
) -> list[Problem]:
    """Turn what pydantic found into problems.

    Args:
        error: what it raised.
        model: the model that was tried.
        document: the file, for places.
        trail: where in the file the value stands that was tried.

    Returns:
        One problem a mistake; where a union was tried in several ways, the ways that say nothing new are left out.
    """
    problems: dict[tuple[object, ...], Problem] = {}
    for detail in error.errors(include_url=False):
        here: Trail = (*trail, *_written_trail(detail["loc"], document, trail))
        problem = _problem(detail, here, model, document)
        problems.setdefault((problem.place, detail["type"], problem.what), problem)
    return list(problems.values())


def _written_trail(loc: tuple[int | str, ...], document: Document, trail: Trail) -> Trail:
    # Pydantic puts names of union members and validators into the location; the file has no such keys.
    found: list[int | str] = []
    for part in loc:
        if (*trail, *found, part) in document.places:
            found.append(part)
    return tuple(found)


def _problem(detail: ErrorDetails, here: Trail, model: type[BaseModel], document: Document) -> Problem:
    kind, name = detail["type"], str(detail["loc"][-1]) if detail["loc"] else ""
    context = detail.get("ctx") or {}
    shown = repr(detail["input"]) if isinstance(detail["input"], str | int | float | bool) else "this"
    if kind == "extra_forbidden":
        if detail["input"] is None and " " in name:
            # `{nl: jong, oud en daartussen}` is read as two keys.
            return Problem(
                document.key_place(here),
                f"`{name}` is not a key here.",
                "A text with a comma stands between quotes.",
            )
        return Problem(
            document.key_place(here),
            f"`{name}` is not a key here.",
            _suggest(name, detail["loc"][:-1], model),
        )
    if kind == "missing":
        return Problem(document.place(here), f"`{name}` is missing.", f"Add `{name}:`.")
    if kind == "string_type":
        remedy = (
            f'Put it between quotes: "{detail["input"]}".'
            if isinstance(detail["input"], int | float | bool)
            else "Write a text."
        )
        return Problem(document.place(here), f"`{name}` must be text, and {shown} is not.", remedy)
    if kind == "literal_error":
        # An item of a list is called by its list; its number says nothing to who wrote it.
        key = next((str(part) for part in reversed(detail["loc"]) if isinstance(part, str)), name)
        return Problem(document.place(here), f"`{key}` cannot be {shown}.", f"Use {context.get('expected')}.")
    if kind in _INSTEAD:
        what, remedy = _INSTEAD[kind]
        return Problem(document.place(here), f"`{name}` must be {what}, and {shown} is not.", remedy)
    if kind == "string_pattern_mismatch":
        return Problem(
            document.place(here),
            f"{shown} cannot stand at `{name}`.",
            _NAMED.get(str(context.get("pattern")), f"It must match {context.get('pattern')}."),
        )
    if kind.startswith("union_tag"):
        return _no_such_kind(detail, here, document)
    message = detail["msg"].removeprefix("Value error, ")
    return Problem(
        document.place(here), f"`{name}`: {message[:1].lower()}{message[1:]}." if name else f"{message}."
    )


def _no_such_kind(detail: ErrorDetails, here: Trail, document: Document) -> Problem:
    """The problem with a key that tells which of several kinds a thing is, where it is missing or says no kind."""
    context = detail.get("ctx") or {}
    key = str(context["discriminator"]).strip("'")
    if detail["type"] == "union_tag_not_found":
        return Problem(document.place(here), f"`{key}` is missing.", f"Add `{key}:`.")
    known = re.findall(r"'([^']+)'", str(context["expected_tags"]))
    near = difflib.get_close_matches(str(context["tag"]), known, n=1, cutoff=0.6)
    remedy = f"Did you mean `{near[0]}`?" if near else f"Use one of: {', '.join(known)}."
    return Problem(document.place((*here, key)), f"`{key}` cannot be {context['tag']!r}.", remedy)


def _suggest(name: str, loc: tuple[int | str, ...], model: type[BaseModel]) -> str:
    known = list(_keys(model, loc))
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"Did you mean `{near[0]}`?" if near else f"Known keys: {', '.join(sorted(known))}."


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> Iterable[str]:
    current = model
    for part in loc:
        field = next((f for n, f in current.model_fields.items() if part in (n, f.alias)), None)
        if field is not None:
            current = _model_in(field.annotation, loc) or current
    return (field.alias or name for name, field in current.model_fields.items())


def _model_in(annotation: object, loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The first model in an annotation; of a union of kinds the one of the kind that was tried."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    models = [_model_in(part, loc) for part in getattr(annotation, "__args__", ())]
    found = [model for model in models if model is not None]
    return next((model for model in found if _is_kind(model, loc)), found[0] if found else None)


def _is_kind(model: type[BaseModel], loc: tuple[int | str, ...]) -> bool:
    kinds = (
        get_args(field.annotation)
        for field in model.model_fields.values()
        if get_origin(field.annotation) is Literal
    )
    return any(part in kind for kind in kinds for part in loc)


def as_tuples(value: object) -> object:
    """What YAML holds with tuples for lists: models hold tuples, and strict validation does not turn one into the other."""
    if isinstance(value, dict):
        return {key: as_tuples(item) for key, item in value.items()}
    return tuple(as_tuples(item) for item in value) if isinstance(value, list) else value
