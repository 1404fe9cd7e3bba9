"""The starter as a series of deliveries: rows of its register of persons taken, spoiled and delivered again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

DELIVERY = Path("leveringen") / "inwoners.csv"
CONTRACT = Path("registers") / "inwoners.yaml"


def deliver(project: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Deliver persons again: `change` is given the rows without the header and gives those of the new delivery."""
    head, *rows = (project / DELIVERY).read_text("utf-8").splitlines()
    (project / DELIVERY).write_text("\n".join([head, *change(rows)]) + "\n", "utf-8")


def cell(row: str, at: int, value: str) -> str:
    """A row with another value in one column, counted from 0."""
    cells = row.split(";")
    cells[at] = value
    return ";".join(cells)


def ask(project: Path, norm: str) -> None:
    """Put one norm more in the contract, as a line of YAML."""
    file = project / CONTRACT
    text = file.read_text("utf-8")
    assert "    quality:\n" in text
    file.write_text(text.replace("    quality:\n", f"    quality:\n      - {norm}\n", 1), "utf-8")
