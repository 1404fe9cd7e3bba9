"""Covering: which places have which demand points within reach, made small before it is solved.

Church, R., ReVelle, C. (1974), Papers of the Regional Science Association 32, 101-118 (maximal covering); Toregas, C., Swain, R., ReVelle, C.,
Bergman, L. (1971), Operations Research 19(6), 1363-1373 (a place that reaches no more than another can be left out).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from zicht.findings.sites_kernel import exchanged_cover

_Floats = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fair:
    """What each group has a right to.

    Attributes:
        group: for each demand point the number of its group.
        least: the share of the demand of each group that must be covered.
    """

    group: _Numbers
    least: float


@dataclass(frozen=True, slots=True)
class Covering:
    """A problem of covering without what is settled already.

    Attributes:
        kept: candidates that have a site and keep it.
        served: for each point whether those reach it.
        points: numbers of the points that are still to be reached, and can be.
        candidates: numbers of the candidates that reach one, and of which no other reaches all that they do.
        near: points × candidates of these two: 1 where it is within reach.
        fair: what each group has a right to.
    """

    kept: _Numbers
    served: _Bools
    points: _Numbers
    candidates: _Numbers
    near: sparse.csc_array
    fair: Fair

    @classmethod
    def of(cls, near: _Bools, kept: _Bools, fair: Fair) -> Covering:
        """The problem of points × candidates that are within reach of each other."""
        served = np.asarray(near[:, kept].any(axis=1))
        whole = sparse.csc_array((near & ~served[:, None]).astype(np.float64))
        reach = np.asarray(whole.sum(axis=0)).ravel()
        candidates = np.flatnonzero(reach > 0)
        whole, reach = whole[:, candidates], reach[candidates]
        shared = (whole.T @ whole).tocoo()
        within = (shared.data == reach[shared.row]) & (shared.row != shared.col)
        less = (reach[shared.row] < reach[shared.col]) | (
            shared.row > shared.col
        )  # of two alike the first stays
        best = np.setdiff1d(np.arange(len(candidates)), shared.row[within & less])
        points = np.flatnonzero(np.asarray(whole.sum(axis=1)).ravel() > 0)
        small = sparse.csc_array(whole[:, best].tocsr()[points])
        return cls(np.flatnonzero(kept), served, points, candidates[best], small, fair)

    def needs(self, demand: _Floats) -> _Floats:
        """What each group must have beyond what is served already; 0 or less where it has enough."""
        groups = int(self.fair.group.max()) + 1
        total = np.bincount(self.fair.group, demand, groups)
        have = np.bincount(self.fair.group[self.served], demand[self.served], groups)
        return np.asarray(self.fair.least * total - have)

    def best(self, demand: _Floats, sites: int, nodes: int) -> tuple[_Numbers | None, float, bool]:
        """The best choice, or None; the most demand that any choice covers; and whether it is sure that there is none.

        Args:
            demand: of each point.
            sites: how many, those kept included.
            nodes: branches looked into at most.
        """
        points, candidates = self.near.shape
        now, weights = float(demand[self.served].sum()), demand[self.points]
        needs = self.needs(demand)
        group = self.fair.group[self.points]
        parts = sparse.csr_array((weights, (group, np.arange(points))), shape=(len(needs), points))
        pressing = np.flatnonzero(needs > 1e-9 * max(now, 1.0))
        if points == 0:
            return (None, now, True) if len(pressing) else (self.kept, now, True)
        rows = sparse.vstack(
            [
                sparse.hstack([self.near, -sparse.eye_array(points)]),
                sparse.hstack([sparse.csr_array((len(pressing), candidates)), parts[pressing]]),
            ]
        )
        count = np.concatenate([np.ones(candidates), np.zeros(points)])
        result = optimize.milp(
            -np.concatenate([np.zeros(candidates), weights]),
            integrality=count,
            bounds=optimize.Bounds(0, 1),
            constraints=[
                optimize.LinearConstraint(
                    rows.tocsc(), np.concatenate([np.zeros(points), needs[pressing]]), np.inf
                ),
                optimize.LinearConstraint(count[None, :], -np.inf, sites - len(self.kept)),
            ],
            options={"node_limit": nodes, "mip_rel_gap": 0.0},
        )
        if result.x is None:
            return None, np.inf, result.status == 2
        chosen = self.candidates[result.x[:candidates] > 0.5]
        return np.concatenate([self.kept, chosen]), now - float(result.mip_dual_bound), True

    def rough(self, demand: _Floats, sites: int, start: _Numbers) -> _Numbers:
        """A choice that no exchange makes better, found in milliseconds and not proven best; groups that lack their part weigh most.

        Args:
            demand: of each point.
            sites: how many, those kept included.
            start: a choice to begin with; the other beginning is one by one whatever adds most.
        """
        weights, needs = demand[self.points], np.maximum(self.needs(demand), 0.0)
        group = self.fair.group[self.points]
        begin = np.isin(self.candidates, start)
        tried = []
        for first in (np.zeros(len(self.candidates), bool), begin):
            chosen = first.copy()
            value = exchanged_cover(
                self.near.indptr.astype(np.int64), self.near.indices.astype(np.int64), weights, group, needs, chosen,
                min(sites - len(self.kept), len(chosen)),
            )  # fmt: skip
            tried.append((value, chosen))
        _, chosen = tried[1] if tried[1][0] > tried[0][0] else tried[0]
        return np.concatenate([self.kept, self.candidates[chosen]])
