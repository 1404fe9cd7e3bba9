"""A web server for looking at a site on this machine: files from one folder, safe headers, nothing else.

For the public any static host will do; this server sends the headers that such a host should send too, and compresses as it
should. When the site is built anew, open pages load again: the server adds a script to the pages that it sends, and only
here, for what is published holds no such thing.
"""

from __future__ import annotations

import errno
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from zicht.errors import ZichtError
from zicht.publish.headers import allow_background, has_background, headers_for, type_of
from zicht.publish.packing import is_packed, with_brotli, with_gzip
from zicht.publish.site import RECORD

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_TRIES = 20
_SCRIPT, _CHANGES = "/.zicht/reload.js", "/.zicht/changes"
_RELOAD = b"""new EventSource("/.zicht/changes").addEventListener("change", () => location.reload());\n"""
_TAG = f'<script type="module" src="{_SCRIPT}"></script></body>'.encode()
_LOOK = 0.5  # seconds between looks at whether the site was built anew
_UNFINISHED = 3  # bytes of the record of a site that is being built
_MOST_KEPT = 64 << 20  # bytes of compressed files that are kept in memory


def serve(
    folder: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    ready: Callable[[str], None] = lambda _address: None,
    *,
    reload: bool = True,
) -> None:
    """Serve a site until the process is interrupted.

    Args:
        folder: of a site made by `publish_site`.
        host: address to listen on; only this machine by default.
        port: the next free one is taken when it is in use.
        ready: told the address once requests are answered.
        reload: whether open pages load again when the site is built anew.

    Raises:
        ZichtError: the folder holds no site, or no port is free.
    """
    if not (folder / "index.html").is_file():
        raise ZichtError(f"{folder} holds no site; build one first.")
    with _listening(_Shelf(folder, reload), host, port) as server:
        ready(f"http://{host}:{server.server_address[1]}/")
        server.serve_forever()


@dataclass
class _Shelf:
    """The files of a site as they are sent; what was compressed is kept."""

    folder: Path
    reload: bool
    _packed: dict[tuple[str, str, int], bytes] = field(default_factory=dict)

    def built(self) -> int:
        """When the site was last built, as a number that differs from build to build; 0 while it is being built."""
        try:
            record = (self.folder / RECORD).stat()
        except OSError:
            return 0
        return record.st_mtime_ns if record.st_size > _UNFINISHED else 0

    def page(self, data: bytes) -> bytes:
        """A page with the script that loads it again."""
        return data.replace(b"</body>", _TAG, 1) if self.reload else data

    def packed(self, name: str, way: str, data: bytes) -> bytes:
        """A file compressed in a way, `br` or `gzip`."""
        key = (name, way, hash(data))
        if key not in self._packed:
            if sum(map(len, self._packed.values())) > _MOST_KEPT:
                self._packed.clear()
            self._packed[key] = with_brotli(name, data) if way == "br" else with_gzip(data)
        return self._packed[key]


def _listening(shelf: _Shelf, host: str, port: int) -> ThreadingHTTPServer:
    handler = partial(_Handler, shelf)
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

    def handle_error(self, *_args: object) -> None:
        """Keep quiet: a browser that leaves a page breaks off what it asked for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Zicht"
    sys_version = ""

    def __init__(self, shelf: _Shelf, *args: object) -> None:
        self._shelf = shelf
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
        folder = self._shelf.folder
        found = find_file(folder, path)
        if self._shelf.reload and path == _SCRIPT:
            self._send(HTTPStatus.OK, "reload.js", _RELOAD, body=body)
        elif self._shelf.reload and path == _CHANGES and body:
            self._tell_of_changes()
        elif found is not None and found.name == "index.html" and not path.endswith(("/", "/index.html")):
            self._send(HTTPStatus.MOVED_PERMANENTLY, "", b"", {"Location": _local(path) + "/"}, body=body)
        elif found is not None:
            name = found.relative_to(folder).as_posix()
            self._send(HTTPStatus.OK, name, found.read_bytes(), body=body)
        else:
            missing = folder / "404.html"
            data = missing.read_bytes() if missing.is_file() else b""
            self._send(HTTPStatus.NOT_FOUND, "404.html", data, body=body)

    def _headers_for(self, name: str) -> Mapping[str, str]:
        scripts = (f"static/{path.name}" for path in (self._shelf.folder / "static").glob("background.*"))
        allowed = allow_background if has_background(scripts) else str
        return {key: allowed(value) for key, value in headers_for(name).items()}

    def _send(
        self, status: HTTPStatus, name: str, data: bytes, more: Mapping[str, str] | None = None, *, body: bool
    ) -> None:
        headers = {
            **self._headers_for(name),
            "Cache-Control": "no-cache",
            "Content-Type": type_of(name),
            **(more or {}),
        }
        if name.endswith(".html"):
            data = self._shelf.page(data)
        if is_packed(name, len(data)):
            headers["Vary"] = "Accept-Encoding"
            way = _way(self.headers.get("Accept-Encoding", ""))
            if way:
                data, headers["Content-Encoding"] = self._shelf.packed(name, way, data), way
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def _tell_of_changes(self) -> None:
        """Keep the line open and say so when the site was built anew."""
        self.send_response(HTTPStatus.OK)
        for key, value in {
            **headers_for(""),
            "Cache-Control": "no-store",
            "Content-Type": "text/event-stream",
        }.items():
            self.send_header(key, value)
        self.send_header("Connection", "close")
        self.end_headers()
        built = self._shelf.built()
        while True:
            # A line that says nothing shows whether anybody still listens.
            self.wfile.write(b": \n\n")
            time.sleep(_LOOK)
            now = self._shelf.built()
            if now and now != built:
                built = now
                self.wfile.write(b"event: change\ndata: built\n\n")


def _way(accepted: str) -> str:
    """The best way of compressing that a browser takes; empty where it takes none."""
    refused = re.compile(r";\s*q=0(\.0*)?\s*$")
    ways = {
        part.partition(";")[0].strip() for part in accepted.lower().split(",") if not refused.search(part)
    }
    return next((way for way in ("br", "gzip") if way in ways), "")


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
