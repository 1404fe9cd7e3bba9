"""The command `zicht`, from the Typer app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import typer

from generators.described import meanings
from generators.writing import anchor, code, page, plain, table
from zicht.cli.app import app


@dataclass(frozen=True)
class Parameter:
    """An argument or an option."""

    names: tuple[str, ...]
    kind: str
    default: str
    help: str


@dataclass(frozen=True)
class Command:
    """One command; the empty name is `zicht` itself."""

    name: str
    help: str
    parameters: tuple[Parameter, ...]

    @property
    def usage(self) -> str:
        """How it is written."""
        arguments = [p.names[0] for p in self.parameters if p.kind == "argument"]
        options = ["[OPTIONS]"] if any(p.kind == "option" for p in self.parameters) else []
        return " ".join(["zicht", *([self.name] if self.name else []), *options, *arguments])


def commands() -> Iterator[Command]:
    """`zicht` itself, its commands and those below them."""
    root = typer.main.get_command(app)
    yield Command("", app.info.help or "", tuple(_parameter(p) for p in root.params if _shown(p)))
    for name, command in root.commands.items():
        yield from _below(name, command)


def _below(name: str, command: object) -> Iterator[Command]:
    yield Command(name, command.help or "", tuple(_parameter(p) for p in command.params if _shown(p)))
    for below, one in getattr(command, "commands", {}).items():
        yield from _below(f"{name} {below}", one)


def _shown(parameter: object) -> bool:
    return not getattr(parameter, "hidden", False) and parameter.name not in (
        "install_completion",
        "show_completion",
    )


def _parameter(parameter: object) -> Parameter:
    kind = parameter.param_type_name
    names = (*parameter.opts, *parameter.secondary_opts) if kind == "option" else (_metavar(parameter),)
    default = parameter.default
    if callable(default) or default is None or default is False or default == "":
        said = "required" if parameter.required else "–"
    elif default is True:
        said = code(parameter.opts[0])
    else:
        said = code(default)
    return Parameter(tuple(names), kind, said, parameter.help or "")


def _metavar(parameter: object) -> str:
    name = (parameter.metavar or parameter.name.upper()).strip("[]")
    name = name.removesuffix("...")
    return (name if parameter.required else f"[{name}]") + ("..." if parameter.nargs == -1 else "")


def pages() -> Iterator[tuple[str, str]]:
    """The page: name and text."""
    parts = []
    for command in commands():
        title = f"zicht {command.name}".strip()
        rows = [(", ".join(code(n) for n in p.names), p.default, plain(p.help)) for p in command.parameters]
        parts += [
            f"{anchor('command-' + (command.name or 'zicht').replace(' ', '-'))}\n## {title}",
            plain(command.help),
            f"```console\n$ {command.usage}\n```" if command.name else "",
            table(("argument or option", "default", "meaning"), rows) if rows else "",
        ]
    exits = [(code(number), plain(text)) for number, text in meanings("exit").items()]
    yield (
        "command.md",
        page(
            "The command",
            "`make demo` installs it as `.venv/bin/zicht`. Every command has `-h` and `--help`.",
            *parts,
            "## Exit codes",
            table(("code", "meaning"), exits),
        ),
    )
