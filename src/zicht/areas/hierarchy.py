"""The areas of one division: which there are, what each belongs to, and where units of unknown address go.

A division is the set of areas that CBS and the gemeenten fix for a year. Every gemeente has at least one wijk and every
wijk at least one buurt (CBS, Toelichting Wijk- en Buurtkaart); regions are declared gemeente by gemeente, because
COROP, veiligheidsregio and the like do not nest in one another and stand in no code.

Children need not add up to their parent: a person without a known address counts in the gemeente and in no buurt. So
the hierarchy has an explicit unknown child wherever that can happen, and every figure adds up over what `Areas.tree`
lists.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas.codes import LAND, unknown_child
from zicht.areas.declared import Declared
from zicht.errors import ZichtError

_BY_CODE = ("buurt", "wijk", "gemeente")  # the levels that nest in the code itself
_TABLE = pa.schema(
    [("code", pa.string()), ("name", pa.string()), ("level", pa.string()), ("parent", pa.string())]
)
_MEMBERSHIP = pa.schema([("gemeente", pa.string()), ("level", pa.string()), ("regio", pa.string())])


@dataclass(frozen=True)
class Areas:
    """All areas of one division. Made with `from_tables`.

    Attributes:
        division: year of the division; with a code it is the key of an area.
        table: one row an area, columns code, name, level and parent (strings; parent is null at the top), coarsest
            level first, then by code. Unknown children are not in it: they are no areas on the map.
        membership: columns gemeente, level, regio: in which regio each gemeente lies, for each regio level.
    """

    division: int
    table: pa.Table
    membership: pa.Table

    @classmethod
    def from_tables(
        cls,
        division: int,
        levels: Mapping[str, pa.Table],
        regions: Mapping[str, pa.Table] | None = None,
        *,
        files: Mapping[str, str] | None = None,
    ) -> Areas:
        """Make the areas of a division from tables, checked.

        Args:
            division: year of the division.
            levels: for `buurt`, `wijk`, `gemeente` (always there) and `land` a table with columns code and name, and
                if wished parent (checked against the code) and line (where the row stands in its file, from 1).
                Land has the one code `NL`.
            regions: for each regio level a table with columns gemeente, code and name. The key is the name of the
                level: `regio` where there is one, or names of its own such as `corop` and `ggdregio`. The first is the
                one in the tree between gemeente and land.
            files: the file in which the table of a level stands, for messages.

        Returns:
            The areas, as one tree.

        Raises:
            DeliveryError: codes that are malformed, double or of another level, areas in a parent that does not exist,
                gemeenten without wijken, wijken without buurten, gemeenten in no or two regions: all problems at once.
        """
        declared = Declared(division, files or {})
        for level, table in levels.items():
            declared.add_level(level, table)
        for level, table in (regions or {}).items():
            declared.add_regions(level, table)
        declared.check()
        rows = [
            {"code": row.code, "name": row.name, "level": level, "parent": declared.parent(row, level)}
            for level in reversed(declared.levels)
            for _, row in sorted(declared.rows[level].items())
        ]
        member = [
            {"gemeente": gemeente, "level": level, "regio": regio}
            for level, regions_of in declared.regions.items()
            for gemeente, regio in sorted(regions_of.items())
        ]
        return cls(division, pa.Table.from_pylist(rows, _TABLE), pa.Table.from_pylist(member, _MEMBERSHIP))

    @cached_property
    def regio_levels(self) -> tuple[str, ...]:
        """The levels between gemeente and land, the one in the tree first."""
        return tuple(dict.fromkeys(self.membership["level"].to_pylist()))

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels that are present, finest first."""
        return tuple(reversed(dict.fromkeys(self.table["level"].to_pylist())))

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of everything that the division says: the same areas, the same digest."""
        said = [self.division, self.table.to_pydict(), self.membership.to_pydict()]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def codes(self, level: str) -> tuple[str, ...]:
        """The codes of the areas of a level, in order, unknown children left out.

        Raises:
            ZichtError: the division does not have the level.
        """
        if level not in self.levels:
            raise ZichtError(
                f"Division {self.division} has no level '{level}'; it has {', '.join(self.levels)}."
            )
        return tuple(self._codes[level])

    def children(self, code: str) -> tuple[str, ...]:
        """The areas that lie directly in an area, in order, its unknown child left out.

        Args:
            code: an area of the division; a regio of any regio level gives its gemeenten.

        Raises:
            ZichtError: the division does not have the area.
        """
        if code not in self._level_of:
            raise ZichtError(f"Division {self.division} has no area '{code}'.")
        return tuple(self._children.get(code, ()))

    @cached_property
    def _codes(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {level: [] for level in self.levels}
        for code, level in self._level_of.items():
            found[level].append(code)
        return found

    @cached_property
    def _level_of(self) -> dict[str, str]:
        return dict(zip(self.table["code"].to_pylist(), self.table["level"].to_pylist(), strict=True))

    @cached_property
    def _parent_of(self) -> dict[str, str | None]:
        return dict(zip(self.table["code"].to_pylist(), self.table["parent"].to_pylist(), strict=True))

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for code, parent in self._parent_of.items():
            if parent is not None:
                found[parent].append(code)
        for gemeente, level, regio in zip(
            *(column.to_pylist() for column in self.membership.columns), strict=True
        ):
            if level != self.regio_levels[0]:
                found[regio].append(gemeente)
        return {code: sorted(within) for code, within in found.items()}

    @cached_property
    def _unknown(self) -> dict[str, str]:
        """Every unknown child, by level from coarse to fine, with what it lies in."""
        found: dict[str, str] = {}
        if "wijk" in self.levels:
            found |= {unknown_child(gemeente, "wijk"): gemeente for gemeente in self._codes["gemeente"]}
        if "buurt" in self.levels:
            within = [*found, *self._codes["wijk"]] if "wijk" in self.levels else self._codes["gemeente"]
            found |= {unknown_child(area, "buurt"): area for area in sorted(within)}
        return found

    def ancestry(self) -> pa.Table:
        """What every area of the finest level lies in.

        Returns:
            One row an area of the finest level, unknown children included, sorted by code; one string column a present
            level, finest first, named by the level and filled with codes. A unit of which only the gemeente is known has
            the row `BU9001----`, whose wijk is `WK9001--`.
        """
        finest, *coarser = [level for level in self.levels if level in _BY_CODE]
        regions = {(level, gemeente): regio for gemeente, level, regio in zip(*self._members(), strict=True)}
        parents = self._parent_of | self._unknown
        at = sorted({*self._codes[finest], *(code for code in self._unknown if self._level(code) == finest)})
        columns = {finest: at}
        for level in coarser:
            at = [parents[code] or code for code in at]
            columns[level] = at
        for level in self.regio_levels:
            columns[level] = [regions[level, gemeente] for gemeente in at]
        if "land" in self.levels:
            columns["land"] = [LAND] * len(at)
        return pa.table({level: pa.array(codes, pa.string()) for level, codes in columns.items()})

    def _members(self) -> tuple[list[str], ...]:
        return tuple(column.to_pylist() for column in self.membership.columns)

    def tree(self, regio: str | None = None) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
        """The hierarchy over which counts add up exactly: every area and every unknown child with what it lies in.

        Args:
            regio: which regio level stands between gemeente and land; by default the first that was declared.

        Returns:
            Codes, coarsest level first, and beside each the code of its parent, None at the top. The sum over the
            children of a code is the code itself.

        Raises:
            ZichtError: the division has no such regio level.
        """
        if regio is not None and regio not in self.regio_levels:
            has = ", ".join(self.regio_levels) or "none"
            raise ZichtError(f"Division {self.division} has no regio level '{regio}'; it has {has}.")
        chosen = regio or next(iter(self.regio_levels), None)
        within = {
            gemeente: area for gemeente, level, area in zip(*self._members(), strict=True) if level == chosen
        }
        parents = {
            code: within.get(code, self._parent_of[code])
            for level in reversed(self.levels)
            if level == chosen or level not in self.regio_levels
            for code in self._codes[level]
        }
        parents |= self._unknown
        order = self.levels[::-1]
        codes = tuple(sorted(parents, key=lambda code: (order.index(self._level(code)), code)))
        return codes, tuple(parents[code] for code in codes)

    def _level(self, code: str) -> str:
        """The level of an area or unknown child of this division."""
        return self._level_of.get(code) or ("wijk" if code.startswith("WK") else "buurt")

    def place(self, codes: pa.Array | pa.ChunkedArray, default: str) -> pa.Array:
        """Put units in areas of the finest level, so that none is lost.

        Codes of the finest level stay as they are. A wijk or gemeente of the division becomes its unknown child; what
        is missing, blank or not in the division becomes the unknown child of `default`. `unplaced` says how many.

        Args:
            codes: for each unit a code of any level, blanks around it allowed, or null; strings, or a dictionary of them.
            default: the gemeente where a unit counts of which no more is known.

        Returns:
            Codes of the finest level (see `ancestry`), strings, as long as `codes`, never null.

        Raises:
            ZichtError: `default` is not a gemeente of the division, or the codes are not text.
        """
        if self._level_of.get(default) != "gemeente":
            raise ZichtError(f"'{default}' is not a gemeente of division {self.division}.")
        encoded = _encoded(codes)
        targets = [self._target_of.get(text) for text in _tidied(encoded.dictionary)]
        fallback = unknown_child(default, self.levels[0])
        return pc.fill_null(pa.array(targets, pa.string()).take(encoded.indices), fallback)

    def unplaced(self, codes: pa.Array | pa.ChunkedArray) -> pa.Table:
        """What `place` could find no area for.

        Args:
            codes: as for `place`.

        Returns:
            Columns code (string, as delivered; null for missing and blank together) and count (int64): the number of
            units, most frequent first.

        Raises:
            ZichtError: the codes are not text.
        """
        encoded = _encoded(codes)
        texts = [*_tidied(encoded.dictionary), None]
        units = np.bincount(
            encoded.indices.fill_null(len(texts) - 1).to_numpy(), minlength=len(texts)
        ).tolist()
        counts: dict[str | None, int] = defaultdict(int)
        for text, count in zip(texts, units, strict=True):
            if count and text not in self._target_of:
                counts[text or None] += count
        rows = sorted(counts.items(), key=lambda item: (-item[1], item[0] or ""))
        return pa.table(
            {
                "code": pa.array([code for code, _ in rows], pa.string()),
                "count": pa.array([n for _, n in rows], pa.int64()),
            }
        )

    @cached_property
    def _target_of(self) -> dict[str | None, str]:
        """The finest code in which units of a code count."""
        finest = self.levels[0]
        coarse = [
            *self._codes["gemeente"],
            *self._codes.get("wijk", ()),
            *self._codes.get("buurt", ()),
            *self._unknown,
        ]
        return {code: code if self._level(code) == finest else unknown_child(code, finest) for code in coarse}


def _encoded(codes: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """One dictionary-encoded array of a column of text."""
    column = codes if isinstance(codes, pa.ChunkedArray) else pa.chunked_array([codes])
    if pa.types.is_null(column.type):
        column = column.cast(pa.string())
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise ZichtError(f"Area codes are text, and these are {kind}: a number has lost its leading zeros.")
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.string())
    encoded = column.dictionary_encode().unify_dictionaries()
    return encoded.combine_chunks() if encoded.num_chunks != 1 else encoded.chunk(0)


def _tidied(dictionary: pa.Array) -> list[str | None]:
    return [text if text is None else text.strip() for text in dictionary.to_pylist()]
