"""What a contract says of use: which purposes a column may serve, what kind of personal data it holds, what it may stand in for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zicht.declare.purposes import check_term

Fault = Callable[[str, str], None]
"""Told what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """What is known of a column that may stand in for a protected ground (customProperty `proxy`).

    Attributes:
        ground: the protected ground, in plain words, such as `herkomst`.
        association: the association that was measured, 0 to 1 (Cramér's V or the like).
        bound: the highest association that the organisation allows.
        source: where the measurement is written down.
    """

    ground: str
    association: float
    bound: float
    source: str


def read_purposes(value: object, fault: Fault) -> tuple[str, ...] | None:
    """The purposes that a table or column may serve (`verwerkingsactiviteit`).

    Args:
        value: what the contract says; None where it says nothing.
        fault: told of mistakes.

    Returns:
        Ids of purposes; None where nothing is said.
    """
    if value is None:
        return None
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in listed):
        fault("`verwerkingsactiviteit` must name purposes.", "Write the id of a purpose, or a list of them.")
        return None
    return tuple(str(one) for one in listed)


def read_category(value: object, fault: Fault) -> str | None:
    """The category of personal data that a column holds (`dpv`).

    Args:
        value: what the contract says; None where it says nothing.
        fault: told of mistakes.

    Returns:
        A term of DPV-PD, such as `pd:Income`; None where nothing is said.
    """
    if value is None:
        return None
    try:
        return check_term("personal_data", "pd", str(value))
    except ValueError as error:
        fault(f"`dpv`: {error}.", "")
        return None


def read_proxy(value: object, fault: Fault) -> Proxy | None:
    """What is known of a column as a stand-in for a protected ground (`proxy`).

    Args:
        value: what the contract says; None where it says nothing.
        fault: told of mistakes.

    Returns:
        What was measured; None where nothing is said.
    """
    if value is None:
        return None
    known = value if isinstance(value, dict) else {}
    if set(known) != {"grond", "samenhang", "grens", "bron"} or not all(
        is_share(known[key]) for key in ("samenhang", "grens")
    ):
        fault(
            "`proxy` must say what was measured.",
            "Write {grond: herkomst, samenhang: 0.08, grens: 0.10, bron: where it was measured}; both numbers from 0 to 1.",
        )
        return None
    return Proxy(str(known["grond"]), float(known["samenhang"]), float(known["grens"]), str(known["bron"]))


def is_share(value: object) -> bool:
    """Whether a value is a number from 0 to 1.

    Args:
        value: anything that YAML can hold.
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
