"""Where things are: area codes, levels, hierarchies, changes over the years, and geometry.

Everything about an area that does not depend on what is counted there. Indicators, registers and figures are unknown
here.
"""

from zicht.areas.boundaries import Boundaries
from zicht.areas.codes import (
    LAND,
    LEVELS,
    AreaCode,
    check_codes,
    is_unknown,
    parent_code,
    parse_code,
    unknown_child,
)
from zicht.areas.hierarchy import Areas
from zicht.areas.projection import RD, WGS84
from zicht.areas.reading import read_polygons
from zicht.areas.successions import Followed, Made, Successions

__all__ = [
    "LAND",
    "LEVELS",
    "RD",
    "WGS84",
    "AreaCode",
    "Areas",
    "Boundaries",
    "Followed",
    "Made",
    "Successions",
    "check_codes",
    "is_unknown",
    "parent_code",
    "parse_code",
    "read_polygons",
    "unknown_child",
]
