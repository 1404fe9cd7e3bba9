"""Counting and adding up rows in cells: the one aggregation that figures are made of, and its form in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FIXED = 10_000
"""Values are added up in whole parts of this size, to the ten-thousandth: whole numbers add up to the same in any order."""


def present(value: str) -> str:
    """The condition that there is a value, in SQL; written so, whoever counts sees it from the value itself.

    Args:
        value: the value, an expression in SQL.
    """
    return f"({value} IS NOT NULL)"


@dataclass(frozen=True)
class Tally:
    """What to count and add up, and in which cells.

    Attributes:
        texts: SQL of the keys that are text, one at least, by name; rows without value have a cell of their own.
        numbers: for each key that is a whole number, SQL and the number of values it takes: 0, 1, …
        counts: for each count the conditions that must all hold; none counts every row. A condition that is NULL does not hold.
        sums: for each sum the value and the conditions. A sum is in ten-thousandths; beside `name` stand `name_largest` and
            `name_second`, the two largest absolute values.
    """

    texts: Mapping[str, str]
    numbers: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sums: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def sql(self, table: str) -> str:
        """The query that does it, on any engine.

        Args:
            table: the name of the table, quoted.
        """
        keys = [f"CAST({sql} AS VARCHAR) AS {name}" for name, sql in self.texts.items()]
        keys += [f"{sql} AS {name}" for name, (sql, _) in self.numbers.items()]
        counts = [
            f"CAST({f'COALESCE(count_if({_all(conditions)}), 0)' if conditions else 'count(*)'} AS BIGINT) AS {name}"
            for name, conditions in self.counts.items()
        ]
        sums: list[str] = []
        for name, (value, conditions) in self.sums.items():
            number = f"CAST({value} AS DOUBLE)"
            number = f"CASE WHEN {_all(conditions)} THEN {number} END" if conditions else number
            sums.append(f"CAST(sum(CAST(round({number} * {FIXED}) AS BIGINT)) AS BIGINT) AS {name}")
            sums += [
                f"max(abs({number}), 2)[{at}] AS {name}_{which}"
                for at, which in ((1, "largest"), (2, "second"))
            ]
        # Without keys SQL gives a row for no rows at all, and with keys none: a cell is there only for the rows in it.
        return f"SELECT {', '.join([*keys, *counts, *sums])} FROM {table} GROUP BY {', '.join(str(n + 1) for n in range(len(keys)))}"


def _all(conditions: tuple[str, ...]) -> str:
    return " AND ".join(f"({condition})" for condition in conditions)
