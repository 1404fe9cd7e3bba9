"""Whether colours can be told apart: contrast as WCAG 2.2 counts it, and distance as people with colour blindness see it.

Sources: relative luminance and contrast ratio as WCAG 2.2 defines them; CIE L*a*b* with the white of D65; colour blindness after
Machado, Oliveira and Fernandes, *A physiologically-based model for simulation of color vision deficiency* (2009), severity 1.
"""

from __future__ import annotations

from itertools import pairwise

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

_TO_XYZ: Matrix = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_D65: Triple = (0.95047, 1.0, 1.08883)
_NORMAL: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
SIGHTS: dict[str, tuple[Matrix, float]] = {
    "full colour vision": (_NORMAL, 14.0),
    "protanopia": (((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)), 10.0),
    "deuteranopia": (((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)), 10.0),
    "tritanopia": (((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)), 10.0),
}  # fmt: skip
"""Ways of seeing: what each makes of linear red, green and blue, and the least distance that neighbours on a ramp must keep.

The distances are ours: 10 in L*a*b* is told apart beside a border without effort.
"""


def linear(colour: str) -> Triple:
    """Red, green and blue of `#rrggbb` as amounts of light, 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _times(matrix: Matrix, vector: Triple) -> Triple:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def _lab(light: Triple) -> Triple:
    seen = (min(1.0, max(0.0, part)) for part in light)
    red, green, blue = seen
    x, y, z = (
        part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
        for part in (a / b for a, b in zip(_times(_TO_XYZ, (red, green, blue)), _D65, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def lightness(colour: str) -> float:
    """How light a colour is, 0 (black) to 100 (white): L* of CIE L*a*b*."""
    return _lab(linear(colour))[0]


def distance(one: str, other: str, sight: str = "full colour vision") -> float:
    """How far two colours lie apart in L*a*b* to somebody with a way of seeing, a key of `SIGHTS`."""
    matrix = SIGHTS[sight][0]
    first, second = (_lab(_times(matrix, linear(colour))) for colour in (one, other))
    return float(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5)


def ramp_faults(ramp: tuple[str, ...]) -> list[str]:
    """What is wrong with a ramp for maps: it must go one way from light to dark, in steps that everybody sees.

    Args:
        ramp: its colours, `#rrggbb`, in order.

    Returns:
        What is wrong, in words; empty for a good one.
    """
    steps = [lightness(two) - lightness(one) for one, two in pairwise(ramp)]
    faults = [] if all(step > 0 for step in steps) or all(step < 0 for step in steps) else [
        "does not go one way from light to dark or from dark to light"
    ]  # fmt: skip
    for sight, (_, least) in SIGHTS.items():
        for one, two in pairwise(ramp):
            if distance(one, two, sight) < least:
                faults.append(f"has {one} and {two} side by side, too much alike with {sight}")
    return faults
