"""Published totals for the Netherlands that Voorbeeldstad is fitted to, each with its source.

The shares are rounded and meant as the scale of a plausible city, not as statistics: who needs them goes to the source.
"""

from __future__ import annotations

POPULATION = 185_000
"""Design of Voorbeeldstad."""
HOMES = 90_400
"""Design of Voorbeeldstad: gives about 185,000 people at 2.1 persons a household."""

AGE_SHARES = {(0, 15): 0.151, (15, 25): 0.124, (25, 45): 0.257, (45, 65): 0.261, (65, 120): 0.207}
"""CBS StatLine, Bevolking; geslacht, leeftijd en burgerlijke staat, 1 January 2025 (rounded)."""

HOUSEHOLD_SHARES = (0.397, 0.279, 0.243, 0.073, 0.008)
"""CBS StatLine, Huishoudens; samenstelling, grootte, 1 January 2024 (rounded): one person, couple without children,
couple with children, lone parent, other."""

TENURE_SHARES = (0.57, 0.29, 0.14)
"""CBS StatLine, Voorraad woningen; eigendom, 2024 (rounded): owner-occupied, housing association, private rent."""

VACANCY = 0.031
"""CBS StatLine, Leegstand van woningen, 1 January 2024: about 3 % of homes."""

MEDIAN_STANDARDISED_INCOME = 33_000
"""CBS StatLine, Inkomen van huishoudens, 2023 (rounded up to the year): median standardised disposable income, euro."""

MEAN_WOZ = 380_000
"""CBS, gemiddelde WOZ-waarde van woningen, 1 January 2024 (379 thousand euro)."""

SOCIAL_MINIMUM_SHARE = (0.03, 0.07)
"""CBS, Armoede en sociale uitsluiting: households at or under 101 % of the social minimum lie in this band."""

EQUIVALENCE = {1: (1.00, 1.33, 1.51, 1.76, 1.95), 2: (1.37, 1.67, 1.88, 2.06, 2.28)}
"""CBS equivalence factors for adults and 0-4 children, used to standardise household income."""

SOCIAL_MINIMUM = {1: 15_405, 2: 22_007}
"""Participatiewet, net norm with holiday pay for a year from January 2024, single and couple, euro."""
SOCIAL_MINIMUM_CHILD = 2_100
"""Child benefit and child budget that the social minimum adds for a child, rounded, euro."""

ASSET_LIMIT = {1: 7_575, 2: 15_150}
"""Participatiewet art. 34, assets left out of account 2024: single; couple and lone parent, euro."""

PROBLEM_DEBT_SHARE = 0.089
"""CBS dashboard Schuldenproblematiek in beeld, 2024: 8.9 % of households have problematic debts."""

WMO_PER_PERSON = 0.068
"""CBS StatLine, Wmo-cliënten, 2023: about 1.2 million of 17.9 million inhabitants."""
YOUTH_CARE_SHARE = 0.105
"""CBS Jeugdzorg 2024: about one in ten of those under 18."""
SUSPECT_SHARE = 0.010
"""CBS StatLine, Verdachten; delictgroep, geslacht, leeftijd: about 1 % of people aged 12 and over a year."""
FIRST_OFFENDER_SHARE = 0.55
"""Design, near the share of first offenders in CBS youth-crime tables."""

MOVE_IN_SALE_RATE = 0.045
"""Kadaster: about 200 thousand sales a year on 4.6 million owner-occupied homes."""

PRICE_INDEX = {
    2005: 0.55, 2006: 0.57, 2007: 0.60, 2008: 0.62, 2009: 0.60, 2010: 0.59, 2011: 0.57, 2012: 0.54, 2013: 0.50, 2014: 0.51,
    2015: 0.52, 2016: 0.55, 2017: 0.59, 2018: 0.65, 2019: 0.69, 2020: 0.75, 2021: 0.86, 2022: 0.98, 2023: 0.95, 2024: 1.04,
}  # fmt: skip
"""CBS/Kadaster, Prijsindex bestaande koopwoningen, rounded and set to about 1 at the valuation date of the WOZ 2025."""

FIRMS_PER_PERSON = 0.118
"""CBS StatLine, Vestigingen van bedrijven, 2024: about 2.2 million establishments on 17.9 million inhabitants."""
JOBS_PER_PERSON = 0.50
"""CBS, about 9 million jobs of employees on 17.9 million inhabitants."""
SECTOR_SHARES = {
    "A": (0.012, 2.0), "C": (0.037, 11.0), "F": (0.110, 2.6), "G": (0.125, 6.5), "H": (0.036, 9.0), "I": (0.036, 6.6),
    "J": (0.060, 3.2), "K": (0.022, 7.0), "L": (0.015, 3.0), "M": (0.205, 2.3), "N": (0.052, 8.5), "O": (0.002, 110.0),
    "P": (0.055, 8.0), "Q": (0.105, 10.0), "R": (0.058, 2.4), "S": (0.070, 1.7),
}  # fmt: skip
"""CBS StatLine, Vestigingen van bedrijven; bedrijfstak, rounded: SBI letter to (share of establishments, mean staff)."""

REPORTS_PER_PERSON_YEAR = 0.105
"""Design: the order of the public-space reports a large gemeente registers for each inhabitant in a year."""

ELECTRIC_SHARE = {2023: 0.042, 2024: 0.055, 2025: 0.068}
"""RVO/CBS, share of full electric cars in all passenger cars on 1 January, rounded."""
CARS_PER_HOUSEHOLD = 0.93
"""CBS StatLine, Personenauto's, 2024, a little under the national figure because this is a city."""
