"""The release notes: what is new or different, what is not shown and why, and which releases there were before.

All of it follows from releases that are public: this one and those before it. Which of two rules hides a figure is not told, here as elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from zicht.publish.edition import Edition
from zicht.publish.frames import Standing, standings
from zicht.publish.history import Earlier, History, VersionFile, version_files
from zicht.publish.indicators import protection_words
from zicht.publish.render import Frame
from zicht.publish.texts import Texts
from zicht.release import KINDS, AreaChanges, area_changes, differences

PLACE = "wijzigingen/"
"""Where the notes stand in a language."""
MOST_NAMED = 12
"""So many areas are named in a line; of more, the number is said."""
REASONS = (Standing.HIDDEN, Standing.UNRELIABLE, Standing.PENDING, Standing.ABSENT)
"""Why there can be no number, in the order of the table."""
_WORDS = {
    Standing.HIDDEN: "hidden",
    Standing.UNRELIABLE: "unreliable",
    Standing.PENDING: "pending",
    Standing.ABSENT: "absent",
}
_PARTS = {
    "text": ("title", "question", "explanation", "caution", "theme", "better", "phenomenon", "attribution", "answer", "text", "sections",
             "limits", "audience", "description", "notice", "organisation"),
    "method": ("measure", "per", "steps", "register", "size", "decimals", "unit", "method_breaks"),
    "sources": ("sources",), "by": ("by",), "levels": ("levels",), "periods": ("periods",), "protection": ("protection",),
    "map": ("breaks",), "provisional": ("provisional",), "figures": ("indicators",), "findings": ("findings",),
}  # fmt: skip
"""What readers call the parts of a declaration that can change."""
_PART_OF = {name: part for part, names in _PARTS.items() for name in names}


class Notes:
    """What there is to tell of a release, whatever the language.

    Args:
        edition: the release.
        history: what went before it.
    """

    def __init__(self, edition: Edition, history: History) -> None:
        self.edition = edition
        self.history = history
        before = history.before
        self.differences = differences(before.release, edition.release) if before else None
        self.areas = area_changes(before.release, edition.release) if before else ()
        self.reasons = {name: _reasons(edition, name) for name in edition.catalogue.indicators}
        self._versions = [(one, list(version_files(one.release))) for one in reversed(history.earlier)]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The lasting files of earlier releases, each once, as path and bytes."""
        found = {one.path: one.data for _, files in self._versions for one in files}
        yield from found.items()

    def page(self, frame: Frame) -> tuple[str, str]:
        """The notes in a language, as path and HTML."""
        texts = frame.texts
        rules: dict[str, int] = {}
        return frame.page(
            "notes.html", PLACE, title=texts("notes.title"), summary=texts("notes.lede"), nav="account",
            opening=self._opening(texts), counts=self._counts(texts), kinds=[texts(f"notes.column.{_key(kind)}") for kind in KINDS],
            rows=self._rows(texts), topics=self._topics(texts), areas=self._areas(texts), found=self._found(texts),
            hidden=self._hidden(texts, rules), rules=list(rules), reasons=self._shown_reasons(texts),
            versions=[_version(texts, one, files) for one, files in self._versions],
        )  # fmt: skip

    def _opening(self, texts: Texts) -> str:
        before, on = self.history.before, self.history.on
        said = [texts("notes.on", on=texts.day(on.isoformat()))] if on else []
        if before is None:
            return " ".join([*said, texts("notes.first")])
        return " ".join([*said, texts("notes.since", before=texts.day(before.on.isoformat()))])

    def _counts(self, texts: Texts) -> list[str]:
        found = self.differences
        if found is None:
            return []
        counts = [(kind, found.total(kind)) for kind in KINDS]
        told = [texts.count(f"notes.kind.{_key(kind)}", count) for kind, count in counts if count]
        return told or [texts("notes.same")]

    def _rows(self, texts: Texts) -> list[dict[str, object]]:
        """A row an indicator of which any figure changes."""
        summed: dict[str, list[int]] = {}
        for level in self.differences.levels if self.differences else ():
            row = summed.setdefault(level.indicator, [0] * (len(KINDS) + 1))
            for at, count in enumerate((*(level.counts[kind] for kind in KINDS), level.same)):
                row[at] += count
        return [
            {"id": self._still(name), "title": self._title(texts, name), "counts": counts}
            for name, counts in summed.items()
            if any(counts[:-1])
        ]

    def _topics(self, texts: Texts) -> list[str]:
        lines = []
        for change in self.differences.texts if self.differences else ():
            title = (
                texts("notes.project") if change.of == "project" else self._title(texts, change.id, change.of)
            )
            if change.parts in (("new",), ("removed",)):
                lines.append(texts(f"notes.topic.{change.parts[0]}", title=title))
            else:
                # What only programs read, such as a key that a newer version writes, is no news.
                parts = sorted({_PART_OF[part] for part in change.parts if part in _PART_OF})
                words = [texts(f"notes.part.{part}") for part in parts]
                if words:
                    lines.append(texts("notes.topic.changed", title=title, parts=texts.listed(words)))
        return lines

    def _areas(self, texts: Texts) -> list[str]:
        before = self.history.before
        if before is None:
            return []
        divisions = [one.manifest.get("division") for one in (before.release, self.edition.release)]
        lines = (
            [texts("notes.division", before=divisions[0], after=divisions[1])]
            if divisions[0] != divisions[1]
            else []
        )
        return [*lines, *(line for change in self.areas for line in self._of_level(texts, change))]

    def _of_level(self, texts: Texts, change: AreaChanges) -> Iterator[str]:
        for kind in ("appears", "disappears", "renamed", "redrawn"):
            codes: Sequence[str] = getattr(change, kind)
            if codes:
                words = texts.levels(change.level) if len(codes) > 1 else texts.level(change.level)
                told = texts.count(f"notes.areas.{kind}", len(codes), kind=words)
                yield (
                    f"{told}: {texts.listed([self._name(code) for code in codes])}."
                    if len(codes) <= MOST_NAMED
                    else f"{told}."
                )

    def _found(self, texts: Texts) -> list[str]:
        titles = {
            one.id: one.title for product in self.edition.catalogue.products for one in product.findings
        }
        lines = []
        for change in self.differences.findings if self.differences else ():
            if change.finding not in titles:
                continue
            said = [
                texts.count(f"notes.found.{kind}", len(codes))
                for kind, codes in (("appears", change.appears), ("disappears", change.disappears))
                if codes
            ]
            lines.append(f"{texts.pick(titles[change.finding])}: {texts.listed(said)}.")
        return lines

    def _hidden(self, texts: Texts, rules: dict[str, int]) -> list[dict[str, object]]:
        shown = self._reasons_there()
        return [
            {
                "id": name, "title": texts.pick(indicator.title), "all": sum(self.reasons[name].values()),
                "counts": [self.reasons[name].get(reason, 0) for reason in shown],
                "rule": rules.setdefault(protection_words(self.edition, texts, indicator), len(rules) + 1),
            }
            for name, indicator in self.edition.catalogue.indicators.items()
        ]  # fmt: skip

    def _reasons_there(self) -> list[Standing]:
        return [one for one in REASONS if one == Standing.HIDDEN or any(one in found for found in self.reasons.values())]  # fmt: skip

    def _shown_reasons(self, texts: Texts) -> list[tuple[str, str]]:
        return [
            (texts(f"notes.reason.{_WORDS[one]}"), texts(f"notes.reason.{_WORDS[one]}.why"))
            for one in self._reasons_there()
        ]

    def _title(self, texts: Texts, name: str, of: str = "indicator") -> str:
        """The title of an indicator or product, of the release before where this one has it no more."""
        listed = f"{of}s"
        before = self.history.before
        for release in (self.edition.release, *([before.release] if before else [])):
            items = release.catalogue.get(listed)
            for item in items if isinstance(items, list) else []:
                if isinstance(item, Mapping) and item.get("id") == name:
                    return texts.pick(item.get("title"))
        return name

    def _still(self, name: str) -> str:
        return name if name in self.edition.catalogue.indicators else ""

    def _name(self, code: str) -> str:
        areas, before = self.edition.areas, self.history.before
        if code in areas.number:
            return areas.names[areas.number[code]]
        old = before.release.areas() if before else None
        found = old.filter(pc.equal(old["code"], code))["name"].to_pylist() if old is not None else []
        return str(found[0]) if found else code


def _reasons(edition: Edition, name: str) -> Mapping[Standing, int]:
    """Of how many figures of an indicator each status is, breakdowns included."""
    counted = pa.array(standings(edition.release.figures(name)["status"])).value_counts()
    return {Standing(one["values"]): int(one["counts"]) for one in counted.to_pylist()}


def _key(kind: str) -> str:
    return kind.replace(" ", "_")


def _version(texts: Texts, one: Earlier, files: Sequence[VersionFile]) -> dict[str, object]:
    titles = {
        str(item["id"]): texts.pick(item["title"])
        for item in one.release.catalogue["indicators"]  # type: ignore[attr-defined]
    }
    return {
        "day": texts.day(one.on.isoformat()),
        "id": one.release.digest[:16],
        "digest": one.release.digest,
        "files": [(titles[file.indicator], file.path) for file in files],
    }
