"""Voorbeeldstad: an invented gemeente to show and test Zicht with, and the project folders that come with Zicht.

`generate` writes its deliveries and the truth about what was planted in them. Nobody in it exists. `packs` are phenomena of it that any
project can take over.
"""

from zicht.demo.generation import generate
from zicht.demo.packs import Added, Pack, add_pack, packs
from zicht.demo.scaffold import new_project, voorbeeldstad
from zicht.demo.truth import DeliveredFile, Pattern, Truth

__all__ = [
    "Added",
    "DeliveredFile",
    "Pack",
    "Pattern",
    "Truth",
    "add_pack",
    "generate",
    "new_project",
    "packs",
    "voorbeeldstad",
]
