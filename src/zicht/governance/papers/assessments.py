"""DPIA, pre-scan and IAMA, with every answer that the folder or the run knows filled in and the rest left open.

Nothing is judged here. Proportionality, risks to the people concerned and the rights of those people are for people to write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from zicht.declare import AlgorithmFile
from zicht.governance.papers.ai_act import ai_class
from zicht.governance.papers.facts import ColumnFacts, Facts, PurposeFacts, RegisterFacts
from zicht.governance.papers.forms import Form
from zicht.governance.papers.paper import Paper

GROUNDS = {
    "A6-1-a": "Rechtsgrond toestemming",
    "A6-1-b": "Rechtsgrond noodzakelijk voor de uitvoering van een overeenkoms",  # so it is spelt in the form
    "A6-1-c": "Rechtsgrond wettelijke verplichting",
    "A6-1-d": "Rechtsgrond vitaal belang",
    "A6-1-e": "Rechtsgrond taak van algemeen belang",
    "A6-1-f": "Rechtsgrond gerechtvaardigd belang",
}
TYPES = {
    "personal": "gewoon",
    "special": "bijzonder",
    "criminal": "strafrechtelijk",
    "identifying": "gevoelig",
}
"""Types of personal data in the words of the form, by classification; a citizen service number is told apart."""

FREQUENCIES = {
    "once": "Eenmalig", "yearly": "Minstens jaarlijks", "quarterly": "Minstens jaarlijks", "monthly": "Minstens maandelijks",
    "weekly": "Vaker dan maandelijks", "daily": "Vaker dan maandelijks",
}  # fmt: skip
MANY = 10_000  # people, from which the pre-scan counts a set as large
_CITIZEN_NUMBER = re.compile(r"bsn|burgerservicenummer", re.IGNORECASE)


def assessment_papers(facts: Facts) -> tuple[Paper, ...]:
    """A DPIA and a pre-scan of each purpose, and an IAMA of each algorithm.

    Args:
        facts: what the project knows.
    """
    return (
        *(dpia(facts, purpose).paper(purpose.id) for purpose in facts.purposes.values()),
        *(prescan(facts, purpose).paper(purpose.id) for purpose in facts.purposes.values()),
        *(iama(facts, algorithm).paper(algorithm.id) for algorithm in facts.algorithms.values()),
    )


def dpia(facts: Facts, purpose: PurposeFacts) -> Form:
    """The data protection impact assessment of a purpose.

    Args:
        facts: what the project knows.
        purpose: the purpose.
    """
    form = Form("dpia", facts.made)
    used = _used(facts, purpose)
    form.answer(
        "0",
        f"Deze DPIA gaat over de verwerking “{purpose.title.nl}” (versie {purpose.version}) van {facts.project.organisation}.",
    )
    form.answer("1.1", f"{purpose.aim.nl} {_products(facts, purpose)}".strip())
    for register, columns in used:
        for column in columns:
            _personal_data(form, facts, purpose, register, column)
    _processing(form, facts, purpose, used)
    form.answer("4", _techniques(facts, purpose))
    form.row("5.1", {"5.1.1": purpose.aim.nl})
    _parties(form, facts, purpose, used)
    if not purpose.outside_eea:
        form.row("8.1.1", {"8.1.1.1": "Binnen de Europese Economische Ruimte"})
    for law in (part.strip() for part in purpose.legal_basis.split(";")):
        name, _, article = law.partition(" art")
        form.row("9.1.1", {"9.1.1.1": name, "9.1.1.2": f"art{article}" if article else None})
    data = [_named(register, column) for register, columns in used for column in columns]
    form.row("10.1.1", {
        "10.1.1.1": purpose.aim.nl, "10.1.1.2": purpose.subjects, "10.1.1.3": data, "10.1.1.4": _kept_for(purpose.retention),
        "10.1.1.5": ". ".join(part for part in (f"Bewaartermijn {purpose.retention}", purpose.retention_basis) if part),
    })  # fmt: skip
    for ground in purpose.grounds:
        if ground in GROUNDS:
            form.row("11.1.1", {"11.1.1.1": GROUNDS[ground], "11.1.1.2": purpose.legal_basis})
    _sensitive(form, purpose, used)
    form.row("13.1.1", {"13.1.1.1": purpose.subjects, "13.1.1.2": data, "13.1.1.3": purpose.aim.nl})
    form.answer(
        "15.6.2",
        "Er worden geen besluiten over personen genomen: wat naar buiten gaat zijn beveiligde cijfers over gebieden.",
    )
    for measure in purpose.measures:
        form.row("17.1", {"17.1.3": measure})
    form.answer("19.2", "concept")
    form.answer("19.4.1", facts.project.organisation)
    return form


def prescan(facts: Facts, purpose: PurposeFacts) -> Form:
    """The pre-scan of a purpose: whether a DPIA is needed.

    Args:
        facts: what the project knows.
        purpose: the purpose.
    """
    form = Form("prescan", facts.made)
    used = _used(facts, purpose)
    columns = [column for _, found in used for column in found]
    algorithms = [one for one in facts.algorithms.values() if purpose.id in one.purposes]
    form.answer("0.2", f"{purpose.title.nl}. {_products(facts, purpose)}".strip())
    form.answer("0.3", purpose.aim.nl)
    form.answer("0.4", next((GROUNDS[ground] for ground in purpose.grounds if ground in GROUNDS), None))
    form.answer("1.1.1", any(column.classification == "personal" for column in columns))
    form.answer("1.1.3", "; ".join(purpose.categories))
    form.answer("1.2.1", purpose.special)
    form.answer("1.4.2", "; ".join(purpose.subjects))
    people = [
        register.rows for register, _ in used if register.unit == "person" and register.rows is not None
    ]
    form.answer("1.5.1", max(people) >= MANY if people else None)
    form.answer("1.5.3", _frequency(facts, used))
    form.answer("1.5.4", _kept_for(purpose.retention))
    form.answer("2.1.1", purpose.outside_eea)
    form.answer("6.1.1", bool(algorithms))
    form.answer("6.1.2", any(one.category == "high_risk" for one in algorithms))
    form.answer("6.1.3", any(one.category == "impactful" for one in algorithms))
    return form


def iama(facts: Facts, algorithm: AlgorithmFile) -> Form:
    """The human rights and algorithms impact assessment of an algorithm.

    Args:
        facts: what the project knows.
        algorithm: the algorithm.
    """
    form = Form("iama", facts.made)
    purposes = [facts.purposes[id_] for id_ in algorithm.purposes]
    sources = dict.fromkeys(id_ for one in facts.indicators_of(algorithm) for id_ in one.sources)
    found = ai_class(algorithm.ai_act.answers)
    laws = list(
        dict.fromkeys(
            [*(purpose.legal_basis for purpose in purposes), *(law.title for law in algorithm.laws)]
        )
    )
    form.answer("1.1.2", algorithm.goal.nl)
    form.answer("1.3.1", found.forbidden)
    if purposes:
        form.answer("1.3.2", any({"A6-1-c", "A6-1-e"} & set(purpose.grounds) for purpose in purposes))
    form.answer("1.3.4", "; ".join(laws))
    form.answer("1.4.1.1", algorithm.provider)
    form.answer("1.4.1.2", facts.project.organisation)
    form.answer("2.1.1.1", "zelflerend" if algorithm.self_learning else "niet-zelflerend")
    form.answer("2.1.1.2", algorithm.method.nl)
    form.answer(
        "2.3.1",
        "; ".join(f"{facts.sources[id_].title.nl} ({facts.sources[id_].deliverer})" for id_ in sources),
    )
    form.answer(
        "2.5.2", "; ".join(dict.fromkeys(measure for purpose in purposes for measure in purpose.measures))
    )
    form.answer("3.1.2", f"Vanaf {algorithm.begin}" if algorithm.begin else None)
    form.answer("3.2.1", algorithm.human_intervention.nl)
    form.answer("3.5.2", algorithm.risks.nl)
    form.answer("3.5.1", "; ".join(dict.fromkeys(who for purpose in purposes for who in purpose.subjects)))
    form.answer(
        "4.2.1",
        f"{'Ja' if found.high_risk else 'Nee'}. {found.conclusion} (Beslishulp AI-verordening {found.tree}, conclusie {found.conclusion_id})",
    )
    form.answer("4.2.2", "; ".join(f"{purpose.title.nl}: DPIA {purpose.dpia}" for purpose in purposes))
    return form


Used = tuple[tuple[RegisterFacts, tuple[ColumnFacts, ...]], ...]


def _used(facts: Facts, purpose: PurposeFacts) -> Used:
    """The columns about persons that figures for the purpose are made of, by delivered register."""
    found = []
    for id_, columns in facts.columns_for(purpose.id).items():
        personal = tuple(column for column in columns if column.classification in TYPES)
        if personal:
            found.append((facts.registers[id_], personal))
    return tuple(found)


def _named(register: RegisterFacts, column: ColumnFacts) -> str:
    return f"{register.title}: {column.description or column.name}"


def _personal_data(
    form: Form, facts: Facts, purpose: PurposeFacts, register: RegisterFacts, column: ColumnFacts
) -> None:
    source = facts.sources[register.source] if register.source else None
    number = column.classification == "identifying" and _CITIZEN_NUMBER.search(column.name)
    form.row("2.1", {
        "2.1.1": _named(register, column), "2.1.2": "; ".join(purpose.subjects), "2.1.3": column.description or column.name,
        "2.1.4": "nationaal identificatienummer" if number else TYPES[str(column.classification)],
        "2.1.6": True if source else None, "2.1.7": source.deliverer if source else None,
        "2.1.8": source.title.nl if source else None, "2.1.9": source.agreement if source else None,
    })  # fmt: skip


def _products(facts: Facts, purpose: PurposeFacts) -> str:
    titles = [f"“{one.title.nl}”" for one in facts.products.values() if purpose.id in one.purposes]
    return f"De cijfers staan in: {', '.join(titles)}." if titles else ""


def _processing(form: Form, facts: Facts, purpose: PurposeFacts, used: Used) -> None:
    """What is done with the data, from delivery to release, as the build does it."""
    for register, columns in used:
        form.row("3.1", {
            "3.1.1": f"Innemen van {register.title}",
            "3.1.2": "De levering wordt gelezen, tegen het gegevenscontract gehouden en als onveranderlijke momentopname bewaard.",
            "3.1.3": [_named(register, column) for column in columns],
        })  # fmt: skip
    counted = {one.register for one in facts.indicators.values() if purpose.id in one.purposes}
    for id_ in sorted(counted):
        register = facts.registers[id_]
        if register.sql is not None:
            read = ", ".join(facts.registers[one].title for one in register.made_of)
            form.row(
                "3.1",
                {
                    "3.1.1": f"Samenvoegen tot {register.title}",
                    "3.1.2": f"Met een vastgelegde SQL-query uit: {read}.",
                },
            )
        indicators = [
            one for one in facts.indicators.values() if one.register == id_ and purpose.id in one.purposes
        ]
        profiles = ", ".join(sorted({one.protection for one in indicators}))
        form.row(
            "3.1",
            {
                "3.1.1": f"Tellen over {register.title}",
                "3.1.2": f"{len(indicators)} indicatoren per gebied, periode en uitsplitsing.",
            },
        )
        form.row(
            "3.1",
            {
                "3.1.1": f"Beveiligen van cijfers over {register.title}",
                "3.1.2": f"Statistische beveiliging met profiel {profiles}, daarna aangevallen zoals een buitenstaander dat kan.",
            },
        )


def _techniques(facts: Facts, purpose: PurposeFacts) -> str:
    algorithms = [one.title.nl for one in facts.algorithms.values() if purpose.id in one.purposes]
    said = "Tellen met vastgelegde SQL in een eigen omgeving zonder toegang tot het netwerk; statistische beveiliging voor publicatie."
    return f"{said} Algoritmes: {', '.join(algorithms)}." if algorithms else said


def _parties(form: Form, facts: Facts, purpose: PurposeFacts, used: Used) -> None:
    form.row(
        "6.1.1",
        {
            "6.1.1.1": purpose.controller,
            "6.1.1.2": ["Verwerkingsverantwoordelijke"],
            "6.1.1.5": purpose.subjects,
        },
    )
    deliverers: dict[str, list[str]] = {}
    for register, columns in used:
        if register.source:
            names = deliverers.setdefault(facts.sources[register.source].deliverer, [])
            names += [_named(register, column) for column in columns]
    for deliverer, names in sorted(deliverers.items()):
        form.row(
            "6.1.1",
            {"6.1.1.1": deliverer, "6.1.1.2": ["Verstrekker"], "6.1.1.4": names, "6.1.1.5": purpose.subjects},
        )
    for recipient in purpose.recipients:
        form.row("6.1.1", {"6.1.1.1": recipient, "6.1.1.2": ["Ontvanger"]})


def _sensitive(form: Form, purpose: PurposeFacts, used: Used) -> None:
    """Part 12: special and criminal data and the citizen service number, each only where it is used."""
    grounds = ", ".join(ground for ground in purpose.grounds if ground.startswith("A9-2"))
    for number, holds, classification, last, said in (
        ("12.1", purpose.special, "special", "12.1.2.5", f"{grounds}; {purpose.legal_basis}" if grounds else purpose.legal_basis),
        ("12.2", purpose.criminal, "criminal", "12.2.2.4", purpose.legal_basis),
        ("12.3", purpose.bsn, "identifying", "12.3.2.4", purpose.bsn_basis),
    ):  # fmt: skip
        form.answer(f"{number}.1", holds)
        if holds:
            data = [
                _named(r, c) for r, columns in used for c in columns if c.classification == classification
            ]
            form.row(f"{number}.2", {
                f"{number}.2.1": [purpose.title.nl], f"{number}.2.2": purpose.subjects, f"{number}.2.3": data, last: said,
            })  # fmt: skip


def _kept_for(retention: str) -> str | None:
    if match := re.match(r"P(\d+)Y", retention):
        return "Jaar" if int(match[1]) == 1 else "Aantal jaren"
    if match := re.fullmatch(r"P(\d+)M", retention):
        return "Jaar" if int(match[1]) > 1 else None
    if match := re.fullmatch(r"P(\d+)D", retention):
        return (
            "Minder dan 1 week" if int(match[1]) < 7 else "Minder dan 1 maand" if int(match[1]) < 28 else None
        )
    return None


def _frequency(facts: Facts, used: Iterable[tuple[RegisterFacts, tuple[ColumnFacts, ...]]]) -> str | None:
    order = list(FREQUENCIES)
    found = [order.index(facts.sources[register.source].frequency) for register, _ in used if register.source]
    return FREQUENCIES[order[max(found)]] if found else None
