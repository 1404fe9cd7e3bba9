"""Tables in the text formats of τ-ARGUS, so that its users can compare: JJ files and hierarchy files.

A JJ file holds one table as numbered cells and the equations between them, without codes: who reads it back
must have the tables it was made of. A hierarchy file (.hrc) holds the codes of a dimension, one a line, each
level one leading symbol deeper, without the total. Where the digits of codes tell the levels, there is no
file, only the number of digits per level.

Source: the user's manual of τ-ARGUS 4.1 (de Wolf, Hundepool, Giessing, Salazar and Castro, 2014), sections 5.2
(hierarchies by digits), 5.3 (hierarchy files) and 5.5 (the JJ format).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

import numpy as np
import pyarrow as pa

from zicht.disclosure.dimensions import Bools, Dimension, Floats, Ints
from zicht.disclosure.model import Table
from zicht.disclosure.rules import Sensitivity
from zicht.errors import DisclosureError

SAFE, SECONDARY, PRIMARY, PROTECTED = "s", "m", "u", "z"
FIELDS = ("number", "value", "cost", "status", "lower bound", "upper bound", "lpl", "upl", "spl")
CEILING = 2.0  # times the largest value: the bound on cells that the format asks for and nobody knows


@dataclass(frozen=True)
class JJ:
    """One table in the JJ format; arrays over cells unless said otherwise.

    Attributes:
        value: the cell values.
        cost: what hiding each costs, above 0.
        status: s (safe), u (primary), m (secondary) or z (protected or empty: never to be hidden).
        lower_bound, upper_bound: what outsiders know the cell to lie between.
        lower_level, upper_level: how far below and above its value the interval of a hidden cell must reach.
        sliding_level: how wide it must be, wherever it lies.
        equations: pairs of cell numbers and coefficients; each adds up to 0.
    """

    value: Floats
    cost: Floats
    status: tuple[str, ...]
    lower_bound: Floats
    upper_bound: Floats
    lower_level: Floats
    upper_level: Floats
    sliding_level: Floats
    equations: tuple[tuple[Ints, Ints], ...]

    @property
    def hidden(self) -> Bools:
        """Whether each cell is hidden, by a rule or to protect another."""
        return np.array([status in (PRIMARY, SECONDARY) for status in self.status], dtype=np.bool_)


def to_jj(table: Table, sensitivity: Sensitivity, hidden: Bools | None = None) -> JJ:
    """A table in the JJ format: its cells in their order, the total of each equation first.

    Args:
        table: the table.
        sensitivity: what the rules ask, as `assess` gives it.
        hidden: a pattern, one flag per cell; None where nothing is hidden but what the rules hide.

    Returns:
        The same numbers in the format. Cells to keep and empty cells that no rule hides are z, as τ-ARGUS has them; a
        width that must remain becomes half of it to either side, because τ-ARGUS never uses the sliding level.
    """
    pattern = sensitivity.primary if hidden is None else hidden
    never = (table.keep | (table.n == 0)) & ~pattern
    kind = np.select(
        [sensitivity.primary, pattern, never], [PRIMARY, SECONDARY, PROTECTED], default=SAFE
    ).tolist()
    half = sensitivity.width / 2
    most = CEILING * float(np.abs(table.value).max(initial=1.0))
    return JJ(
        value=table.value,
        cost=np.maximum(np.abs(table.value), 1.0) * table.importance,
        status=tuple(kind),
        lower_bound=np.where(np.isfinite(sensitivity.floor), sensitivity.floor, -most),
        upper_bound=np.where(np.isfinite(sensitivity.ceiling), sensitivity.ceiling, most),
        lower_level=np.maximum(sensitivity.lower, np.minimum(half, table.value - sensitivity.floor)),
        upper_level=np.maximum(sensitivity.upper, half),
        sliding_level=np.zeros(table.n.size),
        equations=tuple(_equations(table)),
    )


def _equations(table: Table) -> Iterator[tuple[Ints, Ints]]:
    """For each total, its number with -1 and those of its parts with 1; cells that are not there count for nothing."""
    numbers = table.dense(np.arange(table.n.size), -1)
    for axis, dimension in enumerate(table.dimensions):
        rows = np.moveaxis(numbers, axis, 0).reshape(len(dimension.codes), -1)
        for node in dimension.internal.tolist():
            members = np.concatenate([[node], dimension.children[node]])
            signs = np.where(np.arange(members.size) == 0, -1, 1)
            for column in rows[members].T:
                given = column >= 0
                if given[1:].any():
                    yield column[given], signs[given]


def write_jj(content: JJ, stream: TextIO) -> None:
    """Write a table to a stream of text, numbers in full.

    Args:
        content: the table.
        stream: where the lines go.
    """
    columns = (
        content.value, content.cost, content.lower_bound, content.upper_bound,
        content.lower_level, content.upper_level, content.sliding_level,
    )  # fmt: skip
    texts = [[f"{number:.17g}" for number in column.tolist()] for column in columns]
    stream.write(f"0\n{content.value.size}\n")
    for number, (value, cost, *rest) in enumerate(zip(*texts, strict=True)):
        stream.write(" ".join([str(number), value, cost, content.status[number], *rest]) + "\n")
    stream.write(f"{len(content.equations)}\n")
    for cells, signs in content.equations:
        members = " ".join(
            f"{cell} ({sign})" for cell, sign in zip(cells.tolist(), signs.tolist(), strict=True)
        )
        stream.write(f"0 {cells.size} : {members}\n")


def read_jj(stream: Iterable[str]) -> JJ:
    """Read a table from lines of text; empty lines are passed over.

    Args:
        stream: an open file, or any lines.

    Returns:
        The table that the lines hold.

    Raises:
        DisclosureError: it names the line that is not in the format, holds numbers that cannot be, or is missing.
    """
    lines = _Lines(stream)
    if lines.next("the first line, a 0") != ["0"]:
        raise lines.error("the first line must be a 0")
    cells = [_cell(lines, number) for number in range(lines.count("the number of cells"))]
    numbers = np.array([numbers for numbers, _ in cells], dtype=np.float64).reshape(
        len(cells), len(FIELDS) - 2
    )
    value, cost, lower, upper, below, above, sliding = numbers.T
    status = tuple(status for _, status in cells)
    equations = tuple(_equation(lines, value) for _ in range(lines.count("the number of equations")))
    lines.end()
    return JJ(value, cost, status, lower, upper, below, above, sliding, equations)


class _Lines:
    """Lines in order, each parted at white space, with their numbers for errors."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._lines = ((number, line.split()) for number, line in enumerate(stream, 1) if line.strip())
        self._at = 0

    def next(self, wanted: str) -> list[str]:
        """The next line; `wanted` says what should stand there."""
        found = next(self._lines, None)
        if found is None:
            raise DisclosureError(f"The JJ file ends after line {self._at}, where {wanted} should follow.")
        self._at, parts = found
        return parts

    def count(self, wanted: str) -> int:
        """A line with just a number that is not negative."""
        parts = self.next(wanted)
        if len(parts) != 1 or not parts[0].isdecimal():
            raise self.error(f"{wanted} should stand here")
        return int(parts[0])

    def end(self) -> None:
        """Refuse further lines."""
        if (found := next(self._lines, None)) is not None:
            self._at = found[0]
            raise self.error("the file goes on after its last equation")

    def error(self, words: str) -> DisclosureError:
        """The error for the line that was read last."""
        return DisclosureError(f"JJ file, line {self._at}: {words}.")


