-- Who may use which scheme, by the rules of the gemeente, and who does. The assets of the Participatiewet (2024): 7,575 euro for
-- a single person, 15,150 euro for others. Students, institutions and incomes of part of a year are left out.
with gebruik as (
    select
        peiljaar,
        huishouden_id,
        bool_or(regeling = 'bijzondere bijstand') as bijzondere_bijstand,
        bool_or(regeling = 'individuele inkomenstoeslag') as inkomenstoeslag,
        bool_or(regeling = 'stadspas') as stadspas,
        bool_or(regeling = 'kwijtschelding gemeentelijke belastingen') as kwijtschelding,
        bool_or(regeling = 'collectieve zorgverzekering') as zorgverzekering,
        bool_or(regeling = 'meedoenregeling') as meedoenregeling,
        count(*) as aantal
    from regelingen
    group by peiljaar, huishouden_id
),
basis as (
    select
        *,
        huishoudtype <> 'institutioneel huishouden' as particulier,
        inkomen_pct_sociaal_minimum is not null and not studentenhuishouden and not onvolledig_jaar as inkomen_telt,
        case when aantal_personen = 1 then 7575 else 15150 end as grens
    from huishoudens
)
select
    b.peiljaar,
    b.huishouden_id,
    b.buurtcode,
    b.huishoudtype,
    b.aantal_personen,
    b.hoofdinkomensbron,
    b.particulier,
    b.inkomen_telt,
    b.gestandaardiseerd_inkomen,
    b.vermogen,
    b.inkomen_pct_sociaal_minimum as pct_minimum,
    b.problematische_schulden as schulden,
    b.inkomen_telt and b.inkomen_pct_sociaal_minimum <= 110 and b.liquide_vermogen <= b.grens as recht_bijzondere_bijstand,
    b.inkomen_telt and b.inkomen_pct_sociaal_minimum <= 105 and b.liquide_vermogen <= b.grens
        and b.leeftijd_hoofd >= 21 and b.leeftijd_hoofd < 67 as recht_inkomenstoeslag,
    b.inkomen_telt and b.inkomen_pct_sociaal_minimum <= 120 as recht_stadspas,
    b.inkomen_telt and b.inkomen_pct_sociaal_minimum <= 105 and b.liquide_vermogen <= 0.5 * b.grens as recht_kwijtschelding,
    b.inkomen_telt and b.inkomen_pct_sociaal_minimum <= 130 as recht_zorgverzekering,
    b.inkomen_telt and b.inkomen_pct_sociaal_minimum <= 120 and b.liquide_vermogen <= b.grens
        and b.aantal_minderjarigen > 0 as recht_meedoenregeling,
    coalesce(g.bijzondere_bijstand, false) as gebruikt_bijzondere_bijstand,
    coalesce(g.inkomenstoeslag, false) as gebruikt_inkomenstoeslag,
    coalesce(g.stadspas, false) as gebruikt_stadspas,
    coalesce(g.kwijtschelding, false) as gebruikt_kwijtschelding,
    coalesce(g.zorgverzekering, false) as gebruikt_zorgverzekering,
    coalesce(g.meedoenregeling, false) as gebruikt_meedoenregeling,
    coalesce(g.aantal, 0) as aantal_regelingen
from basis b
left join gebruik g on g.peiljaar = b.peiljaar and g.huishouden_id = b.huishouden_id
