"""How areas lean on their neighbours: the intrinsic autoregression of Besag, with variances of about 1 whatever the map looks like.

Besag, J., York, J. and Mollié, A. (1991), Bayesian image restoration, AISM 43; Sørbye, S.H. and Rue, H. (2014), Scaling intrinsic Gaussian Markov
random field priors in spatial modelling, Spatial Statistics 8; Freni-Sterrantino, A., Ventrucci, M. and Rue, H. (2018), A note on intrinsic
conditional autoregressive models for disconnected graphs, Spatial and Spatio-temporal Epidemiology 26: each part of the map is scaled by itself
and adds up to 0, and an island gets variance 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph, linalg

from zicht.errors import ZichtError
from zicht.findings.spatial import Neighbours
from zicht.findings.table import Floats


@dataclass(frozen=True, slots=True)
class Factor:
    """LDLᵀ of a precision matrix.

    Attributes:
        columns: where the columns of L start.
        below: rows of L.
        lower: values of L.
        diagonal: D.
        order: which area stands at each place.
    """

    columns: npt.NDArray[np.int64]
    below: npt.NDArray[np.int32]
    lower: Floats
    diagonal: Floats
    order: npt.NDArray[np.intp]

    def log_determinant(self) -> float:
        """Logarithm of the determinant."""
        return float(np.log(self.diagonal).sum())

    def solve(self, right: Floats) -> Floats:
        """What the matrix turns into these right-hand sides (areas × number)."""
        from zicht.findings import sparse_kernel  # compiled code is loaded when first needed

        made = np.ascontiguousarray(right[self.order])
        sparse_kernel.solve(self.columns, self.below, self.lower, self.diagonal, made)
        back = np.empty_like(made)
        back[self.order] = made
        return back

    def variances(self) -> Floats:
        """The diagonal of the inverse."""
        from zicht.findings import sparse_kernel

        back = np.empty(len(self.order))
        back[self.order] = sparse_kernel.variances(self.columns, self.below, self.lower, self.diagonal)
        return back


class Structure:
    """The precision matrix of effects that lean on neighbours, and what is needed to factor it plus any diagonal.

    Attributes:
        precision: areas × areas, scaled so that the geometric mean of the variances in each part of the map is 1.
        parts: areas × parts of two areas or more, 1 where an area is in it: in each part the effects add up to 0.
        log_determinant: logarithm of the product of the eigenvalues of `precision` that are not 0.
        trace: sum of the variances.
        scales: the geometric mean of the variances before scaling, of each part.
    """

    def __init__(self, by: Neighbours) -> None:
        """Take neighbours that count alike, each pair in both directions.

        Raises:
            ZichtError: nobody has a neighbour.
        """
        weights = by.weights
        if weights.nnz == 0:
            raise ZichtError("no area has a neighbour, so that there is nothing to borrow from")
        self._plan(weights)
        _, of = csgraph.connected_components(weights, directed=False)
        sizes = np.bincount(of)
        wide = np.flatnonzero(sizes > 1)
        self.parts = (of[:, None] == wide).astype(np.float64)
        laplacian = sparse.csc_array(sparse.diags_array(weights.sum(1)) - weights)
        variances, grounded = self._free(laplacian)
        logs = np.log(np.where(by.without, 1.0, variances))
        self.scales = np.exp(self.parts.T @ logs / sizes[wide])
        each = np.ones(len(of)) + self.parts @ (self.scales - 1)
        self.trace = float(np.sum(np.where(by.without, 1.0, variances) / each))
        self.precision = sparse.csc_array(
            sparse.diags_array(each) @ laplacian + sparse.diags_array(by.without.astype(np.float64))
        )
        self.log_determinant = grounded + float(
            np.sum(np.log(sizes[wide]) + (sizes[wide] - 1) * np.log(self.scales))
        )
        self._values, self._at = self._laid(self.precision)

    def factor(self, times: float, plus: Floats) -> Factor:
        """Factor `times` the precision matrix with a diagonal added, which must leave it positive definite."""
        values = times * self._values
        values[self._at] += plus[self._order]
        return self._factored(values)

    def _plan(self, weights: sparse.csr_array) -> None:
        """The order of elimination (minimum degree, as SuperLU has it), the pattern of the upper triangle and the tree."""
        from zicht.findings import sparse_kernel

        n = weights.shape[0]
        full = sparse.csc_array(weights + sparse.diags_array(weights.sum(1) + 1.0))
        options = {"SymmetricMode": True}
        place = linalg.splu(full, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options).perm_c
        self._order = np.argsort(place)
        pattern = sparse.csc_array(sparse.triu(full[self._order][:, self._order]))
        pattern.sort_indices()
        self._starts, self._rows = pattern.indptr.astype(np.int32), pattern.indices.astype(np.int32)
        self._parent, self._columns = sparse_kernel.tree(self._starts, self._rows)
        self._n = n

    def _laid(self, matrix: sparse.csc_array) -> tuple[Floats, npt.NDArray[np.int64]]:
        """The values of a matrix on the pattern, and where its diagonal is."""
        ordered = matrix[self._order][:, self._order]
        column = np.repeat(np.arange(self._n), np.diff(self._starts))
        values = np.asarray(ordered[self._rows, column]).ravel().astype(np.float64)
        return values, np.flatnonzero(self._rows == column)

    def _factored(self, values: Floats) -> Factor:
        from zicht.findings import sparse_kernel

        below, lower, diagonal = sparse_kernel.factor(
            self._starts, self._rows, values, self._parent, self._columns
        )
        return Factor(self._columns, below, lower, diagonal, self._order)

    def _free(self, laplacian: sparse.csc_array) -> tuple[Floats, float]:
        """Variances of effects that add up to 0 in each part, and the log determinant with one area of each part held fast.

        With one area fixed at 0 the matrix can be inverted (G); taking the mean off G gives the generalised inverse.
        """
        n = self._n
        parts = np.c_[self.parts, np.zeros((n, 0))]
        fixed = parts.argmax(0)
        keep = np.ones(n)
        keep[fixed] = 0.0
        loose = sparse.diags_array(keep)
        alone = (laplacian.diagonal() == 0) | (keep == 0)
        held = sparse.csc_array(loose @ laplacian @ loose + sparse.diags_array(alone.astype(np.float64)))
        factor = self._factored(self._laid(held)[0])
        sums = factor.solve(parts * keep[:, None])
        variance = factor.variances() * keep
        sizes = parts.sum(0)
        of_all = np.einsum("ij,ij->j", parts, sums) / sizes**2
        return variance + np.sum(parts * (of_all - 2 * sums / sizes), axis=1), factor.log_determinant()