def _cell(lines: _Lines, number: int) -> tuple[list[float], str]:
    parts = lines.next(f"cell {number}")
    if len(parts) != len(FIELDS):
        raise lines.error(f"a cell has {len(FIELDS)} fields ({', '.join(FIELDS)}), not {len(parts)}")
    if parts[0] != str(number):
        raise lines.error(f"cell {number} should stand here, not {parts[0]}")
    if parts[3] not in (SAFE, SECONDARY, PRIMARY, PROTECTED):
        raise lines.error(f"the status is s, u, m or z, not {parts[3]!r}")
    try:
        found = [float(part) for part in (*parts[1:3], *parts[4:])]
    except ValueError:
        raise lines.error("one of the fields is no number") from None
    if not np.all(np.isfinite(found)):
        raise lines.error("one of the fields is no finite number")
    value, _, lower, upper, *levels = found
    if not lower <= value <= upper:
        raise lines.error(f"the value {value:g} does not lie within its bounds {lower:g} and {upper:g}")
    if min(levels) < 0:
        raise lines.error("a protection level is negative")
    return found, parts[3]


def _equation(lines: _Lines, value: Floats) -> tuple[Ints, Ints]:
    parts = lines.next("an equation")
    if len(parts) < 3 or parts[2] != ":" or not parts[1].isdecimal() or parts[0].strip("0.") != "":
        raise lines.error("an equation begins with '0', its number of cells and ':'")
    members = parts[3:]
    if len(members) != 2 * int(parts[1]):
        raise lines.error(f"the equation should have {parts[1]} cells with a coefficient each")
    try:
        cells = np.array([int(cell) for cell in members[::2]], dtype=np.int64)
        signs = np.array([int(sign.strip("()")) for sign in members[1::2]], dtype=np.int64)
    except ValueError:
        raise lines.error("a cell or coefficient is no whole number") from None
    if np.any(cells < 0) or np.any(cells >= value.size):
        raise lines.error(
            f"the equation names a cell that is not there; cells run from 0 to {value.size - 1}"
        )
    off = abs(float(value[cells] @ signs))
    if off > 1e-6 * max(1.0, float(np.abs(value[cells]).max(initial=0.0))):
        raise lines.error(f"the cells do not add up; they are {off:g} off")
    return cells, signs


