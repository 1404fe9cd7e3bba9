"""How tests read the answer keys beside the checkout."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def column(table: list[dict[str, str]], name: str) -> Floats:
    return np.array([np.nan if row[name] in ("", "NA") else float(row[name]) for row in table])


def census_weights(censuses: list[int], first: int, last: int) -> Floats:
    """Years × censuses: person-years for one person at a census of 1 July, in between on a straight line by the day."""
    known = [date(year, 7, 1).toordinal() for year in censuses]
    weights = np.zeros((last - first + 1, len(censuses)))
    for day in _days(date(first, 1, 1), date(last, 12, 31)):
        for which in range(len(censuses)):
            unit = np.eye(len(censuses))[which]
            weights[day.year - first, which] += np.interp(day.toordinal() + 0.5, known, unit)
    return weights


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(number)


def new_mexico(folder: Path) -> tuple[Floats, Floats, Floats, Floats]:
    """Places (2), cases and expected cases given age and sex, counties × years, and the number of people per county."""
    places = rows(folder / "NMgeo.csv")
    number = {row["county"]: at for at, row in enumerate(places)}
    people, cases = np.zeros((32, 3, 40, 3)), np.zeros((32, 19, 40, 3))
    for row in rows(folder / "NMpop.csv"):
        census = {"73": 0, "82": 1, "91": 2}[row["year"]]
        people[number[row["county"]], census, int(row["agegroup"]), int(row["sex"])] += float(
            row["population"]
        )
    for row in rows(folder / "NMcas.csv"):
        cases[number[row["county"]], int(row["year"]) - 1973, int(row["agegroup"]), int(row["sex"])] += float(
            row["cases"]
        )
    years = np.einsum("yk,ikas->iyas", census_weights([1973, 1982, 1991], 1973, 1991), people)
    rate = cases.sum((0, 1)) / np.maximum(years.sum((0, 1)), 1e-9)
    expected = (years * rate).sum((2, 3))
    return (
        np.column_stack([column(places, "lat"), column(places, "long")]),
        cases.sum((2, 3)),
        expected,
        expected.sum(1),
    )
