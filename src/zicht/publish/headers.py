"""What a host says with every file: types, how long it may be kept, and the headers that keep a page safe.

The preview server sends these; for hosts they are written out as configuration: nginx, Caddy, and the `_headers` file that
static hosts such as Cloudflare Pages and Netlify read.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
EMBEDDED = ("insluiten/", "en/insluiten/")
"""Folders of pages that other sites may show in a frame."""
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
_TRANSPORT = "max-age=31536000"  # only a host that speaks https may promise it, so the preview does not
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
    ".woff2": "font/woff2",
    ".ttl": "text/turtle; charset=utf-8",
    ".jsonld": "application/ld+json",
    ".parquet": "application/vnd.apache.parquet",
    ".gpkg": "application/geopackage+sqlite3",
}
"""Media types by ending; other endings have the type that is registered for them."""
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
    """The headers of a file of the site besides its type and size; pages to embed may stand in a frame of any site.

    Args:
        path: in the site, without a slash in front.
    """
    kept = {"Cache-Control": FOR_EVER if path.startswith(LASTING) else A_WHILE}
    if not path.startswith(EMBEDDED):
        return {**HEADERS, **kept}
    framed = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}
    return {**framed, **kept, "Content-Security-Policy": _framed()}


def _framed() -> str:
    return CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")


def static_host(base: str) -> str:
    """The `_headers` file of static hosts; `base` is the path at which the site stands."""
    rules = [("*", {**HEADERS, "Strict-Transport-Security": _TRANSPORT})]
    rules += [(f"{folder}*", {"Cache-Control": FOR_EVER}) for folder in LASTING]
    # A rule adds to those before it, so what must not hold for embedded pages is taken back by name (`! Name`).
    lines = [
        f"{base}{pattern}\n" + "".join(f"  {name}: {value}\n" for name, value in values.items())
        for pattern, values in rules
    ]
    lines += [
        f"{base}{folder}*\n  ! X-Frame-Options\n  ! Content-Security-Policy\n  Content-Security-Policy: {_framed()}\n"
        for folder in EMBEDDED
    ]
    return "\n".join(lines)


def nginx(base: str) -> str:
    """A part of a `server` block for nginx. Needs `gzip_static`; `brotli_static` where its module is there.

    Args:
        base: the path at which the site stands.
    """
    types = "\n".join(
        f"    {kind.partition(';')[0]} {ending.removeprefix('.')};" for ending, kind in TYPES.items()
    )
    every = {**HEADERS, "Strict-Transport-Security": _TRANSPORT}
    framed = {**headers_for(EMBEDDED[0]), "Strict-Transport-Security": _TRANSPORT}
    folders = "|".join(folder.rstrip("/") for folder in LASTING)
    embedded = "|".join(folder.rstrip("/") for folder in EMBEDDED)
    return f"""# Zicht: include this in a server block, beside `root`.
charset utf-8;
types {{
{types}
}}
index index.html;
error_page 404 {base}404.html;
gzip_static on;
# brotli_static on;  # with the module ngx_brotli
location {base} {{
    try_files $uri $uri/index.html $uri/ =404;
{_nginx({**every, "Cache-Control": A_WHILE})}
}}
location ~ ^{base}({folders})/ {{
{_nginx({**every, "Cache-Control": FOR_EVER})}
}}
location ~ ^{base}({embedded})/ {{
    try_files $uri $uri/index.html $uri/ =404;
{_nginx(framed)}
}}
location ~ /\\.(?!well-known/) {{ return 404; }}
"""


def _nginx(headers: Mapping[str, str]) -> str:
    return "\n".join(f'    add_header {name} "{value}" always;' for name, value in headers.items())


def caddy(base: str) -> str:
    """A part of a site block for Caddy; `base` is the path at which the site stands."""
    every = {**HEADERS, "Strict-Transport-Security": _TRANSPORT, "Cache-Control": A_WHILE}
    folders = " ".join(f"{base}{folder}*" for folder in LASTING)
    embedded = " ".join(f"{base}{folder}*" for folder in EMBEDDED)
    lines = "\n".join(f"    {name} `{value}`" for name, value in every.items())
    return f"""# Zicht: import this in a site block, beside `root`.
@lasting path {folders}
@framed path {embedded}
@hidden {{
    path */.*
    not path {base}.well-known/*
}}
header {{
{lines}
}}
header @lasting Cache-Control `{FOR_EVER}`
header @framed -X-Frame-Options
header @framed Content-Security-Policy `{_framed()}`
respond @hidden 404
file_server {{
    precompressed br gzip
}}
handle_errors {{
    rewrite * {base}404.html
    file_server
}}
"""
