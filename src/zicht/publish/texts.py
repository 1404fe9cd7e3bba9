"""The sentences of the site: one message catalogue a language, and the texts that a release brings itself.

A message is looked up by its key; one that is missing is an error, never an empty place on a page. `{name}` in a
message is filled in. A message with a count has two forms, `one` and `other`, as Dutch and English both need.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from markupsafe import Markup

from zicht.errors import ZichtError
from zicht.publish.numbers import number

LANGUAGES = ("nl", "en")

Message = str | Mapping[str, str]


@cache
def messages(language: str) -> Mapping[str, Message]:
    """All messages of a language, by key.

    Raises:
        ZichtError: there are no messages in this language.
    """
    if language not in LANGUAGES:
        raise ZichtError(f"The site has no texts in `{language}`; choose from {', '.join(LANGUAGES)}.")
    file = resources.files("zicht.publish") / "messages" / f"{language}.json"
    loaded: dict[str, Message] = json.loads(file.read_text("utf-8"))
    return loaded


class Texts:
    """The texts of one language.

    Args:
        language: `nl` or `en`.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._messages = messages(language)
        self._levels = {
            key.removeprefix("level."): self(key) for key in self._messages if key.startswith("level.")
        }

    def __call__(self, key: str, **values: object) -> str:
        """The message with its places filled in, as plain text.

        Raises:
            ZichtError: there is no such message, or a place in it has no value.
        """
        return self._fill(key, self._plain(key), values)

    def html(self, key: str, **values: object) -> Markup:
        """The message as HTML: marks in the message stay, what is filled in is escaped."""
        return Markup(self._fill(key, Markup(self._plain(key)), values))  # noqa: S704 - messages are ours

    def count(self, key: str, count: int, **values: object) -> str:
        """The form of a message that goes with a count; `{n}` in it is the count."""
        forms = self._message(key)
        if isinstance(forms, str):
            raise ZichtError(
                f"The text `{key}` ({self.language}) has one form; a count needs `one` and `other`."
            )
        form = forms["one" if count == 1 else "other"]
        return self._fill(key, form, {"n": number(count, 0, self.language), **values})

    def raw(self, key: str) -> str:
        """The message with its places not filled in, for a script that fills them in."""
        return self._plain(key)

    def has(self, key: str) -> bool:
        """Whether there is a message with this key."""
        return key in self._messages

    def pick(self, text: object) -> str:
        """A text of the release in this language; Dutch where there is no other, empty where there is none."""
        if isinstance(text, Mapping):
            return str(text.get(self.language) or text.get("nl") or "")
        return "" if text is None else str(text)

    def listed(self, names: Sequence[str]) -> str:
        """Names one after another as people say them: `A, B en C`."""
        *most, last = names
        return self("list.last", most=", ".join(most), last=last) if most else last

    def level(self, level: str) -> str:
        """What one area of a level is called, such as `buurt`."""
        key = f"level.{level}"
        return self(key) if self.has(key) else level.replace("_", " ")

    def level_names(self) -> Mapping[str, str]:
        """What one area of each level is called, by level."""
        return self._levels

    def levels(self, level: str) -> str:
        """What the areas of a level are called, such as `buurten`."""
        key = f"levels.{level}"
        return self(key) if self.has(key) else level.replace("_", " ")

    def period(self, period: str) -> str:
        """A period in words: `2024`, `3e kwartaal 2024`, `juli 2024`."""
        year, _, part = period.partition("-")
        if part.startswith("Q"):
            return self(f"quarter.{part[1:]}", year=year)
        return f"{self(f'month.{part[:2]}')} {year}" if part else year

    def day(self, day: str) -> str:
        """A day in words, such as `14 februari 2025` for `2025-02-14`; as it is where it is none."""
        try:
            date = dt.date.fromisoformat(day)
        except ValueError:
            return day
        return f"{date.day} {self.period(f'{date:%Y-%m}')}"

    def _message(self, key: str) -> Message:
        try:
            return self._messages[key]
        except KeyError:
            raise ZichtError(f"The site has no text `{key}` in `{self.language}`.") from None

    def _plain(self, key: str) -> str:
        message = self._message(key)
        if not isinstance(message, str):
            raise ZichtError(f"The text `{key}` ({self.language}) needs a count.")
        return message

    def _fill(self, key: str, message: str, values: Mapping[str, object]) -> str:
        try:
            return message.format(**values) if values else message
        except KeyError as error:
            raise ZichtError(f"The text `{key}` ({self.language}) needs a value for {error}.") from None
