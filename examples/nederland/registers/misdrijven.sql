-- A column per year becomes a row per year. Wijken are left out: their cells are empty in every year.
-- Provincies and the country are sums over gemeenten.
select 2021 as jaar, code, misdrijven_2021 as misdrijven, misdrijven_2021__status as misdrijven__status from nederland_buurten where niveau <> 'wijk'
union all by name
select 2022 as jaar, code, misdrijven_2022 as misdrijven, misdrijven_2022__status as misdrijven__status from nederland_buurten where niveau <> 'wijk'
union all by name
select 2023 as jaar, code, misdrijven_2023 as misdrijven, misdrijven_2023__status as misdrijven__status from nederland_buurten where niveau <> 'wijk'
union all by name
select 2024 as jaar, code, misdrijven_2024 as misdrijven, misdrijven_2024__status as misdrijven__status from nederland_buurten where niveau <> 'wijk'
union all by name
select 2025 as jaar, code, misdrijven_2025 as misdrijven, misdrijven_2025__status as misdrijven__status from nederland_buurten where niveau <> 'wijk'
union all by name
select 2021 as jaar, prov_code as code, cast(sum(misdrijven_2021) as bigint) as misdrijven from nederland_buurten where niveau = 'gemeente' group by prov_code
union all by name
select 2022 as jaar, prov_code as code, cast(sum(misdrijven_2022) as bigint) as misdrijven from nederland_buurten where niveau = 'gemeente' group by prov_code
union all by name
select 2023 as jaar, prov_code as code, cast(sum(misdrijven_2023) as bigint) as misdrijven from nederland_buurten where niveau = 'gemeente' group by prov_code
union all by name
select 2024 as jaar, prov_code as code, cast(sum(misdrijven_2024) as bigint) as misdrijven from nederland_buurten where niveau = 'gemeente' group by prov_code
union all by name
select 2025 as jaar, prov_code as code, cast(sum(misdrijven_2025) as bigint) as misdrijven from nederland_buurten where niveau = 'gemeente' group by prov_code
union all by name
select 2021 as jaar, 'NL' as code, cast(sum(misdrijven_2021) as bigint) as misdrijven from nederland_buurten where niveau = 'gemeente'
union all by name
select 2022 as jaar, 'NL' as code, cast(sum(misdrijven_2022) as bigint) as misdrijven from nederland_buurten where niveau = 'gemeente'
union all by name
select 2023 as jaar, 'NL' as code, cast(sum(misdrijven_2023) as bigint) as misdrijven from nederland_buurten where niveau = 'gemeente'
union all by name
select 2024 as jaar, 'NL' as code, cast(sum(misdrijven_2024) as bigint) as misdrijven from nederland_buurten where niveau = 'gemeente'
union all by name
select 2025 as jaar, 'NL' as code, cast(sum(misdrijven_2025) as bigint) as misdrijven from nederland_buurten where niveau = 'gemeente'
