"""The laws of the house: what every module keeps to, whoever writes it."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from zicht.errors import ZichtError

SOURCE = Path(__file__).resolve().parents[1] / "src" / "zicht"
MODULES = sorted(SOURCE.rglob("*.py"))
ROOMS = sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))
MAX_LINES = 500

READ_THE_ENVIRONMENT = {"cli", "engine", "pseudonyms"}  # the last for secrets only
SEE_NO_MICRODATA = {"release", "publish"}
SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises")
# A summary that begins so says what is returned; one that begins with a verb says what is done.
A_THING = re.compile(
    r"(The|A|An|Every|Each|All|No|One|Whether|What|Which|Where|Who|Whose|How|Why)\b|[\w-]+ of\b"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Law = Callable[[ast.AST, str], Iterator[str]]

# What breaks a law until its room mends it. An exception that is not needed any more fails a test.
TOO_LONG: set[str] = set()
PAST_THE_FACE: dict[str, set[str]] = {}


def named(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


# Docstrings


@dataclasses.dataclass(frozen=True)
class Docstring:
    """A docstring in Google style: its text, and what each section names."""

    text: str
    sections: dict[str, str]

    @property
    def summary(self) -> str:
        return self.text.split("\n\n")[0]

    def names(self, section: str) -> set[str]:
        """What stands before the colons of a section; `lower, upper: …` are two."""
        heads = re.findall(
            r"^([\w*][\w*., ]*?)(?: \([^)]*\))?:(?: |$)", self.sections.get(section, ""), re.MULTILINE
        )
        return {part.strip(" *") for head in heads for part in head.split(",")}


def read_docstring(text: str) -> Docstring:
    lines, sections, at = inspect.cleandoc(text).splitlines(), dict[str, list[str]](), ""
    for line in lines:
        if line.rstrip(":") in SECTIONS and line.endswith(":"):
            at = line.rstrip(":")
            sections[at] = []
        elif line and not line.startswith(" "):
            at = ""
        elif at:
            sections[at].append(line)
    return Docstring(
        "\n".join(lines),
        {name: textwrap.dedent("\n".join(part)).strip() for name, part in sections.items()},
    )


def parameters(node: Function) -> list[str]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one]
    return [one.arg for one in every if one.arg not in ("self", "cls") and not one.arg.startswith("_")]


def returns_something(node: Function) -> bool:
    return node.returns is not None and ast.unparse(node.returns) not in ("None", "Never", "NoReturn")


def unsaid(node: Function, raised: set[type]) -> Iterator[str]:
    """What the docstring of a function leaves out; `raised` are the errors that its code raises."""
    said = read_docstring(ast.get_docstring(node) or "")
    if not said.text:
        yield "has no docstring"
        return
    if missing := [one for one in parameters(node) if one not in said.names("Args")]:
        yield f"does not say what {', '.join(missing)} is for"
    if stale := said.names("Args") - set(parameters(node)):
        yield f"tells of {', '.join(sorted(stale))}, which it is not given"
    yield from _unsaid_results(node, said, raised)


def unsaid_of_method(node: Function, raised: set[type]) -> Iterator[str]:
    """The same of a method, which may name in a sentence what it is given, and of a property."""
    said = read_docstring(ast.get_docstring(node) or "")
    if not said.text:
        yield "has no docstring"
        return
    if missing := [one for one in parameters(node) if not re.search(rf"\b{one}\b", said.text)]:
        yield f"does not say what {', '.join(missing)} is for"
    yield from _unsaid_results(node, said, raised)


def _unsaid_results(node: Function, said: Docstring, raised: set[type]) -> Iterator[str]:
    is_property = any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
    told = {"Returns", "Yields"} & set(said.sections) or A_THING.match(said.summary)
    if returns_something(node) and not is_property and not told:
        yield "does not say what it returns"
    for error in sorted(raised, key=lambda one: one.__name__):
        if not {base.__name__ for base in error.__mro__} & said.names("Raises"):
            yield f"does not say that it raises {error.__name__}"


def unsaid_of_class(node: ast.ClassDef, fields: list[str]) -> Iterator[str]:
    """What the docstring of a class leaves out of its fields, or of what it is made with."""
    text = ast.get_docstring(node) or ""
    if not text:
        yield "has no docstring"
        return
    start = next((part for part in node.body if isinstance(part, Function) and part.name == "__init__"), None)
    if start is not None:
        fields, text = parameters(start), f"{text}\n{ast.get_docstring(start) or ''}"
    if missing := [one for one in fields if not re.search(rf"\b{one}\b", text)]:
        yield f"does not say what {', '.join(missing)} is"


def functions_of(tree: ast.Module) -> dict[str, Function]:
    """The functions of a module by name, and its methods by name after a dot."""
    methods = (part for node in tree.body if isinstance(node, ast.ClassDef) for part in node.body)
    found = {f".{node.name}": node for node in methods if isinstance(node, Function)}
    return found | {node.name: node for node in tree.body if isinstance(node, Function)}


def raised_by(node: Function, module: ModuleType, functions: dict[str, Function]) -> set[type]:
    """The errors a user can cause that a function raises, itself or through others of its module."""
    found, waiting, seen = set[type](), [node], set[str]()
    while waiting:
        for part in ast.walk(waiting.pop()):
            if isinstance(part, ast.Raise) and part.exc is not None:
                found |= set(_errors_in(part.exc, module))
            called = _called(part)
            if called in functions and called not in seen:
                seen.add(called)
                waiting.append(functions[called])
    return found


def _called(part: ast.AST) -> str:
    if not isinstance(part, ast.Call):
        return ""
    if isinstance(part.func, ast.Attribute):
        return f".{part.func.attr}" if ast.unparse(part.func.value) in ("self", "cls") else ""
    return part.func.id if isinstance(part.func, ast.Name) else ""


def _errors_in(raised: ast.expr, module: ModuleType) -> Iterator[type]:
    for part in ast.walk(raised):
        thing = getattr(module, part.id, None) if isinstance(part, ast.Name) else None
        if inspect.isclass(thing) and issubclass(thing, ZichtError):
            yield thing


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def _declared(tree: ast.Module, name: str) -> tuple[ast.stmt, ast.stmt | None] | None:
    """Where a module declares a name, and what stands below it; of overloads the last, which says what it does."""
    found = None
    for node, below in zip(tree.body, [*tree.body[1:], None], strict=True):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        parts = (part for whole in targets if whole is not None for part in ast.walk(whole))
        if getattr(node, "name", "") == name or any(getattr(part, "id", "") == name for part in parts):
            found = node, below
    return found


def _silent_parts(room: str, name: str) -> Iterator[str]:
    """What a public name of a room does not say."""
    for path in sorted((SOURCE / room).rglob("*.py")):
        found = _declared(tree_of(path), name)
        if found is None:
            continue
        node, below = found
        module = importlib.import_module(f"zicht.{'.'.join(path.relative_to(SOURCE).with_suffix('').parts)}")
        functions = functions_of(tree_of(path))
        if isinstance(node, Function):
            yield from (f"{name} {part}" for part in unsaid(node, raised_by(node, module, functions)))
        elif isinstance(node, ast.ClassDef):
            yield from (f"{name} {part}" for part in unsaid_of_class(node, _fields(getattr(module, name))))
            for method in (one for one in node.body if isinstance(one, Function)):
                if not method.name.startswith("_"):
                    silent = unsaid_of_method(method, raised_by(method, module, functions))
                    yield from (f"{name}.{method.name} {part}" for part in silent)
        elif not (isinstance(below, ast.Expr) and isinstance(getattr(below.value, "value", None), str)):
            yield f"{name} has no docstring below it"
        return
    yield f"{name} is declared nowhere"


def _fields(kind: type) -> list[str]:
    # Keys of declarations have descriptions of their own (test_docs.py).
    every = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    return [one.name for one in every if not one.name.startswith("_")]


@pytest.mark.parametrize("room", ROOMS)
def test_public_names_say_what_they_take_give_and_raise(room: str) -> None:
    names = importlib.import_module(f"zicht.{room}").__all__
    assert [part for name in names for part in _silent_parts(room, name)] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f() -> None: ...", ["has no docstring"]),
        ("def f(a: int) -> None:\n    '''Do it.'''", ["does not say what a is for"]),
        ("def f() -> None:\n    '''Do it.\n\n    Args:\n        a: what.\n    '''", ["tells of a, which it is not given"]),
        ("def f() -> int:\n    '''Count it.'''", ["does not say what it returns"]),
        ("def f() -> int:\n    '''The number of them.'''", []),
        ("def f() -> int:\n    '''Count it.\n\n    Returns:\n        The number.\n    '''", []),
        ("def f() -> None:\n    '''Do it.'''\n    raise ZichtError", ["does not say that it raises ZichtError"]),
        ("def f() -> None:\n    '''Do it.'''\n    g()\ndef g(): raise ZichtError", ["does not say that it raises ZichtError"]),
        ("def f() -> None:\n    '''Do it.\n\n    Raises:\n        ZichtError: always.\n    '''\n    raise ZichtError", []),
    ],
)  # fmt: skip
def test_a_docstring_that_leaves_something_out_is_found(source: str, found: list[str]) -> None:
    functions = functions_of(ast.parse(source))
    here = sys.modules[test_a_docstring_that_leaves_something_out_is_found.__module__]
    assert list(unsaid(functions["f"], raised_by(functions["f"], here, functions))) == found


# What code may not hold


def forbidden(tree: ast.AST, text: str, room: str) -> Iterator[str]:
    """What a module holds that no module may."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            yield f"line {number} leaves something to be done"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"line {node.lineno} prints"
        word = (
            node.attr if isinstance(node, ast.Attribute) else node.name if isinstance(node, ast.alias) else ""
        )
        if word in ("environ", "getenv") and room not in READ_THE_ENVIRONMENT:
            yield f"line {node.lineno} reads the environment"


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_modules_print_nothing_read_no_environment_and_leave_nothing_to_be_done(path: Path) -> None:
    assert list(forbidden(tree_of(path), path.read_text("utf-8"), room_of(path))) == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_short_enough_to_be_read(path: Path) -> None:
    too_long = len(path.read_text("utf-8").splitlines()) > MAX_LINES
    assert too_long == (named(path) in TOO_LONG)


