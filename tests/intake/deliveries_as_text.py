"""Contracts and deliveries written as a few lines of text, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

import pyarrow.parquet as pq

from zicht.declare import Format, Register, parse_yaml, read_contract
from zicht.intake import ACCEPTED, REFUSED, Delivery, IntakeReport

HEAD = """\
apiVersion: v3.1.0
kind: DataContract
id: test
version: 1.0.0
status: active
name: Test
schema:
  - name: rows
    customProperties:
      - {{property: bron, value: source}}
      - {{property: eenheid, value: {unit}}}
      - {{property: weigering, value: {refused}}}
    properties:
"""


def contract(columns: str, *, unit: str = "object", refused: float = 0) -> Register:
    """The register with these columns, each a line such as `{name: a, logicalType: integer}`."""
    lines = indent("\n".join(f"- {line}" for line in dedent(columns).strip().splitlines()), "      ")
    register, problems = read_contract(
        parse_yaml(HEAD.format(unit=unit, refused=refused) + lines, "rows.yaml")
    )
    assert register is not None, problems
    return register


def delivery(path: Path, format_: Format | None = None) -> Delivery:
    """The file as a delivery called by its own name."""
    return Delivery(path, format_ or Format(), path.name, {}, "0" * 64)


@dataclass
class Taken:
    """What is left in a folder after taking in."""

    folder: Path
    report: IntakeReport

    @property
    def accepted(self) -> list[dict[str, object]]:
        return pq.read_table(self.folder / ACCEPTED).to_pylist()

    @property
    def refused(self) -> list[tuple[int, str, str | None, str]]:
        rows = pq.read_table(self.folder / REFUSED).to_pylist()
        return [(row["line"], row["column"], row["value"], row["reason"]) for row in rows]

    def column(self, name: str) -> list[object]:
        return [row[name] for row in self.accepted]


Take = Callable[..., Taken]
