"""What becomes of the areas from one release to the next: which came, which went, which are called otherwise and of which the borders moved.

Borders in a release are simplified each time all together, so that a line may shift a little where nothing moved. Land counts as moved from
`MOVED` of the area on (our own choice).
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import shapely

from zicht.release.bundle import Release

MOVED = 0.01
"""The part of an area's land, gone and come together, from which on its borders are said to have moved."""


@dataclass(frozen=True)
class AreaChanges:
    """What becomes of the areas of one level; codes sorted.

    Attributes:
        level: the level.
        appears: areas that there were not before.
        disappears: areas that there are no more.
        renamed: areas that keep their code and are called otherwise.
        redrawn: areas that keep their code and of which the borders moved.
    """

    level: str
    appears: tuple[str, ...] = ()
    disappears: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    redrawn: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything changes."""
        return bool(self.appears or self.disappears or self.renamed or self.redrawn)


def area_changes(before: Release, after: Release) -> tuple[AreaChanges, ...]:
    """What becomes of the areas when one release takes the place of another.

    Args:
        before: what the public sees.
        after: what is to come.

    Returns:
        One a level at which anything changes, by name of the level.

    Raises:
        ZichtError: a file of a release cannot be read.
    """
    old, new = before.areas(), after.areas()
    levels = sorted({*pc.unique(old["level"]).to_pylist(), *pc.unique(new["level"]).to_pylist()})
    found = (_at(level, before, after, _names(old, level), _names(new, level)) for level in levels)
    return tuple(one for one in found if one.differs)


def _names(areas: pa.Table, level: str) -> dict[str, str]:
    rows = areas.filter(pc.equal(areas["level"], level))
    return dict(zip(rows["code"].to_pylist(), rows["name"].to_pylist(), strict=True))


def _at(level: str, before: Release, after: Release, old: dict[str, str], new: dict[str, str]) -> AreaChanges:
    both = sorted(old.keys() & new.keys())
    return AreaChanges(
        level,
        appears=tuple(sorted(new.keys() - old.keys())),
        disappears=tuple(sorted(old.keys() - new.keys())),
        renamed=tuple(code for code in both if old[code] != new[code]),
        redrawn=_redrawn(before.boundaries(level), after.boundaries(level)),
    )


def _redrawn(old: pa.Table | None, new: pa.Table | None) -> tuple[str, ...]:
    """The codes of both of which more land than `MOVED` went or came."""
    if old is None or new is None or old.equals(new):
        return ()
    joined = old.join(new, "code", join_type="inner", right_suffix="_after", use_threads=False)
    joined = joined.filter(pc.not_equal(joined["geometry"], joined["geometry_after"])).sort_by("code")
    if not joined.num_rows:
        return ()
    was, is_ = (
        shapely.make_valid(shapely.from_wkb(joined[name].to_numpy()))
        for name in ("geometry", "geometry_after")
    )
    moved = shapely.area(shapely.symmetric_difference(was, is_)) > MOVED * shapely.area(was)
    return tuple(code for code, far in zip(joined["code"].to_pylist(), moved.tolist(), strict=True) if far)
