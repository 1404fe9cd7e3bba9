"""The feed of releases: an entry for every one that was published, newest first, and for every signal that they show (Atom, RFC 4287).

A release holds no date, so a site that was built and not yet published has a feed without entries. The dates come in
when it is published.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, cast

from zicht.publish.catalogue import read_catalogue
from zicht.publish.meaning import said_of
from zicht.publish.texts import Texts

if TYPE_CHECKING:
    from zicht.release import Interpretation, Release

FEED = "feed.xml"
"""Where the feed stands in a site."""
MOST_NAMED = 12
"""So many figures are named in an entry; of more, the number is said."""


@dataclass(frozen=True, slots=True)
class SignalNews:
    """A signal that a release shows for the first time, or of which it says something new.

    Attributes:
        id: of the signal.
        finding: id of the finding that shows it.
        title: of the finding, in Dutch.
        period: ISO 8601 month, or `first/last` of several.
        areas: names of the areas; none where it is about all of them together.
        meaning: what it turned out to be; None while it waits.
    """

    id: str
    finding: str
    title: str
    period: str
    areas: tuple[str, ...]
    meaning: Interpretation | None


@dataclass(frozen=True, slots=True)
class Issue:
    """A release that was published.

    Attributes:
        digest: of the release.
        on: the day.
        changed: titles of the figures that are new or changed since the one before.
        signals: those that are new, or of which something new is said.
    """

    digest: str
    on: dt.date
    changed: tuple[str, ...]
    signals: tuple[SignalNews, ...] = ()


def feed(release: Release, issues: Sequence[Issue] = ()) -> bytes:
    """The Atom feed of the site of a release.

    Args:
        release: an open release; while nothing is published, the first day of its area division stands in for a date.
        issues: the releases that were published, oldest first.

    Returns:
        XML in UTF-8.

    Raises:
        ZichtError: the catalogue of the release cannot be read.
    """
    catalogue = read_catalogue(release.catalogue)
    texts, base, division = Texts("nl"), catalogue.url, cast("int", release.manifest["division"])
    name = f"tag:zicht,2026:{catalogue.id}"
    updated = issues[-1].on if issues else dt.date(division, 1, 1)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="nl">',
        f"<id>{escape(base or name)}</id>",
        f"<title>{escape(texts('feed.title', title=texts.pick(catalogue.title)))}</title>",
        f"<updated>{_moment(updated)}</updated>",
        f"<author><name>{escape(catalogue.organisation.get('name') or texts.pick(catalogue.title))}</name></author>",
    ]
    if base:
        lines += [f'<link rel="self" href="{escape(base + FEED)}"/>', f'<link href="{escape(base)}"/>']
    told: set[str] = set()
    pages = {
        one.id: f"product/{product.id}/#b-{one.id}"
        for product in catalogue.products
        for one in product.findings
    }
    for issue in reversed(issues):
        lines += _entry(texts, name, base, issue)
        for news in issue.signals:
            # An entry has one id for good, so only the last that is said of a signal stands in the feed.
            lines += (
                []
                if news.id in told
                else _signal(texts, name, base + pages.get(news.finding, "producten/"), issue, news)
            )
            told.add(news.id)
    return ("\n".join([*lines, "</feed>"]) + "\n").encode()


def _entry(texts: Texts, name: str, base: str, issue: Issue) -> list[str]:
    date = texts("feed.date", day=issue.on.day, month=texts(f"month.{issue.on:%m}"), year=issue.on.year)
    link = [f'<link href="{escape(base)}wijzigingen/"/>'] if base else []
    return [
        "<entry>",
        f"<id>{escape(name)}:{issue.digest}</id>",
        f"<title>{escape(texts('feed.entry', date=date))}</title>",
        f"<updated>{_moment(issue.on)}</updated>",
        *link,
        f"<summary>{escape(_summary(texts, issue.changed))}</summary>",
        "</entry>",
    ]


def _signal(texts: Texts, name: str, page: str, issue: Issue, news: SignalNews) -> list[str]:
    """The entry of a signal, with the page that tells it."""
    where = texts.listed(list(news.areas)) if news.areas else texts("feed.signal.all")
    period = texts.listed([texts.period(part) for part in news.period.split("/")])
    title = texts("feed.signal", title=news.title, where=where, period=period)
    link = [f'<link href="{escape(page)}"/>'] if "://" in page else []
    return [
        "<entry>",
        f"<id>{escape(name)}:signal:{news.id}</id>",
        f"<title>{escape(title)}</title>",
        f"<updated>{_moment(issue.on)}</updated>",
        *link,
        f"<summary>{escape(said_of(texts, news.meaning))}</summary>",
        "</entry>",
    ]


def _summary(texts: Texts, changed: Sequence[str]) -> str:
    if not changed:
        return texts("feed.nothing")
    if len(changed) > MOST_NAMED:
        return texts.count("feed.many", len(changed))
    return texts("feed.changed", names="; ".join(changed))


def _moment(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
