"""Area codes: what a code says, which are well formed, and the code of the unknown child.

A Dutch area code is GM + 4, WK + 6 or BU + 8 positions: four digits for the gemeente, two positions for the wijk and
two for the buurt. Letters occur where a gemeente has more than a hundred wijken or a wijk more than a hundred buurten
(CBS, Toelichting Wijk- en Buurtkaart). A code is the key of an area only together with the year of its division.

Units whose address is not known count in the gemeente but in no wijk or buurt. They get an explicit unknown child,
written with `--` where the missing part would stand: `WK9001--` and `BU9001----` in gemeente `GM9001`, `BU900101--` in
wijk `WK900101`. No official code holds a hyphen, so it can never be taken for an area on the map.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import ZichtError

LEVELS: tuple[str, ...] = ("buurt", "wijk", "gemeente", "regio", "land")
"""The levels of area, finest first."""

LAND = "NL"
"""The one code at level land."""

UNKNOWN_PART = "--"
"""What stands in the place of an unknown wijk or buurt."""

_PATTERNS = {
    # CBS has PV20, CR03, NL310; a project may declare regions of its own, and their codes become part of a web address.
    "regio": r"[A-Z]{2}[0-9A-Za-z-]{1,30}",
    "buurt": r"BU[0-9]{4}[0-9A-Z]{4}",
    "wijk": r"WK[0-9]{4}[0-9A-Z]{2}",
    "gemeente": r"GM[0-9]{4}",
    "land": LAND,
}
_UNKNOWN = re.compile(r"BU[0-9]{4}(?:----|[0-9A-Z]{2}--)|WK[0-9]{4}--")
_SHAPES = {
    "buurt": "BU with 4 digits and 4 digits or capitals, such as BU03440111",
    "wijk": "WK with 4 digits and 2 digits or capitals, such as WK034401",
    "gemeente": "GM with 4 digits, such as GM0344",
    "regio": "two capitals followed by letters, digits or hyphens, such as PV20 or CR03",
    "land": LAND,
}
_LEVEL_OF_PREFIX = {"BU": "buurt", "WK": "wijk", "GM": "gemeente"}
_NO_REGIO = r"(?:BU|WK|GM)[0-9]"  # a gemeente code with a digit too many is a mistake, not a region
_RULES = {name: re.compile(rule) for name, rule in {**_PATTERNS, "no regio": _NO_REGIO}.items()}


@dataclass(frozen=True, slots=True)
class AreaCode:
    """A well-formed area code, taken apart.

    Attributes:
        code: the code as written.
        level: one of `LEVELS`.
        gemeente: code of the gemeente it lies in, itself included; None at level regio and land.
        wijk: code of the wijk it lies in, itself included (the unknown wijk for `BU9001----`); None above wijk.
        unknown: whether it stands for units of which the wijk or buurt is not known.
    """

    code: str
    level: str
    gemeente: str | None
    wijk: str | None
    unknown: bool


def is_unknown(code: str) -> bool:
    """Whether a code is the unknown child of a gemeente or wijk, such as `BU9001----`.

    Args:
        code: any text.
    """
    return code.endswith(UNKNOWN_PART) and _UNKNOWN.fullmatch(code) is not None


def parse_code(code: str) -> AreaCode:
    """Take an area code apart.

    Args:
        code: a code of any level, unknown children included.

    Returns:
        The level, and the gemeente and wijk that the code lies in.

    Raises:
        ZichtError: the text is not an area code; the message says what would be right.
    """
    return _parsed(code)


@lru_cache(1 << 15)  # more than there are areas in a division, each of which is asked for several times
def _parsed(code: str) -> AreaCode:
    if code == LAND:
        return AreaCode(code, "land", None, None, unknown=False)
    level = _LEVEL_OF_PREFIX[code[:2]] if _RULES["no regio"].match(code) else "regio"
    if is_unknown(code) or _RULES[level].fullmatch(code):
        gemeente = f"GM{code[2:6]}" if level != "regio" else None
        wijk = f"WK{code[2:8]}" if level in ("wijk", "buurt") else None
        return AreaCode(code, level, gemeente, wijk, is_unknown(code))
    shapes = [f"a {name} is {_SHAPES[name]}" for name in LEVELS if level in (name, "regio")]
    raise ZichtError(f"'{code}' is not an area code: {'; '.join(shapes)}.{_hint(code)}")


def parent_code(code: str) -> str:
    """The code one level up, read from the code itself: a buurt's wijk, a wijk's gemeente.

    The unknown buurt of a gemeente (`BU9001----`) lies in its unknown wijk (`WK9001--`).

    Args:
        code: the code of a buurt or wijk.

    Raises:
        ZichtError: the text is no area code, or is a gemeente, regio or land: what those belong to is declared and
            cannot be read from the code.
    """
    parsed = parse_code(code)
    parent = {"buurt": parsed.wijk, "wijk": parsed.gemeente}.get(parsed.level)
    if parent is None:
        raise ZichtError(
            f"What {parsed.level} {code} belongs to does not stand in its code; only a buurt or wijk has a parent by code."
        )
    return parent


def check_codes(column: pa.Array | pa.ChunkedArray, level: str) -> pa.Array:
    """Which cells of a column hold a well-formed official code of a level.

    Unknown children are not official codes and give False; so do missing cells. Whether the area exists is another
    question, which `Areas` answers.

    Args:
        column: strings.
        level: one of `LEVELS`.

    Returns:
        Booleans, as long as the column, never null.

    Raises:
        ZichtError: the level is not one of `LEVELS`.
    """
    if level not in LEVELS:
        raise ZichtError(f"'{level}' is not a level; the levels are {', '.join(LEVELS)}.")
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    fits = pc.match_substring_regex(column, f"^{_PATTERNS[level]}$")
    if level == "regio":
        fits = pc.and_not(fits, pc.match_substring_regex(column, f"^{_NO_REGIO}"))
    return pc.fill_null(fits, fill_value=False)


def unknown_child(code: str, level: str) -> str:
    """The code that stands for the units of an area whose place at a finer level is not known.

    Args:
        code: a gemeente or wijk, the unknown wijk included.
        level: `wijk` or `buurt`. For an area that is itself of this level the answer is the area.

    Raises:
        ZichtError: the area has no unknown child at that level.
    """
    parsed = parse_code(code)
    if parsed.level == level:
        return code
    if parsed.level == "gemeente" and level == "wijk":
        return f"WK{code[2:]}{UNKNOWN_PART}"
    if parsed.level == "gemeente" and level == "buurt":
        return f"BU{code[2:]}{UNKNOWN_PART}{UNKNOWN_PART}"
    if parsed.level == "wijk" and level == "buurt":
        return f"BU{code[2:]}{UNKNOWN_PART}"
    raise ZichtError(
        f"A {parsed.level} such as {code} has no unknown child at level {level}: only a gemeente and a wijk do."
    )


def _hint(code: str) -> str:
    """What the writer probably meant, where that can be told."""
    tidied = code.strip().upper()
    for level in ("buurt", "wijk", "gemeente"):
        if tidied != code and re.fullmatch(_PATTERNS[level], tidied):
            return f" Write {tidied}, the code of a {level}."
    if tidied.isdigit() and (level := {4: "gemeente", 6: "wijk", 8: "buurt"}.get(len(tidied), "")):
        prefix = {"gemeente": "GM", "wijk": "WK", "buurt": "BU"}[level]
        return f" Write {prefix}{tidied}, the code of a {level}."
    return ""
