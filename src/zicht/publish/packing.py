"""Files made smaller for the way: brotli and gzip twins, the same bytes for the same file."""

from __future__ import annotations

import gzip
from pathlib import PurePosixPath

import brotli

from zicht.publish.headers import COMPRESSED

LEAST = 600
"""Bytes; a smaller file fits in one packet as it is."""
_QUALITY, _QUALITY_ONCE, _QUALITY_LARGE = 7, 11, 5
_LARGE = 1 << 20
_GZIP = 6


def is_packed(path: str, size: int) -> bool:
    """Whether a file is sent compressed.

    Args:
        path: of the file.
        size: in bytes.
    """
    return size >= LEAST and PurePosixPath(path).suffix in COMPRESSED


def with_brotli(path: str, data: bytes) -> bytes:
    """A file as brotli: as small as can be for what never changes, fast for what is large.

    Args:
        path: of the file in the site.
        data: its bytes.
    """
    quality = (
        _QUALITY_ONCE if path.startswith("static/") else _QUALITY_LARGE if len(data) > _LARGE else _QUALITY
    )
    mode = brotli.MODE_GENERIC if path.endswith(".gpkg") else brotli.MODE_TEXT
    packed: bytes = brotli.compress(data, mode=mode, quality=quality)
    return packed


def with_gzip(data: bytes) -> bytes:
    """A file as gzip, without a time in it."""
    return gzip.compress(data, _GZIP, mtime=0)
