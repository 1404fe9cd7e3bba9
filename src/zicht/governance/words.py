"""Words, Dutch and English, by which a column tells what it holds, whatever it is called in full.

A rule is a row of beginnings of words that must all occur; `=` before one asks for the whole word. Words are those of the column's name, of its name in the delivery,
of its description and of the values it may have. A list of words can never be whole: it stands beside the declared category (`dpv`) and the classification, and its
use is that nobody passes by accident. [D] the lists are our own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

Rule = tuple[str, ...]

ORIGIN: tuple[Rule, ...] = (
    ("herkomst",), ("afkomst",), ("etnic",), ("etnisch",), ("ethnic",), ("=ras",), ("raciaal",), ("=race",), ("racial",), ("nationalit",), ("huidskleur",), ("skin", "colo"),
    ("migratieachtergrond",), ("migrat", "achtergrond"), ("migrant",), ("immigra",), ("allochto",), ("autochto",), ("geboorteland",), ("geboorteplaats",), ("land", "geboorte"),
    ("land", "herkomst"), ("birth", "country"), ("country", "birth"), ("birthcountry",), ("birthplace",), ("place", "birth"), ("=origin",), ("citizenship",), ("staatsburger",),
    ("verblijfsstatus",), ("verblijfstitel",), ("verblijfsvergunning",), ("=nat", "=code"),
)  # fmt: skip
"""Race, ethnicity, nationality and origin."""

ORIGIN_VALUES: tuple[Rule, ...] = (
    ("turks",), ("turkse",), ("marokka",), ("surinam",), ("antilli",), ("pools",), ("roemeens",), ("bulgaars",), ("syrisch",), ("eritre",), ("somali",), ("afghaan",),
    ("=westers",), ("niet", "=westers"), ("nietwesters",), ("moroccan",), ("turkish",), ("=polish",), ("romanian",), ("bulgarian",), ("syrian",), ("antillean",), ("western", "non"),
    ("migratieachtergrond",), ("allochto",), ("autochto",),
)  # fmt: skip
"""Values that only a column about origin has."""

ORIGIN_TERMS = frozenset({
    "pd:EthnicOrigin", "pd:Ethnicity", "pd:Race", "pd:Nationality", "pd:Citizenship", "pd:BirthCountry", "pd:BirthPlace", "pd:SkinTone", "pd:Accent", "pd:Dialect",
})  # fmt: skip
"""Categories of DPV-PD that are about origin."""

PROXIES: tuple[Rule, ...] = (
    ("afstand", "famil"), ("famil", "buitenland"), ("famil", "abroad"), ("relativ", "abroad"), ("distance", "famil"), ("kenteken",), ("nummerbord",), ("number", "plate"),
    ("licen", "plate"), ("laaggeletter",), ("geletterd",), ("literacy",), ("literate",), ("taalniveau",), ("taalvaardig",), ("moedertaal",), ("thuistaal",), ("mother", "tongue"),
    ("achternaam",), ("surname",), ("reizen", "buitenland"), ("geld", "buitenland"),
)  # fmt: skip
"""What stands in for origin whatever it is used for."""

PROXY_TERMS = frozenset(
    {"pd:VehicalLicenseNumber", "pd:VehicalLicenseRegistration", "pd:Language", "pd:Name"}
)

SUSPECT_PROXIES: tuple[Rule, ...] = (
    ("postcode",),
    ("postal", "code"),
    ("zip", "code"),
    ("inkomen",),
    ("=income",),
    ("salaris",),
    ("uitkering",),
)
"""What stands in for origin where offences or fraud are looked at."""

SUSPECT_PROXY_TERMS = frozenset({"pd:PostalCode", "pd:Income", "pd:IncomeBracket", "pd:Salary"})

GROUNDS: Mapping[str, tuple[Rule, ...]] = {
    "godsdienst": (("godsdienst",), ("religi",), ("=geloof",), ("geloofs",), ("levensbeschouw",), ("kerkelijk",), ("moslim",), ("islam",), ("joods",), ("jewish",), ("muslim",), ("=faith",), ("=church",)),
    "politieke gezindheid": (("politiek", "partij"), ("politiek", "gezind"), ("politiek", "opvatting"), ("political",), ("stemgedrag",), ("vakbond",), ("vakvereniging",), ("trade", "union")),
    "gezondheid": (
        ("gezondheid",), ("=ziek",), ("ziekte",), ("diagnos",), ("medisch",), ("medici",), ("handicap",), ("beperking",), ("verslav",), ("zwanger",), ("=ggz",), ("=wmo",),
        ("=health",), ("illness",), ("disease",), ("disab",), ("medical",), ("addict",), ("pregnan",),
    ),
    "seksuele gerichtheid": (("seksue",), ("geaardheid",), ("=homo",), ("lhbt",), ("=lgbt",), ("sexual",), ("homosex",)),
    "genetische of biometrische gegevens": (("geneti",), ("biometri",), ("=dna",)),
}  # fmt: skip
"""Protected grounds of AVG art. 9 beside origin, by their name: never a characteristic of a group."""

GROUND_TERMS: Mapping[str, frozenset[str]] = {
    "godsdienst": frozenset({"pd:Religion", "pd:ReligiousBelief", "pd:PhilosophicalBelief"}),
    "politieke gezindheid": frozenset({"pd:PoliticalAffiliation", "pd:PoliticalOpinion", "pd:TradeUnionMembership"}),
    "gezondheid": frozenset({"pd:Health", "pd:MedicalHealth", "pd:MentalHealth", "pd:PhysicalHealth", "pd:Disability", "pd:HealthHistory", "pd:HealthRecord", "pd:FamilyHealthHistory", "pd:IndividualHealthHistory", "pd:Prescription"}),
    "seksuele gerichtheid": frozenset({"pd:SexualPreference", "pd:Sexual", "pd:SexualHistory", "pd:Fetish"}),
    "genetische of biometrische gegevens": frozenset({"pd:Genetic", "pd:Biometric", "pd:DNACode"}),
}  # fmt: skip
"""Categories of DPV-PD that are about such a ground."""

SEX: tuple[Rule, ...] = (("geslacht",), ("sekse",), ("gender",), ("=sex",))
"""Sex and gender: a characteristic only where somebody wrote down why."""

FREE_TEXT: tuple[Rule, ...] = (
    ("notitie",), ("opmerking",), ("toelichting",), ("=memo",), ("vrij", "tekst"), ("vrijetekst",), ("aantekening",), ("verslag",), ("free", "text"), ("freetext",), ("=note",), ("notes",),
    ("remark",), ("comment",), ("observatie",), ("indruk",), ("dagrapport",), ("casusomschrijving",), ("impression",),
)  # fmt: skip
"""Texts that somebody wrote about somebody."""

SCORE: tuple[Rule, ...] = (
    ("score",), ("risico",), ("=risk",), ("riskscore",), ("voorspel",), ("predict",), ("waarschijnlijk",), ("probabil",), ("likelihood",), ("=kans",), ("fraudekans",), ("recidivekans",),
    ("risicoprofiel",), ("puntentotaal",), ("verdenkingsgraad",), ("verdachtheid",),
)  # fmt: skip
"""Numbers that judge a person."""


def words_of(*texts: str) -> tuple[str, ...]:
    """The words in some texts: small letters, without accents; names are cut at underscores, digits and capitals.

    Args:
        texts: names and descriptions.
    """
    found: list[str] = []
    for text in texts:
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
        found += re.findall(r"[a-z]+", plain.lower())
    return tuple(found)


def spoken(words: Iterable[str], rules: Iterable[Rule]) -> str | None:
    """The first of some rules that words keep to.

    Args:
        words: as `words_of` gives them.
        rules: which beginnings must occur together.

    Returns:
        The rule as text; None where no rule fits.
    """
    known = tuple(words)
    for rule in rules:
        if all(any(_fits(word, stem) for word in known) for stem in rule):
            return " ".join(stem.removeprefix("=") for stem in rule)
    return None


def _fits(word: str, stem: str) -> bool:
    return word == stem[1:] if stem.startswith("=") else word.startswith(stem)
