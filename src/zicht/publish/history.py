"""What was public before a release: the releases that went before it, and the files by which their figures are still cited.

A release holds no date and does not know what it takes the place of. Both come in from outside, with the releases themselves; the
site of a release without them is that of a first one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from zicht.publish.data import VERSIONS, version_of
from zicht.publish.edition import Edition

if TYPE_CHECKING:
    from zicht.release import Release


@dataclass(frozen=True, slots=True)
class Earlier:
    """A release that was public before, and the day on which it became so."""

    release: Release
    on: dt.date


@dataclass(frozen=True, slots=True)
class History:
    """What went before a release.

    Attributes:
        earlier: the releases that were public before, oldest first; none twice, and none that was withdrawn.
        on: the day on which the release itself became public; None where it is not.
    """

    earlier: tuple[Earlier, ...] = ()
    on: dt.date | None = None

    @property
    def before(self) -> Earlier | None:
        """The release that this one takes the place of; None for a first one."""
        return self.earlier[-1] if self.earlier else None

    def named(self) -> list[str]:
        """What makes it this history and no other, as text."""
        days = [f"{one.on} {one.release.digest}" for one in self.earlier]
        return [*days, str(self.on or "")]


@dataclass(frozen=True, slots=True)
class VersionFile:
    """The figures of an indicator as an earlier release had them: the address that stays, and the bytes."""

    indicator: str
    path: str
    data: bytes


def version_files(release: Release) -> Iterator[VersionFile]:
    """The lasting files of an earlier release, one an indicator.

    Args:
        release: it.

    Raises:
        DisclosureError: a hidden figure of the release still has a number.
        ZichtError: the release cannot be read.
    """
    edition = Edition(release)
    for name, indicator in edition.catalogue.indicators.items():
        data = version_of(edition, indicator)
        yield VersionFile(name, f"{VERSIONS}{name}/{sha256(data).hexdigest()[:16]}.parquet", data)
