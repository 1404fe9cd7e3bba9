"""Names that people write: of what is not declared, with the one that was probably meant, and of files that lie elsewhere."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

from zicht.errors import Place, Problem


def unknown(place: Place, kind: str, name: str, known: Iterable[str]) -> Problem:
    """The problem with a name that is not declared.

    Args:
        place: where the name stands.
        kind: what it names, such as `register`.
        name: the name.
        known: the names that are declared.
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    remedy = (
        f"Did you mean `{near[0]}`?"
        if near
        else f"Known: {', '.join(names[:12]) or 'none'}{' …' if len(names) > 12 else ''}."
    )
    return Problem(place, f"{kind} `{name}` is not declared.", remedy)


def inside(root: Path, file: str, place: Place) -> Iterator[Problem]:
    """The problem with the path of a file that does not lie in the folder it must be in.

    Args:
        root: the folder.
        file: the path, as it was written.
        place: where it was written.

    Yields:
        The problem, where there is one.
    """
    if (
        "\0" in file
        or not file.strip()
        or Path(file).is_absolute()
        or not (root / file).resolve().is_relative_to(root)
    ):
        yield Problem(
            place,
            f"`{file}` lies outside the folder it must be in.",
            "Write a path inside it, without `..` or a leading slash.",
        )
