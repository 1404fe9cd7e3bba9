"""Which files an indicator has, at which addresses, and what each is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from zicht.publish.catalogue import Indicator
from zicht.publish.data.describe import csvw
from zicht.publish.data.geo import Atlas, geojson, geopackage, places_geojson, shaped_levels
from zicht.publish.data.tables import dutch_csv, json_columns, parquet, plain_csv, points_csv, published
from zicht.publish.edition import Edition

POINTS = ".punten.csv"
"""How the address of a file with points ends."""
PLACES = ".plekken.geojson"
"""How the address of a file with places that a finding chooses ends."""
VERSIONS = "v/"
"""Folder of files that are named by their own digest; a file in it never changes and stays when another version comes."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A file to download.

    Attributes:
        path: in the site.
        label: name of the format.
        key: of the message that says what it is for.
        media: media type.
        level: of the areas in it; all levels where empty.
    """

    path: str
    label: str
    key: str
    media: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """All files of an indicator.

    Attributes:
        offers: what people and programs can download, in order.
        version: address of this version of the figures, for ever.
    """

    offers: Sequence[Offer]
    version: str


def data_files(edition: Edition, atlas: Atlas, indicator: Indicator) -> Iterator[tuple[str, bytes]]:
    """All files with the figures of an indicator, as path and bytes.

    Args:
        edition: the release.
        atlas: its shapes.
        indicator: of the release.

    Raises:
        DisclosureError: a hidden figure still has a number.
    """
    figures, base = published(edition, indicator), f"data/{indicator.id}"
    yield f"{base}.csv", dutch_csv(figures)
    yield f"{base}.csv-metadata.json", csvw(edition, indicator, dutch=True)
    yield f"{base}.plain.csv", plain_csv(figures)
    yield f"{base}.plain.csv-metadata.json", csvw(edition, indicator, dutch=False)
    yield f"{base}.json", json_columns(edition, figures)
    columns = parquet(figures)
    yield f"{base}.parquet", columns
    yield f"{VERSIONS}{indicator.id}/{sha256(columns).hexdigest()[:16]}.parquet", columns
    points = edition.release.points(indicator.id) if indicator.points else None
    if points is not None:
        yield base + POINTS, points_csv(points)
    places = places_geojson(edition, indicator)
    if places is not None:
        yield base + PLACES, places
    for level in shaped_levels(edition, indicator):
        yield f"{base}/{level}.geojson", geojson(edition, atlas, indicator, level)
    layered = geopackage(edition, atlas, indicator)
    if layered is not None:
        yield f"{base}.gpkg", layered


def version_of(edition: Edition, indicator: Indicator) -> bytes:
    """The file of an indicator that is named by its digest and never changes.

    Args:
        edition: the release.
        indicator: of it.

    Raises:
        DisclosureError: a hidden figure still has a number.
    """
    return parquet(published(edition, indicator))


def parcel(indicator: Indicator, paths: Sequence[str]) -> Parcel:
    """What an indicator offers, given the paths that `data_files` made.

    Args:
        indicator: of which the files are.
        paths: of all its files.
    """
    base, there = f"data/{indicator.id}", set(paths)
    offers = [
        Offer(f"{base}.csv", "CSV", "download.csv", "text/csv"),
        Offer(f"{base}.plain.csv", "CSV", "download.plain", "text/csv"),
        Offer(f"{base}.json", "JSON", "download.json", "application/json"),
        Offer(f"{base}.parquet", "Parquet", "download.parquet", "application/vnd.apache.parquet"),
        Offer(base + POINTS, "CSV", "download.points", "text/csv"),
        Offer(base + PLACES, "GeoJSON", "download.places", "application/geo+json"),
        Offer(f"{base}.gpkg", "GeoPackage", "download.gpkg", "application/geopackage+sqlite3"),
    ]
    offers += [
        Offer(
            path, "GeoJSON", "download.geojson", "application/geo+json", path.rpartition("/")[2].split(".")[0]
        )
        for path in paths
        if path.endswith(".geojson") and not path.endswith(PLACES)
    ]
    version = next(path for path in paths if path.startswith(VERSIONS))
    return Parcel([offer for offer in offers if offer.path in there], version)
