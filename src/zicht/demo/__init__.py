"""Voorbeeldstad: an invented gemeente to show and test Zicht with, and the project folders that come with Zicht.

`generate` writes its deliveries and the truth about what was planted in them. Nobody in it exists.
"""

from zicht.demo.generation import generate
from zicht.demo.scaffold import new_project, voorbeeldstad
from zicht.demo.truth import DeliveredFile, Pattern, Truth

__all__ = ["DeliveredFile", "Pattern", "Truth", "generate", "new_project", "voorbeeldstad"]
