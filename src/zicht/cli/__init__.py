"""The `zicht` command: parse, call one function, show progress and errors."""

import sys

INTERRUPTED = 130
"""The exit code of a run that was stopped from the keyboard."""

__all__ = ["INTERRUPTED", "main"]


def main() -> None:
    """Run the command. Loading it takes a second, in which it can be stopped without a traceback too."""
    try:
        from zicht.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
