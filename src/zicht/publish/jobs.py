"""The parts of a site: what each is made from, so that those of which nothing changed are not made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from zicht.engine import code_digest, digest_of
from zicht.publish.edition import Edition
from zicht.publish.history import History
from zicht.publish.postcodes import knows_postcodes
from zicht.publish.profile import has_papers, shards
from zicht.publish.registers import registers_of

if TYPE_CHECKING:
    from zicht.release import Release

_SHARD, _PRINTED = 400, 40
"""Areas a job: of pages and of profiles on paper."""


@dataclass(frozen=True, slots=True)
class Job:
    """A part of the site that is made as a whole: its kind, what it is of, and the digest of what it is made from."""

    kind: str
    of: str
    start: int
    stop: int
    key: str

    @property
    def name(self) -> str:
        """Names the job in the record."""
        return f"{self.kind}/{self.of}/{self.start}"


def inputs_of(release: Release, history: History) -> str:
    """The digest of all that the site of a `release` after a `history` is made of."""
    return digest_of([release.manifest["digest"], code_digest("publish"), history.named()])


def jobs_of(edition: Edition, history: History) -> list[Job]:
    """All jobs of a site, with the digests of what they are made from.

    Args:
        edition: the release.
        history: what was public before it.
    """
    release, catalogue = edition.release, edition.release.catalogue
    files = cast("Mapping[str, str]", release.manifest["files"])
    code = code_digest("publish")
    ground = {name: digest for name, digest in files.items() if name.startswith(("areas", "boundaries/"))}
    checks = [files.get(f"evidence/{name}.json", "") for name in ("checks", "area_changes")]
    frame = {name: catalogue.get(name) for name in ("project", "themes", "dimensions", "areas")}
    frame["products"] = bool(catalogue.get("products"))
    frame["registers"] = registers_of(edition)
    frame["postcodes"] = knows_postcodes(edition)
    raw = {
        str(item["id"]): item
        for item in cast("Sequence[Mapping[str, object]]", catalogue.get("indicators") or ())
    }
    shared = [code, frame, ground, release.manifest.get("languages"), release.manifest.get("division")]
    whole = [code, release.manifest["digest"]]
    everything = digest_of(
        [shared, checks, raw, {name: digest for name, digest in files.items() if name.startswith("figures/")}]
    )
    # The longest first, so that those who share the work end together.
    kinds = ({"papers": _PRINTED} if has_papers(edition) else {}) | {"areas": _SHARD}
    jobs = [
        Job(kind, level, shard.start, shard.stop, everything)
        for kind, size in kinds.items()
        for level in reversed(edition.areas.levels)
        for shard in shards(edition.areas.members[level], size)
    ]
    jobs += [
        Job("atlas", "", 0, 0, everything),
        Job("general", "", 0, 0, digest_of(whole)),
        Job("notes", "", 0, 0, digest_of([*whole, history.named()])),
    ]
    for name in edition.catalogue.indicators:
        parts = [files.get(f"{folder}/{name}.parquet") for folder in ("figures", "points")]
        places = files.get("places.parquet") if edition.choosing(edition.catalogue.indicators[name]) else None
        key = digest_of([shared, raw[name], parts, places, checks])
        jobs.append(Job("indicator", name, 0, 0, key))
    return jobs
