"""All it takes to protect the figures over one register: the figures, what is public already, and the register itself.

`zicht build` protects with it; whoever asks why a figure is hidden protects once more, and gets the same pattern.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from zicht.areas import Areas
from zicht.chain.geography import load_areas
from zicht.chain.past import Past, look_back
from zicht.chain.protection import Protection, Together, protect_each, protect_register
from zicht.chain.published import figures_of
from zicht.chain.sources import is_personal
from zicht.declare import DimensionDeclared, Indicator, Project, Register
from zicht.disclosure import Profile
from zicht.intake import ACCEPTED
from zicht.release import Release


@dataclass(frozen=True)
class Securing:
    """The protection of the figures over one register.

    Attributes:
        register: the contract.
        indicators: those over it.
        dimensions: those that the indicators are broken down by.
        profiles: the protection profile of each indicator, by its id.
        published: the releases that are public already; none where the figures are open.
        closed: whether there is anything to protect; figures that were published by others before are open.
    """

    register: Register
    indicators: tuple[Indicator, ...]
    dimensions: Mapping[str, DimensionDeclared]
    profiles: Mapping[str, Profile]
    published: tuple[Release, ...]
    closed: bool

    @classmethod
    def of(
        cls,
        project: Project,
        register: Register,
        profiles: Mapping[str, Profile],
        published: Sequence[Release],
    ) -> Securing:
        """The protection of the figures over `register`."""
        indicators = tuple(i for i in project.indicators.values() if i.register_ == register.id)
        closed = is_personal(project, register) or any(profiles[i.id].id != "open" for i in indicators)
        dimensions = {id_: project.dimensions[id_] for indicator in indicators for id_ in indicator.by}
        return cls(register, indicators, dimensions, profiles, tuple(published) if closed else (), closed)

    @property
    def needs(self) -> tuple[str, ...]:
        """The steps whose results it is made of."""
        rates = ("rates",) if any(i.per_indicator for i in self.indicators) else ()
        # Of a release over other areas, only the register itself tells what it has in common with the areas of today.
        rows = (f"register/{self.register.id}",) if self.published else ()
        return (f"figures/{self.register.id}", "areas", *rates, *rows)

    @property
    def declared(self) -> dict[str, object]:
        """What it is declared to be made of."""
        profiles: dict[str, object] = {i.id: self.profiles[i.id].id for i in self.indicators}
        if not self.published:
            return profiles
        return profiles | {
            "contract": self.register.document.value,
            "indicators": [i.model_dump(mode="json", by_alias=True) for i in self.indicators],
            "dimensions": [d.model_dump(mode="json") for d in self.dimensions.values()],
        }

    def figures(self, inputs: Mapping[str, Path]) -> dict[str, pa.Table]:
        """The figures before they are protected, by indicator id.

        Args:
            inputs: the folders with the results of the steps that it needs.
        """
        return {indicator.id: read_figures(inputs, indicator) for indicator in self.indicators}

    def protect(self, inputs: Mapping[str, Path]) -> Protection:
        """The figures as the public may have them.

        Args:
            inputs: the folders with the results of the steps that it needs.

        Raises:
            DisclosureError: figures that cannot be protected.
        """
        figures, areas, earlier, past = self._gathered(inputs)
        return protect_register(
            figures, self.indicators, self.dimensions, areas, self.profiles, self.register.title, earlier, past
        )  # fmt: skip

    def protect_again(self, inputs: Mapping[str, Path], period: str) -> Iterator[Together]:
        """The figures of one period with their tables.

        Args:
            inputs: the folders with the results of the steps that it needs.
            period: the period.

        Raises:
            DisclosureError: figures that cannot be protected.
        """
        figures, areas, earlier, past = self._gathered(inputs)
        return protect_each(
            figures, self.indicators, self.dimensions, areas, self.profiles, earlier, past, only=period
        )  # fmt: skip

    def _gathered(
        self, inputs: Mapping[str, Path]
    ) -> tuple[dict[str, pa.Table], Areas, dict[str, dict[str, pa.Table]], Past]:
        figures, areas = self.figures(inputs), load_areas(inputs["areas"])
        past = Past()
        if self.published:
            rows = inputs[f"register/{self.register.id}"] / ACCEPTED
            past = look_back(
                self.published, self.register, self.indicators, self.dimensions, areas, figures, rows
            )
        return figures, areas, {i.id: figures_of(self.published, i.id) for i in self.indicators}, past


def read_figures(inputs: Mapping[str, Path], indicator: Indicator) -> pa.Table:
    """The figures of one indicator as they were made.

    Args:
        inputs: folders with results, by step.
        indicator: the indicator.
    """
    rate = indicator.per_indicator is not None and "rates" in inputs
    step = "rates" if rate else f"figures/{indicator.register_}"
    return pq.read_table(inputs[step] / f"{indicator.id}.parquet")
