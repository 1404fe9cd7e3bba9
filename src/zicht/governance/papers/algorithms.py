"""Entries of the national algorithm register (publicatiestandaard 1.0, 29 fields), filled from the folder as far as it knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zicht.declare import AlgorithmFile, Project
from zicht.errors import Problem, ZichtError
from zicht.governance.papers.ai_act import AiClass, ai_class
from zicht.governance.papers.facts import Facts, PurposeFacts
from zicht.governance.papers.paper import Paper, breaches_of, json_paper

STANDARD = "Algoritmeregister publicatiestandaard 1.0"
SCHEMA = "algorithm-1.0.schema.json"
STATUS = {"in_development": "In ontwikkeling", "in_use": "In gebruik", "retired": "Buiten gebruik"}
CATEGORY = {
    "high_risk": "Hoog-risico AI-systeem", "impactful": "Impactvolle algoritmes", "other": "Overige algoritmes",
}  # fmt: skip
LONGEST = {"source_data": 2500, "lawful_basis": 2500, "impacttoetsen": 2500, "tags": 2500}


def algorithm_papers(facts: Facts) -> tuple[Paper, ...]:
    """The entry of each algorithm.

    Args:
        facts: what the project knows.
    """
    papers = []
    for algorithm in facts.algorithms.values():
        entry = algorithm_entry(facts, algorithm)
        breaches = breaches_of(SCHEMA, entry, f"algorithm `{algorithm.id}`")
        papers.append(
            json_paper("algorithms", f"algorithm-{algorithm.id}.json", entry, STANDARD, breaches, entry)
        )
    return tuple(papers)


def algorithm_entry(facts: Facts, algorithm: AlgorithmFile) -> dict[str, object]:
    """One entry, with the names of fields that the register takes.

    Args:
        facts: what the project knows.
        algorithm: as declared.

    Returns:
        What JSON can hold; fields of which nothing is known are left out.
    """
    purposes = [facts.purposes[id_] for id_ in algorithm.purposes]
    address = facts.project.address
    entry: dict[str, object] = {
        "name": algorithm.title.nl,
        "description_short": algorithm.summary.nl,
        "organization": facts.project.organisation[:100],
        "category": list(algorithm.themes),
        "status": STATUS[algorithm.status],
        "begin_date": algorithm.begin,
        "end_date": algorithm.end,
        "contact_email": facts.project.email,
        "website": f"{address}/algoritmes/#{algorithm.id}",
        "publication_category": CATEGORY[algorithm.category],
        "url": f"{address}/algoritmes/{algorithm.id}.json",
        "goal": algorithm.goal.nl,
        "proportionality": algorithm.proportionality.nl,
        "human_intervention": algorithm.human_intervention.nl,
        "risks": algorithm.risks.nl,
        "lawful_basis": "; ".join(dict.fromkeys(purpose.legal_basis for purpose in purposes)),
        "lawful_basis_grouping": [{"title": law.title, "link": law.link} for law in algorithm.laws],
        "process_index_url": purposes[0].uri if purposes else None,
        "impacttoetsen_grouping": list(_assessments(facts, algorithm, purposes)),
        "impacttoetsen": algorithm.no_assessment.nl if algorithm.no_assessment else None,
        "source_data": "; ".join(_data(facts, algorithm)),
        "source_data_grouping": list(_links(facts, algorithm)),
        "methods_and_models": algorithm.method.nl,
        "provider": algorithm.provider,
        "publiccode": algorithm.source_code,
        "lang": "nld",
        "standard_version": "1.0",
        "source_id": algorithm.id,
        "tags": ", ".join(algorithm.tags),
    }
    known = {name: value for name, value in entry.items() if value not in (None, "", [])}
    return {name: _short(value, LONGEST.get(name)) for name, value in known.items()}


def algorithms_evidence(facts: Facts) -> dict[str, object]:
    """What a release tells of the algorithms behind it: each entry, and its class in the AI Act.

    Args:
        facts: what the project knows.

    Returns:
        What JSON can hold, in the order of ids; texts in Dutch as the register takes them, titles in both languages.
    """
    return {"algorithms": [_evidence(facts, algorithm) for algorithm in facts.algorithms.values()]}


def _evidence(facts: Facts, algorithm: AlgorithmFile) -> dict[str, object]:
    return {
        "id": algorithm.id,
        "title": _both(algorithm),
        "entry": algorithm_entry(facts, algorithm),
        "indicators": [one.id for one in facts.indicators_of(algorithm)],
        "purposes": list(algorithm.purposes),
        "ai_act": _told(algorithm, ai_class(algorithm.ai_act.answers)),
    }


def check_algorithms(project: Project) -> list[Problem]:
    """What is wrong with the class that algorithms give themselves.

    Args:
        project: the project.

    Returns:
        A problem for each algorithm whose answers to the tree of the AI Act are not whole, which that Act forbids, or which is a high-risk AI
        system by its answers and gives itself another category.
    """
    problems = []
    for algorithm in project.algorithms.values():
        written = project.written["algorithms", algorithm.id]
        try:
            found = ai_class(algorithm.ai_act.answers)
        except ZichtError as error:
            problems.append(Problem(written.place("ai_act", "answers"), str(error)))
            continue
        if found.forbidden:
            problems.append(
                Problem(
                    written.place("ai_act"), f"`{algorithm.id}` is forbidden by the AI Act (art. 5), by these answers.",
                    "It cannot be used; take it out of the project.",
                )
            )  # fmt: skip
        elif found.high_risk != (algorithm.category == "high_risk"):
            wanted = "`high_risk`" if found.high_risk else "`impactful` or `other`"
            problems.append(
                Problem(
                    written.place("category"),
                    f"`{algorithm.category}` is not what the answers for the AI Act lead to (conclusion {found.conclusion_id}: {', '.join(found.labels)}).",
                    f"Write {wanted}.",
                )
            )
    return problems


def _both(algorithm: AlgorithmFile) -> dict[str, str]:
    return {"nl": algorithm.title.nl, "en": algorithm.title.of("en")}


def _told(algorithm: AlgorithmFile, found: AiClass) -> dict[str, object]:
    return {
        "tree": found.tree,
        "answers": [{"question": question, "answer": answer} for question, answer in found.answers],
        "labels": list(found.labels),
        "conclusion_id": found.conclusion_id,
        "conclusion": found.conclusion,
        "decided_by": algorithm.ai_act.decided_by,
        "decided_on": algorithm.ai_act.decided_on,
    }


def _assessments(
    facts: Facts, algorithm: AlgorithmFile, purposes: Iterable[PurposeFacts]
) -> Iterator[dict[str, str]]:
    for reference in algorithm.assessments:
        yield {"title": reference.title, "link": reference.link}
    for purpose in purposes:
        if purpose.dpia == "uitgevoerd":
            yield {"title": f"Data Protection Impact Assessment (DPIA): {purpose.title.nl}"}
    if any(paper.kind == "iama" and paper.about == algorithm.id for paper in facts.kept.values()):
        yield {"title": "Impact Assessment Mensenrechten en Algoritmes (IAMA)"}


def _sources(facts: Facts, algorithm: AlgorithmFile) -> list[str]:
    return list(dict.fromkeys(id_ for one in facts.indicators_of(algorithm) for id_ in one.sources))


def _data(facts: Facts, algorithm: AlgorithmFile) -> Iterator[str]:
    for id_ in _sources(facts, algorithm):
        source = facts.sources[id_]
        yield f"{source.title.nl} ({source.deliverer})"


def _links(facts: Facts, algorithm: AlgorithmFile) -> Iterator[dict[str, str]]:
    for id_ in _sources(facts, algorithm):
        source = facts.sources[id_]
        if source.link:
            yield {"title": source.title.nl, "link": source.link}


def _short(value: object, most: int | None) -> object:
    if most is None or not isinstance(value, str) or len(value) <= most:
        return value
    return f"{value[: most - 1].rpartition(' ')[0]}…"
