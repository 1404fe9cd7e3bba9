"""Rates that can be compared between small and large areas, as input for spatial statistics and maps.

Marshall, R.J. (1991), Mapping disease and mortality rates using empirical Bayes estimators, Applied Statistics 40; Assunção, R.M. and Reis, E.A.
(1999), A new proposal to adjust Moran's I for population density, Statistics in Medicine 18; Choynowski, M. (1959), Maps based on
probabilities, JASA 54; Potthoff, R.F. and Whittinghill, M. (1966), Testing for homogeneity, Biometrika 53.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from zicht.findings.spatial import Neighbours
from zicht.findings.table import Floats, Ints


def marshall(observed: Ints, population: Floats) -> Floats:
    """Rates drawn to the overall rate by their moments; quick, and without an interval: for maps use `gamma_poisson`.

    Args:
        observed: events of each area.
        population: persons, above 0.

    Returns:
        Rates, in events per person.
    """
    mean = observed.sum() / population.sum()
    spread = (
        np.sum(population * (observed / population - mean) ** 2) / population.sum() - mean / population.mean()
    )
    return _drawn(observed / population, population, mean, spread)


def marshall_local(observed: Ints, population: Floats, binary: Neighbours) -> Floats:
    """Rates drawn to that of the area with its neighbours.

    Args:
        observed: events of each area.
        population: persons, above 0.
        binary: neighbours that count alike.

    Returns:
        Rates, in events per person.
    """
    w = binary.weights
    degree = np.diff(w.indptr) + 1.0
    rate = observed / population
    people = w @ population + population
    mean = (w @ observed + observed) / people
    # Each area about the mean of its own neighbourhood, as Marshall has it.
    squares = population * (rate - mean) ** 2
    spread = (w @ squares + squares) / people - mean / (people / degree)
    return _drawn(rate, population, mean, spread)


def _drawn(rate: Floats, population: Floats, mean: Floats | float, spread: Floats | float) -> Floats:
    above = np.maximum(spread, 0.0)
    variance = above + mean / population
    weight = np.divide(above, variance, out=np.zeros(len(rate)), where=variance > 0)
    return np.asarray(mean + weight * (rate - mean), np.float64)


def comparable(observed: Ints, population: Floats) -> Floats:
    """Rates as z-scores that vary alike whatever the population, for Moran's I and its local form (Assunção and Reis).

    Args:
        observed: events of each area, not all 0.
        population: persons, above 0.

    Returns:
        z-scores.
    """
    mean = observed.sum() / population.sum()
    rate = observed / population
    between = np.sum(population * (rate - mean) ** 2) / population.sum() - mean / population.mean()
    variance = between + mean / population
    # Where areas differ less than chance makes them, the part between areas is left out.
    variance = np.where(variance > 0, variance, mean / population)
    return np.asarray((rate - mean) / np.sqrt(variance), np.float64)


def chance_map(observed: Ints, expected: Floats) -> Floats:
    """Choynowski's map: the chance of at most this many events.

    Args:
        observed: events of each area.
        expected: expected events.

    Returns:
        Chances between 0 and 1.
    """
    return np.asarray(special.gammaincc(observed + 1.0, expected), np.float64)


def homogeneity(observed: Ints, expected: Floats) -> tuple[float, float]:
    """Whether ratios differ between areas at all: Pearson's chi² with one degree of freedom less than there are areas.

    Args:
        observed: events of each area.
        expected: expected events, adding up to those observed.

    Returns:
        chi² and its p.
    """
    chi2 = float(np.sum((observed - expected) ** 2 / expected))
    return chi2, float(special.chdtrc(len(expected) - 1, chi2))


def potthoff_whittinghill(observed: Ints, expected: Floats) -> float:
    """A statistic of the same question that is kind to small expected numbers; its p is by simulation of multinomial counts."""
    return float(expected.sum() * np.sum(observed * (observed - 1) / expected))
