-- What a household could spend: a mortgage of 4.5 times its income, money at hand, proceeds of homes sold, and 30,000 euro of gifts.
-- A purchase is unexplained where the price is higher by more than 25,000 euro and more than a tenth of the price.
select
    jaar,
    buurtcode,
    koopsom,
    koopsom - (4.5 * koper_bruto_inkomen + koper_liquide_vermogen + koper_verkoopopbrengst + 30000)
        > greatest(25000, 0.1 * koopsom) as onverklaard,
    100 * (koopsom - (4.5 * koper_bruto_inkomen + koper_liquide_vermogen + koper_verkoopopbrengst + 30000))
        / greatest(25000, 0.1 * koopsom) as tekort_pct
from woningtransacties
where soort_overdracht = 'koop' and koper_bruto_inkomen is not null and koopsom is not null
