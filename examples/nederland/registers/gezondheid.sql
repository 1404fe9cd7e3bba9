-- A column per year becomes a row per year. Wijken are left out: their cells are empty in every year.
select 2012 as jaar, code, gezondheid_2012 as gezondheid, gezondheid_2012__status as gezondheid__status from nederland_buurten where niveau <> 'wijk'
union all by name
select 2016 as jaar, code, gezondheid_2016 as gezondheid, gezondheid_2016__status as gezondheid__status from nederland_buurten where niveau <> 'wijk'
union all by name
select 2020 as jaar, code, gezondheid_2020 as gezondheid, gezondheid_2020__status as gezondheid__status from nederland_buurten where niveau <> 'wijk'
union all by name
select 2022 as jaar, code, gezondheid_2022 as gezondheid, gezondheid_2022__status as gezondheid__status from nederland_buurten where niveau <> 'wijk'
union all by name
select 2024 as jaar, code, gezondheid_2024 as gezondheid, gezondheid_2024__status as gezondheid__status from nederland_buurten where niveau <> 'wijk'
