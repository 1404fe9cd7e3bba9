"""The words of the pages for who reviews."""

from __future__ import annotations

import re
from typing import get_args

from zicht.chain import CHECKS
from zicht.chain.review_page import LANGUAGES, review_words
from zicht.declare import Role
from zicht.release import KINDS, TRANSITIONS, State


def test_who_reviews_reads_the_same_in_both_languages() -> None:
    dutch, english = (review_words(language) for language in LANGUAGES)
    assert list(dutch) == list(english)
    fields = re.compile(r"\{\w+\}")
    assert all(sorted(fields.findall(dutch[key])) == sorted(fields.findall(english[key])) for key in dutch)
    for names, kind in ((CHECKS, "check"), (KINDS, "kind"), (State, "state"), (get_args(Role), "role")):
        assert {f"{kind}.{name}" for name in names} <= dutch.keys()
    decided = {one.action for one in TRANSITIONS}
    assert {f"action.{action}" for action in decided} <= dutch.keys()
    assert {id_: english[f"check.{id_}"] for id_ in CHECKS} == {id_: CHECKS[id_][0] for id_ in CHECKS}