def from_jj(content: JJ, table: Table) -> Table:
    """The table that a JJ file was made of, with what the file says of its cells.

    Args:
        content: what was read.
        table: a table with the same cells in the same order.

    Returns:
        The table with the columns `sensitive`, `protect_lower`, `protect_upper` and `keep` of the file. Where the file asks
        for no uncertainty, the profile says how much there must be.

    Raises:
        DisclosureError: when the cells are not the same.
    """
    if content.value.size != table.n.size:
        raise DisclosureError(
            f"The JJ file holds {content.value.size} cells, table {table.name!r} {table.n.size}."
        )
    differ = np.abs(content.value - table.value) > 1e-6 * np.maximum(np.abs(table.value), 1.0)
    if differ.any():
        row = int(np.flatnonzero(differ)[0])
        label = table.label_at(int(table.position[row]))
        raise DisclosureError(
            f"Cell {row} of the JJ file is not {label} of table {table.name!r}: they differ."
        )
    status = np.array(content.status)
    unsaid = (content.lower_level == 0) & (content.upper_level == 0)
    columns = {
        "sensitive": pa.array(status == PRIMARY),
        "protect_lower": pa.array(content.lower_level, mask=unsaid),
        "protect_upper": pa.array(content.upper_level, mask=unsaid),
        "keep": pa.array((status == PROTECTED) & (table.n > 0)),
    }
    cells = table.cells.drop_columns([name for name in columns if name in table.cells.column_names])
    for name, column in columns.items():
        cells = cells.append_column(name, column)
    return Table(table.name, table.dimensions, cells)


def statuses_of(content: JJ, table: Table) -> pa.Table:
    """The pattern of a JJ file as `audit` takes it.

    Args:
        content: what was read.
        table: the table with the same cells in the same order.

    Returns:
        The dimension columns of the table and `status`.

    Raises:
        DisclosureError: when the file has another number of cells.
    """
    if content.value.size != table.n.size:
        raise DisclosureError(
            f"The JJ file holds {content.value.size} cells, table {table.name!r} {table.n.size}."
        )
    words = {PRIMARY: "primary", SECONDARY: "secondary", SAFE: "ok", PROTECTED: "ok"}
    status = pa.array([words[status] for status in content.status], pa.string())
    return table.cells.select([d.name for d in table.dimensions]).append_column("status", status)


