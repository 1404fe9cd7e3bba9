"""Attempts to do what is refused whatever its purpose, and to get round the refusal by another name."""

from __future__ import annotations

import pytest
from gate_folder import CARE, MADE, PERSONS, SUSPECTS, Folder

PLAIN = {name: said for name, said in PERSONS.items() if name != "nationaliteit"}
MAKE = "select p.peiljaar, p.gemeentecode, p.leeftijd, {flag} as kenmerk from personen p"


def with_column(
    folder: Folder, name: str, kind: str = "string", classification: str = "personal", **custom: object
) -> None:
    """Persons with one column more."""
    folder.register(
        "personen",
        {**PLAIN, name: (kind, classification, custom)},
        purposes=["armoede", "zorg", "veiligheid"],
    )


def test_nationality_is_no_condition(folder: Folder) -> None:
    folder.indicator(purpose="zorg", population="nationaliteit <> 'NL'")
    assert "`personen.nationaliteit` is about race, ethnicity, nationality or origin" in folder.refusals()


def test_nationality_is_no_criterion_through_an_alias_in_a_register(folder: Folder) -> None:
    folder.register(
        "gemaakt",
        MADE,
        sql="with x as (select *, nationaliteit as groep from personen) select peiljaar, gemeentecode, leeftijd, groep = 'X' as kenmerk from x",
    )
    folder.indicator(register="gemaakt", purpose="zorg", measure="share", numerator="kenmerk")
    said = folder.refusals()
    assert "`personen.nationaliteit` is about race" in said
    assert "→ `personen.nationaliteit` in the query of `gemaakt`" in said


@pytest.mark.parametrize(("name", "custom"), [
    ("land_van_herkomst", {}),
    ("geboorteland", {}),
    ("etniciteit", {}),
    ("birth_country", {}),
    ("migratieAchtergrond", {}),
    ("kenmerk_7", {"physicalName": "ETNISCHE_GROEP"}),
    ("kenmerk_7", {"description": "Afkomst van de persoon"}),
    ("kenmerk_7", {"dpv": "pd:EthnicOrigin"}),
    ("kenmerk_7", {"quality": [{"type": "library", "metric": "invalidValues", "arguments": {"validValues": ["Nederlands", "Turks", "overig"]}, "mustBe": 0}]}),
])  # fmt: skip
def test_origin_under_another_name_is_no_breakdown(
    folder: Folder, name: str, custom: dict[str, object]
) -> None:
    with_column(folder, name, **custom)
    folder.indicator(purpose="armoede", measure="share", numerator=f"{name} = 'x'")
    assert f"`personen.{name}` is about race, ethnicity, nationality or origin" in folder.refusals()


def test_origin_called_public_is_origin(folder: Folder) -> None:
    with_column(folder, "herkomst", classification="public")
    folder.indicator(purpose="armoede", population="herkomst = 'x'")
    assert "`personen.herkomst` is about race" in folder.refusals()


def test_a_value_of_origin_is_no_condition_whatever_the_column_is_called(folder: Folder) -> None:
    with_column(folder, "groep")
    folder.indicator(purpose="armoede", population="groep = 'niet-westers'")
    assert "`population` asks for a value of origin" in folder.refusals()
    folder.register("gemaakt", MADE, sql=MAKE.format(flag="p.groep in ('Marokkaans', 'Turks')"))
    folder.indicator(register="gemaakt", purpose="armoede", measure="share", numerator="kenmerk")
    assert "registers/gemaakt.sql: asks for a value of origin" in folder.refusals()


def test_statistics_about_areas_that_others_published_may_tell_of_origin(folder: Folder) -> None:
    folder.source("kwb", "none")
    folder.register(
        "kwb",
        {
            "gemeentecode": ("string", "public", {"gebied": "gemeente"}),
            "herkomst_europa": ("integer", "public", {}),
        },
        unit="area",
        period="2024",
    )
    folder.indicator(register="kwb", measure="take", value="herkomst_europa")
    assert folder.refusals() == ""


