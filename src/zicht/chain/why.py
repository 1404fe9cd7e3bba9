"""Why one figure is hidden: the rule, or what an outsider would compute if it were shown. For who made the figures only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from zicht.chain.build import Workplace, check
from zicht.chain.plan import profile_of
from zicht.chain.protection import Together
from zicht.chain.published import published_releases
from zicht.chain.securing import Securing
from zicht.chain.tables import has_trait, trait_of
from zicht.declare import Indicator
from zicht.disclosure import Table, why_hidden
from zicht.engine import Store
from zicht.errors import ZichtError
from zicht.figures import TOTAL
from zicht.release import HIDDEN

ELSEWHERE = "A figure over another register hides the units that this one would tell: what it is divided by, or the same ones."


@dataclass(frozen=True)
class Reason:
    """Why one number behind a figure is hidden.

    Attributes:
        number: its table and codes.
        status: `primary` or `secondary`.
        rule: the rule that hides it, where one does.
        gives_away: what would be given away if it alone were shown: cells, each with its equations.
        beside: what would have been given away with earlier releases, where it is hidden against that.
    """

    number: str
    status: str
    rule: str | None
    gives_away: tuple[tuple[str, tuple[str, ...]], ...]
    beside: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """The same as plain data."""
        away = [{"cell": cell, "witness": list(witness)} for cell, witness in self.gives_away]
        return {"number": self.number, "status": self.status, "rule": self.rule,
                "gives_away": away, "beside": list(self.beside)}  # fmt: skip


def why(
    folder: Path,
    indicator: str,
    area: str,
    period: str,
    categories: Mapping[str, str] | None = None,
    *,
    workplace: Path | None = None,
) -> list[Reason]:
    """Say why a figure of the last build is hidden. Its register and period are protected once more for it.

    Args:
        folder: the project folder.
        indicator: id of the indicator.
        area: code of the area.
        period: the period.
        categories: by breakdown, the category; totals where left out.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Returns:
        A reason for each hidden number behind the figure; none where it is shown.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: there is no such figure, or nothing was built yet.
    """
    project = check(folder)
    one = project.indicators.get(indicator)
    if one is None:
        raise ZichtError(f"There is no indicator `{indicator}`; there are {', '.join(project.indicators)}.")
    asked = dict(categories or {})
    if strange := [name for name in asked if name not in one.by]:
        raise ZichtError(f"Indicator `{indicator}` has no breakdown `{strange[0]}`; it has {', '.join(one.by) or 'none'}.")  # fmt: skip
    register = project.registers[one.register_]
    profiles = {i.id: profile_of(project, i) for i in project.indicators.values()}
    securing = Securing.of(project, register, profiles, published_releases(project.folder))
    codes = {"area": area, **{name: asked.get(name, TOTAL) for name in one.by}}
    if not securing.closed:
        return _elsewhere(Workplace.of(folder, workplace), indicator, period, codes)
    store = Store(Workplace.of(folder, workplace).folder)
    inputs = {name: last[1] for name in securing.needs if (last := store.last(name)) is not None}
    if len(inputs) < len(securing.needs):
        raise ZichtError(f"{folder} was not built since it is what it is; run `zicht build {folder}` first.")
    for together in securing.protect_again(inputs, period):
        reasons = list(_reasons(together, one, codes))
        return reasons or _elsewhere(Workplace.of(folder, workplace), indicator, period, codes)
    raise ZichtError(f"There are no figures over register `{register.id}` in {period}.")


def _elsewhere(place: Workplace, indicator: str, period: str, codes: Mapping[str, str]) -> list[Reason]:
    """A figure that is hidden in the release though its own register would show it: it rests on another one."""
    figures = place.release().figures(indicator)
    for name, code in {**codes, "period": period}.items():
        figures = figures.filter(pc.equal(figures[name], code))
    hidden = [status for status in figures["status"].to_pylist() if status in HIDDEN]
    number = f"{indicator}: {' × '.join(codes.values())}"
    return [Reason(number, status, None, (), (ELSEWHERE,)) for status in hidden]


def _reasons(together: Together, indicator: Indicator, codes: Mapping[str, str]) -> Iterator[Reason]:
    protected = together.protected
    statuses = {table.name: protected.status(table.name) for table in protected.tables}
    found = False
    for table in protected.tables:
        if table.name not in together.tables.of[indicator.id]:
            continue
        for row in _rows(table, indicator, codes):
            found = True
            label = table.label_at(int(table.position[row]))
            if statuses[table.name]["status"][row].as_py() == "ok":
                continue
            cell = [d.codes[int(place[row])] for d, place in zip(table.dimensions, table.places, strict=True)]
            told = why_hidden(protected.tables, statuses, together.profile, table.name, cell, links=together.links)  # fmt: skip
            away = tuple((f"{failure.table}: {failure.cell}", failure.witness) for failure in told.gives_away)
            beside = [line for line in protected.report.closed if f"[{codes['area']}" in line]
            alone = told.status == "secondary" and not away
            yield Reason(
                f"{table.name}: {label}", told.status, told.rule, away, tuple(beside) if alone else ()
            )
    if not found:
        what = " × ".join(codes.values())
        raise ZichtError(f"Indicator `{indicator.id}` has no figure {what} in {together.period}.")


def _rows(table: Table, indicator: Indicator, codes: Mapping[str, str]) -> list[int]:
    """The cells of a table that a figure shows: of a share also those with and without the trait."""
    wanted = np.ones(table.cells.num_rows, np.bool_)
    for name, code in codes.items():
        wanted &= pc.equal(table.cells[name], code).to_numpy()
    rows: list[int] = np.flatnonzero(wanted).tolist()
    if has_trait(indicator):
        order = table.cells[trait_of(indicator)].to_pylist()
        rows.sort(key=lambda row: order[row])
    return rows
