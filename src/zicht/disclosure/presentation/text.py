"""The report as plain text, for a terminal or a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from zicht.disclosure.presentation.overview import OVERVIEW_SCHEMA, total
from zicht.disclosure.presentation.sheet import (
    LISTS,
    STATUSES,
    Sheet,
    attack_of,
    attacked,
    lines_of,
    shares,
    words,
)

LINES = 20  # lines of a list written out for one protection


def report_text(sheets: Sequence[Sheet], language: str = "nl") -> str:
    """What protection did, in words and columns of numbers.

    Args:
        sheets: the protections to tell of, at least one.
        language: `nl` or `en`.
    """
    return "\n".join(_lines(sheets, language)) + "\n"


def _lines(sheets: Sequence[Sheet], language: str) -> Iterator[str]:
    say = words(language)
    counted = pa.concat_tables([OVERVIEW_SCHEMA.empty_table(), *(sheet.overview for sheet in sheets)])
    for key in ("level", "table") if len(sheets) == 1 else ("level",):
        heads = "".join(f"{say[f'column.{status}']:>14}" for status in STATUSES)
        yield f"{say[f'by.{key}']:<32}{heads}{say['lost']:>11}"
        for share in shares(total(counted, key)):
            numbers = "".join(f"{share.cells[status]:>14}" for status in STATUSES)
            yield f"{share.name[:31]:<32}{numbers}{100 * share.lost:>9.1f} %"
        yield ""
    for reason, by_status in total(counted, "reason").items():
        yield f"{say['reason']} {say.get(f'reason.{reason}', reason)}: {sum(cells for cells, _ in by_status.values())}"
    yield ""
    yield say["attack.safe"] if attacked(sheets) else say["attack.broken"]
    for sheet in sheets:
        yield f"{sheet.title}: {say['profile']} {sheet.report['profile']}, {say['hidden']} {attack_of(sheet)['hidden']}"
        for name in LISTS:
            found = lines_of(sheet, name)
            yield from (f"  {say[name]} {line}" for line in found[:LINES])
            if len(found) > LINES:
                yield f"  {say['more'].format(n=len(found) - LINES)}"
