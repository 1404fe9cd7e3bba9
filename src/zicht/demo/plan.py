"""The plan of Voorbeeldstad: its wijken, its buurten and the kinds of neighbourhood they are.

Voorbeeldstad (GM9001) is invented: it lies in the Markerwaard, the polder that was never drained, so no point of
it is anybody's land. Two codes carry letters on purpose (`WK9001AA`, `BU900104AA`), because real ones do too.
"""

from __future__ import annotations

from dataclasses import dataclass

GEMEENTE = "GM9001"
GEMEENTE_NAME = "Voorbeeldstad"
DIVISION = 2025
PEILJAREN = (2023, 2024, 2025)
"""Snapshots at 1 January; flows (suspects, moves) of a peiljaar are those of the twelve months before it."""

DWELLING_TYPES = ("appartement", "tussenwoning", "hoekwoning", "twee-onder-een-kap", "vrijstaand")
TENURES = ("koop", "corporatie", "particuliere huur")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of neighbourhood: when and how it was built, who tends to live there.

    Attributes:
        name: Dutch name of the kind.
        built: first and last year of most of its homes.
        types: shares of `DWELLING_TYPES`.
        tenure: shares of `TENURES`, before the city is fitted to its targets.
        metre_price: WOZ value per square metre, euro, 2025.
        income: factor on standardised household income.
        composition: propensity of single, couple, couple with children, lone parent, other households.
        young: factor on the share of younger people among singles and couples.
    """

    name: str
    built: tuple[int, int]
    types: tuple[float, float, float, float, float]
    tenure: tuple[float, float, float]
    metre_price: int
    income: float
    composition: tuple[float, float, float, float, float]
    young: float


KINDS = (
    Kind("binnenstad", (1650, 1935), (0.82, 0.12, 0.04, 0.01, 0.01), (0.38, 0.17, 0.45), 4300, 1.00, (1.7, 1.0, 0.4, 0.5, 2.0), 2.2),
    Kind("vooroorlogs", (1895, 1939), (0.34, 0.46, 0.15, 0.04, 0.01), (0.45, 0.36, 0.19), 3900, 0.94, (1.2, 1.0, 0.8, 1.0, 1.5), 1.7),
    Kind("spoorzone", (1905, 2021), (0.66, 0.24, 0.07, 0.02, 0.01), (0.40, 0.25, 0.35), 4000, 0.98, (1.5, 1.0, 0.5, 0.8, 1.6), 1.9),
    Kind("hoogbouw", (1961, 1976), (0.72, 0.20, 0.07, 0.01, 0.00), (0.25, 0.62, 0.13), 2900, 0.80, (1.2, 0.8, 0.8, 1.7, 1.0), 0.9),
    Kind("tuinstad", (1948, 1964), (0.45, 0.38, 0.14, 0.03, 0.00), (0.40, 0.48, 0.12), 3300, 0.88, (1.1, 1.0, 0.8, 1.3, 1.0), 0.9),
    Kind("woonerf", (1974, 1989), (0.17, 0.52, 0.20, 0.08, 0.03), (0.63, 0.30, 0.07), 3350, 1.02, (0.8, 1.1, 1.1, 1.1, 0.8), 0.6),
    Kind("villawijk", (1921, 1990), (0.12, 0.10, 0.11, 0.28, 0.39), (0.85, 0.05, 0.10), 4300, 1.33, (0.6, 1.3, 1.2, 0.6, 0.6), 0.5),
    Kind("vinex", (1996, 2012), (0.24, 0.43, 0.17, 0.11, 0.05), (0.69, 0.22, 0.09), 3900, 1.14, (0.6, 0.8, 1.7, 1.0, 0.6), 0.9),
    Kind("nieuwbouw", (2015, 2024), (0.44, 0.34, 0.13, 0.06, 0.03), (0.62, 0.22, 0.16), 4500, 1.18, (0.9, 1.1, 1.3, 0.6, 0.6), 1.7),
    Kind("dorp", (1885, 2003), (0.08, 0.28, 0.18, 0.20, 0.26), (0.75, 0.17, 0.08), 3700, 1.08, (0.7, 1.2, 1.1, 0.7, 0.7), 0.5),
    Kind("bedrijventerrein", (1955, 2015), (0.30, 0.10, 0.10, 0.10, 0.40), (0.60, 0.05, 0.35), 2900, 0.95, (1.2, 1.0, 0.7, 0.6, 1.2), 1.0),
    Kind("buitengebied", (1870, 2010), (0.01, 0.05, 0.06, 0.18, 0.70), (0.86, 0.02, 0.12), 3300, 1.10, (0.6, 1.3, 1.1, 0.5, 0.8), 0.4),
    Kind("vakantiepark", (1978, 2006), (0.00, 0.05, 0.05, 0.10, 0.80), (0.75, 0.00, 0.25), 2400, 0.80, (2.0, 1.1, 0.3, 0.7, 0.8), 0.6),
)  # fmt: skip
KIND = {kind.name: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class BuurtPlan:
    """A buurt: its code, name, wijk (position in `WIJKEN`), kind and number of homes at full scale."""

    code: str
    name: str
    wijk: int
    kind: int
    homes: int


@dataclass(frozen=True, slots=True)
class WijkPlan:
    """A wijk: code, name, where it lies (zone of the map, metres from the centre, reach) and its buurten."""

    code: str
    name: str
    zone: str
    anchor: tuple[float, float]
    reach: float
    buurten: tuple[tuple[str, str, int], ...]


WIJKEN = (
    WijkPlan("WK900101", "Binnenstad", "singel", (-100, 600), 1.0, (
        ("Grote Markt", "binnenstad", 620), ("Waag en Weerd", "binnenstad", 780), ("Sint-Odakwartier", "binnenstad", 940),
        ("Zevenstegen", "binnenstad", 880), ("Hofjesbuurt", "binnenstad", 1010), ("Kattenpoort", "binnenstad", 1120),
        ("Lakenhal", "binnenstad", 930), ("Singelrand", "binnenstad", 1060))),
    WijkPlan("WK900102", "Overbeelde", "zuid", (-100, -1300), 1.0, (
        ("Veerkade", "vooroorlogs", 840), ("Ambachtskwartier", "vooroorlogs", 1240), ("Touwslagersbuurt", "vooroorlogs", 1180),
        ("Tuindorp Vooruit", "vooroorlogs", 1090), ("Gasfabriek", "spoorzone", 760), ("Beeldepoort", "vooroorlogs", 1310),
        ("Lindenkwartier", "vooroorlogs", 1270), ("Zuiderwal", "vooroorlogs", 1120))),
    WijkPlan("WK900103", "Spoorzicht", "midden", (300, 1750), 0.9, (
        ("Stationsplein", "spoorzone", 640), ("Perronbuurt", "spoorzone", 1230), ("Wisselkwartier", "spoorzone", 1180),
        ("Seinhuis", "spoorzone", 1090), ("Kazerneterrein", "nieuwbouw", 870), ("Emplacement", "spoorzone", 930),
        ("Lokomotief", "vooroorlogs", 1350))),
    WijkPlan("WK900104", "Hazelaar", "noord", (-2300, 3300), 1.05, (
        ("Hazelaar-Zuid", "hoogbouw", 1480), ("Elzenhof", "hoogbouw", 1560), ("Berkendreef", "hoogbouw", 1420),
        ("Beukenrode", "hoogbouw", 1390), ("Esdoornplein", "hoogbouw", 1310), ("Wilgenburg", "hoogbouw", 1250),
        ("Populierenlaan e.o.", "tuinstad", 1180), ("Meidoornveld", "tuinstad", 1120), ("Hazelaar-Noord", "woonerf", 1290))),
    WijkPlan("WK900105", "De Weiden", "noord", (1500, 3500), 1.05, (
        ("Klaverveld", "woonerf", 1260), ("Boterbloem", "woonerf", 1330), ("Zuringhof", "woonerf", 1210),
        ("Dotterveen", "woonerf", 1190), ("Kievitsweide", "woonerf", 1280), ("Grutto", "woonerf", 1150),
        ("Leeuwerikdal", "woonerf", 1220), ("Wulpenhoek", "vinex", 1060))),
    WijkPlan("WK900106", "Molenhoek", "midden", (-3200, 900), 1.0, (
        ("Molenpark", "villawijk", 830), ("Baronslaan", "villawijk", 740), ("Hoge Beelde", "villawijk", 690),
        ("Sterrenbos", "villawijk", 760), ("Oude Molen", "dorp", 720), ("Landgoed Wijdenes", "villawijk", 340))),
    WijkPlan("WK900107", "Zonnehof", "zuid", (-2900, -2100), 1.0, (
        ("Dageraad", "tuinstad", 1240), ("Middaghof", "tuinstad", 1310), ("Avondrood", "tuinstad", 1180),
        ("Lentebuurt", "tuinstad", 1270), ("Zomerkwartier", "tuinstad", 1220), ("Herfsthof", "tuinstad", 1190),
        ("Winterveld", "tuinstad", 1250), ("Zonnewende", "woonerf", 1040))),
    WijkPlan("WK900108", "Nieuw-Rietland", "zuid", (2900, -2200), 1.1, (
        ("Rietkraag", "vinex", 1440), ("Lisdodde", "vinex", 1380), ("Waterlelie", "vinex", 1420), ("Kalmoes", "vinex", 1350),
        ("Zegge", "vinex", 1290), ("Wolfsmelk", "vinex", 1330), ("Biezenveld", "vinex", 1410), ("Plompenblad", "vinex", 1260))),
    WijkPlan("WK900109", "Havens en Nijverheid", "midden", (3300, 1300), 0.95, (
        ("Oude Haven", "spoorzone", 190), ("Petroleumkade", "bedrijventerrein", 9), ("Containerhaven", "bedrijventerrein", 0),
        ("De Wending", "bedrijventerrein", 16), ("Spoorhoek-Oost", "bedrijventerrein", 42), ("Kranenland", "bedrijventerrein", 12),
        ("Businesspark De Loper", "bedrijventerrein", 4))),
    WijkPlan("WK900110", "Oosterlo", "noord", (4500, 3000), 0.88, (
        ("Oosterlo-Dorp", "dorp", 1190), ("Kerkakkers", "dorp", 1120), ("Oosterlo-West", "woonerf", 1210),
        ("Achter de Linden", "dorp", 890), ("Bovenweg", "dorp", 560))),
    WijkPlan("WK900111", "Buitengebied en Plassen", "zuid", (-4800, -4300), 1.0, (
        ("Recreatiepark De Plas", "vakantiepark", 430), ("Polder Westerlage", "buitengebied", 170),
        ("Lage Landen", "buitengebied", 130), ("Kwelders", "buitengebied", 14), ("Wijdewater", "buitengebied", 95))),
    WijkPlan("WK9001AA", "Beeldepark", "zuid", (-100, -4200), 0.95, (
        ("Beeldepark-Noord", "nieuwbouw", 1180), ("Vlinderhof", "nieuwbouw", 1090), ("Eilandenrijk", "nieuwbouw", 870),
        ("De Kromme Akker", "nieuwbouw", 560), ("Beeldepark fase 5", "nieuwbouw", 15))),
)  # fmt: skip

LETTERED = ("WK900104", 9)
"""The wijk and the rank of its buurt that gets letters instead of digits (`BU900104AA`)."""


def _buurten() -> tuple[BuurtPlan, ...]:
    found = []
    for number, wijk in enumerate(WIJKEN):
        for rank, (name, kind, homes) in enumerate(wijk.buurten, start=1):
            suffix = "AA" if (wijk.code, rank) == LETTERED else f"{rank:02d}"
            found.append(BuurtPlan("BU" + wijk.code[2:] + suffix, name, number, KIND[kind], homes))
    return tuple(found)


BUURTEN = _buurten()
"""The 84 buurten, in the order of their wijken; within a wijk from the city centre outwards."""
