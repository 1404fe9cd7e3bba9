"""Protect tables, so that only what is safe to read can be read."""

from __future__ import annotations

from collections.abc import Sequence

from zicht.disclosure.model import Link, Table
from zicht.disclosure.profiles import Profile
from zicht.disclosure.reports import Protected
from zicht.errors import DisclosureError

METHODS = ("suppress", "exact")
LEFTOVERS = ("withhold", "refuse", "list")


def protect(
    tables: Sequence[Table],
    profile: Profile,
    *,
    links: Sequence[Link] = (),
    method: str = "suppress",
    budget: float = 0.0,
    seed: int = 0,
    leftovers: str = "withhold",
) -> Protected:
    """Decide which cells of `tables` may be read.

    Args:
        tables: one or more additive tables; tables of the same units belong in one call.
        profile: the rules.
        links: which cells of different tables are the same number (`Link.shared` finds them).
        method: `suppress` hides cells; `exact` hides those that lose least, proven, where the tables are small.
        budget: seconds that a cheaper pattern is looked for. They are turned into a count of work by a fixed rate,
            so that the same call gives the same pattern on every machine.
        seed: the same seed gives the same pattern in every process.
        leftovers: what is done with a cell that no set of other cells protects: `withhold` hides all sums it is part of
            (its whole table, where that is not enough), `refuse` raises, and `list` leaves it as it is and lists it in
            `Report.unprotectable`: that is for study, as such a pattern is not safe and `Report.attack` says so.

    Returns:
        A status per cell and a report. The pattern has withstood the audit, but for what is listed on request.

    Raises:
        DisclosureError: when there are no tables, two bear one name, a link does not hold, no pattern is safe, or
            `method` or `leftovers` is unknown.

    Source: networks and shortest cycles after Gusfield (SIAM J. Comput. 17, 1988) and Castro (INFORMS J. Comput. 19, 2007);
    linear programs after Fischetti and Salazar (Management Science 47, 2001); the attack is that of `audit`.
    """
    for given, known, what in ((method, METHODS, "method"), (leftovers, LEFTOVERS, "way with leftovers")):
        if given not in known:
            raise DisclosureError(f"There is no {what} {given!r}; there are {', '.join(known)}.")
    # Numba and HiGHS take most of a second to load, which who only reads profiles should not wait for.
    from zicht.disclosure.loop import Plan, suppress

    return suppress(tables, profile, links, Plan(method == "exact", budget, seed, leftovers))
