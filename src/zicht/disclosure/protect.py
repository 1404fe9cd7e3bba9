"""Protect tables, so that only what is safe to read can be read."""

from __future__ import annotations

from collections.abc import Sequence

from zicht.disclosure.model import Link, Table
from zicht.disclosure.profiles import Profile
from zicht.disclosure.reports import Protected


def protect(
    tables: Sequence[Table],
    profile: Profile,
    *,
    links: Sequence[Link] = (),
    seed: int = 0,  # noqa: ARG001
) -> Protected:
    """Decide which cells of `tables` may be read.

    Args:
        tables: one or more additive tables; tables of the same units belong in one call.
        profile: the rules.
        links: which cells of different tables are the same number (`Link.shared` finds them).
        seed: the same seed gives the same pattern in every process; the suppression of this version draws nothing.

    Returns:
        A status per cell and a report. The pattern has withstood the audit.

    Raises:
        DisclosureError: when there are no tables, two bear one name, a link does not hold, or no pattern is safe.

    Source: networks and shortest cycles after Gusfield (SIAM J. Comput. 17, 1988) and Castro (INFORMS J. Comput. 19, 2007);
    repair by linear programs after Fischetti and Salazar (Management Science 47, 2001); the attack is that of `audit`.
    """
    # Numba, SciPy and HiGHS take most of a second to load, which who only reads profiles should not wait for.
    from zicht.disclosure.loop import suppress

    return suppress(tables, profile, links)
