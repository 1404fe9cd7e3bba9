"""The public face of each room, from its docstrings."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

import pydantic

from generators.declarations import models_of
from generators.writing import anchor, code, fence, page, plain, table
from zicht.declare.schema import MODELS

ROOMS = (
    "declare",
    "disclosure",
    "engine",
    "areas",
    "pseudonyms",
    "intake",
    "governance",
    "figures",
    "findings",
    "release",
    "publish",
    "demo",
    "chain",
    "compiled",
)
_SECTION = re.compile(r"^(Args|Returns|Yields|Raises|Attributes|Example|Examples|Note|Notes|References):$")
SHORT = 12  # lines up to which a constant is shown in full
LINE = 100  # characters after which a signature is written on several lines
_ITEM = re.compile(r"^([\w*., ]+?)(?: \([^)]*\))?: (.*)$")


def public_names(room: str) -> list[tuple[str, object]]:
    """What a room exports."""
    module = importlib.import_module(f"zicht.{room}")
    named = [(name, getattr(module, name)) for name in module.__all__]
    return [(name, inspect.unwrap(thing) if callable(thing) else thing) for name, thing in named]


@cache
def _constants(room: str) -> dict[str, tuple[str, str]]:
    """How each constant is written where it is declared, and the text below it."""
    found: dict[str, tuple[str, str]] = {}
    for module in _modules(importlib.import_module(f"zicht.{room}")):
        source = inspect.getsource(module)
        body = ast.parse(source).body
        for node, after in zip(body, [*body[1:], None], strict=True):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            below = after.value if isinstance(after, ast.Expr) else None
            says = below.value if isinstance(below, ast.Constant) and isinstance(below.value, str) else ""
            for target in (part for whole in targets if whole for part in ast.walk(whole)):
                if isinstance(target, ast.Name):
                    found[target.id] = _as_declared(source, node), inspect.cleandoc(says)
    return found


def _as_declared(source: str, node: ast.stmt) -> str:
    lines = source.splitlines()[node.lineno - 1 : node.end_lineno]
    if len(lines) <= SHORT:
        return "\n".join(lines)
    kind = f": {ast.unparse(node.annotation)}" if isinstance(node, ast.AnnAssign) else ""
    return f"{lines[0].split(':')[0].split(' =')[0]}{kind} = ..."


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for node in ast.parse(inspect.getsource(package)).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package.__name__}."):
            module = importlib.import_module(str(node.module))
            yield from _modules(module) if hasattr(module, "__path__") else (module,)


def markdown(docstring: str) -> str:
    """A docstring in Google style as Markdown."""
    parts: list[str] = []
    for block in re.split(r"\n\s*\n", docstring.strip()) if docstring.strip() else ():
        lines = block.splitlines()
        head = _SECTION.match(lines[0].strip())
        if head and len(lines) > 1:
            body = inspect.cleandoc("\n" + "\n".join(lines[1:])).splitlines()
            parts += [f"**{head[1]}**", "\n".join(_items(body, head[1]))]
        elif all(line.startswith("    ") for line in lines):
            parts.append(fence(inspect.cleandoc("\n" + block)))
        elif all(line.lstrip().startswith(("- ", "  ")) for line in lines):
            parts.append("\n".join(_bullets(lines)))
        else:
            parts.append(plain(block))
    return "\n\n".join(parts)


def _items(lines: list[str], section: str) -> Iterator[str]:
    if section in ("Returns", "Yields", "Note", "Notes", "Example", "Examples", "References"):
        yield plain(" ".join(lines))
        return
    items: list[tuple[str, str]] = []
    for line in lines:
        found = None if line.startswith(" ") else _ITEM.match(line)
        if found:
            items.append((found[1], found[2]))
        elif items:
            items[-1] = (items[-1][0], f"{items[-1][1]} {line.strip()}")
        else:
            items.append(("", line))
    for name, text in items:
        said = ", ".join(code(part.strip()) for part in name.split(",")) + ": " if name else ""
        yield f"- {said}{plain(text)}"


def _bullets(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield (
            line.split("- ", 1)[0] + "- " + plain(line.split("- ", 1)[1])
            if "- " in line
            else f"  {plain(line)}"
        )


class _AsWritten:
    """An annotation that shows as the text it was written as, without quotes."""

    def __init__(self, text: object) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text if isinstance(self.text, str) else inspect.formatannotation(self.text)


def _signature(name: str, thing: object) -> str:
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return name
    empty = inspect.Signature.empty
    parameters = [
        parameter.replace(annotation=_AsWritten(parameter.annotation))
        if parameter.annotation is not empty
        else parameter
        for parameter in signature.parameters.values()
    ]
    returns = signature.return_annotation
    said = str(
        signature.replace(
            parameters=parameters, return_annotation=returns if returns is empty else _AsWritten(returns)
        )
    )
    said = re.sub(r"<[^<>]*>", "...", said)  # defaults that are made anew have no text of their own
    if len(name + said) <= LINE or not parameters:
        return name + said
    listed = [re.sub(r"<[^<>]*>", "...", str(parameter)) for parameter in parameters]
    kinds = [parameter.kind for parameter in parameters]
    if inspect.Parameter.KEYWORD_ONLY in kinds:
        listed.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    end = said[said.rindex(") ->") :] if ") ->" in said else ")"
    return f"{name}(\n" + "".join(f"    {part},\n" for part in listed) + end


def _members(kind: type) -> Iterator[str]:
    for name, member in vars(kind).items():
        inner = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if name.startswith("_"):
            continue
        if isinstance(inner, property):
            yield f"#### {kind.__name__}.{name}\n\n{markdown(inspect.getdoc(inner) or '')}"
        elif inspect.isfunction(inner):
            shown = fence(_signature(f"{kind.__name__}.{name}", getattr(kind, name)), "python")
            yield f"#### {kind.__name__}.{name}()\n\n{shown}\n\n{markdown(inspect.getdoc(inner) or '')}"


def _class(name: str, kind: type) -> str:
    doc = markdown(inspect.getdoc(kind) or "")
    if issubclass(kind, pydantic.BaseModel):
        if written := _written_as(kind):
            links = ", ".join(f"[{one}](key-{one})" for one in written)
            return f"{doc}\n\nIts keys are among those of: {links}."
        return (
            f"{doc}\n\nIts keys: [{name}](key-{name})."
            if name != "Text"
            else f"{doc}\n\nIts keys: [public text](shared-text)."
        )
    plain_class = not dataclasses.is_dataclass(kind) and not getattr(kind, "_is_protocol", False)
    shown = "" if getattr(kind, "_is_protocol", False) else fence(_signature(name, kind), "python")
    start = inspect.getdoc(kind.__init__) if plain_class and "__init__" in vars(kind) else ""
    return "\n\n".join(part for part in (shown, doc, markdown(start or ""), *_members(kind)) if part)


def _written_as(kind: type[pydantic.BaseModel]) -> list[str]:
    """The models that people write in place of one that only says what they have in common; none of one that is written itself."""
    read = {part.__name__ for model in MODELS.values() for part in models_of(model)}
    below, found = list(kind.__subclasses__()), set[str]()
    while below and kind.__name__ not in read:
        found.update({one.__name__ for one in below} & read)
        below = [deeper for one in below for deeper in one.__subclasses__()]
    return sorted(found)


def _constant(room: str, name: str, thing: object) -> Iterator[str]:
    shown, text = _constants(room)[name]
    yield fence(shown, "python")
    yield markdown(text)
    if isinstance(thing, Mapping):
        yield f"It holds {', '.join(code(key) for key in thing)}."


def _label(room: str, name: str, thing: object) -> str:
    # Labels do not tell capitals apart, and a class may be named as the function that makes one.
    kind = "class" if inspect.isclass(thing) else "function" if inspect.isfunction(thing) else "constant"
    return f"api-{room}-{kind}-{name}"


def _room(room: str) -> str:
    module = importlib.import_module(f"zicht.{room}")
    parts = []
    for name, thing in public_names(room):
        parts.append(f"{anchor(_label(room, name, thing))}\n### {name}")
        if inspect.isclass(thing):
            parts.append(_class(name, thing))
        elif inspect.isfunction(thing):
            parts += [fence(_signature(name, thing), "python"), markdown(inspect.getdoc(thing) or "")]
        else:
            parts += _constant(room, name, thing)
    return page(f"zicht.{room}", markdown(inspect.getdoc(module) or ""), "## Public names", *parts)


def pages() -> Iterator[tuple[str, str]]:
    """The pages: name and text."""
    rows = []
    for room in ROOMS:
        first = plain((inspect.getdoc(importlib.import_module(f"zicht.{room}")) or "").split("\n\n")[0])
        rows.append((f"[{room}](api-{room}.md)", first))
        yield f"api-{room}.md", _room(room)
    yield (
        "api.md",
        page(
            "Rooms",
            "What each room exports. Other rooms, and your own programs, use nothing else of it.",
            table(("room", "what it is for"), rows),
            "```{toctree}\n:hidden:\n\n" + "\n".join(f"api-{room}" for room in ROOMS) + "\n```",
        ),
    )
