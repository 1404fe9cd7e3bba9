"""A town whose people are known one by one, figures over them, and an attacker who knows the definitions and subtracts.

He knows nothing of how protection works: each figure that he sees is a sum over the same unknown groups of people, and what he can compute is what lies in the
space that these sums span.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pyarrow as pa
from figures_by_hand import indicator

from zicht.areas import Areas
from zicht.chain.protection import protect_register
from zicht.declare import DimensionDeclared, Indicator
from zicht.disclosure import PROFILES
from zicht.figures import TOTAL, figure_schema
from zicht.release import HIDDEN

AGES, SEXES, SMALL = ("young", "middle", "old"), ("M", "V"), 10
Group = tuple[str, str, str, bool]
"""Buurt, age, sex, and whether they have a car."""

WHO: dict[str, Callable[[Group], bool]] = {
    "all": lambda _: True,
    "young": lambda group: group[1] == "young",
    "middle": lambda group: group[1] == "middle",
    "old": lambda group: group[1] == "old",
    "grown_up": lambda group: group[1] != "young",
    "men": lambda group: group[2] == "M",
    "car": lambda group: group[3],
    "no_car": lambda group: not group[3],
}
IN = {"buurt": lambda code: code, "wijk": lambda code: f"WK{code[2:8]}", "gemeente": lambda code: f"GM{code[2:6]}"}  # fmt: skip


def _dimension(id_: str, codes: Sequence[str]) -> DimensionDeclared:
    categories = [{"id": code, "title": {"nl": code}} for code in codes]
    return DimensionDeclared.model_validate(
        {"id": id_, "title": {"nl": id_}, "sql": id_, "categories": tuple(categories)}
    )


DIMENSIONS = {"age": _dimension("age", AGES), "sex": _dimension("sex", SEXES)}


@dataclass(frozen=True)
class Told:
    """What an indicator tells: of whom, which of them, how they are broken down, and at which levels."""

    measure: str = "count"
    levels: str = "buurt wijk gemeente"
    of: str = "all"
    which: str = "all"
    by: tuple[str, ...] = ()


@dataclass
class Town:
    """A town drawn by a seed, of so many wijken of three buurten; in one in five the people of an age are few."""

    seed: int
    wijken: int = 3
    indicators: list[Indicator] = field(default_factory=list)
    figures: dict[str, pa.Table] = field(default_factory=dict)
    _sums: dict[tuple[str, ...], list[np.ndarray]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Draw the people, and what they own."""
        draw = np.random.default_rng(self.seed)
        self.buurten = [f"BU90020{w}0{b}" for w in range(1, self.wijken + 1) for b in (1, 2, 3)]
        self.groups: list[Group] = list(product(self.buurten, AGES, SEXES, (False, True)))
        few = {(buurt, age) for buurt in self.buurten for age in AGES if draw.random() < 0.2}
        people = [draw.integers(0, 4) if one[:2] in few else draw.integers(12, 90) for one in self.groups]
        self.people = np.array(people, np.int64)
        self.owned = self.people * draw.integers(100, 900, len(self.groups))

    def tell(self, told: Told) -> None:
        """Make the figures of an indicator."""
        id_ = f"i{len(self.indicators)}"
        more: dict[str, object] = {"levels": tuple(told.levels.split()), "by": told.by}
        more |= {"population": told.of} if told.of != "all" else {}
        more |= {"numerator": told.which} if told.measure == "share" else {}
        more |= {"value": "owned"} if told.measure in ("sum", "mean") else {}
        one = indicator(id_, told.measure, **more)
        cells = product(told.levels.split(), product(*[(*{"age": AGES, "sex": SEXES}[d], TOTAL) for d in told.by]))  # fmt: skip
        rows = [
            self._row(one, told, level, area, codes)
            for level, codes in cells
            for area in sorted(set(map(IN[level], self.buurten)))
        ]
        self.indicators.append(one)
        self.figures[id_] = pa.Table.from_pylist(rows, figure_schema(told.by))

    def _row(
        self, one: Indicator, told: Told, level: str, area: str, codes: tuple[str, ...]
    ) -> dict[str, object]:
        place = {"age": 1, "sex": 2}
        every = np.array([
            IN[level](group[0]) == area and WHO[told.of](group)
            and all(code in (TOTAL, group[place[d]]) for d, code in zip(told.by, codes, strict=True))
            for group in self.groups
        ], float)  # fmt: skip
        some = every * [WHO[told.which](group) for group in self.groups]
        none = np.zeros(len(self.groups))
        sums = [np.append(every, none)]
        sums += [np.append(some, none), np.append(every - some, none)] if told.measure == "share" else []
        sums += [np.append(none, every)] if told.measure in ("sum", "mean") else []
        self._sums[one.id, area, *codes] = sums
        n, part, owned = int(every @ self.people), float(some @ self.people), float(every @ self.owned)
        value = {"count": n, "share": 100 * part / n if n else None, "sum": owned, "mean": owned / n if n else None}[told.measure]  # fmt: skip
        above = {"share": part, "mean": owned}.get(told.measure)
        return {
            "indicator": one.id, "area": area, "division": 2025, "level": level, "period": "2025", **dict(zip(told.by, codes, strict=True)),
            "value": None if value is None else float(value), "numerator": above, "denominator": None if above is None else float(n), "n": n,
            "largest": owned / 50, "second": owned / 90, "status": "ok",
        }  # fmt: skip

    def given_away(self) -> list[tuple[str, ...]]:
        """Protect all figures and attack them: hidden figures of few people (above or below the line, or not above it) that can be computed."""
        out = self._protected()
        seen, secret = [], []
        for one in self.indicators:
            for row in out[one.id].to_pylist():
                key = (one.id, row["area"], *(row[name] for name in one.by))
                if row["status"] in HIDDEN:
                    secret += [(key, sum_) for sum_ in self._sums[key] if self._is_few(sum_)]
                else:
                    seen += self._sums[key]
        if not seen:
            return []
        _, size, rows = np.linalg.svd(np.array(seen), full_matrices=False)
        span = rows[size > 1e-8]
        return [key for key, sum_ in secret if np.linalg.norm(sum_ - sum_ @ span.T @ span) < 1e-6]

    def _protected(self) -> dict[str, pa.Table]:
        wijken = sorted({IN["wijk"](code) for code in self.buurten})
        levels = {"gemeente": ["GM9002"], "wijk": wijken, "buurt": self.buurten}
        areas = Areas.from_tables(
            2025, {level: pa.table({"code": codes, "name": codes}) for level, codes in levels.items()}
        )
        profiles = {one.id: PROFILES["microdata"] for one in self.indicators}
        return dict(protect_register(self.figures, self.indicators, DIMENSIONS, areas, profiles).figures)

    def _is_few(self, sum_: np.ndarray) -> bool:
        counted = sum_[: len(self.groups)] + sum_[len(self.groups) :]
        return bool(0 < counted @ self.people < SMALL)
