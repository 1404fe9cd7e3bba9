"""How a site looks: the house style that a release brings, as custom properties in front of the stylesheet.

The tokens and the stylesheet are one file, so that a page asks for one. Names follow NL Design System: `--zicht-color-ink-soft`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Literal, cast

from pydantic import TypeAdapter, ValidationError

from zicht.declare import HouseStyle, Palette, Site, shipped_style
from zicht.errors import ZichtError
from zicht.publish.assets import Asset, assets

Scheme = Literal["auto", "light", "dark"]
_FALLBACK = {"Source Sans 3": '"Source Sans 3 stand-in"', "Source Serif 4": '"Source Serif 4 stand-in"'}
"""The system fonts that stand in at the same widths (see `frontend/styles/fonts.css`)."""
_FILES = {
    "Source Sans 3": {900: "source-sans-3-latin-wght-normal.woff2"},
    "Source Serif 4": {
        499: "source-serif-4-latin-400-normal.woff2",
        650: "source-serif-4-latin-600-normal.woff2",
        900: "source-serif-4-latin-700-normal.woff2",
    },
}
"""The file of a typeface for weights up to some weight, as `frontend/styles/lib/fonts.css` divides them."""
_PLAIN = 400
_SYSTEM = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif'


@dataclass(frozen=True)
class Look:
    """How the site of a release looks.

    Attributes:
        style: the house style.
        scheme: light, dark, or as the reader's device asks.
        background: whether a reader may put the map of PDOK under a map.
    """

    style: HouseStyle
    scheme: Scheme
    background: bool

    @property
    def schemes(self) -> str:
        """What the browser should know before the stylesheet is there."""
        return "light dark" if self.scheme == "auto" else self.scheme

    @property
    def fonts(self) -> tuple[str, ...]:
        """The names of the font files that every page needs."""
        letters = self.style.letters
        return _files((letters.body, _PLAIN), (letters.head, letters.weight))

    @property
    def story_fonts(self) -> tuple[str, ...]:
        """The names of the font files that a story needs besides: its core is set in the letters of headings, in plain weight."""
        return tuple(file for file in _files((self.style.letters.head, _PLAIN)) if file not in self.fonts)


def read_look(raw: Mapping[str, object]) -> Look:
    """Read how a site looks from its catalogue; what is left out is as a project that says nothing has it.

    Args:
        raw: `project.site` of the catalogue.

    Raises:
        ZichtError: a token is not what a house style may hold.
    """
    try:
        style = TypeAdapter(HouseStyle).validate_python(
            {**cast("Mapping[str, object]", raw["style"]), "title": {"nl": "-"}}, strict=False
        ) if raw.get("style") else shipped_style("zicht")  # fmt: skip
        site = Site.model_validate(
            {"scheme": raw.get("scheme", "auto"), "background": raw.get("background", "none")}
        )
    except ValidationError as error:
        raise ZichtError(
            f"The house style of this release cannot be used: {error.errors()[0]['msg']}."
        ) from error
    return Look(style, site.scheme, site.background == "pdok")


def tokens_css(look: Look) -> str:
    """The custom properties of a look, with those of the other ground where the reader's device decides."""
    light, dark = _colours(look.style.light), _colours(look.style.dark)
    letters = look.style.letters
    fixed = (
        f"--zicht-font-body:{_family(letters.body)};--zicht-font-head:{_family(letters.head)};"
        f"--zicht-font-head-weight:{letters.weight};--zicht-border-radius:{look.style.radius}px;"
    )
    if look.scheme == "light":
        return f":root{{color-scheme:light;{fixed}{light}}}\n"
    if look.scheme == "dark":
        return (
            f":root{{color-scheme:dark;{fixed}{dark}}}\n@media print{{:root{{color-scheme:light;{light}}}}}\n"
        )
    return (
        f":root{{color-scheme:light;{fixed}{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}\n"
    )


def _files(*letters: tuple[str, int]) -> tuple[str, ...]:
    """The files of typefaces in a weight, each once; none for those that must be on the reader's device."""
    wanted = ((_FILES[name], weight) for name, weight in letters if name in _FILES)
    return tuple(
        dict.fromkeys(
            next(file for most, file in files.items() if weight <= most) for files, weight in wanted
        )
    )


def _family(name: str) -> str:
    return f'"{name}", {_FALLBACK[name] + ", " if name in _FALLBACK else ""}{_SYSTEM}'


def _colours(palette: Palette) -> str:
    fields: dict[str, object] = palette.model_dump(exclude={"ramp"})
    fields.update({f"ramp-{place}": colour for place, colour in enumerate(palette.ramp, 1)})
    return "".join(f"--zicht-color-{name.replace('_', '-')}:{colour};" for name, colour in fields.items())


def assets_of(look: Look) -> Mapping[str, Asset]:
    """All files of our own that pages link, by name; the stylesheet begins with the tokens of the look."""
    found = _with_tokens(tokens_css(look))
    # What asks another host for pictures is not even there where it may not be used (see `publish.headers`).
    return (
        found
        if look.background
        else {name: asset for name, asset in found.items() if name != "background.js"}
    )


@cache
def _with_tokens(tokens: str) -> Mapping[str, Asset]:
    built = assets()
    sheet = built["site.css"]
    data = tokens.encode() + sheet.data
    path = f"static/site.{sha256(data).hexdigest()[:10]}.css"
    return {**built, "site.css": replace(sheet, path=path, data=data)}
