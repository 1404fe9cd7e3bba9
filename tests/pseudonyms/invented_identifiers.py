"""Identifiers of nobody, for tests: they have the right form, and are drawn at random."""

from __future__ import annotations

import random

WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def is_citizen_number(number: str) -> bool:
    """The test of eleven, digit by digit: the plain form that the vectorised one is held against."""
    digits = [int(digit) for digit in number.zfill(9)]
    return (
        8 <= len(number) <= 9
        and int(number) >= 10**7
        and sum(d * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11 == 0
    )


def citizen_numbers(count: int, seed: int = 1) -> list[str]:
    """Different numbers of nine digits that satisfy the test of eleven."""
    rng = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        number = f"9{rng.randrange(10**8):08}"
        if is_citizen_number(number):
            found[number] = None
    return list(found)


def account_numbers(count: int, seed: int = 1) -> list[str]:
    """Dutch account numbers with the right check digits (ISO 7064, mod 97-10)."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        body = "ZICH" + f"{rng.randrange(10**10):010}"
        number = int("".join(str(int(letter, 36)) for letter in body + "NL00"))
        found.append(f"NL{98 - number % 97:02}{body}")
    return found
