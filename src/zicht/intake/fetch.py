"""Fetching over HTTP, patiently: retries, waiting as long as the server asks, and limits on size."""

from __future__ import annotations

import email.utils
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from zicht.engine import Progress
from zicht.errors import DeliveryError, Place

MAX_DOWNLOAD = 5_000_000_000  # bytes of one file
MAX_ANSWER = 300_000_000  # bytes of one answer of a service
ATTEMPTS = 6
CONNECT_ATTEMPTS = 2  # a machine without internet should say so at once
LONGEST_WAIT = 120.0  # seconds, whatever a server asks
_TIMEOUT = httpx.Timeout(20.0, read=120.0)
_AGAIN = (429, 500, 502, 503, 504)

Answer = TypeVar("Answer")
Sleep = Callable[[float], None]


@contextmanager
def client_or_own(client: httpx.Client | None) -> Iterator[httpx.Client]:
    """The client given, or one of our own that is closed afterwards."""
    if client is not None:
        yield client
        return
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=True, headers={"User-Agent": "zicht"}) as own:
        yield own


def get_json(client: httpx.Client, url: str, place: Place, *, sleep: Sleep = time.sleep) -> object:
    """The JSON that a service answers; numbers with a fraction stay the text they were written as.

    Args:
        client: whom to ask through.
        url: address with query.
        place: what to call it in messages.
        sleep: waits a number of seconds; given by tests.

    Raises:
        DeliveryError: no answer after `ATTEMPTS` tries, a refusal, more than `MAX_ANSWER` bytes, or no JSON.
    """

    def read(response: httpx.Response) -> bytes:
        found = bytearray()
        for chunk in response.iter_bytes():
            found += chunk
            if len(found) > MAX_ANSWER:
                raise DeliveryError.at(
                    place, f"answers more than {MAX_ANSWER:,} bytes at once; that is refused."
                )
        return bytes(found)

    raw = _patiently(client, url, place, read, sleep)
    try:
        return json.loads(raw, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise DeliveryError.at(place, f"answers what is no JSON ({error}), at {url}.") from error


def download(
    client: httpx.Client,
    url: str,
    folder: Path,
    place: Place,
    *,
    progress: Progress | None = None,
    sleep: Sleep = time.sleep,
) -> tuple[Path, str]:
    """Fetch a file and keep it under its own digest.

    Args:
        client: whom to ask through.
        url: address of the file.
        folder: where fetched files are kept, each in a folder named by its SHA-256.
        place: what to call it in messages.
        progress: told the bytes so far.
        sleep: waits a number of seconds; given by tests.

    Returns:
        The file and its SHA-256 in hex.

    Raises:
        DeliveryError: no answer after `ATTEMPTS` tries, a refusal, or more than `MAX_DOWNLOAD` bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{hashlib.sha256(url.encode()).hexdigest()[:16]}.part"

    def read(response: httpx.Response) -> str:
        digest, size = hashlib.sha256(), 0
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdecimal() and "Content-Encoding" not in response.headers else None
        with part.open("wb") as file:
            for chunk in response.iter_bytes():
                size += len(chunk)
                if size > MAX_DOWNLOAD:
                    raise DeliveryError.at(place, f"is larger than {MAX_DOWNLOAD:,} bytes; that is refused.")
                digest.update(chunk)
                file.write(chunk)
                if progress:
                    progress(size, total, place.file)
        if total is not None and size < total:
            raise httpx.ReadError(f"{size} of {total} bytes came")
        return digest.hexdigest()

    try:
        digest = _patiently(client, url, place, read, sleep)
        kept = folder / digest / _file_name(url)
        kept.parent.mkdir(exist_ok=True)
        part.replace(kept)
    finally:
        part.unlink(missing_ok=True)
    return kept, digest


def _file_name(url: str) -> str:
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    tidy = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name).strip(".")
    return tidy[-100:] or "file"


def _patiently(
    client: httpx.Client, url: str, place: Place, read: Callable[[httpx.Response], Answer], sleep: Sleep
) -> Answer:
    """Ask until there is an answer, waiting 1, 2, 4 … seconds, or as long as the server says."""
    tried, why = 0, ""
    while tried < ATTEMPTS:
        tried += 1
        wait = float(2 ** (tried - 1))
        try:
            with client.stream("GET", url) as response:
                if response.url.scheme != "https" and url.startswith("https:"):
                    raise DeliveryError.at(
                        place, f"was sent on from https to {response.url}; that is refused."
                    )
                if response.status_code == 200:
                    return read(response)
                why = f"status {response.status_code} {response.reason_phrase}".rstrip()
                if response.status_code not in _AGAIN:
                    break
                wait = _asked_to_wait(response, wait)
        except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            why = str(error) or type(error).__name__
            if tried >= CONNECT_ATTEMPTS:
                break
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
        if tried < ATTEMPTS:
            sleep(min(wait, LONGEST_WAIT))
    raise DeliveryError.at(
        place, f"cannot be fetched from {url}: {why}.", "Try again later, or put a local copy in place."
    )


def _asked_to_wait(response: httpx.Response, otherwise: float) -> float:
    """Seconds in `Retry-After`: a number, or a moment, which counts from the `Date` of the same answer."""
    asked = response.headers.get("Retry-After", "")
    if asked.isdecimal():
        return float(asked)
    try:
        moment = email.utils.parsedate_to_datetime(asked)
        now = email.utils.parsedate_to_datetime(response.headers.get("Date", ""))
        return max(0.0, (moment - now).total_seconds())
    except (TypeError, ValueError):
        return otherwise
