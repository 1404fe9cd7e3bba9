"""What a reviewer sees of a release as pages, one in each language, that need nothing from elsewhere.

They count what is hidden, so they are for inside. The accounts of protection and of quality stand beside them, where the release is the last build.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from zicht.chain.build import SITE, protection_account, quality_account
from zicht.chain.dossier import Dossier
from zicht.chain.review import Desk
from zicht.disclosure import report_page
from zicht.engine import write_whole
from zicht.errors import ZichtError
from zicht.intake import quality_page
from zicht.release import KINDS, Doubt

FOLDER = "review"
LANGUAGES = ("nl", "en")
PAGES = {"nl": "index.html", "en": "index.en.html"}
_PROTECTION = {"nl": "bescherming.html", "en": "protection.html"}
_QUALITY = {"nl": "kwaliteit.html", "en": "quality.html"}
_VERDICTS = ("met", "warning", "broken", "none")


@dataclass(frozen=True)
class _RegisterQuality:
    """How many norms of a register have which verdict."""

    title: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class _Unmet:
    """A norm that is not met; `value` is in per cent or a count, None where it may not be told."""

    register: str
    norm: str
    verdict: str
    value: tuple[float, str] | None


@cache
def review_words(language: str) -> Mapping[str, str]:
    """The words of the pages for who reviews, by key.

    Args:
        language: of LANGUAGES.
    """
    file = resources.files("zicht.chain") / "messages" / f"{language}.json"
    found: dict[str, str] = json.loads(file.read_text("utf-8"))
    return found


def write_review(at: Desk, found: Dossier) -> Path:
    """Write what a reviewer sees as a page in Dutch and one in English, beside the accounts of protection and quality.

    Args:
        at: the desk.
        found: what is shown.

    Returns:
        The Dutch page, in `.zicht/review/`, with a link to the English one and links to the preview of the site.
    """
    folder = at.place.folder / FOLDER / found.release.digest[:16]
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        write_whole(folder / PAGES[language], _page(at, found, folder, language))
    return folder / PAGES[LANGUAGES[0]]


def _page(at: Desk, found: Dossier, folder: Path, language: str) -> str:
    say = review_words(language)
    (other,) = set(LANGUAGES) - {language}
    title = _said(at.project.file.title, language)
    review = at.project.file.review
    people = {one.id: one.name for one in (review.people if review is not None else ())}
    beside = _Beside(at, folder, language, title) if found.last else None
    return (
        _environment(say)
        .get_template("review.html")
        .render(
            found=found,
            language=language,
            say=say,
            title=say["title"].format(project=title),
            other=other,
            other_page=PAGES[other],
            kinds=KINDS,
            verdicts=_VERDICTS,
            names=_names(found, language),
            people=people,
            doubts=[_doubt(one, say, people) for one in found.doubts],
            changed=[one for one in found.differences.levels if one.differs],
            protection=beside.protection() if beside else "",
            quality=beside.quality() if beside else "",
            registers=_registers(found.quality),
            unmet=_unmet(found.quality),
            site=_preview(at, language) if found.last else "",
        )
    )


def _environment(say: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=PackageLoader("zicht.chain"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def number(count: float) -> str:
        return f"{count:,.0f}".replace(",", say["thousands"])

    def measured(value: tuple[float, str]) -> str:
        amount, unit = value
        if unit != "percent":
            return number(amount)
        return say["percent"].format(value=f"{amount:.1f}".replace(".", say["decimal"]))

    environment.filters.update(number=number, measured=measured)
    environment.globals.update(
        fill=lambda key, **values: Markup(say[key]).format(**values),  # noqa: S704 - messages are ours
        code=lambda text: Markup("<code>{}</code>").format(text),
        strong=lambda text: Markup("<strong>{}</strong>").format(text),
    )
    return environment


@dataclass(frozen=True)
class _Beside:
    """The accounts that stand beside a page; their name, or nothing where there is none."""

    at: Desk
    folder: Path
    language: str
    project: str

    def protection(self) -> str:
        """Write the account of protection."""

        def made(title: str) -> str:
            sheets = protection_account(self.at.place.project, workplace=self.at.place.folder)
            return report_page(sheets, title, self.language) if sheets else ""

        return self._write(_PROTECTION[self.language], "protection.title", made)

    def quality(self) -> str:
        """Write the account of quality."""

        def made(title: str) -> str:
            sheets = quality_account(self.at.place.project, workplace=self.at.place.folder)
            return quality_page(sheets, title, self.language) if sheets else ""

        return self._write(_QUALITY[self.language], "quality.title", made)

    def _write(self, name: str, title: str, made: Callable[[str], str]) -> str:
        try:
            page = made(review_words(self.language)[title].format(project=self.project))
        except ZichtError:
            return ""
        if page:
            write_whole(self.folder / name, page)
        return name if page else ""


def _preview(at: Desk, language: str) -> str:
    """Where the preview of the site stands, seen from a page; its English part where there is one and that is asked for."""
    part = f"{language}/" if (at.place.site / language).is_dir() else ""
    return f"../../{SITE}/{part}"


def _said(text: object, language: str) -> str:
    """A text in a language, or in Dutch where it is in that only."""
    return str(getattr(text, language, None) or getattr(text, LANGUAGES[0]))


def _names(found: Dossier, language: str) -> dict[str, str]:
    listed = found.release.catalogue.get("indicators")
    names = {}
    for item in listed if isinstance(listed, list) else []:
        title = item.get("title") if isinstance(item, Mapping) else None
        if isinstance(title, Mapping):
            names[str(item["id"])] = str(title.get(language) or title[LANGUAGES[0]])
    return names


def _doubt(doubt: Doubt, say: Mapping[str, str], people: Mapping[str, str]) -> str:
    names = [people.get(one, one) for one in doubt.persons]
    if doubt.account is None:
        return say["doubt.word"].format(persons=", ".join(names))
    several = f"{', '.join(names[:-1])} {say['and']} {names[-1]}"
    return say["doubt.account"].format(account=doubt.account, persons=several)


def _norms(quality: Mapping[str, object], register: str) -> list[Mapping[str, object]]:
    told = quality[register]
    norms = told.get("norms") if isinstance(told, Mapping) else None
    return [norm for norm in norms if isinstance(norm, Mapping)] if isinstance(norms, list) else []


def _title(quality: Mapping[str, object], register: str) -> str:
    told = quality[register]
    return str(told.get("title") or register) if isinstance(told, Mapping) else register


def _registers(quality: Mapping[str, object]) -> list[_RegisterQuality]:
    return [
        _RegisterQuality(
            _title(quality, register),
            Counter(str(norm.get("verdict") or "none") for norm in _norms(quality, register)),
        )
        for register in sorted(quality)
    ]


def _unmet(quality: Mapping[str, object]) -> list[_Unmet]:
    found = []
    for register in sorted(quality):
        for norm in _norms(quality, register):
            verdict, value = norm.get("verdict"), norm.get("value")
            if verdict in ("warning", "broken"):
                told = (float(value), str(norm.get("unit"))) if isinstance(value, int | float) else None
                name = str(norm.get("description") or norm.get("id"))
                found.append(_Unmet(_title(quality, register), name, str(verdict), told))
    return found
