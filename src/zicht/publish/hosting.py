"""What a site says with its files, as configuration for those who serve it: nginx, Caddy, and the `_headers` of static hosts.

All three are written from `publish.headers`, so that no host says anything else than the preview. They are held against the real
servers by `tests/publish/test_hosting.py`.

Sources: the reference of nginx (`ngx_http_core_module`, `ngx_http_headers_module`, `ngx_http_gzip_static_module`), the Caddyfile
directives `header`, `error`, `file_server` and `handle_errors`, and the pages on `_headers` of Cloudflare Pages and Netlify.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from zicht.publish.headers import (
    ANY_ORIGIN,
    EMBEDDED,
    FOR_EVER,
    HEADERS,
    LASTING,
    OPEN,
    TRANSPORT,
    TYPES,
    headers_for,
)

_UTF_8 = "; charset=utf-8"


def _said(path: str) -> dict[str, str]:
    return {**headers_for(path), **TRANSPORT}


def _folders_apart() -> list[tuple[list[str], dict[str, str]]]:
    """Folders whose files are sent with other headers than the rest, those with the same headers together."""
    found: list[tuple[list[str], dict[str, str]]] = []
    for folder in dict.fromkeys((*LASTING, *OPEN, *EMBEDDED)):
        said = _said(folder)
        for folders, others in found:
            if others == said:
                folders.append(folder)
                break
        else:
            found.append(([folder], said))
    return found


def nginx(base: str) -> str:
    """A part of a `server` block for nginx, tried with 1.22. It needs nothing but the module `gzip_static`.

    Args:
        base: the path at which the site stands, with a slash at both ends.
    """
    with_charset = sorted({kind.removesuffix(_UTF_8) for kind in TYPES.values() if kind.endswith(_UTF_8)})
    types = "\n".join(
        f"        {kind.removesuffix(_UTF_8)} {ending.removeprefix('.')};" for ending, kind in TYPES.items()
    )
    charset = " ".join(kind for kind in with_charset if kind != "text/html")  # which nginx has in its list
    apart = "\n".join(
        f"    location ~ ^{re.escape(base)}(?:{'|'.join(folder.rstrip('/') for folder in folders)})/ {{\n"
        f"        try_files $uri $uri/ =404;\n{_nginx_headers(said, 8)}\n    }}"
        for folders, said in _folders_apart()
    )
    return f"""# Zicht: include this in a server block, beside `root`. Where nginx has the module ngx_brotli, write there too:
#     brotli_static on;
location ^~ {base} {{
    types {{
{types}
    }}
    default_type application/octet-stream;
    charset utf-8;
    charset_types {charset};
    index index.html;
    absolute_redirect off;
    error_page 403 404 =404 {base}404.html;
    gzip_static on;
    gzip_vary on;
    try_files $uri $uri/ =404;
{_nginx_headers(_said(""), 4)}
    location ~ /\\.(?!well-known/) {{
        return 404;
    }}
{apart}
}}
"""


def _nginx_headers(headers: Mapping[str, str], indent: int) -> str:
    return "\n".join(f'{" " * indent}add_header {name} "{value}" always;' for name, value in headers.items())


def caddy(base: str) -> str:
    """A part of a site block for Caddy, tried with 2.6 and 2.11.

    Matchers exclude each other, for Caddy puts directives in an order of its own.

    Args:
        base: the path at which the site stands, with a slash at both ends.
    """
    apart = _folders_apart()
    groups = [(f"@zicht_{number} path", folders, said) for number, (folders, said) in enumerate(apart)]
    groups.append(("@zicht not path", [folder for folders, _ in apart for folder in folders], _said("")))
    headers = "\n".join(
        f"    {matcher} {' '.join(f'{base}{folder}*' for folder in folders)}\n"
        f"    header {matcher.split()[0]} {{\n{_caddy_headers(said, 8)}\n    }}"
        for matcher, folders, said in groups
    )
    types = "\n".join(
        f"    @zicht{ending.replace('.', '_')} path *{ending}\n"
        f"    header @zicht{ending.replace('.', '_')} Content-Type `{kind}`"
        for ending, kind in TYPES.items()
    )
    return f"""# Zicht: import this in a site block, beside `root`.
handle {base}* {{
{headers}
{types}
    @zicht_hidden {{
        path */.*
        not path {base}.well-known/*
    }}
    error @zicht_hidden 404
    file_server {{
        precompressed br gzip
    }}
}}
handle_errors {{
    handle {base}* {{
        rewrite * {base}404.html
        header {{
{_caddy_headers({**_said("404.html"), "Content-Type": TYPES[".html"]}, 12)}
        }}
        file_server {{
            precompressed br gzip
        }}
    }}
}}
"""


def _caddy_headers(headers: Mapping[str, str], indent: int) -> str:
    return "\n".join(f"{' ' * indent}{name} `{value}`" for name, value in headers.items())


def static_host(base: str, paths: Iterable[str]) -> str:
    """The `_headers` file of static hosts.

    Such a host joins what several rules say of one header, or takes one of them, each in its own way. So no two rules here speak of
    the same header: the policy leaves out who may show a page in a frame, and `X-Frame-Options` says it folder by folder.

    Args:
        base: the path at which the site stands, with a slash at both ends.
        paths: the files of the site.
    """
    every = {**HEADERS, **TRANSPORT}
    frames = {"X-Frame-Options": every.pop("X-Frame-Options")}
    every["Content-Security-Policy"] = every["Content-Security-Policy"].partition("; frame-ancestors")[0]
    rules: list[tuple[str, Mapping[str, str]]] = [("*", every)]
    rules += [(pattern, frames) for pattern in _unframed(paths)]
    rules += [(f"{folder}*", {"Cache-Control": FOR_EVER}) for folder in LASTING]
    rules += [(f"{folder}*", ANY_ORIGIN) for folder in OPEN]
    return "\n".join(
        f"{base}{pattern}\n" + "".join(f"  {name}: {value}\n" for name, value in said.items())
        for pattern, said in rules
    )


def _unframed(paths: Iterable[str]) -> list[str]:
    """Patterns of all pages but those to embed: by folder at the top, and at the top of the English pages."""
    found = set()
    for path in paths:
        if path.endswith(".html") and not path.startswith(EMBEDDED):
            depth = 2 if path.startswith("en/") else 1
            *folders, name = path.split("/")
            within = "/".join(folders[:depth])
            deeper = len(folders) >= depth
            found |= (
                {f"{within}/*"} if deeper else {f"{within}/" if within else "", "/".join([*folders, name])}
            )
    return sorted(found)
