"""What a site says of itself: how accessible it is, what it knows of its readers, and who made it of what.

These pages claim what Zicht does and tests, and say as plainly what it does not: an automatic test is no audit, and what the host of a site
keeps of visits is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from zicht.publish.data import LICENCES
from zicht.publish.edition import Edition
from zicht.publish.profile import has_papers
from zicht.publish.registers import activities_of
from zicht.publish.render import Frame
from zicht.publish.texts import Texts

Section = Mapping[str, object]


def statement_pages(edition: Edition, frame: Frame) -> Iterator[tuple[str, str]]:
    """The accessibility statement, the privacy statement and the colophon of a language, as path and HTML.

    Args:
        edition: the release.
        frame: of the language.
    """
    texts = frame.texts
    pages = {
        "toegankelijkheid/": ("access", _accessibility(edition, texts)),
        "privacy/": ("privacy", _privacy(edition, texts)),
        "colofon/": ("colophon", _colophon(edition, texts)),
    }
    for place, (key, sections) in pages.items():
        yield frame.page(
            "statement.html", place, title=texts(f"{key}.title"), summary=texts(f"{key}.lede"), nav="", sections=sections,
        )  # fmt: skip


def _section(
    texts: Texts,
    key: str,
    *,
    lines: Sequence[tuple[str, str]] = (),
    links: Sequence[tuple[str, str]] = (),
    **values: object,
) -> Section:
    """A heading with its text, lines of a list (each with an address, or none) and links to pages of the site."""
    return {
        "id": key.replace(".", "-"),
        "title": texts(key),
        "text": texts(f"{key}.text", **values),
        "lines": lines,
        "links": links,
    }


def _owner(edition: Edition, texts: Texts) -> str:
    catalogue = edition.catalogue
    return str(catalogue.organisation.get("name") or texts.pick(catalogue.title))


def _contact(edition: Edition, texts: Texts, key: str) -> Section:
    """Whom to write to, as far as the release says it."""
    organisation = edition.catalogue.organisation
    ways = []
    if organisation.get("email"):
        ways.append((organisation["email"], f"mailto:{organisation['email']}"))
    if organisation.get("url", "").startswith("https://"):
        ways.append((organisation["url"], organisation["url"]))
    return _section(texts, key, lines=ways, owner=_owner(edition, texts))


def _accessibility(edition: Edition, texts: Texts) -> list[Section]:
    return [
        _section(texts, "access.aim"),
        _section(texts, "access.how", lines=[(texts(f"access.how.{number}"), "") for number in range(1, 6)]),
        _section(texts, "access.tested"),
        _section(texts, "access.untested"),
        *([_section(texts, "access.paper")] if has_papers(edition) else []),
        _contact(edition, texts, "access.contact"),
    ]


def _privacy(edition: Edition, texts: Texts) -> list[Section]:
    links = [("verantwoording/#privacy", texts("foot.privacy"))]
    if activities_of(edition):
        links.append(("verwerkingen/", texts("processings.title")))
    return [
        _section(texts, "privacy.visit"),
        *([_section(texts, "privacy.background")] if edition.catalogue.look.background else []),
        _section(texts, "privacy.host", owner=_owner(edition, texts)),
        _section(texts, "privacy.figures", links=links),
        _contact(edition, texts, "privacy.contact"),
    ]


def _colophon(edition: Edition, texts: Texts) -> list[Section]:
    return [
        _section(texts, "colophon.owner", owner=_owner(edition, texts)),
        _section(texts, "colophon.reuse", links=[("catalogus/", texts("foot.data"))]),
        _section(texts, "colophon.sources", lines=_sources(edition, texts)),
        _section(texts, "colophon.software"),
        _section(texts, "colophon.letters"),
        _contact(edition, texts, "colophon.contact"),
    ]


def _sources(edition: Edition, texts: Texts) -> list[tuple[str, str]]:
    """Every source once: its title, who delivered it and its licence, with the address of the licence where it is known."""
    found = {}
    for indicator in edition.catalogue.indicators.values():
        for source in indicator.sources:
            said = [texts.pick(source.title), source.deliverer, source.licence]
            found[source.id] = (", ".join(part for part in said if part), LICENCES.get(source.licence, ""))
    return sorted(found.values())
