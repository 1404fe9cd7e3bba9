-- The two years under one another. The 122 areas of 2023 and 2024 have the same codes and names, and both workbooks the same 121 column
-- names. Later editions do not: write their names here, such as `* rename (a_opl_bvm as a_opl_lg, a_opl_bvm__status as a_opl_lg__status)`.
select 2023 as jaar, * from kwb_2023
union all by name
select 2024 as jaar, * from kwb_2024
