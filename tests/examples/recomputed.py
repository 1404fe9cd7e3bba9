"""What findings on real data must be, computed again from the public figures in the plainest way, with nothing of `zicht.findings`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from zicht.release import Release

Counts = dict[str, tuple[float, float]]


def rows(release: Release, finding: str, method: str) -> list[dict[str, object]]:
    """The rows of one method of a finding, as the release holds them."""
    found = release.findings()
    assert found is not None
    return [row for row in found.to_pylist() if (row["finding"], row["method"]) == (finding, method)]


def values(release: Release, indicator: str, level: str) -> dict[str, float]:
    """The public figures of the last period, by area; areas whose place is unknown left out."""
    figures = [row for row in release.figures(indicator).to_pylist() if row["level"] == level]
    last = max(row["period"] for row in figures if row["value"] is not None)
    return {
        row["area"]: row["value"]
        for row in figures
        if row["period"] == last and row["value"] is not None and "-" not in row["area"]
    }


def counts(release: Release, indicator: str, level: str) -> Counts:
    """Events and people of every area that has a public figure."""
    known = values(release, indicator, level)
    return {
        row["area"]: (row["numerator"], row["denominator"])
        for row in release.figures(indicator).to_pylist()
        if row["level"] == level and row["area"] in known
    }


def nearest(
    traits: Sequence[dict[str, float]], area: str, areas: Sequence[str], count: int = 10
) -> list[str]:
    """The areas most like one, by the mean over traits of the difference ÷ the range; a trait that one of two lacks does not count."""
    spans = []
    for trait in traits:
        there = [trait[code] for code in areas if code in trait]
        spans.append((max(there) - min(there)) or 1.0)

    def distance(other: str) -> float:
        both = [
            (trait, span)
            for trait, span in zip(traits, spans, strict=True)
            if area in trait and other in trait
        ]
        return sum(abs(trait[area] - trait[other]) / span for trait, span in both) / len(both)

    return sorted(
        (code for code in areas if code != area), key=lambda code: (round(distance(code), 12), code)
    )[:count]


def expected_of_all(found: Counts) -> dict[str, float]:
    """What each area would have at the rate of all, itself left out where it is more than a twentieth of them."""
    events, people = (sum(pair[at] for pair in found.values()) for at in (0, 1))
    made = {}
    for area, (own, size) in found.items():
        large = size > 0.05 * people
        made[area] = size * (events - own * large) / (people - size * large)
    return made


def spread_of(found: Counts, expected: dict[str, float]) -> float:
    """How many times as much areas differ as chance makes them, a tenth at either end pulled in."""
    z = sorted(2 * (math.sqrt(found[area][0]) - math.sqrt(expected[area])) for area in expected)
    low, high = (_quantile(z, part) for part in (0.1, 0.9))
    return math.sqrt(max(1.0, sum(min(max(one, low), high) ** 2 for one in z) / len(z)))


def _quantile(ordered: Sequence[float], part: float) -> float:
    place = part * (len(ordered) - 1)
    below = int(place)
    return ordered[below] + (place - below) * (ordered[min(below + 1, len(ordered) - 1)] - ordered[below])


def log_likelihood_ratio(observed: float, expected: float, total: float) -> float:
    """Kulldorff's of a piece of the map, where expected numbers add up to all events."""
    rest = total - observed
    return observed * math.log(observed / expected) + rest * math.log(rest / (total - expected))
