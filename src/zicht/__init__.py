"""Zicht: from register to figures about areas that are safe to publish."""

__version__ = "0.1.0"
