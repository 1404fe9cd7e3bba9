-- How often each owner-occupied home was sold in the twenty years 2005-2024; new-build, inheritance and division do not count.
with verkocht as (
    select adres_id, count(*) as verkopen
    from woningtransacties
    where soort_overdracht = 'koop'
    group by adres_id
)
select
    a.buurtcode,
    coalesce(v.verkopen, 0) as verkopen,
    coalesce(v.verkopen, 0) >= 5 as doorsluis
from adressen a
left join verkocht v on v.adres_id = a.adres_id
where a.peiljaar = 2025 and a.eigendom = 'koop' and a.gebruiksdoel = 'woonfunctie'
