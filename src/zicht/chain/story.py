"""The sections of a product as a release holds them: texts in pieces, with the figures they name between them."""

from __future__ import annotations

from collections.abc import Container

from zicht.declare import FigureNamed, ProductFile, StorySection, Text, story_pieces


def sections(product: ProductFile, figures: Container[str]) -> list[dict[str, object]]:
    """The sections of a product.

    Args:
        product: as declared.
        figures: ids of the indicators that the release has; a picture of another is left out.

    Returns:
        What JSON can hold: title and text by language as pieces, each a text or a figure, and which picture.
    """
    return [_section(section, figures) for section in product.sections]


def _section(section: StorySection, figures: Container[str]) -> dict[str, object]:
    drawn = section.indicator is not None and section.indicator in figures
    return {
        "title": _pieces(section.title),
        "text": _pieces(section.text),
        "indicator": section.indicator if drawn else None,
        "chart": section.chart if drawn else None,
        "level": section.level if drawn else None,
    }


def _pieces(text: Text) -> dict[str, list[object]]:
    return {
        language: [_piece(piece) for piece in story_pieces(text.of(language))] for language in ("nl", "en")
    }


def _piece(piece: str | FigureNamed) -> object:
    if isinstance(piece, str):
        return piece
    return {"indicator": piece.indicator, "area": piece.area, "period": piece.period, "by": dict(piece.by)}