@pytest.mark.parametrize(
    "name", ["afstand_familie_km", "kenteken", "laaggeletterd", "relatives_abroad", "achternaam"]
)
def test_a_stand_in_for_origin_is_refused_until_its_association_is_known(folder: Folder, name: str) -> None:
    with_column(folder, name)
    folder.indicator(purpose="armoede", population=f"{name} is not null")
    assert f"`personen.{name}` may stand in for origin" in folder.refusals()


def test_a_stand_in_above_its_bound_is_refused_and_one_below_it_passes(folder: Folder) -> None:
    folder.indicator(purpose="armoede", population="afstand_familie_km > 100")
    measured = {"grond": "herkomst", "samenhang": 0.31, "grens": 0.1, "bron": "meting 2026"}
    with_column(folder, "afstand_familie_km", "number", proxy=measured)
    assert "stands in for herkomst: its association is 0.31, and 0.1 is the bound" in folder.refusals()
    with_column(folder, "afstand_familie_km", "number", proxy={**measured, "samenhang": 0.05})
    assert folder.refusals() == ""


def test_income_is_no_condition_where_suspects_are_counted(folder: Folder) -> None:
    folder.change("purposes/veiligheid.yaml", registers=["personen", "verdachten"])
    folder.register(
        "personen",
        {**PLAIN, "inkomen": ("number", "personal", {})},
        purposes=["armoede", "zorg", "veiligheid"],
    )
    folder.register("gemaakt", {**MADE, "kenmerk": ("boolean", "criminal", {}), "inkomen": ("number", "personal", {})},
                    sql="select p.peiljaar, p.gemeentecode, p.leeftijd, p.inkomen, exists(select 1 from verdachten v where v.persoon_id = p.persoon_id) as kenmerk from personen p")  # fmt: skip
    folder.indicator(register="gemaakt", purpose="veiligheid", measure="share", numerator="kenmerk")
    assert folder.refusals() == ""
    folder.indicator(
        register="gemaakt",
        purpose="veiligheid",
        measure="share",
        numerator="kenmerk",
        population="inkomen < 20000",
    )
    assert "`personen.inkomen` may stand in for origin" in folder.refusals()


@pytest.mark.parametrize("name", ["notitie", "opmerkingen", "vrije_tekst", "case_comments", "dagrapportage"])
def test_free_text_is_no_input(folder: Folder, name: str) -> None:
    with_column(folder, name)
    folder.indicator(purpose="armoede", population=f"{name} is not null")
    assert f"`personen.{name}` is free text" in folder.refusals()


def test_free_text_under_a_harmless_name_is_found_by_how_it_is_read(folder: Folder) -> None:
    with_column(folder, "veld_3")
    folder.indicator(purpose="armoede", population="veld_3 like '%agressief%'")
    assert "`population` looks for words in `veld_3`" in folder.refusals()
    folder.register("gemaakt", MADE, sql=MAKE.format(flag="regexp_matches(p.veld_3, 'agressief')"))
    folder.indicator(register="gemaakt", purpose="armoede", measure="share", numerator="kenmerk")
    assert "registers/gemaakt.sql: the query looks for words in `veld_3`" in folder.refusals()


def test_a_score_about_a_person_cannot_be_made(folder: Folder) -> None:
    folder.register(
        "gemaakt",
        {**MADE, "risicoscore": ("number", "personal", {})},
        sql="select peiljaar, gemeentecode, leeftijd, true as kenmerk, 0.1 * leeftijd as risicoscore from personen",
    )
    assert "register `gemaakt` makes `risicoscore`, a score about a person" in folder.refusals()


def test_a_score_about_a_person_made_elsewhere_cannot_be_used(folder: Folder) -> None:
    with_column(folder, "fraudekans", "number")
    folder.indicator(purpose="armoede", measure="mean", value="fraudekans")
    assert "`personen.fraudekans` is a score about a person" in folder.refusals()


