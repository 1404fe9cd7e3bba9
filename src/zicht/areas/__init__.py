"""Where things are: area codes, levels, hierarchies, changes over the years, and geometry.

Everything about an area that does not depend on what is counted there. Indicators, registers and figures are unknown
here.
"""

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

__all__ = [
    "LAND",
    "LEVELS",
    "AreaCode",
    "Areas",
    "check_codes",
    "is_unknown",
    "parent_code",
    "parse_code",
    "unknown_child",
]
