-- Working residents, and those who work in the city, for buurt, wijk and gemeente. Fewer than 50 would say too much of few people.
with werk as (
    select
        peiljaar,
        woon_buurtcode as buurt,
        'WK' || substr(woon_buurtcode, 3, 6) as wijk,
        'GM' || substr(woon_buurtcode, 3, 4) as gemeente,
        werkenden,
        case when starts_with(werk_gebied, 'BU') then werkenden else 0 end as in_de_stad
    from pendel
),
alles as (
    select peiljaar, buurt as gebied, werkenden, in_de_stad from werk
    union all
    select peiljaar, wijk as gebied, werkenden, in_de_stad from werk
    union all
    select peiljaar, gemeente as gebied, werkenden, in_de_stad from werk
)
select peiljaar, gebied, sum(werkenden) as werkenden, sum(in_de_stad) as in_de_stad
from alles
group by peiljaar, gebied
having sum(werkenden) >= 50
