"""Which combinations of characteristics are over-represented in a group, compared with a reference of equal make-up.

Subgroup discovery: Klösgen, W. (1996), Explora, in Advances in Knowledge Discovery and Data Mining, 249-271 (quality: root of the coverage
times the difference in share); Westfall, P.H., Young, S.S. (1993), Resampling-Based Multiple Testing (the best of the search against the
best of searches among permuted labels, within strata). What one half of the persons suggests is reported with the figures of the other
half, so that an estimate is not the luckiest of thousands (Cox, D.R., 1975, Biometrika 62(2), 441-444).

The result describes groups and holds no person. That a combination is found more often says nothing about anyone who has it, nor why; what
enforcement recorded, it may find where enforcement looked. Protected grounds belong in the strata, never among the flags.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special

from zicht.errors import ZichtError
from zicht.findings.chance import generator
from zicht.findings.subgroups_kernel import count, slices

SUBGROUPS = pa.schema(
    [
        ("flags", pa.list_(pa.string())),
        ("persons", pa.int64()),
        ("cases", pa.int64()),
        ("expected", pa.float64()),
        ("share", pa.float64()),
        ("reference_share", pa.float64()),
        ("ratio", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("quality", pa.float64()),
        ("p", pa.float64()),
    ]
)
"""One combination a row, best first. All but `quality` and `p` is of the half that was not searched: persons who have all flags, cases among
them, cases expected from the shares of their strata, share of cases in the group and in an equal make-up of all, their ratio with exact
95 % interval. `p`: the chance that the best of such a search in which nothing is to be found has so high a quality."""

MOST_FLAGS = 64
DEPTH = 3
_Numbers = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
_Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Search:
    """How deep and how small.

    Attributes:
        depth: flags combined at most, 1 to 3.
        reference: persons without the trait a group holds at least, in either half.
        cases: persons with the trait it holds at least, in either half.
        alpha: p above which nothing is reported.
        runs: permutations.
    """

    depth: int = 2
    reference: int = 50
    cases: int = 10
    alpha: float = 0.05
    runs: int = 999


def subgroups(
    flags: npt.ArrayLike,
    persons: npt.ArrayLike,
    cases: npt.ArrayLike,
    names: Sequence[str],
    *,
    strata: npt.ArrayLike | None = None,
    halves: npt.ArrayLike | None = None,
    search: Search | None = None,
) -> pa.Table:
    """Search a cube of counts for combinations of flags that are over-represented among the cases.

    Args:
        flags: cells × flags: whether the persons of a cell have each characteristic.
        persons: for each cell how many persons, cases included.
        cases: for each cell how many of them belong to the group that is described.
        names: of the flags.
        strata: for each cell a number: persons are compared within it (age, sex, household). None: all together.
        halves: for each cell in which half its persons are: 0 is searched, 1 is reported. None: persons are divided by chance.
        search: how deep and how small.

    Returns:
        A table as SUBGROUPS. A refinement is left out unless its interval, corrected for the number of
        combinations tried, lies above the ratio of each kept combination that it refines.

    Raises:
        ZichtError: shapes do not agree, counts cannot be, there are more than 64 flags, or the depth is not 1 to 3.
    """
    rules = search or Search()
    table, people, with_trait = (
        np.asarray(flags, bool),
        np.asarray(persons, np.int64),
        np.asarray(cases, np.int64),
    )
    _check(table, people, with_trait, names, rules)
    number = (
        np.zeros(len(table), np.int64)
        if strata is None
        else np.unique(np.asarray(strata), return_inverse=True)[1]
    )
    order = np.argsort(number, kind="stable")
    words = (table[order] * (np.uint64(1) << np.arange(table.shape[1], dtype=np.uint64))).sum(axis=1)
    random = generator(table, people, with_trait, number)
    parts = [part[order] for part in (people - with_trait, with_trait)]
    if halves is None:
        first = [random.binomial(part, 0.5) for part in parts]
    else:
        searched = np.asarray(halves)[order] == 0
        first = [np.where(searched, part, 0) for part in parts]
    both = [
        _Half(words.astype(np.uint64), number[order], half[0], half[1], len(names))
        for half in (first, [part - taken for part, taken in zip(parts, first, strict=True)])
    ]
    groups = _groups(len(names), rules.depth)
    total, found, expected = both[0].look(groups)
    large = total - found >= rules.reference
    groups, total, found, expected = groups[large], total[large], found[large], expected[large]
    if not len(groups):
        return SUBGROUPS.empty_table()
    quality = np.where(found >= rules.cases, _quality(found, expected, total, both[0].size), -np.inf)
    maxima = both[0].permuted(groups, total, expected, rules, random)
    p = (1 + (maxima[:, None] >= quality[None, :] - 1e-12).sum(axis=0)) / (1 + rules.runs)
    best = [at for at in np.argsort(-quality, kind="stable") if p[at] <= rules.alpha]
    rows = _reported(groups[best], quality[best], p[best], both[1], names, rules)
    return pa.Table.from_pylist(rows, schema=SUBGROUPS)


class _Half:
    """One half of the persons, sorted by stratum and turned so that they can be counted."""

    def __init__(
        self, words: _Words, strata: _Numbers, without: _Numbers, cases: _Numbers, flags: int
    ) -> None:
        self.flags, self.people = flags, without + cases
        self.persons = np.repeat(words, self.people)
        of_stratum = np.bincount(strata, self.people).astype(np.int64)
        self.bounds = np.concatenate([[0], np.cumsum(of_stratum)])
        self.drawn = np.bincount(strata, cases).astype(np.int64)
        self.rates = self.drawn / np.maximum(of_stratum, 1)
        self.size = int(self.people.sum())
        self.cases = np.repeat(words, cases)

    def look(self, groups: _Numbers) -> tuple[_Numbers, _Numbers, _Floats]:
        """For each group: persons, cases, and cases expected from the shares of their strata."""
        pieces = [slices(self.persons[a:b], self.flags) for a, b in pairwise(self.bounds)]
        starts = np.concatenate([[0], np.cumsum([piece.shape[1] for piece in pieces])])
        there = count(np.concatenate(pieces, axis=1), groups, starts)
        return there.sum(axis=1), self._among(self.cases, groups), there @ self.rates

    def _among(self, cases: _Words, groups: _Numbers) -> _Numbers:
        turned = slices(cases, self.flags)
        return np.asarray(count(turned, groups, np.array([0, turned.shape[1]]))[:, 0])

    def permuted(
        self, groups: _Numbers, total: _Numbers, expected: _Floats, rules: Search, random: np.random.Generator
    ) -> _Floats:
        """The best quality in each of many searches in which cases were drawn by chance within strata."""
        maxima = np.empty(rules.runs)
        for run in range(rules.runs):
            places = [
                start + random.choice(end - start, drawn, replace=False, shuffle=False)
                for (start, end), drawn in zip(pairwise(self.bounds), self.drawn, strict=True)
            ]
            found = self._among(self.persons[np.concatenate(places)], groups)
            quality = _quality(found, expected, total, self.size)
            maxima[run] = quality[found >= rules.cases].max(initial=-np.inf)
        return maxima


def _quality(found: _Numbers, expected: _Floats, total: _Numbers, size: int) -> _Floats:
    return np.asarray(np.sqrt(total / size) * (found - expected) / total)


def _groups(flags: int, depth: int) -> _Numbers:
    """All combinations of one to `depth` flags; shorter ones repeat their last flag."""
    chosen = [
        [*group, *[group[-1]] * (depth - size)]
        for size in range(1, min(depth, flags) + 1)
        for group in combinations(range(flags), size)
    ]
    return np.array(chosen, np.int64)


def _reported(
    groups: _Numbers, quality: _Floats, p: _Floats, other: _Half, names: Sequence[str], rules: Search
) -> list[dict[str, object]]:
    """Those that hold in the other half and add something to what they refine."""
    if not len(groups):
        return []
    total, found, expected = other.look(groups)
    kept: list[tuple[set[int], float]] = []
    rows: list[dict[str, object]] = []
    # broad combinations first, so that a refinement meets what it refines
    for at in sorted(range(len(groups)), key=lambda at: (len(set(groups[at])), -quality[at])):
        members, cases, chance = set(groups[at].tolist()), int(found[at]), float(expected[at])
        if total[at] - cases < rules.reference or cases < rules.cases:
            continue
        lower, upper = special.gammaincinv([cases, cases + 1], [0.025, 0.975]) / chance
        surely = (
            special.gammaincinv(cases, 0.025 / len(groups)) / chance
        )  # as many refinements are tried as there are groups
        adds = all(surely > ratio for broad, ratio in kept if broad < members)
        if lower <= 1 or not adds:
            continue
        kept.append((members, cases / chance))
        rows.append(
            {
                "flags": [names[flag] for flag in sorted(members)],
                "persons": int(total[at]),
                "cases": cases,
                "expected": chance,
                "share": cases / int(total[at]),
                "reference_share": chance / int(total[at]),
                "ratio": cases / chance,
                "lower": lower,
                "upper": upper,
                "quality": float(quality[at]),
                "p": float(p[at]),
            }
        )
    return sorted(rows, key=lambda row: -float(str(row["quality"])))


def _check(
    flags: npt.NDArray[np.bool_],
    persons: _Numbers,
    cases: _Numbers,
    names: Sequence[str],
    rules: Search,
) -> None:
    if flags.ndim != 2 or persons.shape != flags.shape[:1] or cases.shape != persons.shape:
        raise ZichtError("A search needs flags, persons and cases for each cell.")
    if flags.shape[1] != len(names) or not 1 <= len(names) <= MOST_FLAGS:
        raise ZichtError(f"A search takes 1 to {MOST_FLAGS} flags, each with a name.")
    if (cases < 0).any() or (cases > persons).any():
        raise ZichtError("In each cell there are 0 or more cases, and no more than there are persons.")
    if not 1 <= rules.depth <= DEPTH:
        raise ZichtError(f"A search combines 1 to {DEPTH} flags, not {rules.depth}.")
