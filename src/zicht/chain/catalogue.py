"""What the public should know about the figures: titles, explanations, sources, and what every figure rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas
from zicht.chain.privacy import columns_behind
from zicht.chain.rests import registers_of, sources_of
from zicht.chain.sources import read_registers
from zicht.chain.story import sections
from zicht.declare import Analysis, Indicator, Project, SourceFile, Text
from zicht.disclosure import Profile
from zicht.engine import digest_of
from zicht.governance import Lineage, is_from_enforcement
from zicht.intake import Delivery


def catalogue(
    project: Project, areas: Areas, figures: Mapping[str, pa.Table], profiles: Mapping[str, Profile]
) -> dict[str, object]:
    """The catalogue of a release.

    Args:
        project: the project.
        areas: its division.
        figures: protected figures, by indicator id; only these indicators are in the catalogue.
        profiles: the protection profile of each indicator.

    Returns:
        What JSON can hold; every text as {nl, en}.
    """
    file = project.file
    used = [project.indicators[id_] for id_ in figures]
    ways = Lineage(project)
    return {
        "project": {
            "id": file.id,
            "title": _text(file.title),
            "description": _text(file.description),
            "notice": _text(file.notice),
            "unreviewed": None if file.review is None else file.review.none,
            "organisation": file.organisation.model_dump(),
            "site": {
                "url": file.site.url,
                "style": project.style.model_dump(mode="json", exclude={"title"}),
                "scheme": file.site.scheme,
                "background": file.site.background,
            },
        },
        "themes": [{"id": theme.id, "title": _text(theme.title)} for theme in file.themes],
        "dimensions": [
            {
                "id": dimension.id,
                "title": _text(dimension.title),
                "places": dimension.places,
                "categories": [
                    {"id": category.id, "title": _text(category.title)} for category in dimension.categories
                ],
            }
            for dimension in project.dimensions.values()
        ],
        "indicators": [
            _indicator(project, areas, indicator, figures[indicator.id], profiles[indicator.id])
            for indicator in used
        ],
        "products": [
            {
                "id": product.id,
                "title": _text(product.title),
                "question": _text(product.question),
                "answer": _text(product.answer),
                "audience": _text(product.audience),
                "indicators": [id_ for id_ in product.indicators if id_ in figures],
                "text": _text(product.text),
                "sections": sections(product, figures),
                "limits": _text(product.limits),
                "findings": [_finding(ways, analysis) for analysis in product.findings],
            }
            for product in project.products.values()
        ],
        "areas": {"division": areas.division, "levels": list(areas.levels)},
    }


def _finding(ways: Lineage, analysis: Analysis) -> dict[str, object]:
    """A declared finding, with what the guard says of it."""
    indicator = ways.project.indicators[analysis.indicator]
    return {
        **analysis.model_dump(mode="json"),
        "title": _text(analysis.title),
        "enforcement": is_from_enforcement(ways, indicator),
    }


def lineage(
    project: Project, indicators: Iterable[str], deliveries: Mapping[str, Delivery]
) -> dict[str, object]:
    """Every indicator's way back: what was counted, in which register, made of which, from which delivery.

    Args:
        project: the project.
        indicators: ids.
        deliveries: by source id.

    Returns:
        By indicator id and register id, what JSON can hold. It names deliveries by their digest, never by a row.
    """
    registers = {
        register.id: {
            "title": register.title,
            "contract": {"file": register.document.file, "id": register.contract_id, "version": register.version,
                         "digest": digest_of(register.document.value)},
            "unit": register.unit,
            "sql": project.register_sql.get(register.id),
            "made_of": list(read_registers(project, register)),
            "source": None if register.source is None else _source_trail(project.sources[register.source], deliveries[register.source]),
        }
        for register in project.registers.values()
    }  # fmt: skip
    indicators = list(indicators)
    behind = columns_behind(project, indicators)
    return {
        "indicators": {
            id_: {
                "declared": project.written["indicators", id_].place().file,
                "register": project.indicators[id_].register_,
                "registers": list(registers_of(project, project.indicators[id_])),
                "steps": _steps(project, project.indicators[id_]),
                **behind[id_],
            }
            for id_ in indicators
        },
        "registers": registers,
    }


def _source_trail(source: SourceFile, delivery: Delivery) -> dict[str, object]:
    origin = source.origin
    where = origin.file or origin.url or (f"CBS StatLine {origin.statline.table}" if origin.statline else "")
    return {
        "id": source.id,
        "title": _text(source.title),
        "deliverer": source.deliverer,
        "agreement": source.agreement,
        "licence": source.licence,
        "origin": where,
        "read_from": delivery.shown,
        "digest": delivery.digest,
    }


def _indicator(
    project: Project, areas: Areas, indicator: Indicator, figures: pa.Table, profile: Profile
) -> dict[str, object]:
    register = project.registers[indicator.register_]
    sources = [project.sources[id_] for id_ in sources_of(project, indicator)]
    present = set(pc.unique(figures["level"]).to_pylist())
    periods = sorted(pc.unique(figures["period"]).to_pylist())
    loose = indicator.provisional
    return {
        "id": indicator.id,
        "title": _text(indicator.title),
        "question": _text(indicator.question),
        "explanation": _text(indicator.explanation),
        "unit": _text(indicator.unit),
        "theme": indicator.theme,
        "measure": indicator.measure,
        "per": indicator.per if indicator.measure == "rate" else None,
        "decimals": indicator.decimals,
        "better": indicator.better,
        "breaks": None if indicator.breaks is None else list(indicator.breaks),
        "by": list(indicator.by),
        "levels": [level for level in areas.levels if level in present],
        "periods": periods,
        "protection": profile.id,
        "caution": _text(indicator.caution),
        "provisional": periods[-loose:] if isinstance(loose, int) else list(loose),
        "phenomenon": indicator.phenomenon,
        "enforcement": indicator.enforcement,
        "size": indicator.size or indicator.per_indicator,
        "points": None if indicator.points is None else _text(indicator.points.title),
        "attribution": _attribution(sources),
        "method_breaks": [{"period": b.period, "text": _text(b.text)} for b in indicator.method_breaks],
        "sources": [
            {
                "id": source.id,
                "title": _text(source.title),
                "deliverer": source.deliverer,
                "licence": source.licence,
                "attribution": _text(source.attribution),
            }
            for source in sources
        ],
        "steps": _steps(project, indicator),
        "located": register.area_column is not None and register.area_column.located is not None,
        "register": register.title,
    }


def _steps(project: Project, indicator: Indicator) -> list[str]:
    """How a figure is made, as lines of the declaration that a privacy officer reads."""
    said = {
        "register": indicator.register_,
        "measure": indicator.measure,
        "population": indicator.population,
        "numerator": indicator.numerator,
        "denominator": indicator.denominator or indicator.per_indicator,
        "value": indicator.value,
        "percentile": indicator.percentile,
        "area": indicator.area,
        "period": indicator.period,
    }
    lines = [f"{name}: {' '.join(str(value).split())}" for name, value in said.items() if value is not None]
    return lines + [f"by {id_}: {' '.join(project.dimensions[id_].sql.split())}" for id_ in indicator.by]


def _attribution(sources: Iterable[SourceFile]) -> dict[str, str] | None:
    """Whom to name, all of them: `Bron: CBS; gemeente Proefdorp`."""
    texts = list(dict.fromkeys(source.attribution for source in sources if source.attribution))
    if not texts:
        return None
    return {language: _in_one([text.of(language) for text in texts]) for language in ("nl", "en")}


def _in_one(texts: list[str]) -> str:
    first, *rest = texts
    label, colon, _ = first.partition(": ")
    return "; ".join([first, *(text.removeprefix(f"{label}{colon}") if colon else text for text in rest)])


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"nl": text.nl, "en": text.en or text.nl}
