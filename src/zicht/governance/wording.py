"""Whether a title speaks of areas and groups, or judges persons by them (the ecological fallacy).

That there are more suspects where more young people live says nothing about any young person: Robinson, W.S. (1950), Ecological correlations and the behavior of
individuals, American Sociological Review 15(3), 351-357. A list of phrases can never be whole; its use is that nobody passes by accident. [D] the lists are our own.
"""

from __future__ import annotations

import re
import unicodedata

_PEOPLE_NL = "mensen|personen|inwoners|bewoners|buurtbewoners|jongeren|jongens|kinderen|gezinnen|huishoudens|mannen|vrouwen|burgers"
_ONE_NL = "iemand|mens|persoon|inwoner|bewoner|jongere|kind|gezin|huishouden|burger"
_PEOPLE_EN = "people|persons|individuals|inhabitants|residents|youths|young people|children|families|households|men|women|citizens"
_ONE_EN = "someone|somebody|anyone|person|individual|inhabitant|resident|youth|child|family|household|citizen"

_DUTCH = (
    rf"\b(?:welke|wat voor|zulke|dit soort|wie zijn de) (?:{_PEOPLE_NL})\b",
    rf"\b(?:wie|{_PEOPLE_NL}|{_ONE_NL})(?: die)? (?:daar|hier|er|in deze \w+|in die \w+) (?:woont|wonen)\b",
    rf"\b(?:kans|risico|waarschijnlijkheid) (?:dat|van|bij) (?:een |de |het |elke |elk )?(?:{_ONE_NL})\b",
    rf"\b(?:{_PEOPLE_NL}|{_ONE_NL}) (?:is|zijn|wordt|worden|plegen|pleegt) (?:vaker|eerder|meestal|waarschijnlijk|verdachte?|crimineel|misdrijven|een misdrijf)\b",
    r"\b(?:dader|fraudeur|crimineel|oplichter|veelpleger|overlastgever|uitkeringstrekker|profiteur)(?:s|en)?\b",
    r"\bcriminelen\b",
    rf"\b(?:risico|probleem|verdachte? )[- ]?(?:{_PEOPLE_NL}|{_ONE_NL}|adres|adressen)\b",
    r"\b(?:dader|verdachten?|persoons|risico)[- ]?profiel(?:en)?\b",
    r"\bvoorspel\w* (?:dader|daders|wie|verdachten?|gedrag)\b",
)
_ENGLISH = (
    rf"\b(?:which|what kind of|what sort of|such) (?:{_PEOPLE_EN})\b",
    rf"\b(?:those|whoever|{_PEOPLE_EN}|{_ONE_EN})(?: who)? lives? (?:there|here|in this \w+|in that \w+)\b",
    rf"\b(?:chance|risk|probability|likelihood) (?:that|of|for) (?:an? |the |any |each )?(?:{_ONE_EN})\b",
    rf"\b(?:{_PEOPLE_EN}|{_ONE_EN}) (?:is|are|commits?|becomes?) (?:more |less |often |usually |probably )?(?:likely|often|suspects?|criminal|crimes?|an offence|offences)\b",
    r"\b(?:offender|perpetrator|fraudster|culprit|crook|troublemaker|scrounger)s?\b",
    r"\bcriminals\b",
    rf"\b(?:at[- ]risk|risk|problem|suspicious) (?:{_PEOPLE_EN}|{_ONE_EN}|address|addresses)\b",
    r"\b(?:offender|suspect|person|personal|risk) profiles?\b",
    r"\bpredict\w* (?:who|offenders?|suspects?|behaviou?r)\b",
)
_PHRASES = re.compile("|".join(f"(?:{phrase})" for phrase in (*_DUTCH, *_ENGLISH)))


def judges_persons(text: str) -> str | None:
    """The first phrase in which a text speaks of persons where only areas or groups are known.

    Args:
        text: a title or sentence, Dutch or English.

    Returns:
        The phrase; None where there is none.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    found = _PHRASES.search(" ".join(plain.split()))
    return found.group() if found is not None else None