# Rooms


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What a module imports of Zicht, wherever it does so: module, and name or nothing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, "") for one in node.names if one.name.split(".")[0] == "zicht")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "zicht":
            yield from ((str(node.module), one.name) for one in node.names)


def past_the_face(tree: ast.AST, room: str) -> Iterator[str]:
    """Imports of a module in `room` that go past the public face of another room."""
    for module, name in imports(tree):
        _, _, rest = f"{module}.{name}".rstrip(".").partition(".")
        other, _, inside = rest.partition(".")
        if (
            other in ROOMS
            and other != room
            and inside not in importlib.import_module(f"zicht.{other}").__all__
        ):
            yield f"{module} {name}".strip()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_rooms_use_each_other_through_their_public_face(path: Path) -> None:
    assert (
        sorted(set(past_the_face(tree_of(path), room_of(path))) - PAST_THE_FACE.get(named(path), set())) == []
    )


def test_no_exception_stands_that_is_not_needed() -> None:
    for name, excused in PAST_THE_FACE.items():
        path = SOURCE / name
        assert set(past_the_face(tree_of(path), room_of(path))) == excused


def sees_microdata(tree: ast.AST) -> Iterator[str]:
    """Imports with which a module could read rows of registers."""
    for node in ast.walk(tree):
        modules = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        modules += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        yield from (one for one in modules if one.split(".")[0] == "duckdb")
    for module, name in imports(tree):
        if module.startswith("zicht.intake") or name in ("intake", "Engine", "DuckDBEngine"):
            yield f"{module} {name}".strip()


