"""JSON Schema of every kind of declaration, so that editors complete and check while people write."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from zicht.declare.algorithms import AlgorithmFile
from zicht.declare.base import Declared
from zicht.declare.contract import odcs_schema
from zicht.declare.models import IndicatorsFile, ProductFile, ProjectFile, SourceFile
from zicht.declare.papers import KeptPaper
from zicht.declare.purposes import PurposeFile

MODELS: Mapping[str, type[Declared]] = MappingProxyType(
    {
        "project": ProjectFile,
        "sources": SourceFile,
        "indicators": IndicatorsFile,
        "products": ProductFile,
        "purposes": PurposeFile,
        "algorithms": AlgorithmFile,
        "papers": KeptPaper,
    }
)


def json_schema(kind: str) -> Mapping[str, object]:
    """The JSON Schema of one kind of file.

    Args:
        kind: `project` (zicht.yaml), `sources`, `registers`, `indicators`, `products`, `purposes`, `algorithms` or `papers`.

    Raises:
        KeyError: there is no such kind.
    """
    if kind == "registers":
        return odcs_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **MODELS[kind].model_json_schema(by_alias=True),
    }


KINDS = ("project", "sources", "registers", "indicators", "products", "purposes", "algorithms", "papers")
"""The kinds of declarations, each with a JSON Schema."""
