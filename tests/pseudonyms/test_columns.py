"""Pseudonyms of whole columns: what they are, what joins and what does not."""

from __future__ import annotations

import hmac
import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.pseudonyms import PATTERN, DomainKey, are_pseudonyms, pseudonymise, read_ring

SECRET = bytes(range(32))
KEY = DomainKey("care", 1, SECRET)
RING = read_ring(f"1={SECRET.hex()}", "city", "a test")


def as_hex(pseudonym: str) -> str:
    """The bits that the letters a to p stand for."""
    return pseudonym.translate(str.maketrans("abcdefghijklmnop", "0123456789abcdef"))


@pytest.mark.parametrize(
    ("key", "message", "expected"),
    [
        (b"\x0b" * 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            b"Jefe",
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
    ],
    ids=["RFC 4231 case 1", "RFC 4231 case 2"],
)
def test_a_pseudonym_is_the_first_half_of_the_hmac_of_the_standard(
    key: bytes, message: str, expected: str
) -> None:
    found = pseudonymise(pa.array([message]), DomainKey("d", 1, key))
    assert as_hex(found[0].as_py()) == expected[:32]


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=150)), max_size=30), st.binary(min_size=32, max_size=32)
)
def test_a_column_has_the_pseudonyms_that_the_library_gives_one_by_one(
    values: list[str | None], secret: bytes
) -> None:
    found = pseudonymise(pa.array(values, pa.string()), DomainKey("d", 1, secret)).to_pylist()
    plain = [None if v is None else hmac.digest(secret, v.encode(), "sha256").hex()[:32] for v in values]
    assert [None if v is None else as_hex(v) for v in found] == plain


@given(st.lists(st.text(min_size=1, max_size=20), unique=True, min_size=2, max_size=50))
def test_different_identifiers_have_different_pseudonyms_and_the_same_has_the_same(values: list[str]) -> None:
    found = pseudonymise(pa.array(values + values), KEY).to_pylist()
    assert found[: len(values)] == found[len(values) :]
    assert len(set(found)) == len(values)


def test_in_two_domains_the_same_person_has_two_pseudonyms_and_nothing_joins() -> None:
    people = pa.array([f"{number:09}" for number in range(1_000)])
    care, police = (pseudonymise(people, RING.domain(name)).to_pylist() for name in ("care", "police"))
    assert not set(care) & set(police)
    assert care == pseudonymise(people, RING.domain("care")).to_pylist()


def test_two_projects_with_one_secret_have_no_pseudonym_in_common() -> None:
    other = read_ring(f"1={SECRET.hex()}", "other_city", "a test")
    people = pa.array(["123456782"])
    assert pseudonymise(people, RING.domain("care")) != pseudonymise(people, other.domain("care"))


def test_names_of_project_and_domain_cannot_run_into_each_other() -> None:
    secret = f"1={SECRET.hex()}"
    assert read_ring(secret, "a", "").domain("bc").secret != read_ring(secret, "ab", "").domain("c").secret


def test_the_key_of_a_domain_is_derived_as_rfc_5869_says() -> None:
    # HKDF-Expand, one block: T(1) = HMAC(PRK, info | 0x01).
    info = b"zicht pseudonyms 1\0city\0care"
    assert RING.domain("care").secret == hmac.digest(SECRET, info + b"\x01", "sha256")


def test_a_pseudonym_holds_no_digit_and_is_known_by_its_looks() -> None:
    found = pseudonymise(pa.array(["1", "2", None]), KEY)
    assert all(re.fullmatch(PATTERN, value) for value in found.to_pylist()[:2])
    assert are_pseudonyms(found).to_pylist() == [True, True, None]
    assert are_pseudonyms(pa.array(["123456782", "abc", "a" * 33, "q" * 32])).to_pylist() == [False] * 4


def test_an_empty_column_stays_empty() -> None:
    assert pseudonymise(pa.array([], pa.string()), KEY).to_pylist() == []
    assert pseudonymise(pa.nulls(3, pa.string()), KEY).to_pylist() == [None] * 3


def test_a_slice_of_a_column_has_the_pseudonyms_of_its_own_values() -> None:
    whole = pa.array([str(i) for i in range(100)])
    assert pseudonymise(whole.slice(40, 10), KEY).to_pylist() == pseudonymise(whole, KEY).to_pylist()[40:50]
