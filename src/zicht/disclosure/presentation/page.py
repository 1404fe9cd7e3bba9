"""The report as one page with charts, which needs nothing from elsewhere: send it, print it, keep it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from zicht.disclosure.presentation.overview import total
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


def report_page(sheets: Sequence[Sheet], title: str, language: str = "nl") -> str:
    """What protection did, as an HTML page with charts that each have their numbers beside them.

    Args:
        sheets: the protections to tell of, at least one.
        title: what stands above the page.
        language: `nl` or `en`.
    """
    environment = Environment(
        loader=PackageLoader("zicht.disclosure.presentation", "."),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    counted = pa.concat_tables([sheet.with_themes() for sheet in sheets])
    say = words(language)
    reasons = {
        reason: sum(n for n, _ in found.values()) for reason, found in total(counted, "reason").items()
    }
    environment.filters["number"] = lambda number: f"{number:,.0f}".replace(",", say["thousands"])
    environment.filters["percent"] = lambda share: f"{100 * share:.1f}".replace(".", say["decimal"]) + " %"
    return environment.get_template("page.html").render(
        title=title,
        language=language,
        say=say,
        statuses=STATUSES,
        everything=shares({"": _all(total(counted, "status"))})[0],
        charts=[(by, found) for by in ("level", "theme") if (found := shares(total(counted, by)))],
        reasons=sorted(reasons.items(), key=lambda item: (-item[1], item[0])),
        most=max(reasons.values(), default=1),
        safe=attacked(sheets),
        sheets=[
            (sheet, attack_of(sheet), [(name, lines_of(sheet, name)) for name in LISTS]) for sheet in sheets
        ],
    )


def _all(by_status: dict[str, dict[str, tuple[int, float]]]) -> dict[str, tuple[int, float]]:
    return {status: found[status] for status, found in by_status.items()}
