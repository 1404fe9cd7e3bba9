"""What a municipality says about its site: the house style, light or dark, and what may be fetched from elsewhere.

A house style is one file of design tokens, after the conventions of NL Design System: names say what a colour is for. The site
turns `light.ink_soft` into the custom property `--zicht-color-ink-soft`. Every pair of colours that meets as text and ground is checked.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import yaml
from pydantic import Field, field_validator, model_validator

from zicht.declare.base import Declared, PublicText
from zicht.declare.colour import contrast, ramp_faults
from zicht.declare.postcodes import Postcodes

Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$", description="A colour, `#rrggbb` in small letters.")]
TEXT, SHAPE = 4.5, 3.0
"""Least contrast of text (WCAG 1.4.3) and of what is not text (WCAG 1.4.11)."""
_PAIRS: tuple[tuple[str, str, float], ...] = (
    *((ink, ground, TEXT) for ink in ("ink", "ink_soft", "link", "link_hover", "accent", "strong") for ground in ("paper", "ground", "ground_soft")),
    ("on_action", "action", TEXT), ("on_foot", "foot", TEXT), ("on_notice", "notice", TEXT), ("on_tag", "tag", TEXT),
    ("action", "paper", SHAPE), ("field", "paper", SHAPE), ("focus_edge", "paper", SHAPE), ("focus_edge", "focus", SHAPE),
    ("chosen", "halo", TEXT), ("hatch_line", "hatch", SHAPE), ("circle", "land", SHAPE),
)  # fmt: skip


class Palette(Declared):
    """The colours of a house style on one ground, light or dark; each is named after what it is for."""

    paper: Colour = Field(description="Ground of the page.")
    ground: Colour = Field(description="Ground of a block that stands out.")
    ground_soft: Colour = Field(description="Ground of a block that stands out a little.")
    ink: Colour = Field(description="Text.")
    ink_soft: Colour = Field(description="Text beside text.")
    line: Colour = Field(description="Lines between things.")
    line_soft: Colour = Field(description="Lines inside things.")
    field: Colour = Field(description="Edges of fields and controls.")
    link: Colour = Field(description="Links.")
    link_hover: Colour = Field(description="Links under the pointer.")
    brand: Colour = Field(description="Ground of the emblem.")
    brand_figure: Colour = Field(description="Figure of the emblem.")
    action: Colour = Field(description="Ground of the main button and of what is chosen.")
    on_action: Colour = Field(description="Text on `action`.")
    foot: Colour = Field(description="Ground of the foot of the page.")
    on_foot: Colour = Field(description="Text on `foot`.")
    accent: Colour = Field(description="Small headings and marks.")
    strong: Colour = Field(description="The line or dot that a chart is about.")
    notice: Colour = Field(description="Ground of a notice.")
    on_notice: Colour = Field(description="Text on `notice`.")
    tag: Colour = Field(description="Ground of a label.")
    on_tag: Colour = Field(description="Text on `tag`.")
    focus: Colour = Field(description="Glow around what has the focus.")
    focus_edge: Colour = Field(description="Edge around what has the focus.")
    water: Colour = Field(description="Ground of a map.")
    land: Colour = Field(description="Areas on a map that have no colour of a class.")
    border: Colour = Field(description="Borders between areas.")
    chosen: Colour = Field(description="Edge of the chosen area.")
    halo: Colour = Field(description="Line around that edge.")
    hatch: Colour = Field(description="Ground of what is hidden.")
    hatch_line: Colour = Field(description="Hatching of what is hidden.")
    none: Colour = Field(description="Areas without data.")
    circle: Colour = Field(description="Circles that stand for numbers.")
    ramp: tuple[Colour, ...] = Field(
        min_length=5, max_length=5, description="The classes of a map, lowest first; five colours."
    )

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Palette:
        faults = [
            f"`{one}` {getattr(self, one)} on `{other}` {getattr(self, other)} has contrast {found:.2f}, at least {least} is needed"
            for one, other, least in _PAIRS
            if (found := contrast(getattr(self, one), getattr(self, other))) < least
        ]
        faults += [f"`ramp` {fault}" for fault in ramp_faults(self.ramp)]
        if faults:
            raise ValueError("; ".join(faults))
        return self


class Letters(Declared):
    """The typefaces of a house style. Source Sans 3 and Source Serif 4 come with the site; another must be on the reader's device."""

    body: str = Field(
        default="Source Sans 3", pattern=r"^[A-Za-z0-9 -]{1,60}$", description="Typeface of text."
    )
    head: str = Field(
        default="Source Serif 4", pattern=r"^[A-Za-z0-9 -]{1,60}$", description="Typeface of headings."
    )
    weight: int = Field(default=650, ge=400, le=900, description="Weight of headings, 400 (plain) to 900.")


class HouseStyle(Declared):
    """A house style: one file of design tokens."""

    title: PublicText = Field(description="What it is called.")
    letters: Letters = Field(default=Letters(), description="Its typefaces.")
    radius: int = Field(default=6, ge=0, le=24, description="How round corners are, pixels.")
    light: Palette = Field(description="Colours on a light ground.")
    dark: Palette = Field(description="Colours on a dark ground.")


class Site(Declared):
    """Where the public finds the site, how it looks, and whether it may fetch anything from elsewhere."""

    url: str | None = Field(
        default=None,
        pattern=r"^https://[^\s/?#]+(/[^\s?#]*)?$",
        description="Its address, with the path where it stands in a folder of a host; needed for a sitemap and a feed.",
    )
    style: str = Field(
        default="zicht",
        description="The house style: one that comes with Zicht, or the name of a file of your own beside zicht.yaml, such as `huisstijl.yaml`.",
    )
    scheme: Literal["auto", "light", "dark"] = Field(
        default="auto", description="Light, dark, or `auto`: as the reader's device asks."
    )
    background: Literal["none", "pdok"] = Field(
        default="none",
        description="Whether a reader may put the map of PDOK (Kadaster) under a map. With `pdok` there is a button that says so; nothing is fetched before it is pressed.",
    )

    postcodes: Postcodes | None = Field(
        default=None,
        description="Where it stands in which areas a postcode lies; the search box then understands postcodes.",
    )

    @field_validator("style")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if name in shipped_styles() or (
            name.endswith(".yaml") and "/" not in name and "\\" not in name and not name.startswith(".")
        ):
            return name
        raise ValueError(
            f"is none of {', '.join(f'`{one}`' for one in shipped_styles())} and no name of a `.yaml` file beside zicht.yaml"
        )


@cache
def shipped_styles() -> tuple[str, ...]:
    """The names of the house styles that come with Zicht."""
    folder = resources.files("zicht.declare") / "styles"
    return tuple(
        sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    )


@cache
def shipped_style(name: str) -> HouseStyle:
    """A house style that comes with Zicht.

    Args:
        name: one of `shipped_styles`.
    """
    text = (resources.files("zicht.declare") / "styles" / f"{name}.yaml").read_text("utf-8")
    return HouseStyle.model_validate_json(json.dumps(yaml.safe_load(text)))
