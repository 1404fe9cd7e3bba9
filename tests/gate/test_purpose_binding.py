"""Attempts to use data for what they may not be used for. Each is refused before any data are read: there are none."""

from __future__ import annotations

import pytest
from gate_folder import MADE, PERSONS, Folder

from zicht.chain import build
from zicht.errors import DeclarationError

FLAGGED = "select p.peiljaar, p.gemeentecode, p.leeftijd, {flag} as kenmerk from personen p {rest}"


def make(folder: Folder, sql: str, columns: object = None, **said: object) -> None:
    """A register that SQL makes, and an indicator over it for the purpose `armoede`, which may use persons and no care."""
    folder.register("gemaakt", columns or MADE, sql=sql)
    folder.indicator(
        **{"register": "gemaakt", "purpose": "armoede", "measure": "share", "numerator": "kenmerk", **said}
    )


def test_the_project_as_it_should_be_is_let_through(folder: Folder) -> None:
    assert folder.refusals() == ""


def test_data_about_persons_cannot_be_used_without_a_purpose(folder: Folder) -> None:
    folder.indicator()
    assert "names no purpose" in folder.refusals()
    assert "armoede" in folder.refusals().split("contracts allow")[1]


def test_nothing_is_read_before_it_is_refused(folder: Folder) -> None:
    folder.indicator(register="wmo", purpose="armoede", area="'GM0999'")
    with pytest.raises(DeclarationError, match="may not be used for purpose `armoede`"):
        build(folder.path)
    assert not (folder.path / ".zicht").exists()


def test_a_register_cannot_be_used_for_another_purpose_through_a_cte(folder: Folder) -> None:
    make(folder, "with hulp as (select persoon_id from wmo group by persoon_id) "
         + FLAGGED.format(flag="h.persoon_id is not null", rest="left join hulp h on h.persoon_id = p.persoon_id"))  # fmt: skip
    said = folder.refusals()
    assert "`wmo.persoon_id` may not be used for purpose `armoede`" in said
    assert "indicator `proef` (indicators/proef.yaml:" in said
    assert "→ `gemaakt.kenmerk` (registers/gemaakt.yaml:" in said
    assert "→ `wmo.persoon_id` in the query of `gemaakt` (registers/gemaakt.sql:1:" in said


def test_a_register_cannot_be_used_for_another_purpose_through_an_alias(folder: Folder) -> None:
    make(
        folder,
        FLAGGED.format(
            flag="x.y is not null",
            rest="left join (select persoon_id as z, peiljaar as j, voorziening as y from wmo) x on x.z = p.persoon_id and x.j = p.peiljaar",
        ),
    )
    assert "`wmo.voorziening` may not be used for purpose `armoede`" in folder.refusals()


def test_a_register_cannot_be_used_for_another_purpose_through_two_registers_in_a_row(folder: Folder) -> None:
    folder.register(
        "hulp",
        {"persoon_id": ("string", "identifying", {}), "peiljaar": ("integer", "public", {"periode": True})},
        sql="select persoon_id, peiljaar from wmo",
    )
    make(
        folder, FLAGGED.format(flag="exists(select 1 from hulp h where h.persoon_id = p.persoon_id)", rest="")
    )
    said = folder.refusals()
    assert "`wmo.persoon_id` may not be used" in said
    assert "registers/gemaakt.sql:1:" in said
    assert "registers/hulp.sql:1:" in said


def test_a_register_cannot_be_used_for_another_purpose_through_a_star(folder: Folder) -> None:
    columns = {**MADE, "voorziening": ("string", "special", {})}
    make(folder, "select *, true as kenmerk from (select p.peiljaar, p.gemeentecode, p.leeftijd, w.* exclude (peiljaar, persoon_id) from personen p join wmo w using (persoon_id))",
         columns, numerator="voorziening = 'hulp'")  # fmt: skip
    assert "`wmo.voorziening` may not be used for purpose `armoede`" in folder.refusals()


def test_a_register_cannot_choose_the_rows_of_another_purpose_through_a_join(folder: Folder) -> None:
    make(
        folder,
        FLAGGED.format(flag="true", rest="join wmo w on w.persoon_id = p.persoon_id"),
        measure="count",
        numerator=None,
    )
    assert "`rows of wmo` may not be used for purpose `armoede`" in folder.refusals()


