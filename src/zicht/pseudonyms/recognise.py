"""Columns that identify persons, known by their values and not by what they are called.

A delivery is refused where a column holds citizen numbers, e-mail addresses, telephone numbers, account numbers or names and its contract does not
say so. One value says nothing: of all numbers of nine digits, one in eleven satisfies the test of eleven. So a column is judged by the share of
its different values that fit, of at least twenty.

Names have no form that can be checked. They are known by initials (`J. de Vries`, `Vries, J.`), by a prefix (`van der Berg`), or by a list of frequent
Dutch given names and surnames; what ends like a street or an organisation is no name. Such a list holds a part of all people only, so a smaller share
of rows will do, counted by rows: rare names are many and each is one row's.

Source of the test of eleven: the weights 9 … 2 and -1 of the Dutch *elfproef* (Logisch Ontwerp BSN); 8 digits stand for 9 with a zero.
Source of the check digits of account numbers: ISO 13616 and ISO 7064, mod 97-10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.pseudonyms.columns import are_pseudonyms

MIN_VALUES = 20
"""Fewer different values than this say too little about whether they identify somebody."""

MIN_SHARE = 0.5
"""From this share of its different values on a column is taken to hold citizen numbers, e-mail addresses and the like."""

MIN_NAMES = 0.3  # share of rows; the lists hold about half of the people in the Netherlands
BLOCK = 1_000  # different values from which one batch alone tells enough
_KEPT = 10_000  # different values of a column that are known again in later batches; columns with more hold few of any value
_FEWEST = 10**7  # a citizen number has 8 or 9 digits
_MOST = 10**9
_ACCOUNTS_TRIED = 2_000

KINDS: Mapping[str, str] = {
    "citizen": "citizen numbers (test of eleven)",
    "email": "e-mail addresses",
    "account": "account numbers",
    "phone": "telephone numbers",
    "name": "names of persons",
}
"""What a column can be found to hold, and how it is called in messages."""

_EIGHT_DIGITS = r"[0-9](?:[ .\-/()]{0,2}[0-9]){7}"
_LETTERS = r"^[\p{L}'][^0-9@_/]{1,79}$"
_SIGNS = r"[ .\-/]"
_NUMBER = r"(?:^|[^0-9])(?P<n>[0-9]{8,9})(?:[^0-9]|$)"
_EMAIL = r"(?:^|[\s<,;:\"(])[^@\s<>,;]+@[^@\s<>,;]+\.[a-zA-Z]{2,}(?:$|[\s>,;)\"])"
_PHONE = r"^\(?(?:(?:\+|00)?31\)?[-\s]*(?:\(0\))?|0)[-\s()]*[1-9](?:[-\s()]*[0-9]){8}$"
_ACCOUNT = r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"
_PREFIX = r"(?:van|de|der|den|van de|van der|van den|van 't|in 't|ter|ten|te|op de|el|al|von|la|le|du|da|dos)"
_WORD = r"\p{Lu}[\p{L}'’\-]+"
_INITIALS = rf"^(?:(?:dhr|mevr|mw|de heer|mevrouw)\.? )?(?:\p{{Lu}}\. ?){{1,6}}(?:{_PREFIX} )?{_WORD}(?: {_WORD})?$|^{_WORD}(?: {_WORD})?, ?(?:{_PREFIX},? ?)?(?:\p{{Lu}}\. ?){{1,6}}(?:{_PREFIX})?$"
_PREFIXED = rf"^{_PREFIX} {_WORD}$|^{_WORD}, ?{_PREFIX}$"
_NO_NAME = (
    r"(?i)(?:straat|laan|weg|plein|kade|hof|pad|gracht|singel|dreef|park|plantsoen|markt|steeg|dijk|brug|school|huis|kerk|college|wijk|buurt|polder|"
    r"eiland|haven|tuin|veld|oord|centrum| b\.?v\.?| v\.?o\.?f\.?| n\.?v\.?|stichting|vereniging|zorg| en zn\.?| & .*)(?: [0-9].*)?$|^(?:stichting|vereniging) "
)
# Values that tell who somebody is, also alone: what is shown of a refused row holds none of them.
_TELLING = r"@|(?:^|[^0-9])(?:[0-9]{9}|[0-9]{3}[ .][0-9]{3}[ .][0-9]{3}|[0-9]{4}[ .][0-9]{2}[ .][0-9]{3})(?:[^0-9]|$)|[A-Z]{2}[0-9]{2} ?[A-Z]{4}[0-9 ]{7}"


class Recogniser:
    """Looks at columns batch by batch, and tells which of them identify persons."""

    def __init__(self) -> None:
        self._known: dict[str, pa.Array] = {}
        self._distinct: dict[str, int] = {}
        self._rows: dict[str, int] = {}
        self._hits: dict[tuple[str, str], int] = {}
        self._found: dict[str, str] = {}

    def add(self, name: str, values: pa.Array) -> None:
        """Look at a batch.

        Args:
            name: of the column.
            values: texts or numbers; other types tell nothing, and nor do nulls.
        """
        if name in self._found or not _is_looked_at(values.type):
            return
        counted = pc.value_counts(values.drop_null())
        distinct, counts = counted.field("values"), counted.field("counts")
        if not len(distinct):
            return
        rows = int(pc.sum(counts).as_py())
        fresh = self._fresh(name, distinct)
        self._distinct[name] = self._distinct.get(name, 0) + len(fresh)
        self._rows[name] = self._rows.get(name, 0) + rows
        named = _rows_with_names(distinct, counts)
        for kind, hits in (*_hits(fresh).items(), ("name", named)):
            of, least = (rows, MIN_NAMES) if kind == "name" else (len(fresh), MIN_SHARE)
            enough = len(distinct) if kind == "name" else len(fresh)
            self._hits[name, kind] = self._hits.get((name, kind), 0) + hits
            whole = self._rows[name] if kind == "name" else self._distinct[name]
            many = self._distinct[name] >= MIN_VALUES and self._hits[name, kind] >= least * whole
            if many or (enough >= BLOCK and hits >= least * of):
                self._found[name] = kind
                return

    def _fresh(self, name: str, distinct: pa.Array) -> pa.Array:
        """The values that no batch before had; so a column counts each value once, wherever its batches begin."""
        known = self._known.get(name)
        fresh = distinct if known is None else distinct.filter(pc.invert(pc.is_in(distinct, known)))
        kept = fresh.slice(0, _KEPT - (0 if known is None else len(known)))
        self._known[name] = kept if known is None else pa.concat_arrays([known, kept])
        return fresh

    def found(self) -> Mapping[str, str]:
        """The columns that identify persons, each with the kind of `KINDS` that it holds."""
        return dict(self._found)


def _is_looked_at(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _hits(distinct: pa.Array) -> dict[str, int]:
    """How many of these different values fit each kind but names."""
    if not pa.types.is_string(distinct.type):
        numbers = _whole(distinct)
        return {
            "citizen": int(satisfies_eleven(numbers).sum()),
            "phone": int(_are_long_phones(numbers).sum()),
        }
    lengths = pc.utf8_length(distinct)
    long = distinct.filter(pc.and_(pc.greater_equal(lengths, 8), pc.less(lengths, 200)))
    # Most columns hold nothing of the kind; one look tells that, and the dear patterns are tried on what is left.
    digits = pc.ascii_is_decimal(long)
    plain = long.filter(digits)
    mixed = long.filter(pc.invert(digits))
    mixed = mixed.filter(pc.match_substring_regex(mixed, _EIGHT_DIGITS))
    mailed = long.filter(pc.match_substring(long, "@"))
    return {
        "citizen": _eleven_in(plain) + _eleven_in(pc.replace_substring_regex(mixed, _SIGNS, "")),
        "email": _matching(mailed, _EMAIL),
        "account": _accounts(pc.replace_substring_regex(mixed, _SIGNS, "")),
        "phone": _matching(plain, _PHONE) + _matching(mixed, _PHONE),
    }


def _rows_with_names(distinct: pa.Array, counts: pa.Array) -> int:
    """In how many rows of a batch a name stands; a name is counted as often as it occurs."""
    if not pa.types.is_string(distinct.type):
        return 0
    letters = pc.match_substring_regex(distinct, _LETTERS)
    named = _are_names(distinct.filter(letters))
    return int(pc.sum(counts.filter(letters).filter(named)).as_py() or 0)


def _eleven_in(values: pa.Array) -> int:
    sized = values.filter(pc.less(pc.utf8_length(values), 100))
    if pc.all(pc.ascii_is_decimal(sized)).as_py():
        lengths = pc.utf8_length(sized)
        found = sized.filter(pc.and_(pc.greater_equal(lengths, 8), pc.less_equal(lengths, 9)))
    else:
        found = pc.struct_field(pc.extract_regex(sized, _NUMBER), 0).drop_null()
    return int(satisfies_eleven(found.cast(pa.int64()).to_numpy()).sum())


def _matching(values: pa.Array, pattern: str) -> int:
    return int(pc.sum(pc.match_substring_regex(values, pattern)).as_py() or 0)


def _whole(values: pa.Array) -> npt.NDArray[np.int64]:
    numbers = values.to_numpy(zero_copy_only=False)
    if numbers.dtype.kind == "f":
        numbers = numbers[np.isfinite(numbers) & (np.abs(numbers) < 2**53)]
        numbers = numbers[numbers == np.floor(numbers)]
    return np.asarray(numbers, np.int64)


def satisfies_eleven(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which numbers satisfy the test of eleven for citizen numbers.

    Args:
        numbers: whole numbers, without zeros in front.

    Returns:
        A boolean for each; numbers of other than 8 or 9 digits never do.
    """
    rest = np.array(numbers, np.int64)
    fits = (rest >= _FEWEST) & (rest < _MOST)
    total = -(rest % 10)
    for weight in range(2, 10):
        rest //= 10
        total += weight * (rest % 10)
    return np.asarray(fits & (total % 11 == 0))


