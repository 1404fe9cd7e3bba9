-- Reports of the years for which the number of inhabitants is known, so that a rate per inhabitant can be made.
select date_part('year', datum) as jaar, soort, buurtcode
from meldingen
where datum >= date '2023-01-01'
