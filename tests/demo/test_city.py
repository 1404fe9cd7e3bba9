"""The generated city is plausible, consistent and looks delivered by a real gemeente."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import fastexcel
import openpyxl
import pytest
import shapely

from zicht.demo import targets
from zicht.demo.plan import BUURTEN, PEILJAREN, WIJKEN

pytestmark = pytest.mark.slow


def test_it_takes_under_thirty_seconds_and_120_megabytes(city):
    assert city.cpu_seconds < 30
    assert sum(file.bytes for file in city.truth.files) < 120e6
    assert sum(file.rows for file in city.truth.files) < 1_850_000


def test_there_are_185_000_people_in_84_buurten_and_12_wijken(city):
    assert len(BUURTEN) == 84
    assert len(WIJKEN) == 12
    assert city.one("select count(*) from personen where peiljaar = 2025") == pytest.approx(
        185_000, rel=0.015
    )
    assert city.one("select count(distinct buurtcode) from personen") >= 82
    assert {plan.code for plan in BUURTEN} >= {
        r[0] for r in city.rows("select distinct buurtcode from personen where buurtcode is not null")
    }


def test_codes_with_letters_are_there(city):
    for code in ("BU900104AA", "BU9001AA01"):
        assert city.one(f"select count(*) from personen where buurtcode = '{code}'") > 1000


def test_at_least_three_buurten_have_under_fifty_people_and_one_has_none(city):
    counts = dict(city.rows("select buurtcode, count(*) from personen where peiljaar = 2025 group by all"))
    assert sum(0 < counts.get(plan.code, 0) < 50 for plan in BUURTEN) >= 3
    assert any(plan.code not in counts for plan in BUURTEN)


def test_some_people_have_no_known_address_and_then_no_buurt(city):
    without, share = city.one(
        "select count(*) filter (adres_id is null and buurtcode is not null or adres_id is not null and buurtcode is null), "
        "avg((buurtcode is null)::int) from personen"
    )
    assert without == 0
    assert 0.002 < share < 0.006


@pytest.mark.parametrize("year", PEILJAREN)
def test_ages_follow_the_national_pyramid_in_every_peiljaar(city, year):
    for (low, high), target in targets.AGE_SHARES.items():
        share = city.one(
            f"select avg((leeftijd >= {low} and leeftijd < {high})::int) from personen where peiljaar = {year}"
        )
        assert share == pytest.approx(target, abs=0.025), (low, high)


def test_ages_are_those_of_the_birth_dates_on_1_january(city):
    assert (
        city.one(
            "select count(*) from personen where leeftijd <> date_diff('year', geboortedatum, make_date(peiljaar, 1, 1)) "
            "- (dayofyear(geboortedatum) > 1)::int or geboortedatum >= make_date(peiljaar, 1, 1)"
        )
        == 0
    )


def test_household_types_follow_the_national_shares(city):
    shares = dict(city.rows(
        "select huishoudtype, count(*) / sum(count(*)) over () from huishoudens where peiljaar = 2025 group by all"
    ))  # fmt: skip
    names = (
        "eenpersoonshuishouden",
        "paar zonder kinderen",
        "paar met kinderen",
        "eenouderhuishouden",
        "overig huishouden",
    )
    for name, target in zip(names, targets.HOUSEHOLD_SHARES, strict=True):
        assert shares[name] == pytest.approx(target, abs=0.015), name


def test_tenure_value_and_vacancy_of_homes_follow_the_targets(city):
    shares = dict(
        city.rows(
            "select eigendom, count(*) / sum(count(*)) over () from adressen where peiljaar = 2025 group by all"
        )
    )
    for name, target in zip(("koop", "corporatie", "particuliere huur"), targets.TENURE_SHARES, strict=True):
        assert shares[name] == pytest.approx(target, abs=0.01), name
    woz, empty = city.one(
        "select avg(woz_waarde), avg((not bewoond)::int) from adressen where peiljaar = 2025 and gebruiksdoel = 'woonfunctie'"
    )
    assert woz == pytest.approx(targets.MEAN_WOZ, rel=0.01)
    assert empty == pytest.approx(targets.VACANCY, abs=0.006)


def test_incomes_poverty_and_debts_follow_the_targets(city):
    ordinary = (
        "studentenhuishouden = 'N' and onvolledig_jaar = 'N' and huishoudtype <> 'institutioneel huishouden'"
    )
    median, poor, debts = city.one(
        "select median(gestandaardiseerd_inkomen), avg((inkomen_pct_sociaal_minimum <= 101)::int), "
        f"avg((problematische_schulden = 'J')::int) from huishoudens where peiljaar = 2025 and {ordinary}"
    )
    assert median == pytest.approx(targets.MEDIAN_STANDARDISED_INCOME, rel=0.01)
    assert targets.SOCIAL_MINIMUM_SHARE[0] < poor < targets.SOCIAL_MINIMUM_SHARE[1]
    assert debts == pytest.approx(targets.PROBLEM_DEBT_SHARE, abs=0.01)


def test_care_and_suspects_follow_the_targets(city):
    def share(register: str, of: str) -> float:
        return city.one(
            f"select avg((persoon_id in (select persoon_id from {register} where peiljaar = 2025))::int) "
            f"from personen where peiljaar = 2025 and {of}"
        )

    assert share("wmo", "true") == pytest.approx(targets.WMO_PER_PERSON, rel=0.12)
    assert share("jeugdzorg", "leeftijd < 18") == pytest.approx(targets.YOUTH_CARE_SHARE, rel=0.06)
    assert share("verdachten", "leeftijd >= 12") == pytest.approx(targets.SUSPECT_SHARE, rel=0.12)
    assert share("verdachten", "leeftijd < 12") == 0


def test_participation_firms_and_jobs_are_of_the_national_order(city):
    working = "sociaaleconomische_positie in ('werknemer', 'zelfstandige')"
    rate = city.one(
        f"select avg(({working})::int) from personen where peiljaar = 2025 and leeftijd between 15 and 74"
    )
    assert rate == pytest.approx(0.73, abs=0.015)
    firms, staff = city.one("select count(*), sum(werkzame_personen) from bedrijven where peiljaar = 2025")
    people = city.truth.totals["inwoners"]
    assert firms / people == pytest.approx(targets.FIRMS_PER_PERSON, rel=0.15)
    assert 0.4 < staff / people < 0.8


def test_every_citizen_number_passes_the_elfproef_and_is_marked_synthetic(city):
    numbers = [row[0] for row in city.rows("select distinct burgerservicenummer from personen")]
    for number in numbers:
        assert len(number) == 9
        assert number.startswith("99")
        digits = [int(digit) for digit in number]
        assert (sum(w * d for w, d in zip(range(9, 1, -1), digits, strict=False)) - digits[8]) % 11 == 0
    people = city.one("select count(distinct persoon_id) from personen")
    pairs = city.one("select count(*) from (select distinct persoon_id, burgerservicenummer from personen)")
    assert len(numbers) == people == pairs


@pytest.mark.parametrize(
    ("child", "key", "parent"),
    [
        ("personen", "peiljaar, huishouden_id", "huishoudens"),
        ("personen", "peiljaar, adres_id", "adressen"),
        ("huishoudens", "peiljaar, adres_id", "adressen"),
        ("wmo", "peiljaar, persoon_id", "personen"),
        ("jeugdzorg", "peiljaar, persoon_id", "personen"),
        ("verdachten", "peiljaar, persoon_id", "personen"),
        ("regelingen", "peiljaar, huishouden_id", "huishoudens"),
        ("woningbezit", "peiljaar, adres_id", "adressen"),
    ],
)
def test_every_row_has_its_parent(city, child, key, parent):
    some = " and ".join(f"{part} is not null" for part in key.split(", "))
    lost = city.one(
        f"select count(*) from (from {child} select {key} where {some}) anti join {parent} using ({key})"
    )
    assert lost == 0


def test_household_sizes_are_the_persons_that_are_registered(city):
    assert (
        city.one(
            "select count(*) from huishoudens h left join (select peiljaar, huishouden_id, count(*) n, "
            "count(*) filter (leeftijd < 18 and plaats_huishouden = 'kind') m from personen group by all) p "
            "using (peiljaar, huishouden_id) where h.aantal_personen is distinct from p.n or h.aantal_minderjarigen is distinct from p.m"
        )
        == 0
    )


def test_people_are_largely_the_same_from_year_to_year(city):
    stay = city.one(
        "select avg((persoon_id in (select persoon_id from personen where peiljaar = 2025))::int) from personen where peiljaar = 2024"
    )
    assert 0.9 < stay < 0.99


def test_homes_changing_hands_in_the_last_year_are_sales_between_their_residents(city):
    bought, matched = city.one(
        "select count(*), count(*) filter (h.adres_id = t.adres_id) from woningtransacties t "
        "left join huishoudens h on h.huishouden_id = t.koper_huishouden_id and h.peiljaar = 2025 "
        "where t.jaar = 2024 and soort_overdracht = 'koop'"
    )
    assert bought == matched > 1500


def test_the_map_is_a_valid_coverage_and_wijken_are_their_buurten(city):
    buurten = _features(city.deliveries / "buurten.geojson")
    wijken = _features(city.deliveries / "wijken.geojson")
    (gemeente,) = [shape for _, shape in _features(city.deliveries / "gemeente.geojson")]
    shapes = [shape for _, shape in buurten]
    assert shapely.coverage_is_valid(shapes)
    assert all(shape.geom_type == "Polygon" and shape.is_valid for shape in shapes)
    for about, shape in wijken:
        mine = [other for own, other in buurten if own["wijkcode"] == about["wijkcode"]]
        assert shapely.union_all(mine).symmetric_difference(shape).area < 1e-6
        assert all(
            own["buurtcode"][2:8] == about["wijkcode"][2:]
            for own, _ in buurten
            if own["wijkcode"] == about["wijkcode"]
        )
    assert shapely.union_all(shapes).symmetric_difference(gemeente).area < 1e-6
    # In RD, in the Markermeer.
    assert shapely.box(135_000, 499_000, 156_000, 517_000).contains(gemeente)


def test_the_river_separates_buurten_instead_of_crossing_them(city):
    ((_, river),) = _features(city.deliveries / "water.geojson")
    touched = [
        shape for _, shape in _features(city.deliveries / "buurten.geojson") if shape.intersects(river)
    ]
    assert len(touched) >= 15
    for shape in touched:
        assert shape.difference(river).geom_type == "Polygon"


def test_every_home_lies_in_its_buurt(city):
    shapes = {about["buurtcode"]: shape for about, shape in _features(city.deliveries / "buurten.geojson")}
    rows = city.rows("select buurtcode, list(x), list(y) from adressen where peiljaar = 2025 group by all")
    for code, xs, ys in rows:
        assert shapely.contains_xy(shapes[code], xs, ys).all(), code


def test_the_files_have_the_quirks_of_real_deliveries(city):
    assert (city.deliveries / "woningtransacties.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    firms = (city.deliveries / "bedrijven.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        firms.decode("utf-8")
    rows = list(csv.DictReader(firms.decode("latin-1").splitlines(), delimiter=";"))
    assert "Coöperatie" in {word for row in rows for word in row["naam"].split()}
    assert {len(row["buurtcode"]) for row in rows} == {12}
    first = (city.deliveries / "regelingen.csv").read_text(encoding="utf-8").splitlines()[1]
    assert first.split(";")[-1].strip('"').replace(",", "").isdigit()
    assert city.one("select count(*) from meldingen where dagen_tot_afhandeling = -99") > 50
    assert city.one("select count(*) from meldingen where buurtcode is null") > 500


def test_the_workbook_is_read_by_two_readers(city):
    path = city.deliveries / "laadpunten.xlsx"
    sheet = openpyxl.load_workbook(path, read_only=True)["laadpunten"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("laadpunt_id", "x", "y", "aansluitingen", "vermogen_kw", "jaar_plaatsing")
    fast = fastexcel.read_excel(path).load_sheet("laadpunten").to_arrow()
    assert fast.num_rows == len(rows) - 1 > 500


def test_every_file_and_column_is_documented(city):
    text = (Path(__file__).parents[2] / "docs" / "explanation" / "voorbeeldstad.md").read_text(
        encoding="utf-8"
    )
    for file in city.truth.files:
        assert f"`{Path(file.path).name}`" in text, file.path
    for name in [row[0] for row in city.rows("select view_name from duckdb_views() where not internal")]:
        for column, *_ in city.rows(f"describe from {name}"):
            assert f"`{column}`" in text, (name, column)


def _features(path: Path) -> list[tuple[dict, shapely.Geometry]]:
    collection = json.loads(path.read_text(encoding="utf-8"))
    return [
        (f["properties"], shapely.from_geojson(json.dumps(f["geometry"]))) for f in collection["features"]
    ]
