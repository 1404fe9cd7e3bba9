"""How tables are protected: hide what the rules hide, hide more until nobody can subtract his way back, and prove it.

Rules (primary suppression), then suppression of others to cover them (secondary), then the audit, which
knows nothing of how the pattern was made. What the audit can still break is repaired, all of it in one round,
with the cheapest movements that would blur it; and audited again. What no movement can blur, not even with every
other cell hidden, is left to the caller: its sums are withheld, the tables are refused, or it is listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.attack.auditor import Auditor
from zicht.disclosure.attack.differencing import Differencer
from zicht.disclosure.attack.failures import AuditReport, Failure
from zicht.disclosure.history import History
from zicht.disclosure.model import Bools, Ints, Link, Table
from zicht.disclosure.profiles import Profile
from zicht.disclosure.reports import Protected, Report, TableReport, Unprotectable
from zicht.disclosure.rules import REASONS, Sensitivity, assess
from zicht.disclosure.suppression.blocks import cover_by_blocks
from zicht.disclosure.suppression.cover import Policy, cover
from zicht.disclosure.suppression.mend import Ask, mend
from zicht.disclosure.suppression.system import NEVER, TOTAL, System, assemble
from zicht.errors import DisclosureError

REPAIRS = 12  # rounds of repair by circuits before whole rows are hidden
LARGE = 2500  # cells of a deep table from which on programs are the usual choice; networks take a tenth of the time, but lose more
PROVABLE = 12_000  # cells up to which a budget is best spent on the pattern that loses least
BOUNDED = 30_000  # cells up to which it also buys a bound; beyond that the bound would take most of the time
LOOKS = 300  # an outsider's programs per second of the budget
PATIENCE = 60  # rounds of repair in all, before the tables are refused
STATUSES = np.array(["ok", "primary", "secondary"])
MEANING = {
    "published": "it is shown elsewhere",
    "A0": "it follows from the sums around it",
    "A1": "the sums around it leave it too little room",
    "A2": "the sums around it leave it too little room, since a hidden count is known to be at least 1",
    "A3": "it follows from the sums around it for those who know",
}


@dataclass(frozen=True)
class Plan:
    """How a pattern is looked for.

    Attributes:
        exact: whether the pattern that loses least is looked for, instead of a good one.
        budget: seconds that a cheaper pattern is looked for, as a count of work.
        seed: of the chance in that.
        leftovers: what is done with a cell that nothing protects: `withhold`, `refuse` or `list`.
        history: what is public already.
    """

    exact: bool = False
    budget: float = 0.0
    seed: int = 0
    leftovers: str = "withhold"
    history: History | None = None


def suppress(tables: Sequence[Table], profile: Profile, links: Sequence[Link], plan: Plan) -> Protected:
    """Hide what the rules hide and what gives that away; see `protect`, which is its public face.

    Raises:
        DisclosureError: when a link does not hold, or no pattern is safe.
    """
    assessed = {table.name: assess(table, profile) for table in tables}
    system = assemble(tables, links, assessed, hide_zeros=profile.hide_zeros)
    auditor = Auditor(tables, profile, links)
    hidden, bound = _first_pattern(system, profile, plan)
    round_trip = _RoundTrip(system, auditor, assessed, hidden, plan.leftovers)
    verdict = round_trip.run()
    closed: tuple[str, ...] = ()
    if plan.history is not None:
        closed = _close(system, hidden, Differencer(system.tables, profile, plan.history, links=links))
        verdict = auditor.examine(hidden[system.physical], words=False)
    statuses = {
        table.name: _status(table, hidden[system.of_table(index)], assessed[table.name])
        for index, table in enumerate(system.tables)
    }
    counted = tuple(_count(table, statuses[table.name]) for table in system.tables)
    report = Report(
        profile=profile.id,
        tables=counted,
        attack=verdict,
        rounds=round_trip.rounds,
        refused=tuple(round_trip.refused),
        unprotectable=tuple(round_trip.unprotectable.values()),
        loss=float(system.cost[hidden & ~system.primary].sum()),
        bound=bound,
        closed=closed,
    )
    return Protected(system.tables, report, statuses)


def _close(system: System, hidden: Bools, differencer: Differencer) -> tuple[str, ...]:
    """Hide against what is public already: more hidden cells only widen what an outsider of this release alone can tell.

    Returns:
        What would have been given away, with the equations, and then what was hidden against it.

    Raises:
        DisclosureError: when hiding does not help, which names the releases.
    """
    exposed = differencer.examine(hidden[system.physical])
    if not exposed:
        return ()
    cells, left = differencer.close(hidden[system.physical])
    if left:
        raise DisclosureError(
            f"{' and '.join(left[0].releases)} together give away {left[0].what}, whatever this release hides: {'; '.join(left[0].witness)}."
        )
    given_away = [f"{' and '.join(one.releases)}: {one.what}: {'; '.join(one.witness)}" for one in exposed]
    fresh = np.unique(system.physical[cells & ~hidden[system.physical]])
    hidden[system.physical[cells]] = True
    return (*given_away, *(f"hidden: {_name(system, int(cell))}" for cell in fresh))


def _first_pattern(system: System, profile: Profile, plan: Plan) -> tuple[Bools, float | None]:
    """A pattern that the audit has not seen yet, and the loss that no pattern stays below, where one is known."""
    # The optimum knows no contributors, so where these attack it may be dear to repair.
    provable = plan.exact or (system.value.size <= PROVABLE and "A3" not in profile.attackers)
    search = plan.budget / 4 if provable else plan.budget
    deep = [table.n.size for table in system.tables if sum(codes > 1 for codes in table.shape) > 2]
    if deep and (max(deep) >= LARGE or plan.budget > 0):
        hidden = cover_by_blocks(system, search)
    else:
        hidden = cover(system, Policy(profile.attackers, profile.hide_zeros, search, plan.seed))
    if not plan.exact and (not plan.budget or system.value.size > BOUNDED):
        return hidden, None
    # Only who asks for the best pattern should wait for what finds it to load.
    from zicht.disclosure.suppression import optimal

    attackers, zeros = profile.attackers, profile.hide_zeros
    work = optimal.WORK if plan.exact else int(LOOKS * plan.budget)
    if not provable:
        return hidden, optimal.lower_bound(system, attackers=attackers, hide_zeros=zeros, work=work) or None
    best = optimal.optimise(system, hidden, attackers=attackers, hide_zeros=zeros, work=work)
    # Where the work ran out before a safe pattern was seen, the good one from before stands.
    better = best.proven or best.loss <= system.cost[hidden & ~system.primary].sum()
    return best.hidden if better else hidden, best.bound or None


class _RoundTrip:
    """A pattern on its way from audit to repair and back; `hidden` is changed in place."""

    def __init__(
        self,
        system: System,
        auditor: Auditor,
        assessed: Mapping[str, Sensitivity],
        hidden: Bools,
        leftovers: str,
    ) -> None:
        self._system, self._auditor, self._assessed = system, auditor, assessed
        self._hidden, self._leftovers = hidden, leftovers
        self.rounds = 0
        self.refused: list[str] = []
        self.unprotectable: dict[Ask, Unprotectable] = {}

    def run(self) -> AuditReport:
        """Audit and repair until the pattern is safe, but for what is listed; returns the last audit.

        Raises:
            DisclosureError: when that cannot be.
        """
        while True:
            verdict = self._auditor.examine(self._hidden[self._system.physical], words=False)
            asks, idle = self._asks(verdict.failures)
            if not asks and not idle.size:
                return verdict
            self.rounds += 1
            if self.rounds > PATIENCE:
                first = next(iter(asks.values()), verdict.failures[0])
                raise DisclosureError(
                    f"{first.table}: {first.cell} cannot be protected: {PATIENCE} repairs did not help."
                )
            before = self._hidden.copy()
            self._repair(asks, idle)
            if np.array_equal(before, self._hidden):
                self._give_up({ask: failure for ask, failure in asks.items() if ask not in self._listed})

    @property
    def _listed(self) -> Mapping[Ask, Unprotectable]:
        """What need not be repaired any more."""
        return self.unprotectable if self._leftovers == "list" else {}

    def _asks(self, failures: Sequence[Failure]) -> tuple[dict[Ask, Failure], Ints]:
        """What must become uncertain, and secondary cells that can be recomputed."""
        asks: dict[Ask, Failure] = {}
        idle = []
        for failure in failures:
            cell = int(self._system.physical[self._auditor.locate(failure)])
            if not self._system.primary[cell]:
                idle.append(cell)
                continue
            for coalition in failure.by or ((),):
                still = frozenset(int(self._system.physical[other]) for other in coalition)
                asks[Ask(cell, still - {cell})] = failure
        wanted = {ask: failure for ask, failure in asks.items() if ask not in self._listed}
        return wanted, np.array(idle, dtype=np.int64)

    def _repair(self, asks: Mapping[Ask, Failure], idle: Ints) -> None:
        """Make what is asked for uncertain: by circuits first, by whole rows when those do not help."""
        if not asks:
            # A secondary cell that can be recomputed protects nobody: in sight it tells nothing new.
            self._hidden[idle] = False
            return
        proved = self.rounds <= REPAIRS
        lost = mend(self._system, self._hidden, tuple(asks)) if proved else list(asks)
        for ask in lost:
            self._leave(ask, asks[ask], proved)

    def _leave(self, ask: Ask, failure: Failure, proved: bool) -> None:
        """Do with a cell that no circuit protects what the caller chose.

        Raises:
            DisclosureError: when he chose to refuse.
        """
        left = self._explain(ask, failure, proved)
        if self._leftovers == "refuse":
            raise DisclosureError(f"{left.sentence} {left.remedy}")
        self.unprotectable[ask] = left
        if self._leftovers == "list":
            return
        self.refused.append(
            f"{failure.table}: {failure.cell}: no set of other cells protects it, so all sums it is part of are hidden."
        )
        rows = np.unique(self._system.by_cell[:, [ask.cell]].indices)
        cells = self._system.equations[rows].indices
        self._hidden[cells[self._system.reluctance[cells] < NEVER]] = True

    def _give_up(self, asks: Mapping[Ask, Failure]) -> None:
        """Hide the tables of the cells that are not uncertain yet whole.

        Raises:
            DisclosureError: when they are hidden already.
        """
        if self._leftovers == "list":
            for ask, failure in asks.items():
                self._leave(ask, failure, proved=False)
            return
        stuck = True
        for index, table in enumerate(self._system.tables):
            cells = self._system.of_table(index)
            if np.isin([ask.cell for ask in asks], cells).any() and not self._hidden[cells].all():
                self._hidden[cells] = True
                stuck = False
                self.refused.append(
                    f"{table.name}: some cells cannot be protected, so the whole table is hidden."
                )
        if stuck:
            first = next(iter(asks.values()))
            raise DisclosureError(
                f"{first.table}: {first.cell} cannot be protected: it can be recomputed even with its whole table hidden."
            )

    def _explain(self, ask: Ask, failure: Failure, proved: bool) -> Unprotectable:
        """Say of a cell that nothing protects which rule hides it, who could tell it, and what would help."""
        found = self._assessed[failure.table]
        zeros = not np.all(self._system.reluctance < NEVER)
        return Unprotectable(
            table=failure.table,
            row=failure.row,
            cell=failure.cell,
            rule=REASONS[int(found.reason[failure.row])],
            attack=failure.attack,
            because=MEANING[failure.attack],
            insiders=tuple(_name(self._system, cell) for cell in sorted(ask.still)),
            proved=proved,
            zeros_would_help=bool(zeros and mend(self._with_zeros(), self._hidden.copy(), (ask,)) == []),
        )

    def _with_zeros(self) -> System:
        """The same tables, with empty cells that may be hidden."""
        return replace(self._system, reluctance=np.minimum(self._system.reluctance, TOTAL))


def _name(system: System, cell: int) -> str:
    number = int(np.flatnonzero(system.physical == cell)[0])
    index = int(np.searchsorted(system.offsets, number, side="right")) - 1
    table = system.tables[index]
    return f"{table.name}: {table.label_at(int(table.position[number - system.offsets[index]]))}"


def _status(table: Table, hidden: Bools, found: Sensitivity) -> pa.Table:
    kind = np.where(found.primary, 1, np.where(hidden, 2, 0))
    columns = {d.name: pc.cast(table.cells.column(d.name), pa.string()) for d in table.dimensions}
    reasons = pa.array(np.array(REASONS)[found.reason], mask=~found.primary, type=pa.string())
    return pa.table(columns | {"status": pa.array(STATUSES[kind], pa.string()), "reason": reasons})


def _count(table: Table, status: pa.Table) -> TableReport:
    kind = status.column("status").to_numpy(zero_copy_only=False).astype(str)
    size = np.abs(table.value)
    lost = float(size[kind == "secondary"].sum())
    free = float(size[kind != "primary"].sum())
    ok, primary, secondary = (int((kind == name).sum()) for name in STATUSES)
    return TableReport(table.name, ok, primary, secondary, lost, lost / free if free else 0.0)
