"""Identifiers become pseudonyms, a whole column at a time.

A pseudonym is the first 128 bits of HMAC-SHA-256 (FIPS 198-1, RFC 2104) of an identifier under the key of its domain. The same identifier gives
the same pseudonym in every register of a domain, so they can be joined; without the key it can be neither computed nor undone, also where all
identifiers can be listed, as citizen numbers can. It is written with the letters a to p, a letter for four bits: so no pseudonym
holds a digit, and none can be taken for a number, a date or an identifier.

The two blocks that the key fills are hashed once, and copied for each different value; that is what makes it fast enough to be done for every
value that comes in.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.pseudonyms.keys import DomainKey

PSEUDONYM_BYTES = 16  # of 32: two of 10^9 identifiers then coincide with a chance below 10^-20
PATTERN = f"[a-p]{{{2 * PSEUDONYM_BYTES}}}"
"""Regular expression that pseudonyms match, and no identifier that people use does."""

_BLOCK = 64  # bytes of a block of SHA-256
_INNER, _OUTER = bytes(byte ^ 0x36 for byte in range(256)), bytes(byte ^ 0x5C for byte in range(256))


def pseudonymise(values: pa.Array, key: DomainKey) -> pa.Array:
    """Replace identifiers by their pseudonyms.

    Args:
        values: a string column; a null stays a null.
        key: of the domain.

    Returns:
        A string column of the same length, every value 32 letters from a to p.
    """
    encoded = values.dictionary_encode()
    return _pseudonyms(encoded.dictionary, key).take(encoded.indices)


def _pseudonyms(identifiers: pa.Array, key: DomainKey) -> pa.Array:
    padded = key.secret.ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(padded.translate(_INNER)).copy
    outer = hashlib.sha256(padded.translate(_OUTER)).copy
    digests = []
    for identifier in identifiers.cast(pa.binary()).to_pylist():
        message = inner()
        message.update(identifier)
        whole = outer()
        whole.update(message.digest())
        digests.append(whole.digest()[:PSEUDONYM_BYTES])
    return _letters(np.frombuffer(b"".join(digests), np.uint8))


def _letters(octets: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> pa.Array:
    letters = np.empty(2 * len(octets), np.uint8)
    letters[0::2], letters[1::2] = octets >> 4, octets & 15
    letters += ord("a")
    ends = np.arange(0, len(letters) + 1, 2 * PSEUDONYM_BYTES, dtype=np.int32)
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(letters))


def are_pseudonyms(values: pa.Array) -> pa.Array:
    """Which values look like pseudonyms.

    Args:
        values: a string column.

    Returns:
        A boolean for each value, null for a null.
    """
    return pc.match_substring_regex(values, f"^{PATTERN}$")
