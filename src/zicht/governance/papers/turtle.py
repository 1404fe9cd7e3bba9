"""A graph without blank nodes as Turtle (RDF 1.1), from expanded JSON-LD.

rdflib reads and writes both, and takes two seconds for the catalogue of a hundred data sets, at the end of every site, while nothing else can
be done; and it numbers the prefixes it does not know in another order every time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import cast

from rdflib import DCAT, DCTERMS, FOAF, RDFS, XSD

from zicht.governance.papers.dcat import ADMS, DCATAP, SPDX, VCARD

_PREFIXES = {
    "adms": ADMS, "dcat": DCAT, "dcatap": DCATAP, "dcterms": DCTERMS, "foaf": FOAF, "rdfs": RDFS, "spdx": SPDX,
    "vcard": VCARD, "xsd": XSD,
}  # fmt: skip
_SPACES = {str(space): prefix for prefix, space in _PREFIXES.items()}
_LOCAL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NEVER = re.compile(r'[\x00-\x20<>"{}|^`\\]')
"""What may not stand in the address of a node."""


def turtle(nodes: Sequence[Mapping[str, object]]) -> str:
    """The nodes of a graph as Turtle, in their order.

    Args:
        nodes: expanded JSON-LD, flat: each has an `@id`, and its values are addresses, strings, or strings with a language or a type.
    """
    head = "".join(f"@prefix {prefix}: <{space}> .\n" for prefix, space in _PREFIXES.items())
    return head + "".join(map(_node, nodes))


def _node(node: Mapping[str, object]) -> str:
    said = " ;\n    ".join(_said(node))
    return f"\n{_address(str(node['@id']))} {said} .\n"


def _said(node: Mapping[str, object]) -> Iterator[str]:
    """What is said of a node: a predicate with its objects at a time."""
    kinds = cast("Sequence[str]", node.get("@type", ()))
    if kinds:
        yield f"a {', '.join(map(_address, kinds))}"
    for predicate, values in node.items():
        if values and not predicate.startswith("@"):
            objects = map(_object, cast("Sequence[Mapping[str, str]]", values))
            yield f"{_address(predicate)} " + ",\n        ".join(objects)


def _object(value: Mapping[str, str]) -> str:
    if "@id" in value:
        return _address(value["@id"])
    # What JSON escapes in a string, Turtle escapes alike.
    text = json.dumps(value["@value"], ensure_ascii=False)
    if "@language" in value:
        return f"{text}@{value['@language']}"
    return f"{text}^^{_address(value['@type'])}" if "@type" in value else text


@cache
def _address(address: str) -> str:
    """An address, by its prefix where it has one."""
    cut = max(address.rfind("#"), address.rfind("/")) + 1
    prefix = _SPACES.get(address[:cut])
    if prefix is not None and _LOCAL.fullmatch(address, cut):
        return f"{prefix}:{address[cut:]}"
    return f"<{_NEVER.sub(_escaped, address)}>"


def _escaped(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign[0]):04X}"
