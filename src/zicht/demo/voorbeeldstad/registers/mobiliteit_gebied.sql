-- Parked cars, and the demand for charging that has a charging point within 250 metres as the crow flies.
with vakken as (
    select
        t.peiljaar,
        t.telvak_id,
        t.buurtcode,
        t.parkeerplaatsen,
        t.geparkeerd_nacht,
        t.waarvan_elektrisch,
        t.laadvraag_kwh_maand,
        exists(
            select 1
            from laadpunten l
            where l.jaar_plaatsing < t.peiljaar
              and abs(l.x - t.x) <= 250
              and abs(l.y - t.y) <= 250
              and power(l.x - t.x, 2) + power(l.y - t.y, 2) <= 62500
        ) as dichtbij
    from parkeertelling t
),
alles as (
    select *, buurtcode as gebied from vakken
    union all
    select *, 'WK' || substr(buurtcode, 3, 6) as gebied from vakken
    union all
    select *, 'GM' || substr(buurtcode, 3, 4) as gebied from vakken
)
select
    peiljaar,
    gebied,
    sum(parkeerplaatsen) as parkeerplaatsen,
    sum(geparkeerd_nacht) as autos,
    sum(waarvan_elektrisch) as elektrisch,
    sum(laadvraag_kwh_maand) as laadvraag,
    sum(case when dichtbij then laadvraag_kwh_maand else 0 end) as laadvraag_dichtbij
from alles
group by peiljaar, gebied
