"""The quality of registers as one page, which needs nothing from elsewhere: send it to the deliverer, print it, keep it."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from zicht.intake.quality.presentation.sheet import (
    QualitySheet,
    in_short,
    limit_in_words,
    norm_in_words,
    number_in_words,
    quality_words,
    seen_in_words,
)


def quality_page(sheets: Sequence[QualitySheet], title: str, language: str = "nl") -> str:
    """The quality of registers as an HTML page.

    Args:
        sheets: the registers to tell of, at least one.
        title: what stands above the page.
        language: of QUALITY_LANGUAGES.
    """
    environment = Environment(
        loader=PackageLoader("zicht.intake.quality.presentation", "."),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda number: number_in_words(number, language)
    return environment.get_template("page.html").render(
        title=title,
        language=language,
        say=quality_words(language),
        short=in_short(sheets, language),
        sheets=sheets,
        stops=any(sheet.broken for sheet in sheets),
        norm=lambda one: norm_in_words(one.norm, language),
        limit=lambda one: limit_in_words(one.norm, language),
        seen=lambda one: seen_in_words(one, one.value, language),
        before=lambda one: "" if one.before is None else seen_in_words(one, one.before, language),
    )
