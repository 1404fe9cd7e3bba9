"""Areas whose land changed while they kept their code: what people declared, and which gemeenten came together.

Figures of before and after a declared change are of other land: lines are broken there and nothing is said of the difference. Of gemeenten that came
together the figures taken over follow the land already, so that is told and breaks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from zicht.publish.catalogue import Text
from zicht.publish.frames import AreaTable
from zicht.publish.texts import Texts


@dataclass(frozen=True, slots=True)
class LandChange:
    """From which year on figures are about the land of today, and what happened."""

    year: int
    text: Text


@dataclass(frozen=True, slots=True)
class Joined:
    """In which year an area got the land of others, and their names."""

    year: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LandChanges:
    """What is told of areas that changed, by number of the area."""

    declared: Mapping[int, Sequence[LandChange]]
    joined: Mapping[int, Sequence[Joined]]

    def lines(self, texts: Texts, place: int) -> list[str]:
        """What is told of an area, a sentence or two a change, oldest first."""
        told = [
            (change.year, texts("land.changed", year=change.year, text=texts.pick(change.text)))
            for change in self.declared.get(place, ())
        ]
        told += [
            (change.year, texts("land.joined", year=change.year, names=texts.listed(change.names)))
            for change in self.joined.get(place, ())
        ]
        return [line for _, line in sorted(told)]


def read_land(evidence: Mapping[str, object], areas: AreaTable) -> LandChanges:
    """Read what a release tells of areas that changed.

    Args:
        evidence: that part of it; may be empty.
        areas: of the release; others are left out.
    """

    def of(part: str) -> dict[int, Sequence[Mapping[str, object]]]:
        by_code = cast("Mapping[str, Sequence[Mapping[str, object]]]", evidence.get(part) or {})
        return {areas.number[code]: told for code, told in by_code.items() if code in areas.number}

    return LandChanges(
        {
            place: [LandChange(cast("int", one["year"]), cast("Text", one["text"])) for one in told]
            for place, told in of("declared").items()
        },
        {
            place: [
                Joined(cast("int", one["year"]), tuple(cast("Sequence[str]", one["names"]))) for one in told
            ]
            for place, told in of("joined").items()
        },
    )
