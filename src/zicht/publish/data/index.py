"""What is made last, from all other files: Data Packages, the map of the site for search engines, and robots.txt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from zicht.publish.data.describe import FileFact, package, resource
from zicht.publish.data.open_data import open_data
from zicht.publish.edition import Edition
from zicht.publish.texts import Texts

MOST_ADDRESSES = 50_000
"""A sitemap holds this many addresses at most (sitemaps.org); more are spread over several files."""
EMBEDDED = "insluiten/"
"""Folder of pages that stand in other sites; search engines should find the page itself."""


def closing_files(
    edition: Edition, files: Mapping[str, FileFact], on: dt.date | None
) -> Iterator[tuple[str, bytes]]:
    """The files that tell of the others, as path and bytes.

    Args:
        edition: the release.
        files: all other files of the site, by path.
        on: the day on which the release became public; None where it is not.
    """
    yield from packages(edition, files)
    yield from open_data(edition, files, on)
    base = edition.catalogue.url
    pages = [
        path.removesuffix("index.html")
        for path in sorted(files)
        if path.endswith("index.html") and not path.removeprefix("en/").startswith(EMBEDDED)
    ]
    if base:
        yield from sitemap([base + page for page in pages], base)
    yield "robots.txt", robots(base)


def packages(edition: Edition, files: Mapping[str, FileFact]) -> Iterator[tuple[str, bytes]]:
    """The Data Package of the whole site, and one of every product."""
    catalogue, texts = edition.catalogue, Texts("nl")
    version = edition.release.digest[:16]
    made = {name: resource(edition, indicator, texts) for name, indicator in catalogue.indicators.items()}
    if made:
        yield "data/datapackage.json", package(catalogue, version, list(made.values()), files)
    for product in catalogue.products:
        some = [made[name] for name in product.indicators if name in made]
        if some:
            yield f"data/{product.id}.datapackage.json", package(catalogue, version, some, files, product)


def sitemap(addresses: Sequence[str], base: str) -> Iterator[tuple[str, bytes]]:
    """The sitemap of a site (sitemaps.org 0.9): one file, or an index of several where there are very many pages.

    Args:
        addresses: of all pages.
        base: the address of the site.
    """
    parts = [addresses[at : at + MOST_ADDRESSES] for at in range(0, len(addresses), MOST_ADDRESSES)]
    if len(parts) == 1:
        yield "sitemap.xml", _locations("urlset", "url", parts[0])
        return
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts, strict=True):
        yield name, _locations("urlset", "url", part)
    yield "sitemap.xml", _locations("sitemapindex", "sitemap", [base + name for name in names])


def _locations(whole: str, one: str, addresses: Sequence[str]) -> bytes:
    lines = [f"<{one}><loc>{escape(address)}</loc></{one}>" for address in addresses]
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{whole} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return "\n".join([head, *lines, f"</{whole}>\n"]).encode()


def robots(base: str) -> bytes:
    """What robots may read: everything. `base` is the address of the site; without one, there is no sitemap to name."""
    return ("User-agent: *\nAllow: /\n" + (f"Sitemap: {base}sitemap.xml\n" if base else "")).encode()
