"""What the person who builds should look at: rows that were refused, points outside every area, units that had no place.

None of it stops a build, and all of it is kept in results; but who is not told does not look.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from zicht.engine import Made

MOST_NAMED = 3  # reasons, columns or indicators named in one remark


def remarks(made: Mapping[str, Made]) -> tuple[str, ...]:
    """What stands out in the results of a build.

    Args:
        made: what became of each step, by name.

    Returns:
        One sentence a matter, registers first, in the order of the steps.
    """
    found: list[str] = []
    for name, step in made.items():
        kind, _, id_ = name.partition("/")
        if kind == "register":
            found += _of_register(id_, _read(step.folder / "report.json"))
    for name, step in made.items():
        kind, _, _ = name.partition("/")
        if kind == "figures":
            found += _of_figures(_read(step.folder / "leftovers.json"))
    return tuple(found)


def _of_register(id_: str, report: Mapping[str, object]) -> Iterator[str]:
    refused = cast("int", report.get("refused", 0))
    if refused:
        reasons = [
            f"`{entry['column']}` {entry['reason']}: {cast('int', entry['rows']):,}"
            for entry in cast("Sequence[Mapping[str, object]]", report.get("refusals", ()))
        ]
        yield f"Register `{id_}`: {refused:,} of {cast('int', report['rows']):,} rows were refused ({_some(reasons, '; ')})."
    for name, column in cast("Mapping[str, Mapping[str, int | None]]", report.get("columns", {})).items():
        for key, what in (
            ("outside", "lie outside every area"),
            ("without_point", "have no coordinates"),
            ("contradictions", "lie in another area than the delivery says"),
        ):
            count = column.get(key)
            if count:
                yield f"Register `{id_}`: {count:,} points {what} (`{name}`)."
    for warning in cast("Sequence[str]", report.get("warnings", ())):
        yield f"Register `{id_}`: {warning}"


def _of_figures(leftovers: Mapping[str, object]) -> Iterator[str]:
    # The same rows are left over in every indicator over a register: said once, with whom it concerns.
    concerned: dict[str, list[str]] = {}
    for indicator, lines in leftovers.items():
        for line in cast("Sequence[str]", lines):
            concerned.setdefault(line, []).append(f"`{indicator}`")
    for line, indicators in concerned.items():
        yield f"{_some(indicators, ', ')}: {line}."


def _some(parts: Sequence[str], between: str) -> str:
    shown = between.join(parts[:MOST_NAMED])
    return shown if len(parts) <= MOST_NAMED else f"{shown}{between}and {len(parts) - MOST_NAMED} more"


def _read(path: Path) -> Mapping[str, object]:
    return cast("Mapping[str, object]", json.loads(path.read_text("utf-8"))) if path.is_file() else {}
