"""Where the links of a site lead: every one to a file that is there, every fragment to an element that the page has."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

_LINK = re.compile(r'\s(?:href|src|data-figures|data-shapes)="([^"]*)"')
_ID = re.compile(r'\sid="([^"]*)"')
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")


def broken_links(site: Path, base: str = "/") -> list[str]:
    """Links of all pages that lead nowhere, each with its page.

    Args:
        site: the folder.
        base: the path of links that begin at the root of the host.
    """
    there = {path.as_posix() for path in site.rglob("*") if path.is_file()}

    @cache
    def ids(page: str) -> frozenset[str]:
        return frozenset(_ID.findall(Path(page).read_text("utf-8")))

    def leads_nowhere(page: Path, link: str) -> bool:
        place, _, fragment = html.unescape(link).partition("#")
        place = unquote(place.partition("?")[0])
        start = site.as_posix() if place.startswith("/") else page.parent.as_posix()
        target = os.path.normpath(f"{start}/{place.removeprefix(base) if place.startswith('/') else place}")
        if not place:
            target = page.as_posix()
        elif place.endswith("/") or target not in there:
            target += "/index.html"
        return target not in there or bool(
            fragment and target.endswith(".html") and fragment not in ids(target)
        )

    def of_page(page: Path) -> Iterator[str]:
        for link in set(_LINK.findall(page.read_text("utf-8"))):
            if not _SCHEME.match(link) and leads_nowhere(page, link):
                yield f"{page.relative_to(site)}: {link}"

    return [line for page in sorted(site.rglob("*.html")) for line in of_page(page)]
