"""The guard against profiling, as far as declarations go: what a finding may describe by, in which words, and on whose data.

College voor de Rechten van de Mens (2021), Discriminatie door risicoprofielen: een mensenrechtelijk toetsingskader; AVG art. 9, 10 and 22; AI Act art. 5(1)(d). A finding is about
areas and groups. It never describes a group by a protected ground, and only by what the contracts allow for the purpose. What goes with a protected ground without being
one shows in the figures only: `zicht.findings.guard` holds it against them when they are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from zicht.declare import (
    Analysis,
    Column,
    Indicator,
    Justification,
    ProductFile,
    Project,
    Register,
    SmallAreaEstimates,
    Subgroups,
)
from zicht.declare import Described as Named
from zicht.errors import Place, Problem
from zicht.governance.binding import allowed_purposes, beyond_purpose
from zicht.governance.classified import classification_of
from zicht.governance.lineage import Lineage
from zicht.governance.refusals import is_about_suspects, why_refused
from zicht.governance.wording import judges_persons
from zicht.governance.words import GROUND_TERMS, GROUNDS, ORIGIN, ORIGIN_VALUES, SEX, spoken, words_of

SEX_GROUND = "geslacht"
_LEAVE_OUT = "Describe the group by something else; under `controls` it may be allowed for."


def is_origin(ground: str) -> bool:
    """Whether a protected ground is race, ethnicity, nationality or origin, for which nothing can be justified.

    Args:
        ground: its name, as people wrote it.
    """
    return spoken(words_of(ground), (*ORIGIN, *ORIGIN_VALUES)) is not None


def justification_of(analysis: Analysis, ground: str) -> Justification | None:
    """The written decision to let a ground through; None where there is none, or there can be none.

    Args:
        analysis: the finding.
        ground: name of the ground.
    """
    if is_origin(ground):
        return None
    return next((one for one in analysis.justified if words_of(one.ground) == words_of(ground)), None)


def ground_of_dimension(project: Project, dimension: str) -> str | None:
    """The protected ground that a dimension is about, by its words; None where it is about none.

    Args:
        project: the project.
        dimension: its id.
    """
    declared = project.dimensions[dimension]
    titles = [text for one in declared.categories for text in (one.id, one.title.nl, one.title.en)]
    words = words_of(declared.id, declared.title.nl, declared.title.en, *titles)
    if spoken(words, (*ORIGIN, *ORIGIN_VALUES)):
        return "herkomst"
    if spoken(words, SEX):
        return SEX_GROUND
    return next((ground for ground, rules in GROUNDS.items() if spoken(words, rules)), None)


def is_from_enforcement(lineage: Lineage, indicator: Indicator) -> bool:
    """Whether figures follow where somebody checked: data on offences, and indicators that say so.

    Args:
        lineage: of the project.
        indicator: what the figures are of.
    """
    return indicator.enforcement or any(
        classification_of(lineage.project, use.register, use.column) == "criminal"
        for use in lineage.indicator(indicator)
    )


def check_profiling(lineage: Lineage, min_units: Mapping[str, int]) -> Iterator[Problem]:
    """Every finding that profiles, by its declaration.

    Args:
        lineage: of a project without other mistakes.
        min_units: for each indicator by id, how many units its protection profile asks for at least.

    Yields:
        A problem each, with its place and the chain that leads to the column.
    """
    for product in lineage.project.products.values():
        for index, analysis in enumerate(product.findings):
            case = _Case(lineage, product, index, analysis)
            yield from case.wording()
            yield from case.grounds()
            yield from case.figures()
            yield from case.decisions()
            if isinstance(analysis, Subgroups):
                yield from case.binding(analysis)
                yield from case.thresholds(analysis, min_units)


@dataclass(frozen=True)
class _Case:
    """One finding of one product."""

    lineage: Lineage
    product: ProductFile
    index: int
    analysis: Analysis

    @property
    def project(self) -> Project:
        return self.lineage.project

    @property
    def indicator(self) -> Indicator:
        return self.project.indicators[self.analysis.indicator]

    @cached_property
    def suspects(self) -> bool:
        return is_about_suspects(self.project, self.indicator, self.lineage.indicator(self.indicator))

    def place(self, *trail: str | int) -> Place:
        written = self.project.written["products", self.product.id]
        return written.place("findings", self.index, *trail)

    def wording(self) -> Iterator[Problem]:
        for language in ("nl", "en"):
            text = getattr(self.analysis.title, language)
            if phrase := judges_persons(text):
                yield Problem(
                    self.place("title"),
                    f"the title speaks of persons (“{phrase}”), and the finding is about areas or groups.",
                    "Ask where, or in which group, something is found more often.",
                )

    def grounds(self) -> Iterator[Problem]:
        """Dimensions that are a protected ground, name one, or are made of what may not be used."""
        register = self.project.registers[self.indicator.register_]
        for named in self.analysis.described_by:
            found = self._of_dimension(named) or next(self._of_columns(named, register), None)
            if found is not None:
                what, remedy = found
                yield Problem(self.place(*named.trail), what, remedy)

    def _of_dimension(self, named: Named) -> tuple[str, str] | None:
        dimension = self.project.dimensions[named.id]
        titles = [text for one in dimension.categories for text in (one.id, one.title.nl, one.title.en)]
        words = words_of(dimension.id, dimension.title.nl, dimension.title.en, *titles)
        return self._ground(f"dimension `{named.id}`", words, None)

    def _ground(self, name: str, words: tuple[str, ...], column: Column | None) -> tuple[str, str] | None:
        if word := spoken(words, (*ORIGIN, *ORIGIN_VALUES)):
            return (
                f"{name} is about race, ethnicity, nationality or origin (`{word}`), which is never a criterion or condition.",
                "Leave it out.",
            )
        for ground, rules in GROUNDS.items():
            category = column.category if column is not None else None
            if word := category if category in GROUND_TERMS[ground] else spoken(words, rules):
                return (
                    f"{name} is a protected ground ({ground}: `{word}`) and describes no group.",
                    _LEAVE_OUT,
                )
        sex = column is not None and column.category == "pd:Gender"
        if (sex or spoken(words, SEX)) and justification_of(self.analysis, SEX_GROUND) is None:
            return (
                f"{name} is about sex, a protected ground, and nobody wrote down why it is needed.",
                f"Leave it out, allow for it under `controls`, or write under `justified` who decided it, when and why (ground: {SEX_GROUND}).",
            )
        return None

    def _of_columns(self, named: Named, register: Register) -> Iterator[tuple[str, str]]:
        project = self.project
        for use in self.lineage.dimension(register.id, named.id, self.place(*named.trail)):
            origin = project.registers[use.register]
            column = origin.column(use.column) if use.column is not None else None
            if column is None:
                continue
            name, way = f"`{origin.id}.{column.name}`", f"The way to it: {use.chain()}."
            kind = classification_of(project, origin.id, column.name)
            protected = self._ground(name, words_of(column.name, column.physical_name), column)
            if protected is not None:
                yield f"{protected[0]} {way}", protected[1]
            elif kind in ("special", "criminal", "identifying"):
                yield f"{name} is classified {kind} and describes no group. {way}", _LEAVE_OUT
            elif column.area_level is not None and self.analysis.pattern == "subgroups":
                yield (
                    f"{name} is an area, which stands in for who lives there. {way}",
                    "Look for areas with another pattern; a group is described by what its units have in common.",
                )
            elif reason := why_refused(origin, column, suspects=self.suspects):
                yield f"{reason[0]} {way}", reason[1]

    def figures(self) -> Iterator[Problem]:
        """A protected ground as what a finding is about."""
        ground = self.indicator.protected_ground
        if ground is not None:
            yield Problem(
                self.place("indicator"),
                f"`{self.indicator.id}` tells the share of a protected ground ({ground}), and no finding looks for that.",
                "Name another indicator; what findings describe by is held against this one.",
            )
        covariates = self.analysis.covariates if isinstance(self.analysis, SmallAreaEstimates) else ()
        for at, name in enumerate(covariates):
            if ground := self.project.indicators[name].protected_ground:
                yield Problem(
                    self.place("covariates", at),
                    f"`{name}` tells the share of a protected ground ({ground}), and no estimate of an area leans on that.",
                    "Leave it out of `covariates`.",
                )

    def decisions(self) -> Iterator[Problem]:
        for at, one in enumerate(self.analysis.justified):
            if is_origin(one.ground):
                yield Problem(
                    self.place("justified", at, "ground"),
                    f"`{one.ground}` cannot be justified: race, ethnicity, nationality and origin are never a criterion, and neither is what stands in for them.",
                    "Leave out what goes with it.",
                )

    def binding(self, analysis: Subgroups) -> Iterator[Problem]:
        """Uses of columns beyond the purpose of the indicator, which is also the finding's."""
        uses = self.lineage.described(analysis, self.place())
        bound = [use for use in uses if allowed_purposes(self.project, use.register, use.column) is not None]
        purpose = self.project.purposes.get(self.indicator.purpose or "")
        if purpose is None:
            if bound:
                yield Problem(
                    self.place("indicator"),
                    f"finding `{analysis.id}` uses `{bound[0].name}`, and indicator `{self.indicator.id}` names no purpose: {bound[0].chain()}.",
                    "Write `purpose:` in the indicator.",
                )
            return
        yield from beyond_purpose(self.project, f"finding `{analysis.id}`", purpose, bound)
        if purpose.id not in self.product.purposes:
            yield Problem(
                self.place("indicator"),
                f"finding `{analysis.id}` uses data for purpose `{purpose.id}`, and product `{self.product.id}` does not name that purpose.",
                f"Add `{purpose.id}` to `purposes` of the product, or leave the finding out.",
            )

    def thresholds(self, analysis: Subgroups, min_units: Mapping[str, int]) -> Iterator[Problem]:
        purpose = self.project.purposes.get(self.indicator.purpose or "")
        needed = max(min_units[self.indicator.id], purpose.min_units if purpose is not None else 0)
        if analysis.least < needed:
            yield Problem(
                self.place("least"),
                f"groups of {analysis.least} units would be shown, and {needed} is the least that profile and purpose of `{self.indicator.id}` allow.",
                f"Write `least: {needed}` or more.",
            )
