"""The secret of a project, its versions, and the key that each domain gets from it.

A project has one secret of 256 random bits. The key of a domain is derived from it, so that whoever has the pseudonyms of two domains
cannot lay them side by side, and whoever has the key of one domain learns nothing of another. A secret can be followed by a new one: every
version keeps its number, and the highest is the one in use.

Source: HKDF-Expand with SHA-256 (RFC 5869, 2.3) over the project and the domain; the secret is uniformly random, so the step that extracts
is left out, as 3.3 of that RFC allows.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from zicht.errors import ZichtError

SECRET_BYTES = 32  # 256 bits: as many as SHA-256 can make use of
_LEAST_DIFFERENT = 16  # different bytes in a secret; 32 random ones have fewer with a chance below 10^-13
_ENTRY = re.compile(r"([1-9][0-9]{0,5})\s*=\s*([0-9a-fA-F]+)")
_PURPOSE = b"zicht pseudonyms 1"
_TELLS = b"zicht fingerprint 1"
_SHOWN = 16  # hex digits of a fingerprint


class SecretError(ZichtError):
    """A secret that is not there, is not fit to be used, or is not kept well enough."""


@dataclass(frozen=True)
class DomainKey:
    """The key with which the identifiers of one domain become pseudonyms.

    Attributes:
        domain: name of the domain.
        version: which secret it was derived from, from 1.
        secret: its 32 bytes; never shown.
    """

    domain: str
    version: int
    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """16 hex digits by which a key is known again; of 256 random bits they give nothing away."""
        return hmac.digest(self.secret, _TELLS, "sha256").hex()[:_SHOWN]


@dataclass(frozen=True)
class KeyRing:
    """The secrets of a project.

    Attributes:
        project: id of the project.
        kept: where they are kept, for messages.
        secrets: by version; never shown.
    """

    project: str
    kept: str
    secrets: Mapping[int, bytes] = field(repr=False)

    @property
    def version(self) -> int:
        """The version in use: the highest."""
        return max(self.secrets)

    def domain(self, name: str, version: int | None = None) -> DomainKey:
        """The key of a domain.

        Args:
            name: the domain.
            version: which secret; the one in use where left out.

        Raises:
            SecretError: there is no such version.
        """
        chosen = self.version if version is None else version
        if chosen not in self.secrets:
            raise SecretError(
                f"{self.kept} has no secret of version {chosen}; it has {', '.join(map(str, sorted(self.secrets)))}."
            )
        named = b"\0".join((_PURPOSE, self.project.encode(), name.encode()))
        return DomainKey(name, chosen, hmac.digest(self.secrets[chosen], named + b"\x01", "sha256"))

    def rotated(self) -> KeyRing:
        """The same secrets and a new one, which is the one in use from then on."""
        return KeyRing(
            self.project, self.kept, {**self.secrets, self.version + 1: secrets.token_bytes(SECRET_BYTES)}
        )

    def text(self) -> str:
        """The secrets as they are kept: a line each, `version = hex`."""
        lines = [f"{version} = {secret.hex()}" for version, secret in sorted(self.secrets.items())]
        return "\n".join((f"# Secrets of the pseudonyms of project {self.project}. Who has them can undo every pseudonym.", *lines, ""))  # fmt: skip


def fresh_ring(project: str, kept: str) -> KeyRing:
    """A new secret for a project, of version 1.

    Args:
        project: id of the project.
        kept: where it will be kept, for messages.

    Returns:
        The ring with that one secret.
    """
    return KeyRing(project, kept, {1: secrets.token_bytes(SECRET_BYTES)})


def read_ring(text: str, project: str, kept: str) -> KeyRing:
    """The secrets in a text, as `KeyRing.text` writes them; commas may stand for line ends.

    Args:
        text: what was kept.
        project: id of the project.
        kept: where it was kept, for messages; no message shows anything of the text.

    Returns:
        The ring with every secret in the text.

    Raises:
        SecretError: the text holds no secret, something that is none, one that is too short or not random, or a version twice.
    """
    lines = [line.partition("#")[0].strip() for part in text.splitlines() for line in part.split(",")]
    found: dict[int, bytes] = {}
    for line in filter(None, lines):
        entry = _ENTRY.fullmatch(line)
        if entry is None or len(entry[2]) != 2 * SECRET_BYTES:
            raise SecretError(
                f"{kept} holds something that is no secret. Write `version = secret`, the secret as {2 * SECRET_BYTES} hex digits, "
                "or have one made with `zicht keys new`."
            )
        version, secret = int(entry[1]), bytes.fromhex(entry[2])
        if version in found:
            raise SecretError(f"{kept} holds version {version} twice. Keep one.")
        if len(set(secret)) < _LEAST_DIFFERENT:
            raise SecretError(
                f"{kept} holds a secret (version {version}) that is not random, so it can be guessed. Have one made with `zicht keys new`."
            )
        found[version] = secret
    if not found:
        raise SecretError(f"{kept} holds no secret. Have one made with `zicht keys new`.")
    return KeyRing(project, kept, found)
