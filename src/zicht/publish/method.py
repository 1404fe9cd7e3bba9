"""How a figure is made, in the words of the site: each line of a declaration with a label that a reader understands.

A release brings the lines as they were declared (`population: leeftijd >= 18`, `by geslacht: geslacht`). What is SQL stays SQL, so that who
wants to can check it; the words around it are of the language of the page.
"""

from __future__ import annotations

from collections.abc import Mapping

from zicht.publish.catalogue import Dimension, Indicator
from zicht.publish.texts import Texts


def method_lines(
    texts: Texts, indicator: Indicator, dimensions: Mapping[str, Dimension]
) -> list[tuple[str, str, str]]:
    """The lines of an indicator: a label, plain words and a formula, of which the last two may be empty.

    Args:
        texts: those of the language of the page.
        indicator: with its lines, as the release has them.
        dimensions: by id, for their titles.
    """
    return [_line(texts, texts.pick(step), dimensions) for step in indicator.steps]


def _line(texts: Texts, step: str, dimensions: Mapping[str, Dimension]) -> tuple[str, str, str]:
    name, _, said = step.partition(": ")
    if name == "measure" and texts.has(f"measure.{said}"):
        return texts("step.measure"), texts(f"measure.{said}"), ""
    if said and texts.has(f"step.{name}"):
        return texts(f"step.{name}"), "", said
    if said and name.startswith("by ") and name[3:] in dimensions:
        return texts("step.by", by=texts.pick(dimensions[name[3:]].title)), "", said
    return "", step, ""
