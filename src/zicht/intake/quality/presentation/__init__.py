"""The quality of registers for people: in words, and as a page."""

from zicht.intake.quality.presentation.page import quality_page
from zicht.intake.quality.presentation.sheet import (
    QUALITY_LANGUAGES,
    QualitySheet,
    in_short,
    limit_in_words,
    norm_as_dict,
    norm_in_words,
    number_in_words,
    quality_words,
    seen_in_words,
)

__all__ = [
    "QUALITY_LANGUAGES",
    "QualitySheet",
    "in_short",
    "limit_in_words",
    "norm_as_dict",
    "norm_in_words",
    "number_in_words",
    "quality_page",
    "quality_words",
    "seen_in_words",
]
