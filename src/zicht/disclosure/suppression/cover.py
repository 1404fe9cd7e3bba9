"""Secondary suppression: which further cells to hide so that the primary ones cannot be recomputed."""

from __future__ import annotations

from zicht.disclosure.suppression.layered import cover

__all__ = ["cover"]
