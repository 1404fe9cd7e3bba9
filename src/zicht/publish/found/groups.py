"""What is said of groups that are described by what they have in common, and of decisions to let one through."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from typing_extensions import override

from zicht.publish.catalogue import Finding
from zicht.publish.found.speaker import Row, Speaker
from zicht.publish.texts import Texts


class Groups(Speaker):
    """Combinations of characteristics that are found more often where something holds."""

    method = "subgroup"
    tells_groups = True
    about = "groups"

    @override
    def summary(self) -> str:
        return self.some("found.groups", len(self.outstanding))

    @override
    def line(self, row: Row) -> str:
        return self.texts(
            "found.group.line", group=self._description(row), ratio=self.shown(row.estimate, 1),
            low=self.shown(row.lower, 1), high=self.shown(row.upper, 1),
        )  # fmt: skip

    def _description(self, row: Row) -> str:
        dimensions = self.edition.catalogue.dimensions
        described = cast("Mapping[str, str]", json.loads(row.group))
        parts = [
            self.texts(
                "found.group.part",
                trait=self.texts.pick(dimensions[id_].title).lower(),
                value=self.texts.pick(dimensions[id_].categories[category]),
            )
            for id_, category in described.items()
        ]
        text = self.texts.listed(parts)
        return text[:1].upper() + text[1:]

    @override
    def notes(self) -> list[str]:
        dimensions = self.edition.catalogue.dimensions
        looked, controls = (
            [self.texts.pick(dimensions[id_].title).lower() for id_ in self.finding.names(key)]
            for key in ("characteristics", "controls")
        )
        equal = [self.texts("found.group.equal", controls=self.texts.listed(controls))] if controls else []
        return [
            self.texts("found.group.looked", traits=self.texts.listed(looked)),
            *equal,
            self.texts("found.group.how"),
            self.texts("found.group.person"),
        ]

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        return ()

    @override
    def word(self, row: Row) -> str:
        return "more"


def decisions(texts: Texts, finding: Finding) -> Iterator[str]:
    """What was decided to let through although it goes with a protected ground: by whom, when and why.

    Args:
        texts: the messages of a language.
        finding: the finding.
    """
    for one in cast("Sequence[Mapping[str, object]]", finding.declared.get("justified") or ()):
        day = dt.date.fromisoformat(str(one["on"]))
        date = texts("feed.date", day=day.day, month=texts(f"month.{day:%m}"), year=day.year)
        yield texts(
            "found.justified", ground=one["ground"], by=one["by"], date=date, why=texts.pick(one["why"])
        )
