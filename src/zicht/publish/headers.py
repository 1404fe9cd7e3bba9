"""What a host says with every file: types, how long it may be kept, and the headers that keep a page safe.

The preview server sends these; for hosts they are written out as configuration (`publish.hosting`).
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

_NO_FRAME = "frame-ancestors 'none'"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    f"base-uri 'none'; form-action 'self'; {_NO_FRAME}"
)
EMBEDDED = ("insluiten/", "en/insluiten/")
"""Folders of pages that other sites may show in a frame."""
OPEN = ("data/", "v/", "catalogus/")
"""Folders of data that scripts of other sites may read: all of it is public, and nobody logs in here."""
ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""The headers of every file that is not embedded in other sites."""
LASTING = ("static/", "v/")
"""Folders of files with a digest in their name: another file has another name."""
FOR_EVER = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=300"
"""Five minutes: pages change when a release is published, and then they should change together."""
TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}
"""Only a host that speaks https may promise this, so the preview does not."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".geojson": "application/geo+json",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".woff2": "font/woff2",
    ".ttl": "text/turtle; charset=utf-8",
    ".jsonld": "application/ld+json",
    ".parquet": "application/vnd.apache.parquet",
    ".gpkg": "application/geopackage+sqlite3",
}
"""Media types by ending, of every ending that a site has: hosts are told these and know no others."""
COMPRESSED = frozenset(
    {
        ".html",
        ".css",
        ".js",
        ".json",
        ".geojson",
        ".csv",
        ".txt",
        ".xml",
        ".svg",
        ".gpkg",
        ".wasm",
        ".ttl",
        ".jsonld",
    }
)
"""Endings of files that become much smaller on the way."""


BACKGROUND = "https://service.pdok.nl"
"""Where the background map comes from on sites that offer one."""
_BACKGROUND_SCRIPT = "static/background."


def has_background(paths: Iterable[str]) -> bool:
    """Whether a site offers the background map: then its script is among the files (`publish.look`)."""
    return any(path.startswith(_BACKGROUND_SCRIPT) for path in paths)


def allow_background(text: str) -> str:
    """Headers or configuration in which pages may show pictures of the background map too."""
    return text.replace("img-src 'self' data:", f"img-src 'self' data: {BACKGROUND}")


def type_of(path: str) -> str:
    """The media type of a file by its name."""
    ending = PurePosixPath(path).suffix
    return TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"


def headers_for(path: str) -> Mapping[str, str]:
    """The headers of a file of the site besides its type and size.

    Pages to embed may stand in a frame of any site; data may be read by scripts of any site.

    Args:
        path: in the site, without a slash in front.
    """
    said = {**HEADERS, "Cache-Control": FOR_EVER if path.startswith(LASTING) else A_WHILE}
    if path.startswith(EMBEDDED):
        del said["X-Frame-Options"]
        said["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(_NO_FRAME, "frame-ancestors *")
    return {**said, **ANY_ORIGIN} if path.startswith(OPEN) else said
