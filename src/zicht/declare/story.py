"""The sections of a product: findings as headings, with text in which no number is typed.

A number in a section stands as `{cijfer <indicator> <area> <period>}` and is filled in from the release, so that text and figure
cannot differ. A number that belongs to a definition (an age, a limit) is written as `{vast 120%}`. Years are written as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from zicht.declare.base import Declared, Id, Level, PublicText, Text

if TYPE_CHECKING:
    from zicht.declare.project import Project

WHOLE = "geheel"
"""In a placeholder: the area that all others lie in."""
LATEST = "laatste"
"""In a placeholder: the last period of which a figure is published."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DIGITS = re.compile(r"\d[\d.,]*")
_YEAR = re.compile(r"(?:19|20)\d\d[.,]?")
_RIGHT = "Write `{cijfer <indicator> <area code or geheel> <period or laatste>}`, or `{vast …}` for a number of a definition."

Drawing = Literal[
    "map",
    "trend",
    "interval",
    "distribution",
    "funnel",
    "pyramid",
    "stacked",
    "multiples",
    "slope",
    "dumbbell",
    "flow",
]


class StorySection(Declared):
    """A finding as heading, the text under it, and the chart or map that shows it."""

    title: PublicText = Field(
        description="The finding, in one sentence. Numbers stand in it as `{cijfer <indicator> <area> <period>}`."
    )
    text: PublicText = Field(
        description="What it means, in a few paragraphs. Numbers stand in it as `{cijfer <indicator> <area> <period>}`, those of a definition as `{vast 120%}`."
    )
    indicator: Id | None = Field(default=None, description="The indicator that the picture shows.")
    chart: Drawing | None = Field(
        default=None,
        description="Which picture of the indicator: `map` or a kind of chart; none where left out.",
    )
    level: Level | None = Field(
        default=None, description="The level that the picture is about; that of the first map where left out."
    )


@dataclass(frozen=True, slots=True)
class FigureNamed:
    """A figure that a text names.

    Attributes:
        indicator: id.
        area: code, or `WHOLE`.
        period: ISO 8601, or `LATEST`.
        by: category by dimension; empty for the total.
    """

    indicator: str
    area: str
    period: str
    by: Mapping[str, str]


class StoryError(ValueError):
    """A placeholder or number in the text of a section that cannot stand there."""


def story_pieces(text: str) -> list[str | FigureNamed]:
    """A text as plain pieces and the figures between them.

    Args:
        text: as declared.

    Raises:
        StoryError: a placeholder is not one, or a number is typed.
    """
    pieces: list[str | FigureNamed] = []
    for place, part in enumerate(_PLACEHOLDER.split(text)):
        if place % 2:
            pieces.append(_filled(part))
        elif part:
            pieces.append(_typed(part))
    return pieces


def _typed(text: str) -> str:
    for found in _DIGITS.finditer(text):
        if not _YEAR.fullmatch(found[0]):
            raise StoryError(f"the number {found[0].rstrip('.,')} is typed; a number comes from the release")
    return text


def _filled(said: str) -> str | FigureNamed:
    kind, _, rest = said.strip().partition(" ")
    if kind == "vast" and rest.strip():
        return rest.strip()
    words = rest.split()
    if kind != "cijfer" or len(words) < 3 or any("=" not in word for word in words[3:]):
        raise StoryError(f"`{{{said}}}` is not a placeholder")
    by = dict(word.split("=", 1) for word in words[3:])
    return FigureNamed(words[0], words[1], words[2], by)


def check_stories(project: Project) -> Iterator[tuple[str, tuple[str | int, ...], str, str]]:
    """What is wrong in the sections of the products.

    Args:
        project: as read.

    Returns:
        Of each mistake the product, the path of keys in its file, what is wrong, and what would be right.
    """
    for product in project.products.values():
        for index, section in enumerate(product.sections):
            if section.indicator is not None and section.indicator not in product.indicators:
                yield (
                    product.id, ("sections", index, "indicator"), f"the product does not name the indicator `{section.indicator}`.",
                    f"Add it to `indicators`, or use one of {', '.join(product.indicators)}.",
                )  # fmt: skip
            if (section.chart is None) != (section.indicator is None):
                yield (
                    product.id,
                    ("sections", index),
                    "a picture needs both `chart` and `indicator`.",
                    "Write both, or neither.",
                )
            for key, text in (("title", section.title), ("text", section.text)):
                yield from (
                    (product.id, ("sections", index, key), what, right)
                    for what, right in _mistakes(project, text)
                )


def _mistakes(project: Project, text: Text) -> Iterator[tuple[str, str]]:
    for said in dict.fromkeys((text.nl, text.en or text.nl)):
        try:
            named = [piece for piece in story_pieces(said) if isinstance(piece, FigureNamed)]
        except StoryError as mistake:
            yield f"{mistake}.", _RIGHT
            continue
        for figure in named:
            indicator = project.indicators.get(figure.indicator)
            if indicator is None:
                yield (
                    f"there is no indicator `{figure.indicator}`.",
                    f"Use one of {', '.join(sorted(project.indicators))}.",
                )
            elif wrong := sorted(set(figure.by) - set(indicator.by)):
                yield (
                    f"`{figure.indicator}` is not broken down by `{wrong[0]}`.",
                    f"Use one of {', '.join(indicator.by) or 'none'}.",
                )
