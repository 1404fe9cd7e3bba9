"""Voorbeeldstad: an invented gemeente to show and test Zicht with.

`generate` writes its deliveries and the truth about what was planted in them. Nobody in it exists.
"""

from zicht.demo.generation import generate
from zicht.demo.truth import DeliveredFile, Pattern, Truth

__all__ = ["DeliveredFile", "Pattern", "Truth", "generate"]
