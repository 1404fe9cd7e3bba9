"""Street names for Voorbeeldstad: invented combinations that sound like Dutch streets, and wholly invented people."""

from __future__ import annotations

from functools import cache

_FIRST = (
    "Klaproos", "Wilgen", "Merel", "Lijster", "Kastanje", "Molen", "Kerk", "Dorps", "Haven", "Spoor", "Linden", "Beuken",
    "Eiken", "Vlier", "Zwaluw", "Reiger", "Tulpen", "Rozen", "Korenbloem", "Meidoorn", "Sleutelbloem", "Veen", "Polder",
    "Zandoog", "Koning", "Prinsen", "Schippers", "Timmermans", "Wevers", "Smids", "Bakkers", "Brouwers", "Visser",
    "Leeuwerik", "Kwartel", "Fazanten", "Gruttogras", "Orchidee", "Lavendel", "Tijm", "Salie", "Munt", "Gagel",
    "Turf", "Klei", "Water", "Sluis", "Brug", "Waag", "Torenval", "Klokken", "Lantaarn", "Spiegel", "Zilver", "Koper",
    "Saffier", "Robijn", "Barnsteen", "Passer", "Kompas", "Anker", "Roer", "Zeil", "Kabel", "Dissel", "Ploeg", "Eg",
    "Zeis", "Garven", "Haver", "Gerst", "Rogge", "Boekweit", "Vlas", "Hennep", "Weide", "Beemd", "Akker", "Es",
)  # fmt: skip
_SECOND = (
    "straat",
    "laan",
    "weg",
    "pad",
    "hof",
    "plein",
    "singel",
    "dreef",
    "kade",
    "gaarde",
    "steeg",
    "erf",
)
_PEOPLE = (
    "Aaltje Verbeeld", "Hendrik Voorbeelt", "Mina ter Plas", "Gerrit Beeldeman", "Teunisje Oosterlo", "Klaas Rietland",
    "Wobbe Hazelaar", "Fenna Wijdewater", "Jacoba Kromakker", "Doeke van Weerd", "Truida Kattenpoort", "Siebe Lakenhal",
)  # fmt: skip


@cache
def street_names() -> tuple[str, ...]:
    """All street names, each once."""
    plain = [f"{first}{second}" for second in _SECOND for first in _FIRST]
    people = [f"{person}{second}" for person in _PEOPLE for second in ("straat", "laan", "plein")]
    return tuple(plain + people)