def test_a_left_join_that_repeats_rows_does_not_hide_what_it_counts(folder: Folder) -> None:
    # Nothing of wmo is selected, yet a person with three provisions stands there three times.
    make(
        folder,
        FLAGGED.format(
            flag="true",
            rest="left join wmo w on w.peiljaar = p.peiljaar and w.persoon_id || '' = p.persoon_id",
        ),
        measure="count",
        numerator=None,
    )
    assert "`rows of wmo` may not be used for purpose `armoede`" in folder.refusals()


def test_a_left_join_with_one_row_each_does_not_bind_columns_that_are_not_made_of_it(folder: Folder) -> None:
    make(folder, "with hulp as (select distinct persoon_id from wmo) "
         + FLAGGED.format(flag="h.persoon_id is not null", rest="left join hulp h on h.persoon_id = p.persoon_id"),
         numerator="leeftijd < 18")  # fmt: skip
    assert folder.refusals() == ""


def test_a_register_cannot_choose_rows_through_a_condition_in_a_subquery(folder: Folder) -> None:
    make(
        folder,
        FLAGGED.format(flag="true", rest="where p.persoon_id in (select persoon_id from wmo)"),
        measure="count",
        numerator=None,
    )
    assert "`wmo.persoon_id` may not be used for purpose `armoede`" in folder.refusals()


def test_a_register_cannot_choose_rows_through_a_union_or_an_except(folder: Folder) -> None:
    without = "where p.persoon_id not in (select persoon_id from personen except select persoon_id from wmo)"
    make(folder, FLAGGED.format(flag="true", rest=without), measure="count", numerator=None)
    assert "`wmo.persoon_id` may not be used for purpose `armoede`" in folder.refusals()


def test_a_register_cannot_be_used_through_a_scalar_subquery_or_a_window(folder: Folder) -> None:
    make(
        folder,
        FLAGGED.format(
            flag="(select max(w.voorziening) from wmo w where w.persoon_id = p.persoon_id) = 'hulp'", rest=""
        ),
    )
    assert "`wmo.voorziening` may not be used for purpose `armoede`" in folder.refusals()
    make(
        folder,
        FLAGGED.format(
            flag="x.eerste = 'hulp'",
            rest="left join (select distinct persoon_id, first_value(voorziening) over (partition by persoon_id order by peiljaar) as eerste from wmo) x on x.persoon_id = p.persoon_id",
        ),
    )
    assert "`wmo.voorziening` may not be used for purpose `armoede`" in folder.refusals()


def test_counting_rows_of_a_register_is_using_it(folder: Folder) -> None:
    make(
        folder,
        FLAGGED.format(
            flag="n.aantal > 0",
            rest="left join (select persoon_id, count(*) as aantal from wmo group by persoon_id) n on n.persoon_id = p.persoon_id",
        ),
    )
    assert "`rows of wmo` may not be used for purpose `armoede`" in folder.refusals()


def test_a_column_that_serves_fewer_purposes_than_its_register_is_held_to_those(folder: Folder) -> None:
    folder.indicator(purpose="zorg", population="inkomen < 20000")
    assert (
        "`personen.inkomen` may not be used for purpose `zorg`; its contract allows armoede"
        in folder.refusals()
    )


def test_a_breakdown_cannot_bring_in_a_column_of_another_purpose(folder: Folder) -> None:
    folder.write("indicators/proef.yaml", {
        "dimensions": [{"id": "groep", "title": "Groep", "sql": "case when inkomen < 20000 then 'laag' else 'hoog' end", "categories": [{"id": "laag", "title": "Laag"}, {"id": "hoog", "title": "Hoog"}]}],
        "indicators": [{"id": "proef", "title": "Proef", "explanation": "Wat", "unit": "personen", "theme": "alles", "register": "personen", "measure": "count", "purpose": "zorg", "by": ["groep"]}],
    })  # fmt: skip
    assert "breakdown `groep`" in folder.refusals()
    assert "`personen.inkomen` may not be used for purpose `zorg`" in folder.refusals()


def test_dividing_by_another_indicator_is_using_its_data(folder: Folder) -> None:
    folder.source("meldingen", "none")
    folder.register(
        "meldingen",
        {
            "jaar": ("integer", "public", {"periode": True}),
            "gemeentecode": ("string", "public", {"gebied": "gemeente"}),
        },
        unit="event",
    )
    folder.indicator("hulp", register="wmo", purpose="zorg", area="'GM0999'")
    folder.indicator(
        "per_hulp", register="meldingen", measure="rate", per_indicator="hulp", purpose="armoede"
    )
    assert "indicator `per_hulp`" in folder.refusals()
    assert "`wmo.persoon_id`" not in folder.refusals()
    assert "`rows of wmo` may not be used for purpose `armoede`" in folder.refusals()


