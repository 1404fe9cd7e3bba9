-- A column per year becomes a row per year. Wijken are left out: their cells are empty in every year.
select 2021 as jaar, code, misdrijven_2021 as misdrijven, misdrijven_2021__status as misdrijven__status from misdrijven_gezondheid where niveau <> 'wijk'
union all
select 2022 as jaar, code, misdrijven_2022 as misdrijven, misdrijven_2022__status as misdrijven__status from misdrijven_gezondheid where niveau <> 'wijk'
union all
select 2023 as jaar, code, misdrijven_2023 as misdrijven, misdrijven_2023__status as misdrijven__status from misdrijven_gezondheid where niveau <> 'wijk'
union all
select 2024 as jaar, code, misdrijven_2024 as misdrijven, misdrijven_2024__status as misdrijven__status from misdrijven_gezondheid where niveau <> 'wijk'
union all
select 2025 as jaar, code, misdrijven_2025 as misdrijven, misdrijven_2025__status as misdrijven__status from misdrijven_gezondheid where niveau <> 'wijk'
