"""Compiled functions: kept on disk for as long as the code is what it was, and given records by address.

What imports this room loads numba, so only modules of compiled functions do, and those are loaded when first needed.
"""

from zicht.compiled.cached import compiled
from zicht.compiled.lent import lend
from zicht.compiled.memory import LINE, ask_for

__all__ = ["LINE", "ask_for", "compiled", "lend"]