def write_hierarchy(dimension: Dimension, stream: TextIO, symbol: str = "@") -> None:
    """Write the codes of a dimension, one a line, `symbol` before it once for every level below the first.

    Args:
        dimension: a classification; its total is not written, as the format has it.
        stream: where the lines go.
        symbol: what stands for one level.

    Raises:
        DisclosureError: when a code begins with the symbol, or begins or ends with a space, which readers would lose.
    """
    for code in dimension.codes:
        if code.startswith(symbol) or code != code.strip():
            raise DisclosureError(
                f"Code {code!r} of {dimension.name!r} cannot stand in a hierarchy file with the symbol {symbol!r}."
            )
    waiting = [(int(part), 0) for part in dimension.children[dimension.root][::-1]]
    while waiting:
        node, depth = waiting.pop()
        stream.write(f"{symbol * depth}{dimension.codes[node]}\n")
        waiting.extend((int(part), depth + 1) for part in dimension.children[node][::-1])


def read_hierarchy(name: str, stream: Iterable[str], symbol: str = "@", total: str = "Total") -> Dimension:
    """Read a dimension from the lines of a hierarchy file; empty lines are passed over.

    Args:
        name: what the dimension is called.
        stream: an open file, or any lines.
        symbol: what stands for one level.
        total: the code of the total, which such files never hold.

    Returns:
        The dimension, with the total as its root.

    Raises:
        DisclosureError: it names the line that goes more than one level deeper than the one before it, or repeats a code.
    """
    codes: list[str] = [total]
    parents: list[str | None] = [None]
    line_of = {total: 0}
    above = [total]
    for number, line in enumerate(stream, 1):
        if not (text := line.strip()):
            continue
        code = text
        while code.startswith(symbol):
            code = code.removeprefix(symbol)
        depth = (len(text) - len(code)) // len(symbol)
        code = code.strip()
        if depth >= len(above):
            raise DisclosureError(
                f"Hierarchy of {name!r}, line {number}: {code!r} lies {depth} levels deep, but the line before it {len(above) - 2}; "
                "one level deeper is the most."
            )
        if not code:
            raise DisclosureError(f"Hierarchy of {name!r}, line {number}: there is no code.")
        if code in line_of:
            where = f"on line {line_of[code]}" if line_of[code] else "as the total"
            raise DisclosureError(f"Hierarchy of {name!r}, line {number}: {code!r} stands {where} already.")
        line_of[code] = number
        codes.append(code)
        parents.append(above[depth])
        above = [*above[: depth + 1], code]
    return Dimension(name, tuple(codes), tuple(parents))


def hierarchy_by_digits(
    name: str, codes: Iterable[str], digits: Sequence[int], total: str = "Total"
) -> Dimension:
    """A dimension whose levels can be read from its codes, such as a classification of activities.

    Args:
        name: what the dimension is called.
        codes: the codes of the deepest level; each has as many digits as `digits` add up to.
        digits: how many digits each level adds, from the first level down; `(2, 1)` makes 47 of 471 and 472.
        total: the code of the total.

    Raises:
        DisclosureError: when a code has another length, or a level adds nothing.
    """
    if not digits or min(digits) < 1:
        raise DisclosureError(f"Each level of {name!r} must add at least one digit.")
    ends = np.cumsum(digits).tolist()
    parents: dict[str, str | None] = {total: None}
    for code in codes:
        if len(code) != ends[-1]:
            raise DisclosureError(f"Code {code!r} of {name!r} has {len(code)} digits, not {ends[-1]}.")
        above = total
        for end in ends:
            parents.setdefault(code[:end], above)
            above = code[:end]
    return Dimension(name, tuple(parents), tuple(parents.values()))
