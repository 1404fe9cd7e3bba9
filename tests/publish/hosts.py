"""The real web servers, run for a test over a folder that was delivered, with the configuration that stands in it."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
PACKAGES = {"nginx": "nginx-light libnginx-mod-http-brotli-static", "caddy": "caddy"}
_PATIENCE = 10.0  # seconds before a server answers

NGINX = """
load_module {brotli};
daemon off;
master_process off;
pid {work}/nginx.pid;
error_log {work}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        brotli_static on;
        include {site}/.hosting/nginx.conf;
    }}
}}
"""
CADDY = """
{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    root * {root}
    import {site}/.hosting/Caddyfile
}}
"""


@dataclass(frozen=True)
class Answer:
    """What a server said: its status, its headers by name in lower case (a name said twice is joined by ` + `), and the bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Host:
    """A web server that runs."""

    name: str
    port: int

    def ask(self, path: str, **headers: str) -> Answer:
        """One request; in names of headers `_` stands for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        said = {"Accept-Encoding": "identity"}
        said.update({name.replace("_", "-"): value for name, value in headers.items()})
        connection.request("GET", path, headers=said)
        answer = connection.getresponse()
        found: dict[str, str] = {}
        for name, value in answer.getheaders():
            key = name.lower()
            found[key] = f"{found[key]} + {value}" if key in found else value
        return Answer(answer.status, found, answer.read())


@contextmanager
def hosted(name: str, root: Path, site: Path, work: Path) -> Iterator[Host]:
    """A site on a real web server; the test is skipped where that is not installed, unless this is CI.

    Args:
        name: `nginx` or `caddy`.
        root: the folder that the server shows.
        site: the folder in it that was delivered.
        work: an empty folder for the server.
    """
    program = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or (name == "nginx" and not BROTLI.is_file()):
        if os.environ.get("CI"):
            pytest.fail(f"CI needs {name}: apt-get install {PACKAGES[name]}")
        pytest.skip(f"{name} is not installed (Debian: {PACKAGES[name]}), so this test on it cannot run")
    port = _free()
    template = NGINX if name == "nginx" else CADDY
    config = work / f"{name}.conf"
    config.write_text(template.format(brotli=BROTLI, work=work, port=port, root=root, site=site))
    how = ["-e", str(work / "error.log"), "-p", str(work), "-c", str(config)]
    if name == "caddy":
        how = ["run", "--adapter", "caddyfile", "--config", str(config)]
    with (work / "said.txt").open("w") as said:
        running = subprocess.Popen(
            [program, *how], stdout=said, stderr=said, env={"HOME": str(work), "PATH": "/usr/bin:/bin"}
        )
        try:
            _wait(running, port, work)
            yield Host(name, port)
        finally:
            running.terminate()
            running.wait(_PATIENCE)


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(running: subprocess.Popen[bytes], port: int, work: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and running.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"The server did not start: {(work / 'said.txt').read_text()}")
