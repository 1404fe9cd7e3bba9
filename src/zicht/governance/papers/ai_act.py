"""The class of an algorithm in the AI Act, by the decision tree of the government (Beslishulp AI-verordening).

The tree is an aid and no decision of law: whoever answers it answers for it. What is kept are the answers, the conclusion and the version of
the tree, so that it can be walked again.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from zicht.errors import ZichtError
from zicht.governance.papers.paper import standard_json

TREE = "ai-act-tree.json"
FIRST = "1.1"
_HAS = re.compile(r'^(!)?\(?"([^"]+)" in labels\)?$')


@dataclass(frozen=True, slots=True)
class AiClass:
    """Where the answers lead.

    Attributes:
        tree: version of the tree.
        answers: question and answer, in the order in which they were asked.
        labels: what follows, in the words of the tree, such as `hoog-risico AI`.
        conclusion_id, conclusion: the end of the walk.
        obligations: what the law then asks.
    """

    tree: str
    answers: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    conclusion_id: str
    conclusion: str
    obligations: str

    @property
    def forbidden(self) -> bool:
        """Whether the AI Act forbids it (art. 5)."""
        return "verboden AI" in self.labels

    @property
    def high_risk(self) -> bool:
        """Whether it is a high-risk AI system."""
        return "hoog-risico AI" in self.labels


def ai_class(answers: Mapping[str, str]) -> AiClass:
    """Walk the decision tree.

    Args:
        answers: answer by number of the question, in the words of the tree.

    Returns:
        Where they lead.

    Raises:
        ZichtError: a question that is asked is not answered, an answer is not one of the tree, or a question is answered that is not asked.
    """
    questions, conclusions = _tree()
    labels: list[str] = []
    asked: list[tuple[str, str]] = []
    at = FIRST
    while at in questions:
        answer = _answer(questions[at], answers)
        asked.append((at, str(answer["answer"])))
        labels += [label for label in cast("list[str]", answer.get("labels", [])) if label not in labels]
        at = _next(answer, labels, at)
    if idle := sorted(set(answers) - {question for question, _ in asked}):
        raise ZichtError(
            f"Question {idle[0]} of the AI Act tree is answered and is not asked after the answers before it."
        )
    end = conclusions[at]
    return AiClass(
        tree=str(standard_json(TREE)["version"]), answers=tuple(asked), labels=tuple(labels), conclusion_id=at,
        conclusion=str(end["conclusion"]), obligations=str(end["obligation"]),
    )  # fmt: skip


@cache
def _tree() -> tuple[Mapping[str, Mapping[str, object]], Mapping[str, Mapping[str, object]]]:
    tree = standard_json(TREE)
    questions = cast("list[Mapping[str, object]]", tree["questions"])
    conclusions = cast("list[Mapping[str, object]]", tree["conclusions"])
    return {str(one["questionId"]): one for one in questions}, {
        str(one["conclusionId"]): one for one in conclusions
    }


def _answer(question: Mapping[str, object], answers: Mapping[str, str]) -> Mapping[str, object]:
    id_, options = str(question["questionId"]), cast("list[Mapping[str, object]]", question["answers"])
    known = {str(option["answer"]): option for option in options}
    if len(known) == 1:
        return options[0]  # a page of the tree that only leads on
    given = answers.get(id_)
    if given is None:
        raise ZichtError(
            f"Question {id_} of the AI Act tree has no answer: {question['question']} Answer it with one of: {'; '.join(known)}."
        )
    if given not in known:
        near = difflib.get_close_matches(given, known, n=1, cutoff=0.4)
        raise ZichtError(
            f"`{given}` is no answer to question {id_} of the AI Act tree."
            + (f" Did you mean `{near[0]}`?" if near else f" Answer with one of: {'; '.join(known)}.")
        )
    return known[given]


def _next(answer: Mapping[str, object], labels: list[str], at: str) -> str:
    for redirect in cast("list[Mapping[str, object]]", answer.get("redirects", [])):
        if _holds(str(redirect["if"]), labels):
            return str(redirect.get("nextQuestionId") or redirect["nextConclusionId"])
    following = answer.get("nextQuestionId") or answer.get("nextConclusionId")
    if following is None:
        raise ZichtError(f"The AI Act tree has no way on from question {at} with this answer.")
    return str(following)


def _holds(condition: str, labels: list[str]) -> bool:
    """Whether a condition of the tree holds; `&&` binds tighter than `||`, and brackets stand around `||` or one part only."""
    alternatives = [part.strip() for part in _split(condition, "||")]
    if len(alternatives) > 1:
        return any(_holds(part, labels) for part in alternatives)
    parts = [part.strip() for part in _split(condition, "&&")]
    if len(parts) > 1:
        return all(_holds(part, labels) for part in parts)
    if match := _HAS.fullmatch(condition.strip()):
        return (match[2] in labels) != bool(match[1])
    inner = condition.strip()
    if inner.startswith("(") and inner.endswith(")"):
        return _holds(inner[1:-1], labels)
    raise ZichtError(f"A condition of the AI Act tree cannot be read: {condition}.")


def _split(condition: str, sign: str) -> list[str]:
    """The parts of a condition between a sign, where it stands outside brackets."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(condition):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and condition.startswith(sign, index):
            parts.append(condition[start:index])
            start = index + len(sign)
    return [*parts, condition[start:]]
