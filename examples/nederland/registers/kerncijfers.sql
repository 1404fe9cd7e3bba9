-- Provincies and the country are sums over gemeenten, whose counts CBS does not round. What is a mean or a share of something that is
-- not in the file cannot be summed and is left out there.
select
    code,
    inwoners,
    inwoners__status,
    inwoners_0_14,
    inwoners_0_14__status,
    inwoners_65_plus,
    inwoners_65_plus__status,
    huishoudens,
    huishoudens__status,
    huishoudensgrootte,
    huishoudensgrootte__status,
    dichtheid,
    dichtheid__status,
    woz_waarde,
    woz_waarde__status,
    koopwoningen,
    koopwoningen__status,
    eengezinswoning,
    eengezinswoning__status,
    inkomen_per_inwoner,
    inkomen_per_inwoner__status,
    stedelijkheid,
    stedelijkheid__status,
    adressendichtheid,
    adressendichtheid__status,
    oppervlakte_land_ha,
    oppervlakte_land_ha__status,
    afstand_huisarts,
    afstand_huisarts__status,
    afstand_supermarkt,
    afstand_supermarkt__status,
    afstand_school,
    afstand_school__status,
    scholen_3km,
    scholen_3km__status,
    misdrijven_2024,
    misdrijven_2024__status,
    misdrijven_per_1000_5_jaar,
    misdrijven_per_1000_5_jaar__status
from nederland_buurten
union all by name
select
    prov_code as code,
    cast(sum(inwoners) as bigint) as inwoners,
    cast(sum(inwoners_0_14) as bigint) as inwoners_0_14,
    cast(sum(inwoners_65_plus) as bigint) as inwoners_65_plus,
    cast(sum(huishoudens) as bigint) as huishoudens,
    cast(sum(oppervlakte_land_ha) as double) as oppervlakte_land_ha,
    cast(sum(misdrijven_2024) as bigint) as misdrijven_2024,
    100.0 * sum(inwoners) / sum(oppervlakte_land_ha) as dichtheid
from nederland_buurten
where niveau = 'gemeente'
group by prov_code
union all by name
select
    'NL' as code,
    cast(sum(inwoners) as bigint) as inwoners,
    cast(sum(inwoners_0_14) as bigint) as inwoners_0_14,
    cast(sum(inwoners_65_plus) as bigint) as inwoners_65_plus,
    cast(sum(huishoudens) as bigint) as huishoudens,
    cast(sum(oppervlakte_land_ha) as double) as oppervlakte_land_ha,
    cast(sum(misdrijven_2024) as bigint) as misdrijven_2024,
    100.0 * sum(inwoners) / sum(oppervlakte_land_ha) as dichtheid
from nederland_buurten
where niveau = 'gemeente'
