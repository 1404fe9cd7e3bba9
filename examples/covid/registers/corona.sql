-- The country is the sum of its gemeenten.
select maand, code, positieve_tests, positieve_tests__status, opnames, opnames__status, overleden, overleden__status from corona_geleverd
union all by name
select
    maand,
    'NL' as code,
    cast(sum(positieve_tests) as bigint) as positieve_tests,
    cast(sum(opnames) as bigint) as opnames,
    cast(sum(overleden) as bigint) as overleden
from corona_geleverd
group by maand
