"""The spec tests: small tables in, tables out, as pages that say what an indicator means.

A module of `tests/spec` has a `title`, tables written as text, and tests named as sentences. A test calls
`figures(units, measure, key=…).where(…).are(table)`; what is written in another way is shown as it stands.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from generators.writing import anchor, code, fence, page, plain, table

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "spec"


def _is_table(text: str) -> bool:
    lines = [line.strip() for line in inspect.cleandoc(text).splitlines() if line.strip()]
    return len(lines) > 1 and len(lines[1]) > 1 and set(lines[1]) <= set("-+| ")


def _table(text: str) -> str:
    lines = [line for line in inspect.cleandoc(text).splitlines() if line.strip()]
    head, _, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return table(head, [[plain(cell) for cell in row] for row in rows])


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


class _Page:
    """One module of spec tests as a page."""

    def __init__(self, path: Path) -> None:
        self.source = path.read_text("utf-8")
        self.module = ast.parse(self.source)
        self.given: dict[str, str] = {}
        self.title = path.stem.removeprefix("test_")

    def text(self) -> str:
        parts = [plain(ast.get_docstring(self.module) or "")]
        for node in self.module.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                parts += self._assigned(node.targets[0].id, node.value)
            elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                parts += self._test(node)
        return page(self.title, *parts)

    def _assigned(self, name: str, value: ast.expr) -> Iterator[str]:
        text = _text(value)
        if name == "title" and text:
            self.title = text
        elif text and _is_table(text):
            self.given[name] = text
            yield f"**{name}**"
            yield _table(text)

    def _test(self, node: ast.FunctionDef) -> Iterator[str]:
        sentence = node.name.removeprefix("test_").replace("_", " ")
        yield f"## {sentence[:1].upper()}{sentence[1:]}"
        yield plain(ast.get_docstring(node) or "")
        body = node.body[1:] if ast.get_docstring(node) else node.body
        for statement in body:
            yield from self._statement(statement)

    def _statement(self, statement: ast.stmt) -> Iterator[str]:
        calls = _chain(statement.value) if isinstance(statement, ast.Expr) else []
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            text = _text(statement.value)
            if text and _is_table(text):
                yield f"**{statement.targets[0].id}**"
                yield _table(text)
                return
        if not calls or calls[0][0] != "figures":
            yield fence(
                inspect.cleandoc(ast.get_source_segment(self.source, statement, padded=True) or ""), "python"
            )
            return
        said: list[str] = []
        for name, call in calls:
            for argument in call.args:
                text = _text(argument)
                if text and _is_table(text):
                    yield from _said(said)
                    yield _table(text)
                elif isinstance(argument, ast.Name):
                    said.append(f"over *{argument.id}*")
                else:
                    said.append(_value(argument))
            said += [
                ("where " if name == "where" else "") + f"{(k.arg or '').rstrip('_')}: {_value(k.value)}"
                for k in call.keywords
            ]
        yield from _said(said)


def _said(said: list[str]) -> Iterator[str]:
    if said:
        line = ", ".join(said)
        said.clear()
        yield f"{line[:1].upper()}{line[1:]}:"


def _value(node: ast.expr) -> str:
    text = _text(node)
    return code(text if text is not None else ast.unparse(node))


def _chain(node: ast.expr) -> list[tuple[str, ast.Call]]:
    """The calls of `a(…).b(…).c(…)`, in order."""
    calls: list[tuple[str, ast.Call]] = []
    while isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        calls.insert(0, (name, node))
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return calls


def pages() -> Iterator[tuple[str, str]]:
    """The pages: name and text."""
    names = []
    for path in sorted(FOLDER.glob("test_*.py")):
        name = f"spec-{path.stem.removeprefix('test_')}"
        names.append(name)
        yield f"{name}.md", _Page(path).text()
    yield (
        "spec.md",
        f"{anchor('spec')}\n"
        + page(
            "What an indicator means",
            "Each page is a set of tests in `tests/spec`: small tables of units, and the figures that Zicht must make of them. What stands here is run at "
            "every change.",
            "```{toctree}\n\n" + "\n".join(names) + "\n```" if names else "",
        ),
    )
