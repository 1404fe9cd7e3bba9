-- One row a person and reference year, with what five deliveries say of that person; ids stay behind.
with wmo_gebruik as (
    select peiljaar, persoon_id, bool_or(voorziening = 'hulp bij het huishouden') as huishouden
    from wmo
    group by peiljaar, persoon_id
),
zorg_jeugd as (
    select peiljaar, persoon_id, bool_or(vorm in ('jeugdbescherming', 'jeugdreclassering')) as bescherming
    from jeugdzorg
    group by peiljaar, persoon_id
),
verdenking as (
    select peiljaar, persoon_id, bool_and(eerste_of_herhaald = 'eerste') as eerste
    from verdachten
    group by peiljaar, persoon_id
)
select
    p.peiljaar,
    p.buurtcode,
    p.leeftijd,
    p.geslacht,
    p.opleidingsniveau,
    p.sociaaleconomische_positie as positie,
    h.huishoudtype,
    coalesce(
        h.inkomen_pct_sociaal_minimum is not null and not h.studentenhuishouden and not h.onvolledig_jaar, false
    ) as inkomen_telt,
    coalesce(h.inkomen_pct_sociaal_minimum <= 120, false) as laag_inkomen,
    w.persoon_id is not null as wmo,
    coalesce(w.huishouden, false) as wmo_huishouden,
    j.persoon_id is not null as jeugdzorg,
    coalesce(j.bescherming, false) as jeugdbescherming,
    v.persoon_id is not null as verdacht,
    coalesce(v.eerste, false) as eerste_keer
from personen p
left join huishoudens h on h.peiljaar = p.peiljaar and h.huishouden_id = p.huishouden_id
left join wmo_gebruik w on w.peiljaar = p.peiljaar and w.persoon_id = p.persoon_id
left join zorg_jeugd j on j.peiljaar = p.peiljaar and j.persoon_id = p.persoon_id
left join verdenking v on v.peiljaar = p.peiljaar and v.persoon_id = p.persoon_id
