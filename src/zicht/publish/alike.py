"""Areas beside those that are most like them: on the page of an area all figures of both, on that of an indicator one figure of all areas.

Who are alike stands in the release, by the traits that a finding names; nothing is judged here, and nothing is ranked: areas are in order of name.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import isfinite
from statistics import median

import numpy as np

from zicht.publish.catalogue import Finding, Indicator
from zicht.publish.charts import Intervals, drawn, interval_svg
from zicht.publish.compare import MOST
from zicht.publish.edition import Edition, Latest
from zicht.publish.frames import Floats, Ints, Standing
from zicht.publish.numbers import Quantity
from zicht.publish.peers import Alike
from zicht.publish.tables import rows_shown, status_words
from zicht.publish.texts import Texts
from zicht.publish.verdicts import Verdict

MOST_NAMED = 150
"""The page of an indicator names the look-alikes of each area up to this many; of more areas, their own pages do."""
PLACE = "vergelijkbaar"
"""Where the look-alikes stand on the page of an area."""


def alike_blocks(edition: Edition, texts: Texts, level: str, shard: slice) -> list[str]:
    """The block of look-alikes on the pages of some areas of a level, as HTML; empty where an area has none.

    Args:
        edition: the release.
        texts: of the language.
        level: of the areas.
        shard: which of its members.
    """
    members = edition.areas.members[level]
    alike = edition.alike(level)
    if alike is None:
        return [""] * members[shard].size
    table = _Table(edition, texts, level)
    return [
        _block(edition, texts, alike, table, at) if alike.peers[at].size else ""
        for at in range(members.size)[shard]
    ]


def _block(edition: Edition, texts: Texts, alike: Alike, table: _Table, at: int) -> str:
    areas, level = edition.areas, alike.finding.level
    members = areas.members[level]
    peers = np.sort(alike.peers[at])  # members are in order of name
    name, kinds = areas.names[members[at]], texts.levels(level)
    nearest = ",".join(areas.codes[members[peer]] for peer in [at, *alike.peers[at][: MOST - 1].tolist()])
    under = texts.count("alike.under", peers.size, name=name, kind=texts.level(level), kinds=kinds)
    heads = "".join(
        f'<th scope="col" class="num"><a href="../{areas.codes[members[peer]]}/#{PLACE}">{escape(areas.names[members[peer]])}</a></th>'
        for peer in peers.tolist()
    )
    return (
        f'<section class="block" id="{PLACE}" aria-labelledby="alike"><h2 id="alike">{escape(texts("alike.title", kinds=kinds))}</h2>'
        f'<p class="under">{escape(under)} {escape(texts("found.alike.traits", kinds=kinds, traits=trait_names(edition, texts, alike.finding)))}</p>'
        f"{_picture(edition, texts, alike, at, peers)}"
        f'<details><summary>{escape(texts("alike.all", kinds=kinds))}</summary><div class="in scroll" tabindex="0" role="group"'
        f' aria-label="{escape(texts("table.scroll"))}"><table><thead><tr><th scope="col">{escape(texts("alike.figure"))}</th>'
        f'<th scope="col" class="num">{escape(name)}</th>{heads}</tr></thead><tbody>{table.rows([at, *peers.tolist()])}</tbody></table></div></details>'
        f'<p class="small"><a href="../../vergelijk/?gebieden={nearest}">{escape(texts("alike.compare", name=name))}</a></p></section>'
    )


def _picture(edition: Edition, texts: Texts, alike: Alike, at: int, peers: Ints) -> str:
    """The figure that the finding is about, of the area and its look-alikes, each with its margin."""
    indicator = edition.catalogue.indicators[alike.finding.indicator]
    latest = edition.latest(indicator, alike.finding.level)
    if latest is None:
        return ""
    quantity, shown = edition.quantity(indicator, texts), np.concatenate([[at], peers])
    names = [edition.areas.names[place] for place in latest.members[shown].tolist()]
    own, title = float(latest.value[at]), texts.pick(indicator.title)
    standing = latest.standing[shown].tolist()
    chart = drawn(
        interval_svg, Intervals(
            names, latest.value[shown], latest.lower[shown], latest.upper[shown], np.full(shown.size, Verdict.UNCLEAR, np.int8),
            [status_words(texts, one) for one in standing], [one == Standing.HIDDEN for one in standing],
            None if own != own else (names[0], own), texts("chart.says", kind=texts("chart.kind.interval"), title=title),
        ), quantity, PLACE,
    )  # fmt: skip
    period = texts.period(edition.figures(indicator).periods[latest.period])
    note = texts("alike.note", name=names[0])
    return (
        f'<figure class="figure"><figcaption><h3><a href="../../indicator/{indicator.id}/{alike.finding.level}/">{escape(title)}</a></h3>'
        f"<p>{escape(quantity.unit)}, {escape(period)}</p></figcaption>"
        f'{chart}<p class="note-line">{escape(note)}</p></figure>'
        if chart
        else ""
    )


class _Table:
    """All latest figures of a level, written once and then put together for each area."""

    def __init__(self, edition: Edition, texts: Texts, level: str) -> None:
        self._written: list[tuple[str, list[str]]] = []
        for theme in edition.catalogue.themes:
            for indicator in edition.catalogue.of_theme(theme.id):
                latest = edition.latest(indicator, level)
                if latest is not None:
                    period = texts.period(edition.figures(indicator).periods[latest.period])
                    head = f"{escape(texts.pick(indicator.title))}, {escape(period)}"
                    link = f'<a href="../../indicator/{indicator.id}/{level}/">{head}</a>'
                    cells = _cells(latest, edition.quantity(indicator, texts), texts)
                    self._written.append((f'<tr><th scope="row">{link}</th>', cells))

    def rows(self, shown: Sequence[int]) -> str:
        """A row for each indicator with a cell for each area."""
        return "".join(f"{head}{''.join(cells[at] for at in shown)}</tr>\n" for head, cells in self._written)


def _cells(latest: Latest, quantity: Quantity, texts: Texts) -> list[str]:
    """Value and margin of every area of a level, as cells."""
    words = {status: escape(status_words(texts, status)) for status in set(latest.standing.tolist())}
    out = []
    for value, lower, upper, status in zip(
        latest.value.tolist(),
        latest.lower.tolist(),
        latest.upper.tolist(),
        latest.standing.tolist(),
        strict=True,
    ):
        if value != value:
            out.append(f'<td class="num"><small>{words[status]}</small></td>')
            continue
        both = lower == lower and upper == upper
        span = (
            f"<br><small>{quantity.margin(lower)}\u00a0–\u00a0{quantity.margin(upper)}</small>"
            if both
            else ""
        )
        out.append(f'<td class="num">{quantity.short(value)}{span}</td>')
    return out


def trait_names(edition: Edition, texts: Texts, finding: Finding) -> str:
    """The traits of a finding in a list, such as `inwoners, dichtheid en inkomen`."""
    known = edition.catalogue.indicators
    titles = [texts.pick(known[name].title) if name in known else name for name in finding.names("traits")]
    return texts.listed([title[:1].lower() + title[1:] for title in titles])


def alike_rows(
    edition: Edition, indicator: Indicator, level: str, latest: Latest, texts: Texts, home: str
) -> str:
    """Each area of a level with its figure and those of its look-alikes, for the page of an indicator.

    Args:
        edition: the release.
        indicator: whose figures.
        level: of the areas.
        latest: the figures.
        texts: of the language.
        home: leads to the start of the language.

    Returns:
        HTML: of up to `MOST_NAMED` areas a part each that unfolds, of more the rows of a table. Empty where the level has no look-alikes or
        no area has a figure.
    """
    alike, areas = edition.alike(level), edition.areas
    if alike is None or not np.isfinite(latest.value).any():
        return ""
    quantity = edition.quantity(indicator, texts)
    if latest.members.size <= MOST_NAMED:
        return _by_area(edition, alike, latest, quantity, texts, home)
    written = _cells(latest, quantity, texts)
    out = []
    for at in range(rows_shown(latest)):
        name = escape(areas.names[latest.members[at]])
        link = f'<a href="{_page_of(edition, alike, latest, at, home)}">{name}</a>'
        cells = _beside(latest.value[alike.peers[at]], quantity, texts)
        out.append(f'<tr><th scope="row">{link}</th>{written[at]}{cells}</tr>')
    return "\n".join(out)


def _by_area(
    edition: Edition, alike: Alike, latest: Latest, quantity: Quantity, texts: Texts, home: str
) -> str:
    """For each area that has look-alikes its figure, which unfolds into those of its look-alikes."""
    level = alike.finding.level
    named, out = _named(edition, latest, quantity, texts), []
    for at, peers in enumerate(alike.peers):
        known = _known(latest.value[peers])
        if not known:
            continue
        middle = escape(texts("alike.middle", value=quantity.short(median(known))))
        listed = "".join(f"<li>{named[peer]}</li>" for peer in np.sort(peers).tolist())
        more = escape(
            texts("alike.more", name=edition.areas.names[latest.members[at]], kinds=texts.levels(level))
        )
        out.append(
            f'<details><summary>{named[at]}</summary><div class="in"><p>{middle}</p><ul>{listed}</ul>'
            f'<p><a href="{_page_of(edition, alike, latest, at, home)}">{more}</a></p></div></details>'
        )
    return "\n".join(out)


def _page_of(edition: Edition, alike: Alike, latest: Latest, at: int, home: str) -> str:
    """The address of the page of an area, at its look-alikes where it has any."""
    place = f"{home}gebied/{edition.areas.codes[latest.members[at]]}/"
    return f"{place}#{PLACE}" if alike.peers[at].size else place


def _beside(values: Floats, quantity: Quantity, texts: Texts) -> str:
    """The middle, the lowest and the highest of some figures, as cells."""
    known = _known(values)
    if not known:
        return '<td class="num">–</td><td class="num">–</td>'
    span = escape(texts("table.interval", low=quantity.short(min(known)), high=quantity.short(max(known))))
    return f'<td class="num">{quantity.short(median(known))}</td><td class="num">{span}</td>'


def _known(values: Floats) -> list[float]:
    """The numbers among some values: so few that NumPy would take longer to begin than Python to end."""
    return list(filter(isfinite, values.tolist()))


def _named(edition: Edition, latest: Latest, quantity: Quantity, texts: Texts) -> list[str]:
    """Name, figure and margin of every area of a level, in one line each."""
    out = []
    for place, value, lower, upper, status in zip(
        latest.members.tolist(), latest.value.tolist(), latest.lower.tolist(), latest.upper.tolist(), latest.standing.tolist(),
        strict=True,
    ):  # fmt: skip
        said = quantity.short(value) if value == value else status_words(texts, status)
        if value == value and lower == lower and upper == upper:
            said += f" ({quantity.margin(lower)}\u00a0–\u00a0{quantity.margin(upper)})"
        out.append(f"{escape(edition.areas.names[place])}: {escape(said)}")
    return out
