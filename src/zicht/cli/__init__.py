"""The `zicht` command: parse, call one function, show progress and errors."""

from zicht.cli.app import app, main

__all__ = ["app", "main"]
