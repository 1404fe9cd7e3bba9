"""A name that is not declared, and the one that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from zicht.errors import Place, Problem


def unknown(place: Place, kind: str, name: str, known: Iterable[str]) -> Problem:
    """The problem with a name that is not declared.

    Args:
        place: where the name stands.
        kind: what it names, such as `register`.
        name: the name.
        known: the names that are declared.
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    remedy = (
        f"Did you mean `{near[0]}`?"
        if near
        else f"Known: {', '.join(names[:12]) or 'none'}{' …' if len(names) > 12 else ''}."
    )
    return Problem(place, f"{kind} `{name}` is not declared.", remedy)
