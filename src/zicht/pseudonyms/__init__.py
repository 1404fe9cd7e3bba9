"""Pseudonyms: keyed, a key a domain; where the secret is kept; and how identifiers are known by their looks."""

from zicht.pseudonyms.columns import PATTERN, are_pseudonyms, pseudonymise
from zicht.pseudonyms.kept import Kept, KeyPlace, SecretManager, inside_project
from zicht.pseudonyms.keys import DomainKey, KeyRing, SecretError, read_ring
from zicht.pseudonyms.recognise import KINDS, Recogniser, cells_that_identify, kind_of

__all__ = [
    "KINDS",
    "PATTERN",
    "DomainKey",
    "Kept",
    "KeyPlace",
    "KeyRing",
    "Recogniser",
    "SecretError",
    "SecretManager",
    "are_pseudonyms",
    "cells_that_identify",
    "inside_project",
    "kind_of",
    "pseudonymise",
    "read_ring",
]
