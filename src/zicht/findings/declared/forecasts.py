"""The declared pattern that looks ahead: what a count of each area will be in the next periods, where earlier forecasts came true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from zicht.declare import Forecasting
from zicht.errors import ZichtError
from zicht.findings.declared.ground import Ground, chosen, of_level
from zicht.findings.declared.over_time import series_of
from zicht.findings.forecasts import Forecast, forecasts
from zicht.findings.table import About, findings


def forecast(analysis: Forecasting, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Forecast the next periods of a count, for areas of which every period is public; see `look_for`.

    Of each period ahead there are rows of areas (`forecast` with 95 %, `forecast_80` with 80 % intervals; `unreliable` where forecasts did not
    come true before) and rows of groups that say how well it did: `by_…` (the way of forecasting), `skill`, `held_80`, `held_95`,
    `covered_80`, `covered_95` and `judged`.
    """
    level = chosen(of_level(analysis, analysis.indicator, figures, ground), (), analysis.only)
    periods = sorted(set(level["period"].to_pylist()))
    codes, counts = series_of(level, periods)
    known = f"Finding `{analysis.id}`: `{analysis.indicator}` has {len(periods)} periods, from {periods[0]} to {periods[-1]}"
    numbers = [_number(period) for period in periods]
    if len({len(period) for period in periods}) > 1 or numbers != list(
        range(numbers[0], numbers[0] + len(numbers))
    ):
        raise ZichtError(f"{known}, and a forecast needs each year, quarter or month between them.")
    found = []
    for lead in range(1, analysis.ahead + 1):
        try:
            made = forecasts(counts, _per_year(periods[-1]), lead)
        except ZichtError as error:
            raise ZichtError(f"{known}: {error}.") from error
        period = _period(numbers[-1] + lead, periods[-1])
        found += _rows(About(analysis.id, analysis.level, ground.division, period), codes, made)
    return pa.concat_tables(found)


def _per_year(period: str) -> int:
    return 4 if "Q" in period else 12 if "-" in period else 1


def _number(period: str) -> int:
    """Which period it is, counted from the year 0."""
    year, _, part = period.partition("-")
    return int(year) * _per_year(period) + (int(part.removeprefix("Q")) - 1 if part else 0)


def _period(number: int, like: str) -> str:
    """The name of a period, written as another one."""
    year, part = divmod(number, _per_year(like))
    written = {1: "", 4: f"-Q{part + 1}", 12: f"-{part + 1:02d}"}
    return f"{year:04d}{written[_per_year(like)]}"


def _rows(about: About, codes: Sequence[str], made: Forecast) -> list[pa.Table]:
    status = ["ok" if made.showable else "unreliable"] * len(codes)
    skill = [made.skill] * len(codes)
    told = {"area": codes, "estimate": made.mean, "statistic": skill, "status": status}
    judged = {f"by_{made.by}": 1.0, "skill": made.skill, "judged": float(made.judged)}
    judged |= {f"held_{level}": share for level, share in made.held.items()}
    judged |= {f"covered_{level}": share for level, share in made.covered.items()}
    return [
        findings(about, "forecast", {**told, "lower": made.bounds[0], "upper": made.bounds[1]}),
        findings(about, "forecast_80", {**told, "lower": made.likely[0], "upper": made.likely[1]}),
        findings(about, "forecast_80", {"group": list(judged), "estimate": list(judged.values())}),
    ]