def test_a_scorecard_is_a_score_whatever_it_is_called(folder: Folder) -> None:
    points = "case when leeftijd < 25 then 10 else 0 end + case when inkomen < 20000 then 25 else 0 end"
    folder.register(
        "gemaakt",
        {**MADE, "totaal": ("integer", "personal", {})},
        sql=f"select peiljaar, gemeentecode, leeftijd, true as kenmerk, {points} as totaal from personen",
    )
    assert "`totaal` adds up points for each row: a score about a person" in folder.refusals()
    steps = "with a as (select *, case when leeftijd < 25 then 10 else 0 end as p1, if(inkomen < 20000, 25, 0) as p2 from personen) select peiljaar, gemeentecode, leeftijd, p1 + p2 > 30 as kenmerk from a"
    folder.register("gemaakt", MADE, sql=steps)
    assert "`kenmerk` adds up points for each row" in folder.refusals()
    (folder.path / "registers/gemaakt.yaml").unlink()
    folder.indicator(purpose="armoede", measure="mean", value=points)
    assert "`value` adds up points for each person" in folder.refusals()


def test_how_many_of_some_things_hold_is_a_count_and_no_score(folder: Folder) -> None:
    folder.indicator(
        purpose="armoede",
        measure="mean",
        value="case when leeftijd < 25 then 1 else 0 end + case when inkomen < 20000 then 1 else 0 end",
    )
    assert folder.refusals() == ""


def test_a_figure_for_each_person_is_refused(folder: Folder) -> None:
    folder.indicator(purpose="armoede", area="persoon_id")
    assert "`area` is `persoon_id`, so there would be a figure for each person" in folder.refusals()


def test_offending_cannot_be_predicted(folder: Folder) -> None:
    columns = {
        **MADE,
        "kenmerk": ("number", "criminal", {"description": "Voorspelling of iemand verdachte wordt"}),
    }
    folder.register(
        "gemaakt",
        columns,
        sql="select p.peiljaar, p.gemeentecode, p.leeftijd, count(v.delict) * 0.3 as kenmerk from personen p left join verdachten v using (persoon_id) group by all",
    )
    said = folder.refusals()
    assert "a score about a person (`voorspel`)" in said
    assert "Predicting who offends is forbidden (AI Act art. 5)" in said


def test_persons_cannot_be_profiled_about_offences(folder: Folder) -> None:
    folder.change("purposes/veiligheid.yaml", processing=["dpv:Aggregate", "dpv:Profiling"])
    assert (
        "purpose `veiligheid` profiles persons (`dpv:Profiling`) about offences or fraud" in folder.refusals()
    )
    folder.change("purposes/veiligheid.yaml", processing=["dpv:Aggregate"])
    folder.register(
        "verdachten",
        {**SUSPECTS, "gemeentecode": ("string", "criminal", {"gebied": "gemeente"})},
        purposes=["veiligheid"],
    )
    folder.indicator(register="verdachten", purpose="veiligheid", title="Risico dat iemand verdachte wordt")
    assert "tells of expected offences (`risico`) and is made of data on offences" in folder.refusals()


def test_what_is_not_about_persons_may_be_called_what_it_likes(folder: Folder) -> None:
    folder.source("dijken", "none")
    folder.register(
        "dijken",
        {
            "gemeentecode": ("string", "public", {"gebied": "gemeente"}),
            "risico": ("number", "public", {}),
            "opmerking": ("string", "public", {}),
        },
        unit="object",
        period="2024",
    )
    folder.indicator(register="dijken", measure="mean", value="risico", population="opmerking is not null")
    assert folder.refusals() == ""


def test_care_alone_is_no_ground_for_refusal(folder: Folder) -> None:
    folder.register(
        "wmo", {**CARE, "gemeentecode": ("string", "special", {"gebied": "gemeente"})}, purposes=["zorg"]
    )
    folder.indicator(register="wmo", purpose="zorg", population="voorziening = 'hulp'")
    assert folder.refusals() == ""