def _are_long_phones(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Numbers as +31 with nine digits, of which the first is no zero."""
    return np.asarray((numbers >= 31_100_000_000) & (numbers < 32_000_000_000))


def _accounts(bare: pa.Array) -> int:
    upper = pc.utf8_upper(bare)
    like = upper.filter(pc.match_substring_regex(upper, _ACCOUNT))
    tried = like.slice(0, _ACCOUNTS_TRIED).to_pylist()
    right = sum(map(_is_account, tried))
    return round(right * len(like) / len(tried)) if tried else 0


def _is_account(tidy: str) -> bool:
    return int("".join(str(int(letter, 36)) for letter in tidy[4:] + tidy[:4])) % 97 == 1


def _are_names(values: pa.Array) -> pa.Array:
    given, surnames = _names()
    place = pc.match_substring_regex(values, _NO_NAME)
    words = pc.utf8_lower(values)
    first = pc.struct_field(pc.extract_regex(words, r"^(?P<w>[\p{L}]+)"), 0)
    alone = pc.match_substring_regex(values, rf"^{_WORD}$")
    known = pc.or_(
        pc.is_in(first, given),
        pc.and_(alone, pc.is_in(first, surnames)),
    )
    form = pc.or_(pc.match_substring_regex(values, _INITIALS), pc.match_substring_regex(values, _PREFIXED))
    begins = pc.match_substring_regex(values, r"^\p{Lu}")
    fits = pc.or_(pc.and_(begins, known), form)
    return pc.fill_null(pc.and_(pc.invert(place), fits), False)


@cache
def _names() -> tuple[pa.Array, pa.Array]:
    text = resources.files("zicht.pseudonyms").joinpath("names.txt").read_text("utf-8")
    parts: dict[str, list[str]] = {"given": [], "surname": []}
    into: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            into = parts[line.strip("[]")]
        elif not line.startswith("#"):
            into.extend(line.split())
    return pa.array(parts["given"], pa.string()), pa.array(parts["surname"], pa.string())


def cells_that_identify(values: pa.Array) -> pa.Array:
    """Which single values look as if they tell who somebody is, and so are shown nowhere.

    Stricter than a column is judged, for there is no column to judge by: what has the form of an e-mail address, a telephone or account number, a
    pseudonym or a number of nine digits counts, and of numbers of eight digits those that satisfy the test of eleven.

    Args:
        values: a string column.

    Returns:
        A boolean for each value, false for a null.
    """
    tells = pc.or_(pc.match_substring_regex(values, _TELLING), pc.match_substring_regex(values, _PHONE))
    number = pc.struct_field(pc.extract_regex(values, _NUMBER), 0)
    eleven = satisfies_eleven(pc.fill_null(number.cast(pa.int64()), 0).to_numpy(zero_copy_only=False))
    return pc.fill_null(pc.or_(pc.or_(tells, pa.array(eleven)), are_pseudonyms(values)), False)


def kind_of(values: Iterable[str]) -> str | None:
    """What a column with these values holds.

    Args:
        values: all values, or enough of them.

    Returns:
        A kind of `KINDS`; None where it identifies nobody, or where there are too few values to tell.
    """
    recogniser = Recogniser()
    recogniser.add("", pa.array(list(values), pa.string()))
    return recogniser.found().get("")
