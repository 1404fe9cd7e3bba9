"""Attempts to profile by way of a finding: by protected grounds, by what stands in for them, for another purpose, and in words."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest
from gate_folder import Folder

from zicht.governance import judges_persons

REGISTER = {
    "peiljaar": ("integer", "public", {"periode": True}),
    "persoon_id": ("string", "identifying", {"key": True}),
    "gemeentecode": ("string", "personal", {"gebied": "gemeente"}),
    "leeftijd": ("integer", "personal", {}),
    "werk": ("string", "personal", {}),
    "gebruikt": ("boolean", "personal", {}),
}
DIMENSIONS = {
    "werk": {"sql": "werk", "categories": [{"id": "ja", "title": "ja"}, {"id": "nee", "title": "nee"}]},
    "leeftijdsgroep": {
        "sql": "case when leeftijd < 65 then 'jong' else 'oud' end",
        "categories": [{"id": "jong", "title": "jong"}, {"id": "oud", "title": "oud"}],
    },
}
FINDING = {
    "id": "wie",
    "title": "In welke groepen komt het vaker voor?",
    "pattern": "subgroups",
    "indicator": "proef",
    "characteristics": ["werk"],
    "controls": ["leeftijdsgroep"],
    "unit": "persoon_id",
}
DECIDED = {
    "ground": "geslacht",
    "by": "Functionaris gegevensbescherming",
    "on": "2026-01-05",
    "why": "Nodig.",
}


def searching(
    folder: Folder,
    columns: dict[str, tuple[str, str, dict[str, object]]] | None = None,
    dimensions: dict[str, dict[str, object]] | None = None,
    *,
    purpose: str = "armoede",
    purposes: tuple[str, ...] = ("armoede", "veiligheid"),
    **finding: object,
) -> str:
    """What is refused of a project that searches for groups."""
    folder.register("personen", {**REGISTER, **(columns or {})}, purposes=["armoede", "veiligheid"])
    every = {**DIMENSIONS, **(dimensions or {})}
    folder.write(
        "indicators/dimensies.yaml",
        {"dimensions": [{"id": id_, "title": id_, **one} for id_, one in every.items()], "indicators": []},
    )
    folder.indicator(measure="share", numerator="gebruikt", purpose=purpose)
    folder.write("products/proef.yaml", {
        "id": "proef", "title": "Proef", "question": "Wat?", "answer": "Dit.", "audience": "Raad", "indicators": ["proef"], "limits": "Veel.",
        "purposes": list(purposes), "findings": [{**FINDING, **finding}],
    })  # fmt: skip
    return folder.refusals()


def yes(column: str) -> dict[str, object]:
    return {"sql": column, "categories": [{"id": "ja", "title": "ja"}]}


def test_a_search_by_what_is_not_protected_is_let_through(folder: Folder) -> None:
    assert searching(folder) == ""


@pytest.mark.parametrize(
    ("column", "kind", "custom", "said"),
    [
        ("nationaliteit", "special", {}, "race, ethnicity, nationality or origin"),
        ("kenmerk", "personal", {"dpv": "pd:Ethnicity"}, "race, ethnicity, nationality or origin"),
        ("kerkelijke_gezindte", "personal", {}, r"protected ground \(godsdienst"),
        ("kenmerk", "personal", {"dpv": "pd:Disability"}, r"protected ground \(gezondheid"),
        ("vakbond", "personal", {}, r"protected ground \(politieke gezindheid"),
        ("kenmerk", "special", {}, "is classified special and describes no group"),
        ("kenmerk", "criminal", {}, "is classified criminal and describes no group"),
        ("kenmerk", "identifying", {}, "is classified identifying and describes no group"),
        ("afstand_familie_km", "personal", {}, "may stand in for origin"),
        ("opmerking", "personal", {}, "is free text"),
        ("risicoscore", "personal", {}, "is a score about a person"),
        ("geslacht", "personal", {}, "is about sex, a protected ground, and nobody wrote down why"),
        ("kenmerk", "personal", {"dpv": "pd:Gender"}, "is about sex, a protected ground, and nobody wrote down why"),
        (
            "straal",
            "personal",
            {"proxy": {"grond": "herkomst", "samenhang": 0.4, "grens": 0.1, "bron": "nota"}},
            "stands in for herkomst: its association is 0.4",
        ),
    ],
)  # fmt: skip
def test_a_protected_ground_describes_no_group_whatever_its_dimension_is_called(
    folder: Folder, column: str, kind: str, custom: dict[str, object], said: str
) -> None:
    refused = searching(
        folder, {column: ("string", kind, custom)}, {"groep": yes(column)}, characteristics=["werk", "groep"]
    )
    assert re.search(said, refused), refused
    assert "products/proef.yaml" in refused
    assert f"→ personen.{column}" in refused


def test_an_area_describes_no_group(folder: Folder) -> None:
    refused = searching(folder, {}, {"plaats": yes("gemeentecode")}, characteristics=["plaats"])
    assert "is an area, which stands in for who lives there" in refused


def test_a_dimension_that_names_origin_is_refused_by_its_words(folder: Folder) -> None:
    named = {"sql": "werk", "categories": [{"id": "x", "title": "Turks"}]}
    assert "dimension `groep` is about race" in searching(
        folder, {}, {"groep": named}, characteristics=["groep"]
    )


def test_where_offences_are_looked_at_income_describes_no_group(folder: Folder) -> None:
    refused = searching(
        folder,
        {"inkomen": ("string", "personal", {}), "verdacht": ("boolean", "criminal", {})},
        {"beurs": yes("inkomen")},
        purpose="veiligheid",
        characteristics=["beurs"],
    )
    assert "may stand in for origin (`inkomen`)" not in refused  # nobody is a suspect in it
    folder.indicator(measure="share", numerator="verdacht", purpose="veiligheid")
    assert "`personen.inkomen` may stand in for origin" in folder.refusals()


def test_sex_is_let_through_where_somebody_wrote_down_why_and_origin_never_is(folder: Folder) -> None:
    column, dimension = {"geslacht": ("string", "personal", {})}, {"groep": yes("geslacht")}
    assert searching(folder, column, dimension, characteristics=["groep"], justified=[DECIDED]) == ""
    column, dimension = {"herkomst": ("string", "personal", {})}, {"groep": yes("herkomst")}
    decided = [{**DECIDED, "ground": "herkomst"}]
    refused = searching(folder, column, dimension, characteristics=["groep"], justified=decided)
    assert "which is never a criterion or condition" in refused
    assert "`herkomst` cannot be justified" in refused


@pytest.mark.parametrize("lacking", ["by", "on", "why"])
def test_a_decision_says_who_when_and_why(folder: Folder, lacking: str) -> None:
    decided = {key: value for key, value in DECIDED.items() if key != lacking}
    assert f"`{lacking}`" in searching(folder, justified=[decided])


def test_a_column_serves_a_finding_only_for_a_purpose_that_its_contract_allows(folder: Folder) -> None:
    only = {"werk": ("string", "personal", {"verwerkingsactiviteit": ["armoede"]})}
    refused = searching(folder, only, purpose="veiligheid")
    assert "`personen.werk` may not be used for purpose `veiligheid`; its contract allows armoede" in refused
    assert "finding `wie`" in refused


def test_a_finding_serves_a_purpose_that_its_product_names(folder: Folder) -> None:
    refused = searching(folder, purposes=("veiligheid",))
    assert "finding `wie` uses data for purpose `armoede`, and product `proef` does not name that" in refused


def test_groups_are_no_smaller_than_the_purpose_allows(folder: Folder) -> None:
    folder.purpose("armoede", min_units=25)
    assert "groups of 10 units would be shown, and 25 is the least" in searching(folder)
    assert "least" in searching(folder, least=3)
    assert searching(folder, least=25, purpose="veiligheid") == ""


def test_who_is_counted_twice_must_be_told_apart_by_a_pseudonym(folder: Folder) -> None:
    refused = searching(folder, unit="leeftijd")
    assert "`leeftijd` is no pseudonym of register `personen`" in refused
    assert "Name one of: persoon_id" in refused


def test_what_does_not_exist_is_said_with_what_does(folder: Folder) -> None:
    refused = searching(folder, characteristics=["werkk", "leeftijdsgroep"], controls=["leeftijdsgroep"])
    assert "`leeftijdsgroep` cannot be in `controls` and in `characteristics`" in refused
    refused = searching(folder, {}, {"ander": yes("bestaat_niet")}, characteristics=["werkk", "ander"])
    assert "dimension `werkk` is not declared. Did you mean `werk`?" in refused
    assert "dimension `ander` is made of `bestaat_niet`, which register `personen` does not have" in refused


def test_no_estimate_of_an_area_leans_on_the_share_of_a_protected_ground(folder: Folder) -> None:
    searching(folder)
    folder.indicator(
        "afkomst", measure="share", numerator="gebruikt", purpose="armoede", protected_ground="herkomst"
    )
    folder.indicator("aantal", purpose="armoede")
    estimate = {
        "id": "schatting",
        "title": "Hoeveel?",
        "pattern": "small_areas",
        "indicator": "proef",
        "level": "gemeente",
        "size": "aantal",
    }
    folder.change("products/proef.yaml", findings=[estimate])
    assert folder.refusals() == ""
    folder.change("products/proef.yaml", findings=[{**estimate, "covariates": ["aantal", "afkomst"]}])
    assert (
        "`afkomst` tells the share of a protected ground (herkomst), and no estimate of an area leans on that"
        in folder.refusals()
    )


def test_no_finding_is_about_a_protected_ground(folder: Folder) -> None:
    searching(folder)
    folder.indicator(measure="share", numerator="gebruikt", purpose="armoede", protected_ground="leeftijd")
    assert (
        "tells the share of a protected ground (leeftijd), and no finding looks for that" in folder.refusals()
    )


@pytest.mark.parametrize(
    "title",
    [
        "Welke bewoners zijn verdacht?",
        "Wie daar woont is vaker verdachte",
        "De kans dat iemand de fout in gaat",
        "Inwoners zijn vaker crimineel",
        "Waar wonen de daders?",
        "Risicojongeren in beeld",
        "Een daderprofiel van de wijk",
        "Verdachte gezinnen",
        "Welke jongeren plegen misdrijven?",
        "Which residents are suspects?",
        "People who live there are often suspects",
        "The risk that a person offends",
        "Where do offenders live?",
        "A profile of problem families",
        "Predicting who will offend",
    ],
)
def test_a_title_that_judges_persons_is_refused(folder: Folder, title: str) -> None:
    assert "the title speaks of persons" in searching(folder, title=title)


@pytest.mark.parametrize(
    "title",
    [
        "In welke wijken gebruiken meer mensen hulp dan verwacht?",
        "Is er een stuk van de stad met opvallend veel verdachten?",
        "In welke groepen blijft de stadspas vaker liggen?",
        "Waar is vaker jeugdzorg dan verwacht?",
        "In welke buurten hebben huishoudens vaker schulden?",
        "Waar nemen de meldingen langzaam toe of af?",
        "In which wijken do more people use support than expected?",
        "Is there a piece of the city with strikingly many suspects?",
        "Where is subversive crime found more often?",
        "In which buurten do households have debts more often?",
    ],
)
def test_a_title_about_areas_and_groups_is_let_through(title: str) -> None:
    assert judges_persons(title) is None


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_sentence_of_a_finding_judges_persons(language: str) -> None:
    messages = json.loads(
        resources.files("zicht.publish").joinpath(f"messages/{language}.json").read_text("utf-8")
    )
    for key, message in messages.items():
        if key.startswith(("found.", "phenomenon.")):
            for text in message.values() if isinstance(message, dict) else (message,):
                assert judges_persons(text) is None, key


def test_a_protected_ground_can_be_held_equal_and_never_compared(folder: Folder) -> None:
    column = {"kenmerk": ("string", "personal", {"dpv": "pd:Disability"})}
    dimension = {"groep": yes("kenmerk")}
    base = {
        "pattern": "adjusted_ratio",
        "level": "gemeente",
        "base": "ja",
        "characteristics": None,
        "unit": None,
    }

    def compared(**finding: object) -> str:
        searching(folder, column, dimension)
        folder.indicator(measure="share", numerator="gebruikt", purpose="armoede", by=["werk", "groep"])
        told = {key: value for key, value in {**FINDING, **base, **finding}.items() if value is not None}
        folder.write("products/proef.yaml", {
            "id": "proef", "title": "Proef", "question": "Wat?", "answer": "Dit.", "audience": "Raad", "indicators": ["proef"], "limits": "Veel.",
            "purposes": ["armoede", "veiligheid"], "findings": [told],
        })  # fmt: skip
        return folder.refusals()

    assert compared(breakdown="werk", controls=["groep"]) == ""
    refused = compared(breakdown="groep", controls=["werk"])
    assert "is a protected ground (gezondheid" in refused
    assert "→ personen.kenmerk" in refused
