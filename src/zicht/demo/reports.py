"""Sixty months of reports by residents on public space, with three planted signals."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zicht.demo import targets
from zicht.demo.draw import Ints, identifiers, labels, stream
from zicht.demo.plan import BUURTEN, KIND
from zicht.demo.truth import Detail, Pattern

FIRST_MONTH = np.datetime64("2020-01")
MONTHS = 60
KINDS_OF_REPORT = (
    "afval",
    "overlast",
    "verlichting",
    "groen",
    "weg en stoep",
    "verkeer en parkeren",
    "water en riool",
)
KIND_SHARES = (0.31, 0.14, 0.10, 0.14, 0.16, 0.10, 0.05)
SEASON = (0.10, 0.18, -0.30, 0.35, -0.08, 0.02, 0.12)
"""Size of the yearly wave per kind, highest in July (negative: in January)."""

SIGNALS = (
    ("BU90010405", "afval", 56, 3.4),
    ("BU90010802", "overlast", 58, 4.0),
    ("BU90010303", "verlichting", 59, 4.6),
)
"""Planted: buurt, kind, month (0 is January 2020), factor on what was expected."""

STILL_OPEN = -99
"""Missing code in `dagen_tot_afhandeling`: not dealt with yet on 1 January 2025."""

BUSY = {
    "binnenstad": 1.7,
    "spoorzone": 1.4,
    "hoogbouw": 1.2,
    "villawijk": 0.75,
    "buitengebied": 0.7,
    "bedrijventerrein": 1.0,
}
"""Factor on reports per inhabitant by kind of neighbourhood: visitors report too."""


def make_reports(seed: int, inhabitants: Ints, *, plant: bool) -> tuple[pa.Table, tuple[Pattern, ...]]:
    """Delivery `meldingen`: one row per report.

    Args:
        seed: of the generator.
        inhabitants: per buurt, in the last peiljaar.
        plant: whether the signals are planted.
    """
    rng = stream(seed, "reports")
    month = np.arange(MONTHS)
    wave = np.cos(2 * np.pi * (month % 12 - 6) / 12)
    busy = np.array([BUSY.get(_kind(plan.kind), 1.0) for plan in BUURTEN])
    weight = busy * (inhabitants + 60.0)
    total = targets.REPORTS_PER_PERSON_YEAR * inhabitants.sum() / 12
    level = weight[:, None, None] / weight.sum() * np.array(KIND_SHARES)[None, :, None] * total
    season = 1 + np.array(SEASON)[:, None] * wave[None, :]
    expected = level * season[None] * (1 + 0.02 * (month / 12 - 2.5))[None, None, :]
    count = rng.poisson(expected * rng.gamma(40.0, 1 / 40.0, expected.shape))
    found = []
    for code, kind, when, factor in SIGNALS if plant else ():
        cell = ([b.code for b in BUURTEN].index(code), KINDS_OF_REPORT.index(kind), when)
        count[cell] = round(factor * float(expected[cell]))
        label = str(FIRST_MONTH + when)
        what = (
            f"In {label} {BUURTEN[cell[0]].name} reports far more {kind} than its series leads one to expect."
        )
        detail: dict[str, Detail] = {
            "month": label,
            "kind": kind,
            "expected": round(float(expected[cell]), 2),
            "observed": int(count[cell]),
        }
        found.append(Pattern("signal", what, "meldingen", (code,), factor, detail))
    return _rows(rng, count), tuple(found)


def _kind(number: int) -> str:
    return next(name for name, position in KIND.items() if position == number)


def _rows(rng: np.random.Generator, count: np.ndarray) -> pa.Table:
    buurt, kind, month = (np.repeat(axis.ravel(), count.ravel()) for axis in np.indices(count.shape))
    start = (FIRST_MONTH + month).astype("datetime64[D]")
    length = ((FIRST_MONTH + month + 1).astype("datetime64[D]") - start).astype(np.int64)
    day = start + np.floor(rng.random(len(month)) * length).astype("timedelta64[D]")
    order = np.lexsort((rng.random(len(day)), day))
    days_open = np.floor(rng.gamma(1.3, 6.0, len(day))).astype(np.int64)
    # A few reports carry no usable place.
    lost = rng.random(len(day)) < 0.012
    still_open = day + days_open >= np.datetime64("2025-01-01")
    return pa.table(
        {
            "melding_id": identifiers("M", np.arange(1, len(day) + 1), 7),
            "datum": pa.array(day[order], pa.date32()),
            "maand": pa.array(np.datetime_as_string(day[order].astype("datetime64[M]")), pa.string()),
            "soort": labels(KINDS_OF_REPORT, kind[order]),
            "buurtcode": labels([b.code for b in BUURTEN], np.where(lost, -1, buurt)[order]),
            "dagen_tot_afhandeling": pa.array(np.where(still_open, STILL_OPEN, days_open)[order], pa.int16()),
        }
    )
