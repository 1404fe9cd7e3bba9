"""Who are alike, as the findings of a release say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.publish.catalogue import Catalogue, Finding
from zicht.publish.frames import AreaTable, Ints

METHOD = "look_alikes"


@dataclass(frozen=True)
class Alike:
    """The look-alikes of the areas of one level.

    Attributes:
        finding: the declaration that says what they are alike in.
        peers: by position of the area among the members of the level, those of its look-alikes, the most alike first; none where its
            traits are not public.
    """

    finding: Finding
    peers: Sequence[Ints]


def alike_of(found: pa.Table | None, catalogue: Catalogue, areas: AreaTable, level: str) -> Alike | None:
    """The look-alikes of a level by the first finding that names them; None where none does.

    Args:
        found: the findings of the release; None where it has none.
        catalogue: of the release.
        areas: of the release.
        level: such as `gemeente`.
    """
    declared = [one for product in catalogue.products for one in product.findings]
    members = areas.members.get(level)
    if found is None or members is None:
        return None
    rows = found.filter(pc.and_(pc.equal(found["method"], METHOD), pc.is_valid(found["group"])))
    for finding in declared:
        mine = (
            rows.filter(pc.equal(rows["finding"], finding.id)) if finding.level == level else rows.slice(0, 0)
        )
        if mine.num_rows:
            mine = mine.sort_by([("area", "ascending"), ("statistic", "ascending")])
            position = {areas.codes[place]: at for at, place in enumerate(members.tolist())}
            peers: list[list[int]] = [[] for _ in position]
            for area, peer in zip(mine["area"].to_pylist(), mine["group"].to_pylist(), strict=True):
                if area in position and peer in position:
                    peers[position[area]].append(position[peer])
            return Alike(finding, [np.array(one, dtype=np.int64) for one in peers])
    return None
