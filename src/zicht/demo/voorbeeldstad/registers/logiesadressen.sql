-- Addresses meant for lodging, and how many of them lie together in a buurt: many together are a holiday park.
select
    peiljaar,
    buurtcode,
    bewoond,
    count(*) over (partition by peiljaar, buurtcode) as bij_elkaar
from adressen
where gebruiksdoel = 'logiesfunctie'