@pytest.mark.parametrize("path", [one for one in MODULES if room_of(one) in SEE_NO_MICRODATA], ids=named)
def test_what_is_released_and_published_never_sees_a_row_of_a_register(path: Path) -> None:
    assert list(sees_microdata(tree_of(path))) == []


@pytest.mark.parametrize(
    ("law", "source"),
    [
        (lambda tree, text: forbidden(tree, text, "figures"), "def f():\n    print(1)"),
        (lambda tree, text: forbidden(tree, text, "figures"), "a = 1  # TO" + "DO: more"),
        (lambda tree, text: forbidden(tree, text, "figures"), "import os\nos.environ['A']"),
        (lambda tree, text: forbidden(tree, text, "figures"), "from os import getenv"),
        (lambda tree, text: past_the_face(tree, "figures"), "from zicht.declare.sql import columns_used"),
        (lambda tree, text: past_the_face(tree, "figures"), "def f():\n    import zicht.declare.sql"),
        (lambda tree, text: past_the_face(tree, "figures"), "from zicht.declare import sql"),
        (lambda tree, text: sees_microdata(tree), "from zicht.intake import read_rows"),
        (lambda tree, text: sees_microdata(tree), "from zicht.engine import DuckDBEngine"),
        (lambda tree, text: sees_microdata(tree), "import duckdb"),
    ],
)
def test_code_that_breaks_a_law_is_found(law: Law, source: str) -> None:
    assert list(law(ast.parse(source), source))


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("zicht.disclosure", ("numba", "scipy", "highspy")), ("zicht.declare", ("pyarrow", "numpy", "duckdb"))],
)
def test_a_room_loads_what_is_heavy_only_when_it_works(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(*sorted(set({heavy!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
