"""What the truth file says was planted can be recomputed from the deliveries, and is absent without planting."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from scipy.stats import chi2, rankdata

from zicht.demo.city import City, make_city

STANDARDISED = """
    with u as (
        select p.peiljaar, p.buurtcode, least(leeftijd // 5, 19) as klasse, geslacht,
               (e.persoon_id is not null)::int as hit, coalesce(p.buurtcode[1:{digits}] in {codes}, false) as here
        from personen p left join (select distinct peiljaar, persoon_id from {register}) e using (peiljaar, persoon_id)
        where p.peiljaar in {years}
    ), rates as (select peiljaar, klasse, geslacht, avg(hit) as rate from u where not here group by all)
    select sum(hit), sum(rate) from u join rates using (peiljaar, klasse, geslacht) where here
"""


def standardised(rows, register: str, codes: tuple[str, ...], years: tuple[int, ...]) -> tuple[float, float]:
    """Observed and expected on age × sex, with everybody outside as the reference."""
    listed = "(" + ", ".join(f"'{code}'" for code in codes) + ")"
    listed_years = "(" + ", ".join(map(str, years)) + ")"
    ((observed, expected),) = rows(
        STANDARDISED.format(digits=len(codes[0]), codes=listed, register=register, years=listed_years)
    )
    return float(observed), float(expected)


@pytest.mark.slow
def test_wmo_is_over_represented_in_one_wijk_after_standardising(city):
    (pattern,) = city.truth.of("overrepresentation")
    codes = tuple("BU" + code[2:] for code in pattern.where)
    observed, expected = standardised(city.rows, "wmo", codes, (2025,))
    assert observed / expected == pytest.approx(pattern.details["ratio_realised"], rel=0.03)
    # The oldest cannot use it 1.6 times as often, so a little under the planted factor.
    assert 1.5 < observed / expected < 1.65


@pytest.mark.slow
def test_suspects_cluster_in_six_adjoining_buurten(city):
    (pattern,) = city.truth.of("cluster")
    assert len(pattern.where) == 6
    observed, expected = standardised(city.rows, "verdachten", pattern.where, (2023, 2024, 2025))
    low, high = chi2.ppf(0.025, 2 * observed) / 2 / expected, chi2.ppf(0.975, 2 * observed + 2) / 2 / expected
    assert low < pattern.size < high
    assert low > 1.4


@pytest.mark.slow
def test_three_signals_stand_out_in_the_monthly_reports(city):
    patterns = city.truth.of("signal")
    assert len(patterns) == 3
    for pattern in patterns:
        where = f"buurtcode = '{pattern.where[0]}' and soort = '{pattern.details['kind']}'"
        month = pattern.details["month"]
        here = city.one(f"select count(*) from meldingen where {where} and maand = '{month}'")
        before = city.one(f"select count(*) / 56 from meldingen where {where} and maand < '2024-09'")
        # A percent of the reports has lost its place.
        assert here == pytest.approx(pattern.details["observed"], abs=2)
        assert here > 2.5 * before
        most = city.one(
            f"select max(n) from (select count(*) n from meldingen where {where} and maand <> '{month}' group by maand)"
        )
        assert here > most


@pytest.mark.slow
def test_working_households_leave_the_stadspas_unused(city):
    (pattern,) = city.truth.of("non-take-up")
    take_up = dict(city.rows("""
        select hoofdinkomensbron in ('loon', 'eigen bedrijf'), avg((r.huishouden_id is not null)::int)
        from huishoudens h left join (from regelingen where regeling = 'stadspas') r using (peiljaar, huishouden_id)
        where peiljaar = 2025 and inkomen_pct_sociaal_minimum <= 120 and studentenhuishouden = 'N' and onvolledig_jaar = 'N'
          and huishoudtype <> 'institutioneel huishouden' group by all"""))  # fmt: skip
    assert take_up[True] == pytest.approx(pattern.size, abs=0.02)
    assert take_up[False] == pytest.approx(0.70, abs=0.02)


@pytest.mark.slow
def test_the_doorsluiswoningen_are_exactly_those_of_the_truth_file(city):
    (pattern,) = city.truth.of("doorsluis")
    counted = "from woningtransacties where soort_overdracht = 'koop' group by adres_id having count(*) >= 5"
    assert {row[0] for row in city.rows(f"select adres_id {counted}")} == set(pattern.where)
    assert len(pattern.where) == 56
    # Counting every kind of transfer would accuse others too.
    all_kinds = city.rows("select adres_id from woningtransacties group by adres_id having count(*) >= 5")
    assert len(all_kinds) > len(pattern.where) + 20


@pytest.mark.slow
def test_the_proxy_tells_the_protected_ground_apart_and_the_ground_is_in_no_delivery(city):
    (pattern,) = city.truth.of("proxy")
    rows = city.rows(
        f"select {pattern.details['column']}, beschermde_grond from grond join personen using (persoon_id) where peiljaar = 2025"
    )
    values, ground = zip(*rows, strict=True)
    assert _auc(values, ground) == pytest.approx(pattern.size, abs=0.01)
    for view in [
        row[0]
        for row in city.rows(
            "select view_name from duckdb_views() where not internal and view_name <> 'grond'"
        )
    ]:
        assert "beschermde_grond" not in [row[0] for row in city.rows(f"describe from {view}")]


@pytest.mark.slow
def test_youth_care_falls_with_income(city):
    poor, rich = city.one("""
        with u as (select (j.persoon_id is not null)::int as hit, gestandaardiseerd_inkomen < 24000 as poor
            from personen p join huishoudens using (peiljaar, huishouden_id)
            left join (select distinct peiljaar, persoon_id from jeugdzorg) j using (peiljaar, persoon_id)
            where peiljaar = 2025 and p.leeftijd < 18)
        select avg(hit) filter (poor), avg(hit) filter (not poor) from u""")
    assert poor > 1.2 * rich


@pytest.mark.slow
def test_without_planting_none_of_it_is_there():
    """Over six small null cities the planted places lie where chance puts them."""
    ratios, auc, sold = [], [], []
    for seed in range(6):
        null = make_city(seed, plant=False, homes=12_000)
        assert null.patterns == ()
        rows = _connected(null)
        observed, expected = standardised(rows, "wmo", ("BU900107",), (2025,))
        ratios.append((observed - expected) / expected**0.5)
        observed, expected = standardised(
            rows, "verdachten", tuple(f"BU9001040{n}" for n in range(1, 6)), (2023, 2024, 2025)
        )
        ratios.append((observed - expected) / expected**0.5)
        values, ground = zip(
            *rows("select afstand_familie_km, beschermde_grond from grond join personen using (persoon_id)"),
            strict=True,
        )
        auc.append(_auc(values, ground))
        sold.append(
            rows(
                "select max(n) from (select count(*) n from woningtransacties where soort_overdracht = 'koop' group by adres_id)"
            )[0][0]
        )
    assert max(abs(ratio) for ratio in ratios) < 4
    assert abs(sum(ratios)) < 4 * len(ratios) ** 0.5
    assert all(value == pytest.approx(0.5, abs=0.02) for value in auc)
    assert max(sold) <= 4


def test_a_smaller_city_keeps_the_map_and_the_codes():
    small = make_city(1, plant=True, homes=4_000)
    assert len(small.map.buurten) == 84
    assert len(small.tables["personen"]) < 30_000
    assert {pattern.kind for pattern in small.patterns} == {
        "overrepresentation", "cluster", "signal", "non-take-up", "doorsluis", "gradient", "proxy",
    }  # fmt: skip


def _connected(city: City):
    connection = duckdb.connect()
    for name, table in {**city.tables, "grond": city.ground}.items():
        connection.register(name, pa.table(table))
    return lambda query: connection.sql(query).fetchall()


def _auc(values, flags) -> float:
    ranks = rankdata(values)
    positive = sum(flags)
    return (ranks[list(flags)].sum() - positive * (positive + 1) / 2) / (positive * (len(flags) - positive))
