"""Releases that are public already. What they show cannot be taken back, so protection reckons with it.

They stand in the folder `published` of the project, one folder each, put there by `zicht publish`.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import ZichtError
from zicht.figures import FIGURES, TOTAL
from zicht.publish import Earlier, History
from zicht.release import Release, open_release, verify_release

FOLDER = "published"
KNOWN, FORMER = "known", "former"
QUANTITIES = ("value", "numerator", "denominator", "n")
SAME = 1e-9  # relative difference below which two computed numbers are the same


def mark_published(release: Release, project: Path, on: dt.date) -> Path:
    """Keep a release as public: from now on every build is protected together with it.

    Args:
        release: what was published.
        project: the project folder.
        on: the day on which it was published.

    Returns:
        The folder in which it is kept.

    Raises:
        ZichtError: it is kept already, or it was changed after it was made.
    """
    kept = [one.path for one in published_releases(project) if one.digest == release.digest]
    if kept:
        raise ZichtError(f"Release {release.digest[:16]} is published already, as {kept[0]}.")
    if not verify_release(release.path).holds:
        raise ZichtError(f"{release.path} was changed after it was made; build the project again.")
    to = project / FOLDER / f"{on.isoformat()}-{release.digest[:16]}"
    beside = to.with_name(f".{to.name}")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(release.path, beside)
    beside.replace(to)
    return to


def published_releases(project: Path) -> list[Release]:
    """The releases of the project folder `project` that are public already, oldest first.

    Raises:
        ZichtError: one of them is not whole or was changed, so that what the public knows is not known any more.
    """
    folders = sorted(path for path in (project / FOLDER).glob("[!.]*") if path.is_dir())
    for folder in folders:
        if not verify_release(folder).holds:
            raise ZichtError(
                f"{folder} was changed after it was published, so what the public knows is not certain. Put the release back as it was."
            )
    return [open_release(folder) for folder in folders]


def history_of(release: Release, project: Path) -> History:
    """What was public before a release, as far as the project folder tells.

    Args:
        release: it.
        project: the project folder.

    Raises:
        ZichtError: one of those was changed since.
    """
    kept = published_releases(project)
    digests = [one.digest for one in kept]
    if release.digest in digests:
        kept = kept[: digests.index(release.digest)]
    return History(tuple(Earlier(one, day_of(one)) for one in kept))


def day_of(release: Release) -> dt.date:
    """The day on which a published `release` became public, as the name of its folder says."""
    return dt.date.fromisoformat(release.path.name[:10])


def figures_of(releases: Sequence[Release], indicator: str) -> dict[str, pa.Table]:
    """What `releases` show of one indicator.

    Args:
        releases: public ones.
        indicator: its id.

    Returns:
        By the name of the release, the figures that are not hidden.
    """
    found = {}
    for release in releases:
        try:
            table = release.figures(indicator)
        except KeyError:
            continue
        found[release.path.name] = table.filter(pc.equal(table["status"], "ok"))
    return found


def with_what_is_known(figures: pa.Table, earlier: Mapping[str, pa.Table]) -> pa.Table:
    """Say of each figure whether an earlier release shows it, and whether that showed another number.

    Args:
        figures: those of one indicator.
        earlier: by the name of each release, what it shows of the indicator.

    Returns:
        The figures with two columns more: `known` (bool), whether all its numbers stand in an earlier release, and `former`
        (int64), the number of units that the last release over the same division with another one showed, null where none did.
    """
    known = np.zeros(figures.num_rows, dtype=np.bool_)
    former = np.full(figures.num_rows, np.nan)
    for table in earlier.values():
        at, same = _compared(table, figures)
        known |= same
        if _over_the_same_division(table, figures):
            former = np.where((at >= 0) & ~same, _numbers(table["n"])[np.maximum(at, 0)], former)
    changed = pa.array(former, from_pandas=True).cast(pa.int64())
    return figures.append_column(KNOWN, pa.array(known)).append_column(FORMER, changed)


def agrees(earlier: pa.Table, figures: pa.Table) -> bool:
    """Whether nothing can be learned by subtracting, of two sets of figures over divisions that may differ.

    Args:
        earlier: what a release shows of one indicator and period.
        figures: those of today, before they are protected.

    Returns:
        Whether all that the release shows is the same today, or all figures of today stand in the release already. Areas without
        units, and categories that there are no more, are passed over.
    """
    at, same = _compared(figures, earlier)
    gone = np.zeros(earlier.num_rows, dtype=np.bool_)
    for name in _breakdowns(earlier):
        left = figures[name] if name in figures.column_names else pa.chunked_array([[TOTAL]])
        gone |= ~pc.is_in(earlier[name], pc.unique(left)).to_numpy()
    empty = (at < 0) & (_numbers(earlier["n"])[: earlier.num_rows] == 0)
    if np.all(same | gone | empty):
        return True
    counted = figures.filter(pc.greater(figures["n"], 0))
    return bool(np.all(_compared(earlier, counted)[1]))


def unchanged(earlier: pa.Table, figures: pa.Table) -> pa.Table:
    """Those of the figures of a release of which today's are the same.

    Args:
        earlier: what the release shows of one indicator.
        figures: those of today over the same areas.
    """
    return earlier.filter(pa.array(_compared(figures, earlier)[1]))


def revisions(earlier: pa.Table, figures: pa.Table, few: int) -> Iterator[str]:
    """The figures that a release showed with a few units more or less.

    Args:
        earlier: what it shows of one indicator.
        figures: those of today over the same areas.
        few: how many units are no few any more.

    Returns:
        For each the area, period and categories.
    """
    at = _rows_in(figures, earlier)
    apart = np.abs(_numbers(figures["n"])[np.maximum(at, 0)] - _numbers(earlier["n"])[: earlier.num_rows])
    keys = _keys(earlier, ["area", "period", *_breakdowns(earlier)])
    return (" × ".join(keys[row]) for row in np.flatnonzero((at >= 0) & (apart > 0) & (apart < few)))


def _compared(table: pa.Table, figures: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """For each figure the row of `table` about the same, -1 where there is none, and whether all its numbers stand there."""
    at = _rows_in(table, figures)
    same = at >= 0
    for name in QUANTITIES:
        old, new = _numbers(table[name])[np.maximum(at, 0)], _numbers(figures[name])[: figures.num_rows]
        close = np.abs(old - new) <= SAME * np.maximum(1.0, np.abs(new))
        same &= close | (np.isnan(old) & np.isnan(new))
    return at, same


def _over_the_same_division(table: pa.Table, figures: pa.Table) -> bool:
    if "division" not in table.column_names or "division" not in figures.column_names:
        return True
    return bool(pc.unique(table["division"]).to_pylist() == pc.unique(figures["division"]).to_pylist())


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    found = pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy()
    return np.append(found, np.nan) if not found.size else found


def _rows_in(table: pa.Table, figures: pa.Table) -> npt.NDArray[np.int64]:
    """The row of `table` that tells of the same as each figure, -1 where none does. Breakdowns that one lacks are totals there."""
    keys = ["area", "period", *sorted({*_breakdowns(table), *_breakdowns(figures)})]
    place = {key: row for row, key in enumerate(_keys(table, keys))}
    return np.array([place.get(key, -1) for key in _keys(figures, keys)], dtype=np.int64)


def _keys(table: pa.Table, names: Sequence[str]) -> list[tuple[str, ...]]:
    columns = [
        table[name].to_pylist() if name in table.column_names else [TOTAL] * table.num_rows for name in names
    ]
    return list(zip(*columns, strict=True))


def _breakdowns(table: pa.Table) -> list[str]:
    return [name for name in table.column_names if name not in FIGURES.names]
