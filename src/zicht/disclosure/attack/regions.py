"""Parts of a view that hang together by themselves, so that a question about a few numbers takes no look at all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from zicht.disclosure.attack.atoms import View
from zicht.disclosure.attack.intervals import components
from zicht.disclosure.model import Ints


@dataclass(frozen=True)
class Region:
    """One or more components of a view.

    Attributes:
        members: its unknowns and ceilings (columns of the view's equations), ascending.
        equations: the equations between them, one column per member.
        rows: the numbers of those equations in the ground, -1 for a ceiling.
    """

    members: Ints
    equations: sp.csr_matrix
    rows: Ints


class Regions:
    """The components of a view, ready to be taken out and put together.

    Attributes:
        label: the component of each unknown and ceiling.
        place: for each column of the ground its number among the unknowns, -1 where it is shown.
    """

    def __init__(self, view: View) -> None:
        """Take `view` apart."""
        self._view = view
        self.label = components(view.equations)
        self.place = np.full(view.known.size, -1, dtype=np.int64)
        self.place[view.unknown] = np.arange(view.unknown.size)
        owner = self.label[view.equations.indices[view.equations.indptr[:-1]]]
        self._members, self._first_member = _sorted_by(self.label)
        self._rows, self._first_row = _sorted_by(owner, int(self.label.max(initial=-1)) + 1)

    def joined(self, labels: Sequence[int]) -> Region:
        """The region of some components; nothing connects them yet."""
        members = np.sort(_taken(self._members, self._first_member, labels))
        rows = _taken(self._rows, self._first_row, labels)
        part = self._view.equations[rows]
        columns = np.searchsorted(members, part.indices)
        equations = sp.csr_matrix((part.data, columns, part.indptr), (rows.size, members.size))
        return Region(members, equations, self._view.rows[rows])

    def look(self, region: Region, more: sp.csr_matrix) -> View:
        """The view of a region only, with `more` equations (one column per member)."""
        view, members = self._view, region.members
        inside = members < view.unknown.size
        return replace(
            view,
            unknown=view.unknown[members[inside]],
            equations=sp.vstack([region.equations, more], format="csr"),
            rows=np.concatenate([region.rows, np.zeros(more.shape[0], dtype=np.int64)]),
            fall=view.fall[members],
            sharp_fall=view.sharp_fall[members],
            capped=np.flatnonzero(np.isin(members[inside], view.capped)),
        )


def rows_of(sums: Sequence[Ints], members: Ints) -> sp.csr_matrix:
    """One row per sum over some of the members."""
    columns = [np.searchsorted(members, one) for one in sums]
    ends = np.concatenate([[0], np.cumsum([one.size for one in columns])]).astype(np.int64)
    indices = np.concatenate([np.empty(0, dtype=np.int64), *columns])
    return sp.csr_matrix((np.ones(indices.size), indices, ends), (len(sums), members.size))


def _sorted_by(label: Ints, size: int | None = None) -> tuple[Ints, Ints]:
    """The numbers of the labels in order of label, and where each label starts."""
    counts = np.bincount(label, minlength=size or 0)
    return np.argsort(label, kind="stable"), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _taken(numbers: Ints, first: Ints, labels: Sequence[int]) -> Ints:
    return np.concatenate([numbers[first[label] : first[label + 1]] for label in labels])
