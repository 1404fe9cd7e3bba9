"""The table of an indicator: a row an area, and the words for the status of a figure."""

from __future__ import annotations

from html import escape

import numpy as np

from zicht.publish.catalogue import Indicator
from zicht.publish.charts import sparklines
from zicht.publish.edition import Edition, Latest
from zicht.publish.frames import Figures, Standing
from zicht.publish.numbers import Quantity
from zicht.publish.texts import Texts
from zicht.publish.verdicts import Verdict

MOST_ROWS = 400
"""A table on a page holds all areas of a level up to this many."""
FIRST_ROWS = 100
"""Of more, it holds this many; the download holds all."""
_STATUS = {
    Standing.ABSENT: "status.absent",
    Standing.SHOWN: "status.shown",
    Standing.HIDDEN: "status.hidden",
    Standing.ROUNDED: "status.rounded",
    Standing.PERTURBED: "status.perturbed",
    Standing.PENDING: "status.pending",
    Standing.UNRELIABLE: "status.unreliable",
}
_VERDICTS = {Verdict.HIGHER: "table.higher", Verdict.LOWER: "table.lower", Verdict.UNCLEAR: "table.unclear"}


def status_words(texts: Texts, status: int) -> str:
    """The status of a figure in words, such as `verborgen`."""
    return texts(_STATUS[Standing(status)])


def area_rows(
    edition: Edition,
    indicator: Indicator,
    level: str,
    latest: Latest,
    texts: Texts,
    quantity: Quantity,
    home: str,
) -> str:
    """The rows of the table of one level: areas with their value, interval, status, verdict and development.

    Returns:
        HTML; names and words escaped.
    """
    areas, figures = edition.areas, edition.figures(indicator)
    compared, margins = bool(np.isfinite(latest.reference_value).any()), bool(np.isfinite(latest.lower).any())
    developed = developed_in(figures, latest)
    listed = latest.members[: rows_shown(latest)]
    sparks = sparklines(
        figures.value[:, listed],
        frozenset(edition.starts(indicator)),
        edition.starts_apart(indicator, listed.tolist()),
    )
    out = []
    for at, place in enumerate(listed.tolist()):
        name = f'<a href="{home}gebied/{areas.codes[place]}/">{escape(areas.names[place])}</a>'
        changes = () if indicator.located else edition.land.declared.get(place, ())
        if changes:
            name += f" <small>{escape(texts('land.mark', year=changes[-1].year))}</small>"
        cells = _cells(
            quantity,
            texts,
            latest.value[at],
            latest.lower[at],
            latest.upper[at],
            latest.standing[at],
            margins,
        )
        if compared:
            words = _VERDICTS.get(Verdict(int(latest.verdict[at])))
            difference = latest.value[at] - latest.reference_value[at]
            shown = quantity.signed(float(difference)) if difference == difference else "–"
            sort = f' data-sort="{difference:.4f}"' if difference == difference else ""
            said = f" <small>{escape(texts(words))}</small>" if words else ""
            cells += f'<td class="num"{sort}>{shown}{said}</td>'
        line = f'<td class="sp">{sparks[at]}</td>' if developed else ""
        out.append(f'<tr><th scope="row">{name}</th>{cells}{line}</tr>')
    unknown = edition.unknown_child(level)
    if unknown is not None and figures.standing[latest.period, unknown] != Standing.ABSENT:
        value, lower, upper = (
            float(series[latest.period, unknown]) for series in (figures.value, figures.lower, figures.upper)
        )
        cells = _cells(
            quantity, texts, value, lower, upper, figures.standing[latest.period, unknown], margins
        )
        rest = '<td class="num">–</td>' if compared else ""
        line = '<td class="sp"></td>' if developed else ""
        out.append(f'<tr><th scope="row">{escape(texts("table.unknown"))}</th>{cells}{rest}{line}</tr>')
    return "\n".join(out)


def rows_shown(latest: Latest) -> int:
    """How many rows of a level the page itself holds."""
    return latest.members.size if latest.members.size <= MOST_ROWS else FIRST_ROWS


def developed_in(figures: Figures, latest: Latest) -> bool:
    """Whether an area of the level has a value in more than one period."""
    return bool((np.isfinite(figures.value[:, latest.members]).sum(axis=0) > 1).any())


def _cells(
    quantity: Quantity, texts: Texts, value: float, lower: float, upper: float, status: int, margins: bool
) -> str:
    """Value, interval and status of one row."""
    words = escape(status_words(texts, status))
    if not np.isfinite(value):
        tag = "tag hidden" if status == Standing.HIDDEN else "tag"
        gap = '<td class="num">–</td>' if margins else ""
        return f'<td class="num">–</td>{gap}<td><span class="{tag}">{words}</span></td>'
    interval = ""
    if margins:
        both = np.isfinite(lower) and np.isfinite(upper)
        span = (
            texts("table.interval", low=quantity.margin(float(lower)), high=quantity.margin(float(upper)))
            if both
            else "–"
        )
        interval = f'<td class="num">{span}</td>'
    return (
        f'<td class="num" data-sort="{value}">{quantity.short(float(value))}</td>{interval}<td>{words}</td>'
    )
