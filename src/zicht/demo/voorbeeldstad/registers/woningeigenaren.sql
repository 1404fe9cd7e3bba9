-- Homes in the city that a household of the city owns, its own home included.
with bezit as (
    select peiljaar, eigenaar_huishouden_id, count(*) as aantal_woningen
    from woningbezit
    where eigenaar_huishouden_id is not null
    group by peiljaar, eigenaar_huishouden_id
)
select h.peiljaar, h.buurtcode, coalesce(b.aantal_woningen, 0) as aantal_woningen
from huishoudens h
left join bezit b on b.peiljaar = h.peiljaar and b.eigenaar_huishouden_id = h.huishouden_id
where h.peiljaar = 2025 and h.huishoudtype <> 'institutioneel huishouden'
