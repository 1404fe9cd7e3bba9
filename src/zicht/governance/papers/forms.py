"""Assessment forms of the ministry (BZK): questions, and answers in the format that its own tool reads and writes.

Answers stand under the number of their question; those of a part that can be repeated stand in a list under the number of that part. What is not known is
left out, so that the tool shows it as open.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import cast

from zicht.governance.papers.facts import digest_of_facts
from zicht.governance.papers.paper import Kind, Paper, breaches_of, json_paper, standard_json

SCHEMA = "assessment-output.v2.schema.json"
FORMS: Mapping[Kind, str] = {"dpia": "dpia-3.0.json", "prescan": "prescan-2.0.json", "iama": "iama-2.0.json"}
"""The form of each kind of assessment."""

STANDARDS: Mapping[Kind, str] = {
    "dpia": "Rapportagemodel DPIA Rijksdienst 3.0",
    "prescan": "Pre-scan DPIA 2.0",
    "iama": "IAMA 2.0",
}
PART = 16  # characters of a digest of a part; enough to tell parts of one paper apart

Answer = str | Sequence[str] | bool


@cache
def questions(kind: Kind) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """The questions of a form: by number, the text and the answers that may be chosen from (none for a free answer).

    Args:
        kind: which assessment.
    """
    return {
        str(task["id"]): (
            str(task["task"]),
            tuple(_written(option) for option in cast("list[object]", task.get("options", []))),
        )
        for task in _tasks(cast("list[Mapping[str, object]]", standard_json(FORMS[kind])["tasks"]))
        if not {"task_group", "informational"} & set(cast("list[str]", task["type"]))
    }


def part_title(kind: Kind, part: str) -> str:
    """The title of a part of a form.

    Args:
        kind: which assessment.
        part: its number, such as `10`.
    """
    tasks = cast("list[Mapping[str, object]]", standard_json(FORMS[kind])["tasks"])
    return next((str(task["task"]) for task in tasks if str(task["id"]).split(".")[0] == part), part)


class Form:
    """An assessment in the making.

    Args:
        kind: which assessment.
        made: when it is made.
    """

    def __init__(self, kind: Kind, made: dt.datetime) -> None:
        self.kind = kind
        self.at = made.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self.plain: dict[str, str | list[str]] = {}
        self.rows: dict[str, list[dict[str, str | list[str]]]] = {}

    def answer(self, question: str, value: Answer | None) -> None:
        """Answer a `question` with `value`; nothing is noted where that is empty.

        Raises:
            KeyError: the form has no such question, or the answer is not one of those to choose from.
        """
        if (written := self._checked(question, value)) is not None:
            self.plain[question] = written

    def row(self, part: str, values: Mapping[str, Answer | None]) -> None:
        """Add one to the list of a `part` that can be repeated: `values` by question.

        Raises:
            KeyError: as for `answer`.
        """
        checked = {question: self._checked(question, value) for question, value in values.items()}
        known = {question: value for question, value in checked.items() if value is not None}
        if known:
            self.rows.setdefault(part, []).append(known)

    def _checked(self, question: str, value: Answer | None) -> str | list[str] | None:
        _, options = questions(self.kind)[question]
        if value is None or value in ("", [], ()):
            return None
        written = [str(one) for one in value] if not isinstance(value, str | bool) else _written(value)
        chosen = written if isinstance(written, list) else [written]
        if options and (wrong := [one for one in chosen if one not in options]):
            raise KeyError(f"{self.kind} {question}: {wrong[0]}")
        return written

    def paper(self, about: str) -> Paper:
        """The assessment of the purpose or algorithm `about`."""
        answers: dict[str, object] = {question: self._said(value) for question, value in self.plain.items()}
        for part, rows in self.rows.items():
            answers[part] = [
                {"_index": index, **{question: self._said(value) for question, value in row.items()}}
                for index, row in enumerate(rows)
            ]
        form = standard_json(FORMS[self.kind])
        value = {
            "$schema": str(standard_json(SCHEMA)["$id"]),
            "metadata": {"urn": f"{form['urn']}:{form['version']}", "createdAt": self.at},
            "answers": dict(sorted(answers.items(), key=lambda item: _order(item[0]))),
        }
        breaches = breaches_of(SCHEMA, value, f"{self.kind} `{about}`")
        made = json_paper(
            self.kind, f"{self.kind}-{about}.json", value, STANDARDS[self.kind], breaches, self.parts()
        )
        filled = {
            question
            for row in (self.plain, *(r for rows in self.rows.values() for r in rows))
            for question in row
        }
        return Paper(
            made.kind, made.name, made.text, made.standard, made.breaches, made.facts,
            filled=len(filled), asked=len(questions(self.kind)),
        )  # fmt: skip

    def parts(self) -> dict[str, str]:
        """Digest of what is known, by part of the form; the same facts give the same digests at any time."""
        found: dict[str, list[object]] = {}
        for question, value in sorted(self.plain.items()):
            found.setdefault(question.split(".")[0], []).append([question, value])
        for part, rows in sorted(self.rows.items()):
            found.setdefault(part.split(".")[0], []).append([part, rows])
        return {
            part: digest_of_facts(known)[:PART]
            for part, known in sorted(found.items(), key=lambda item: _order(item[0]))
        }

    def _said(self, value: str | list[str]) -> dict[str, object]:
        return {"value": value, "lastEditedAt": self.at}


def _tasks(tasks: Sequence[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    for task in tasks:
        yield task
        yield from _tasks(cast("list[Mapping[str, object]]", task.get("tasks", [])))


def _written(value: object) -> str:
    """A value as the tool writes it: truth in small letters."""
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)


def _order(id_: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", id_))
