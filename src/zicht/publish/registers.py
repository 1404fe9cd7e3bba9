"""The pages that account for the rest: which processing activities the figures fall under, which algorithms made them, and where each comes from.

All of it is evidence of the release. A release without a part of it has no page of that part.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from zicht.publish.catalogue import Indicator, safe_name
from zicht.publish.edition import Edition
from zicht.publish.method import method_lines
from zicht.publish.render import Frame
from zicht.publish.texts import Texts

Record = Mapping[str, object]
_DURATION = {"Y": "registers.years", "M": "registers.months", "D": "registers.days"}


def register_pages(edition: Edition, frame: Frame) -> Iterator[tuple[str, str]]:
    """The pages of processing activities, algorithms and provenance of a language, as path and HTML."""
    texts = frame.texts
    activities, algorithms = activities_of(edition), algorithms_of(edition)
    if accounts_for_data(edition):
        yield frame.page(
            "processings.html", "verwerkingen/", title=texts("processings.title"), summary=texts("processings.lede" if activities else "processings.none"), nav="account",
            activities=[_activity(edition, texts, id_, one) for id_, one in activities.items()],
        )  # fmt: skip
    if algorithms:
        yield frame.page(
            "algorithms.html", "algoritmes/", title=texts("algorithms.title"), summary=texts("algorithms.lede"), nav="account",
            algorithms=[_algorithm(edition, texts, one) for one in algorithms],
        )  # fmt: skip
    for id_, one in activities.items():
        # The address by which papers name an activity leads to it.
        yield frame.page(
            "processings.html", f"id/verwerking/{safe_name(id_)}/", title=texts.pick(one.get("title")), summary=texts("processings.lede"),
            nav="account", activities=[_activity(edition, texts, id_, one)],
        )  # fmt: skip
    for indicator in edition.catalogue.indicators.values():
        if has_provenance(edition, indicator):
            yield _provenance_page(edition, frame, indicator)


def register_files(edition: Edition) -> Iterator[tuple[str, bytes]]:
    """The entries of both registers as JSON, at the addresses by which the catalogue of the project names them: path and bytes."""
    for algorithm in algorithms_of(edition):
        yield f"algoritmes/{safe_name(str(algorithm['id']))}.json", _json(algorithm["entry"])
    for id_, activity in activities_of(edition).items():
        yield f"id/verwerking/{safe_name(id_)}/index.json", _json(activity["activity"])


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def activities_of(edition: Edition) -> Mapping[str, Record]:
    """The processing activities of the release, by id; empty where it has none."""
    return _records(edition.evidence("processings").get("purposes"))


def accounts_for_data(edition: Edition) -> bool:
    """Whether the release says which processing activities it falls under, if only that there is none."""
    return "purposes" in edition.release.evidence("processings")


def algorithms_of(edition: Edition) -> Sequence[Record]:
    """The entries of the algorithm register of the release; empty where it has none."""
    return cast("Sequence[Record]", edition.evidence("algorithms").get("algorithms") or ())


def registers_of(edition: Edition) -> tuple[tuple[str, str], ...]:
    """The registers that the release has a page of: its place in a language and the name of its title."""
    pages = (
        ("verwerkingen/", "processings.title", accounts_for_data(edition)),
        ("algoritmes/", "algorithms.title", bool(algorithms_of(edition))),
    )
    return tuple((place, name) for place, name, there in pages if there)


def register_title(edition: Edition, id_: str) -> str:
    """What the release calls a register; its id where it does not say."""
    registers = _records(edition.evidence("lineage").get("registers"))
    return str(_record(registers.get(id_)).get("title") or id_)


def has_provenance(edition: Edition, indicator: Indicator) -> bool:
    """Whether the release tells where an indicator comes from."""
    return indicator.id in _records(edition.evidence("lineage").get("indicators"))


def _activity(edition: Edition, texts: Texts, id_: str, raw: Record) -> dict[str, object]:
    activity = _record(raw.get("activity"))
    personal, assessed = _record(activity.get("personalData")), _record(activity.get("dpia"))
    indicators = [name for name in _names(raw.get("indicators")) if name in edition.catalogue.indicators]
    lines = [
        ("registers.aim", texts.pick(raw.get("aim"))),
        ("registers.basis", str(activity.get("legalBasisText") or "")),
        ("registers.controller", str(raw.get("controller") or "")),
        ("registers.subjects", _begun(", ".join(_names(raw.get("data_subjects"))))),
        ("registers.categories", _begun(", ".join(_names(raw.get("categories"))))),
        (
            "registers.recipients",
            _begun(", ".join(_names(raw.get("recipients")))) or texts("registers.nobody"),
        ),
        ("registers.retention", duration(texts, str(personal.get("retentionPeriod") or ""))),
        ("registers.measures", _begun("; ".join(_names(raw.get("measures"))))),
        ("registers.officer", str(activity.get("dpoContact") or "")),
    ]
    return {
        "id": id_,
        "title": texts.pick(raw.get("title")),
        "version": raw.get("version"),
        "since": texts.day(str(activity.get("validFrom") or "")),
        "lines": [(texts(key), said) for key, said in lines if said],
        "dpia": {
            "status": _begun(str(assessed.get("status") or "")),
            "date": texts.day(str(assessed.get("date") or "")),
            "document": str(assessed.get("document") or ""),
        },
        "indicators": [(name, texts.pick(edition.catalogue.indicators[name].title)) for name in indicators],
    }


def duration(texts: Texts, period: str) -> str:
    """An ISO 8601 duration of one part in words, such as `10 jaar` for `P10Y`; as it is where it is none."""
    unit = _DURATION.get(period[-1:])
    if unit is None or not period[1:-1].isdigit():
        return period
    return texts.count(unit, int(period[1:-1]))


def _begun(words: str) -> str:
    """Words with a capital at their start, as a line of its own has."""
    return words[:1].upper() + words[1:]


def _algorithm(edition: Edition, texts: Texts, raw: Record) -> dict[str, object]:
    entry, act = _record(raw.get("entry")), _record(raw.get("ai_act"))
    told = (
        "goal",
        "proportionality",
        "human_intervention",
        "risks",
        "methods_and_models",
        "source_data",
        "lawful_basis",
        "provider",
    )
    indicators = [name for name in _names(raw.get("indicators")) if name in edition.catalogue.indicators]
    return {
        "id": raw["id"],
        "title": texts.pick(raw.get("title")),
        "summary": entry.get("description_short"),
        "status": entry.get("status"),
        "category": entry.get("publication_category"),
        "lines": [
            (texts(f"algorithms.{name}"), _begun(str(entry[name]))) for name in told if entry.get(name)
        ],
        "laws": [_record(law) for law in cast("Sequence[object]", entry.get("lawful_basis_grouping") or ())],
        "conclusion": act.get("conclusion") or "",
        "indicators": [(name, texts.pick(edition.catalogue.indicators[name].title)) for name in indicators],
    }


def _provenance_page(edition: Edition, frame: Frame, indicator: Indicator) -> tuple[str, str]:
    texts = frame.texts
    lineage, known = edition.evidence("lineage"), edition.evidence("provenance")
    way = _record(_records(lineage["indicators"])[indicator.id])
    purpose = str(way.get("purpose") or "")
    activities = activities_of(edition)
    title = texts.pick(indicator.title)
    return frame.page(
        "provenance.html", f"herkomst/{indicator.id}/",
        title=texts("provenance.title", title=title), summary=texts("provenance.lede", title=title), nav="account",
        indicator=indicator, digest=str(edition.release.manifest.get("digest", "")),
        method=method_lines(texts, indicator, edition.catalogue.dimensions),
        registers=list(_registers(lineage, known, str(way["register"]), texts)),
        purpose=(purpose, _activity(edition, texts, purpose, activities[purpose])) if purpose in activities else None,
        algorithms=[
            (one["id"], texts.pick(one.get("title")))
            for one in algorithms_of(edition)
            if indicator.id in _names(one.get("indicators"))
        ],
    )  # fmt: skip


def _registers(lineage: Record, known: Record, first: str, texts: Texts) -> Iterator[dict[str, object]]:
    """The registers behind an indicator, from the one that is counted back to deliveries, each once."""
    registers = _records(lineage.get("registers"))
    snapshots, deliveries = _record(known.get("snapshots")), _record(known.get("deliveries"))
    due, seen = [first], {first}
    while due:
        id_ = due.pop(0)
        register = _record(registers[id_])
        source = _record(register.get("source"))
        behind = [name for name in _names(register.get("made_of")) if name in registers]
        yield {
            "id": id_,
            "title": register.get("title"),
            "contract": _record(register.get("contract")),
            "snapshot": snapshots.get(id_),
            "sql": register.get("sql"),
            "made_of": [_record(registers[name]).get("title") for name in behind],
            "source": texts.pick(source.get("title")) if source else "",
            "deliverer": source.get("deliverer") or "",
            "agreement": source.get("agreement") or "",
            "delivered": texts.day(str(deliveries.get(str(source.get("id"))) or "")),
        }
        fresh = [name for name in behind if name not in seen]
        due += fresh
        seen.update(fresh)


def _record(value: object) -> Record:
    return value if isinstance(value, Mapping) else {}


def _records(value: object) -> Mapping[str, Record]:
    return cast("Mapping[str, Record]", _record(value))


def _names(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else []
