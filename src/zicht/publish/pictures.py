"""Drawings that become pictures (PNG), and the letters that these and all paper are set in.

Typst (<https://typst.app>) draws them as it sets the profiles on paper: with letters of our own and those that it brings, and none of
the machine. So a picture is the same bytes everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import metadata, resources
from pathlib import Path

import typst

from zicht.engine import digest_of
from zicht.errors import ZichtError

_POINTS = 96.0
"""Dots an inch at which one pixel of a picture is one of its drawing."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that becomes a PNG, set in our own letters only; the same drawing gives the same bytes.

    Drawing takes its time, so what a picture would be made of can be told without it.

    Attributes:
        svg: an SVG document that needs no style sheet.
        zoom: pixels of the picture to one of the drawing.
    """

    svg: str
    zoom: float = 1.0

    @property
    def digest(self) -> str:
        """Of all that the bytes of the PNG follow from."""
        return digest_of([self.svg, self.zoom, _tools()])

    def png(self) -> bytes:
        """The PNG.

        Raises:
            ZichtError: the drawing has not one page.
        """
        png = _drawer().compile(format="png", ppi=_POINTS * self.zoom, sys_inputs={"drawing": self.svg})
        if not isinstance(png, bytes):
            raise ZichtError("A drawing must become one picture.")
        return png


@cache
def letters() -> typst.Fonts:
    """Our letters, and those that Typst brings where ours lack a sign."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(_fonts())])


@cache
def _drawer() -> typst.Compiler:
    return typst.Compiler(str(_sheet()), font_paths=letters())


@cache
def _tools() -> str:
    """Digest of what a picture is made with besides its drawing: the program, the sheet and the letters."""
    files = [_sheet(), *sorted(_fonts().glob("*.ttf"))]
    return digest_of([metadata.version("typst"), [sha256(file.read_bytes()).hexdigest() for file in files]])


def _fonts() -> Path:
    return Path(str(resources.files("zicht.publish") / "fonts"))


def _sheet() -> Path:
    return Path(str(resources.files("zicht.publish") / "paper" / "picture.typ"))
