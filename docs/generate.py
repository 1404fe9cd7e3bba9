"""Makes the reference from the code and from the spec tests, in docs/reference/generated; `make docs` runs it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from generators import api, command, declarations, rules, spec, states

TO = Path(__file__).resolve().parent / "reference" / "generated"


def pages() -> Iterator[tuple[str, str]]:
    """Every page of the reference that is made: name and text."""
    return chain(
        declarations.pages(), command.pages(), rules.pages(), states.pages(), api.pages(), spec.pages()
    )


def main() -> None:
    """Write the pages that changed and remove those that are made no more."""
    made = dict(pages())
    TO.mkdir(parents=True, exist_ok=True)
    for path in TO.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        path = TO / name
        # A page that did not change keeps its date, so that Sphinx reads it from its cache.
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
