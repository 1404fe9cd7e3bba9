"""The `zicht` command: parse, call one function, show progress and errors."""

import gc
import sys

INTERRUPTED = 130
"""The exit code of a run that was stopped from the keyboard."""

__all__ = ["INTERRUPTED", "main"]


def main() -> None:
    """Run the command. Loading it takes a second, in which it can be stopped without a traceback too."""
    try:
        # What is loaded stays: to look through it for garbage, again and again, would take a fifth of that second.
        gc.disable()
        from zicht.cli.app import run

        gc.enable()
        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
