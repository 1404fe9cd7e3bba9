"""Numbers as people read them: `1.234,5` in Dutch, `1,234.5` in English, a true minus, and units in their place."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

MINUS = "−"
_DUTCH = str.maketrans({",": ".", ".": ",", "-": MINUS})
_ENGLISH = str.maketrans({"-": MINUS})
_SIGNS = {"nl": _DUTCH, "en": _ENGLISH}
# "% van de huishoudens", "% of households": the people or things of which there are a hundred in "of every 100 …".
_WHOLE = {
    "nl": re.compile(r"%\s+van\s+(?:de|alle)\s+(\S.*)", re.IGNORECASE),
    "en": re.compile(r"%\s+of\s+(?:the\s+|all\s+)?(\S.*)", re.IGNORECASE),
}


def number(value: float, decimals: int, language: str) -> str:
    """A number with a fixed count of decimals, grouped by thousands.

    Args:
        value: finite.
        decimals: how many, from 0.
        language: `nl` or `en`.
    """
    text = f"{value:,.{decimals}f}"
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]  # what rounds to zero has no sign
    return text.translate(_SIGNS[language])


def opening(text: str) -> str:
    """A text as a sentence or title opens with it: a capital first, but not for a symbol such as `kWh` or `m²`.

    Args:
        text: such as `euro per jaar`.
    """
    word = text.partition(" ")[0]
    return text if not word.isalpha() or word[1:] != word[1:].lower() else text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Quantity:
    """How the values of one indicator are written.

    Attributes:
        unit: as declared, such as `% van de huishoudens` or `inwoners`.
        decimals: how many decimals a value is published with.
        language: `nl` or `en`.
    """

    unit: str
    decimals: int
    language: str

    @property
    def percent(self) -> bool:
        """Whether values are percentages."""
        return _is_percentage(self.unit)

    @property
    def sign(self) -> str:
        """What stands right behind a number: `%` or nothing."""
        return "%" if self.percent else ""

    @property
    def rest(self) -> str:
        """The unit without the per cent sign."""
        return self.unit.strip().removeprefix("%").strip()

    @property
    def margin_decimals(self) -> int:
        """Decimals of an interval: whole points for percentages, since a finer one gives the count away."""
        return 0 if self.percent else self.decimals

    @property
    def whole(self) -> str | None:
        """What a percentage is a part of, when the unit says it in the plural (`huishoudens`)."""
        match = _WHOLE[self.language].match(self.unit.strip())
        return match[1] if match else None

    def plain(self) -> Callable[[float], str]:
        """A function that writes a value without unit; for many values at once."""
        pattern, table = f",.{self.decimals}f", _SIGNS[self.language]
        return lambda value: format(value, pattern).translate(table)

    def short(self, value: float) -> str:
        """`67,9%` or `2.520`."""
        return number(value, self.decimals, self.language) + self.sign

    def long(self, value: float) -> str:
        """`67,9% van de huishoudens` or `2.520 inwoners`."""
        return f"{self.short(value)} {self.rest}".rstrip()

    def margin(self, value: float) -> str:
        """A bound of an interval: `64%`, `2.480`."""
        return number(value, self.margin_decimals, self.language) + self.sign

    def signed(self, difference: float) -> str:
        """A difference with its sign: `+3,4` or `−0,2`; zero has none."""
        text = number(difference, self.decimals, self.language)
        return f"+{text}" if difference > 0 and text.strip("0.,") else text


@cache
def _is_percentage(unit: str) -> bool:
    return unit.lstrip().startswith("%")


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers that cover [low, high], about `count` of them, for an axis.

    Args:
        low: finite.
        high: finite, not below `low`.
        count: about how many steps; at least 1.
    """
    span = (high - low) or abs(high) or 1.0
    rough = span / count
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(k * magnitude for k in (1, 2, 2.5, 5, 10) if k * magnitude >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 10) for k in range(first, max(last, first + 1) + 1)]