def test_a_purpose_cannot_use_a_register_that_it_does_not_name(folder: Folder) -> None:
    folder.change("purposes/armoede.yaml", registers=["verdachten"])
    assert "purpose `armoede` does not use register `personen`" in folder.refusals()


def test_special_data_need_a_purpose_that_names_them(folder: Folder) -> None:
    folder.change("purposes/zorg.yaml", special=False)
    folder.indicator(register="wmo", purpose="zorg", area="'GM0999'")
    assert "uses special data (AVG art. 9) and purpose `zorg` names none" in folder.refusals()


def test_a_column_without_classification_is_refused(folder: Folder) -> None:
    folder.register("personen", {**PERSONS, "iets": ("string", None, {})}, purposes=["armoede"])
    assert (
        "column `iets` of register `personen`, which is about persons, does not say how sensitive it is"
        in folder.refusals()
    )


def test_sql_cannot_make_a_column_less_sensitive(folder: Folder) -> None:
    columns = {**MADE, "leeftijd": ("integer", "public", {}), "kenmerk": ("boolean", "internal", {})}
    make(folder, "select p.peiljaar, p.gemeentecode, max(p.leeftijd) as leeftijd, bool_or(w.voorziening = 'hulp') as kenmerk from personen p join wmo w using (persoon_id) group by all",
         columns, purpose="zorg")  # fmt: skip
    said = folder.refusals()
    assert "column `leeftijd` is called public and is made of `personen.leeftijd`, which is personal" in said
    assert "column `kenmerk` is called internal and is made of `wmo.voorziening`, which is special" in said


def test_a_product_cannot_show_what_is_made_for_a_purpose_that_it_does_not_name(folder: Folder) -> None:
    folder.write("products/vraag.yaml", {
        "id": "vraag", "title": "Vraag", "question": "Hoe?", "answer": "Zo", "audience": "Raad", "limits": "Niets", "indicators": ["proef"], "purposes": ["zorg"],
    })  # fmt: skip
    assert (
        "product `vraag` shows `proef`, which is made for purpose `armoede`, and does not name that purpose"
        in folder.refusals()
    )


def test_a_figure_cannot_be_published_below_what_its_purpose_asks(folder: Folder) -> None:
    folder.change("purposes/armoede.yaml", min_units=20)
    assert "would be published from 10 units on, and purpose `armoede` asks for 20" in folder.refusals()


def test_a_figure_about_persons_cannot_be_open(folder: Folder) -> None:
    folder.indicator(purpose="armoede", protection="open")
    assert "is made from personal data and cannot be `open`" in folder.refusals()


def test_a_purpose_with_an_obliged_dpia_that_is_not_done_is_no_ground(folder: Folder) -> None:
    folder.change("purposes/armoede.yaml", dpia={"status": "verplicht-open"})
    assert "the DPIA of purpose `armoede` is obliged and not done" in folder.refusals()


@pytest.mark.parametrize(("key", "said", "found"), [
    ("legal_basis", ["eu-gdpr:A9-2-j"], "needs a ground of art. 6"),
    ("legal_basis", ["eu-gdpr:A6-1-z"], "no term of DPV 2.3"),
    ("purpose", ["dpv:PolicyMaking"], "did you mean `dpv:PublicPolicyMaking`"),
    ("controller", {"name": "College", "id": "gm0999"}, "cannot stand at `id`"),
    ("bsn", True, "needs `bsn_basis`"),
    ("transfer_outside_eea", True, "need `transfer_safeguard`"),
])  # fmt: skip
def test_a_purpose_that_is_not_whole_is_refused(folder: Folder, key: str, said: object, found: str) -> None:
    folder.change("purposes/armoede.yaml", **{key: said})
    assert found in folder.refusals()
    assert "purposes/armoede.yaml:" in folder.refusals()


def test_special_data_need_a_ground_of_article_9(folder: Folder) -> None:
    folder.change("purposes/zorg.yaml", legal_basis=["eu-gdpr:A6-1-e"])
    assert "special data need a ground of art. 9" in folder.refusals()
