"""The catalogue of open data beside the page of the catalogue, for harvesters such as data.overheid.nl (DCAT-AP-NL).

The release says what its data sets are; the site adds the files it has, with their sizes and digests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import cast

from zicht.governance import finished_catalogue
from zicht.publish.data.describe import FileFact
from zicht.publish.edition import Edition

OPEN_DATA = "catalogus/catalogus"
"""Where the catalogue stands in a site, but for its ending."""
_EVIDENCE = "open_data"


def offers_open_data(edition: Edition) -> bool:
    """Whether the release of an `edition` says how its data stand in catalogues of open data."""
    return "graph" in edition.evidence(_EVIDENCE)


def open_data(
    edition: Edition, files: Mapping[str, FileFact], on: dt.date | None
) -> Iterator[tuple[str, bytes]]:
    """The catalogue in each of its formats, as path and bytes; nothing where the release does not say how its data stand in catalogues.

    Args:
        edition: the release.
        files: all other files of the site, by path.
        on: the day on which the release became public; the day of the last delivery stands in where it is not.
    """
    if not offers_open_data(edition):
        return
    facts = {path: (one.size, one.digest) for path, one in files.items() if path.startswith("data/")}
    found = finished_catalogue(
        edition.evidence(_EVIDENCE), facts, on or _last_delivery(edition), edition.release.digest[:16]
    )
    for ending, text in found.items():
        yield f"{OPEN_DATA}.{ending}", text.encode()


def _last_delivery(edition: Edition) -> dt.date:
    days = cast("Mapping[str, str]", edition.evidence("provenance").get("deliveries") or {})
    first = dt.date(cast("int", edition.release.manifest["division"]), 1, 1)
    return max((dt.date.fromisoformat(day) for day in days.values()), default=first)
