"""Periods as readers are told of them: in words, and with a word more where figures may still change."""

from __future__ import annotations

from zicht.publish.catalogue import Indicator
from zicht.publish.texts import Texts


def period_words(texts: Texts, indicator: Indicator, period: str) -> str:
    """A period of an indicator in words, such as `2024` or, where its figures may still change, `2024 (voorlopig)`.

    Args:
        texts: of the language.
        indicator: whose figures they are.
        period: ISO 8601.
    """
    words = texts.period(period)
    return texts("period.provisional", period=words) if period in indicator.provisional else words
