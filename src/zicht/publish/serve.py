"""A web server for looking at a site on this machine: files from one folder, safe headers, nothing else.

For the public any static host will do; this server sends the headers that such a host should send too.
"""

from __future__ import annotations

import errno
import mimetypes
import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from zicht.errors import ZichtError

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml",
}
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_TRIES = 20


def serve(
    folder: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    ready: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve a site until the process is interrupted.

    Args:
        folder: of a site made by `publish_site`.
        host: address to listen on; only this machine by default.
        port: the next free one is taken when it is in use.
        ready: told the address once requests are answered.

    Raises:
        ZichtError: the folder holds no site, or no port is free.
    """
    if not (folder / "index.html").is_file():
        raise ZichtError(f"{folder} holds no site; build one first.")
    with _listening(folder, host, port) as server:
        ready(f"http://{host}:{server.server_address[1]}/")
        server.serve_forever()


def _listening(folder: Path, host: str, port: int) -> ThreadingHTTPServer:
    handler = partial(_Handler, folder)
    for number in range(port, port + _TRIES):
        try:
            return _Server((host, number), handler)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ZichtError(f"The site cannot be served on {host}: {error.strerror}.") from error
    raise ZichtError(
        f"No port from {port} to {port + _TRIES - 1} is free on {host}; give another with --port."
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = False  # a port that another server uses must be seen as taken


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Zicht"
    sys_version = ""

    def __init__(self, folder: Path, *args: object) -> None:
        self._folder = folder
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a file."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer with the headers of a file."""
        self._answer(body=False)

    def log_message(self, *args: object) -> None:
        """Keep quiet: the address of a page that somebody reads is nobody's business."""

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        found = find_file(self._folder, path)
        if found is not None and found.name == "index.html" and not path.endswith(("/", "/index.html")):
            self._send(
                HTTPStatus.MOVED_PERMANENTLY, b"", "text/plain", {"Location": _local(path) + "/"}, body=body
            )
        elif found is not None:
            kind = (
                TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
            )
            self._send(HTTPStatus.OK, found.read_bytes(), kind, {}, body=body)
        else:
            missing = self._folder / "404.html"
            data = missing.read_bytes() if missing.is_file() else b""
            self._send(HTTPStatus.NOT_FOUND, data, TYPES[".html"], {}, body=body)

    def _send(self, status: HTTPStatus, data: bytes, kind: str, more: dict[str, str], *, body: bool) -> None:
        self.send_response(status)
        for name, value in {
            **HEADERS,
            **more,
            "Content-Type": kind,
            "Content-Length": str(len(data)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)


def _local(path: str) -> str:
    """A path on this server: two slashes at the start would be another host."""
    return "/" + path.lstrip("/")


def find_file(folder: Path, path: str) -> Path | None:
    """The file of a site that a request is for; None where there is none or the request tries to get out.

    Args:
        folder: of the site.
        path: the decoded path of the request; the index of a folder is found with and without its last slash.
    """
    parts = [part for part in path.split("/") if part]
    # Every part must be a plain name: no `..`, no drive, no hidden file such as the record of the site.
    if not path.startswith("/") or not all(_NAME.fullmatch(part) for part in parts):
        return None
    target = folder.joinpath(*parts)
    if target.is_dir():
        target /= "index.html"
    if not target.is_file() or not target.resolve().is_relative_to(folder.resolve()):
        return None
    return target
