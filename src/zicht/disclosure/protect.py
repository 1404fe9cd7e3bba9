"""Protect tables, so that only what is safe to read can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args, overload

from zicht.disclosure.changes import Perturbed
from zicht.disclosure.history import History
from zicht.disclosure.model import Link, Table
from zicht.disclosure.perturbation.ptables import PTable
from zicht.disclosure.profiles import Profile
from zicht.disclosure.reports import Protected
from zicht.errors import DisclosureError

METHODS = ("suppress", "exact", "round", "random_round", "cell_key")
LEFTOVERS = ("withhold", "refuse", "list")

Hiding = Literal["suppress", "exact"]
Changing = Literal["round", "random_round", "cell_key"]


@overload
def protect(
    tables: Sequence[Table],
    profile: Profile,
    *,
    links: Sequence[Link] = (),
    history: History | None = None,
    method: Hiding = "suppress",
    budget: float = 0.0,
    seed: int = 0,
    leftovers: str = "withhold",
) -> Protected: ...


@overload
def protect(
    tables: Sequence[Table],
    profile: Profile,
    *,
    links: Sequence[Link] = (),
    method: Changing,
    base: float | None = None,
    ptable: PTable | None = None,
    levels: Mapping[str, int] | None = None,
) -> Perturbed: ...


def protect(
    tables: Sequence[Table],
    profile: Profile,
    *,
    links: Sequence[Link] = (),
    history: History | None = None,
    method: str = "suppress",
    budget: float = 0.0,
    seed: int = 0,
    leftovers: str = "withhold",
    base: float | None = None,
    ptable: PTable | None = None,
    levels: Mapping[str, int] | None = None,
) -> Protected | Perturbed:
    """Decide what of `tables` may be read.

    Args:
        tables: one or more additive tables; tables of the same units belong in one call.
        profile: the rules.
        links: which cells of different tables are the same number (`Link.shared` finds them).
        history: what is public already; more is hidden until nothing follows from it and this release together.
        method: `suppress` hides cells; `exact` hides those that lose least, proven, where the tables are small. `round`,
            `random_round` and `cell_key` change numbers instead.
        budget: seconds that a cheaper pattern is looked for. They are turned into a count of work by a fixed rate,
            so that the same call gives the same pattern on every machine.
        seed: the same seed gives the same pattern in every process.
        leftovers: what is done with a cell that no set of other cells protects: `withhold` hides all sums it is part of
            (its whole table, where that is not enough), `refuse` raises, and `list` leaves it as it is and lists it in
            `Report.unprotectable`: that is for study, as such a pattern is not safe and `Report.attack` says so.
        base: what numbers are rounded to; that of the profile where left out.
        ptable: the noise of the cell key method (`make_ptable`); a reach of 5 and a variance of 3 where left out.
        levels: by name of a dimension, the level below its total (which is 0) from which on numbers are changed. Above it they
            are exact, and cells are hidden: so one call protects each level in its own way.

    Returns:
        A status per cell and a report, as `Protected` where cells are hidden and as `Perturbed` where numbers are changed. It has
        withstood the attack, but for what is listed on request.

    Raises:
        DisclosureError: when there are no tables, two bear one name, a link or the history does not hold, nothing is safe,
            `method` or `leftovers` is unknown, or what is asked for does not go with the method.

    Source: networks and shortest cycles after Gusfield (SIAM J. Comput. 17, 1988) and Castro (INFORMS J. Comput. 19, 2007);
    linear programs after Fischetti and Salazar (Management Science 47, 2001); the attack is that of `audit`. The sources of what
    changes numbers stand with each in `zicht.disclosure.perturbation`.
    """
    if isinstance(tables, Table) or not isinstance(profile, Profile):
        raise DisclosureError("Give `protect` a list of tables and a profile, such as PROFILES['microdata'].")
    if budget < 0:
        raise DisclosureError(f"A budget is a number of seconds; {budget:g} is less than none.")
    for given, known, what in ((method, METHODS, "method"), (leftovers, LEFTOVERS, "way with leftovers")):
        if given not in known:
            raise DisclosureError(f"There is no {what} {given!r}; there are {', '.join(known)}.")
    # Numba and HiGHS take most of a second to load, which who only reads profiles should not wait for.
    if method in get_args(Changing):
        if history is not None:
            raise DisclosureError(
                f"Numbers that {method!r} changed cannot be held against a history yet; leave it out, or suppress."
            )
        from zicht.disclosure.methods import change

        return change(tables, profile, method, links=links, base=base, ptable=ptable, levels=levels)
    from zicht.disclosure.loop import Plan, suppress

    return suppress(tables, profile, links, Plan(method == "exact", budget, seed, leftovers, history))
