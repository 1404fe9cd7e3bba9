"""The map of Voorbeeldstad: 84 irregular buurten round a river, a railway and a singel.

The land is cut into some three thousand Voronoi cells ("blocks"). Along the river, the railway, the singel and the
city limit the seeds stand in mirrored pairs, so that cell borders follow those lines. Blocks are then dealt out to
wijken and, by weighted k-means, to buurten; the borders are simplified as a coverage, so neighbours keep sharing them.
The map is the same for every seed of the generator: only what happens in the city varies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

from zicht.demo.plan import BUURTEN, WIJKEN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CENTRE = np.array([145_500.0, 508_500.0])
"""RD coordinates (EPSG:28992) of the city centre: open water of the Markermeer in the real world."""

MAP_SEED = 9001
BLOCK = 165.0
"""Mean distance between blocks, metres."""
BORDER_TOLERANCE = 105.0
"""Detail below this size, metres, is smoothed from the borders."""


@dataclass(frozen=True)
class CityMap:
    """The geometry of Voorbeeldstad in EPSG:28992, metres.

    Attributes:
        buurten: one polygon per buurt, in the order of `plan.BUURTEN`; together a valid coverage.
        wijken: one polygon per wijk, in the order of `plan.WIJKEN`; each the union of its buurten.
        gemeente: the union of all.
        water: the river, drawn over the borders it forms.
    """

    buurten: tuple[shapely.Polygon, ...]
    wijken: tuple[shapely.Polygon, ...]
    gemeente: shapely.Polygon
    water: shapely.Geometry


@cache
def city_map() -> CityMap:
    """The map; made once per process (about a second)."""
    rng = np.random.default_rng(MAP_SEED)
    seeds = _seeds(rng)
    voronoi = Voronoi(seeds)
    inside = np.flatnonzero(_inside(seeds) & np.array([_bounded(voronoi, i) for i in range(len(seeds))]))
    blocks = seeds[inside]
    pairs = _neighbours(voronoi, inside)
    wijk = _connected(_deal_wijken(blocks), pairs, len(WIJKEN))
    buurt = _deal_buurten(blocks, wijk, pairs, rng)
    vertices = np.round(voronoi.vertices + CENTRE, 1)
    cells = [shapely.Polygon(vertices[voronoi.regions[voronoi.point_region[i]]]) for i in inside]
    raw = [
        shapely.coverage_union_all([cells[i] for i in np.flatnonzero(buurt == b)])
        for b in range(len(BUURTEN))
    ]
    smooth = shapely.coverage_simplify(raw, BORDER_TOLERANCE)
    smooth = tuple(shapely.set_precision(shape, 0.1, mode="pointwise") for shape in smooth)
    number = np.array([plan.wijk for plan in BUURTEN])
    wijken = tuple(
        shapely.coverage_union_all([smooth[i] for i in np.flatnonzero(number == w)])
        for w in range(len(WIJKEN))
    )
    return CityMap(smooth, wijken, shapely.coverage_union_all(list(smooth)), _water(smooth))


def river(x: Floats) -> Floats:
    """Northing of the river at easting `x`, both metres from the centre."""
    northing: Floats = 620 * np.sin(x / 1750 + 0.5) + 300 * np.sin(x / 760 + 1.0) + 0.19 * x - 690
    return northing


def railway(x: Floats) -> Floats:
    """Northing of the railway at easting `x`, both metres from the centre."""
    return 2250 + 420 * np.sin(x / 2600 + 0.9) - 0.07 * x


def limit(angle: Floats) -> Floats:
    """Distance from the centre to the city limit in the direction `angle` (radians), metres."""
    wave = 0.09 * np.sin(2 * angle + 0.9) + 0.08 * np.sin(3 * angle + 2.0) + 0.075 * np.sin(5 * angle + 0.8)
    return 5650 * (1 + wave + 0.04 * np.sin(8 * angle + 0.4) + 0.022 * np.sin(13 * angle + 1.0))


def singel(angle: Floats) -> Floats:
    """Distance from the middle of the old town to its singel in the direction `angle` (radians), metres."""
    return 1080 * (1 + 0.07 * np.sin(3 * angle + 0.3) + 0.05 * np.sin(5 * angle + 1.9))


SINGEL_CENTRE = np.array([-120.0, 420.0])


def _polar(points: Floats, centre: Floats) -> tuple[Floats, Floats]:
    away = points - centre
    return np.hypot(away[:, 0], away[:, 1]), np.arctan2(away[:, 1], away[:, 0])


def _inside(points: Floats) -> NDArray[np.bool_]:
    distance, angle = _polar(points, np.zeros(2))
    return distance < limit(angle)


def _zones(points: Floats) -> NDArray[np.str_]:
    distance, angle = _polar(points, SINGEL_CENTRE)
    north = points[:, 1] > river(points[:, 0])
    zone = np.where(points[:, 1] > railway(points[:, 0]), "noord", "midden")
    zone = np.where(north & (distance < singel(angle)), "singel", zone)
    return np.where(north, zone, "zuid")


def _lines() -> list[Floats]:
    x = np.linspace(-8000, 8000, 4001)
    turn = np.linspace(0, 2 * np.pi, 3001)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    town = SINGEL_CENTRE + ring * singel(turn)[:, None]
    return [
        np.stack([x, river(x)], axis=1),
        np.stack([x, railway(x)], axis=1),
        town[town[:, 1] > river(town[:, 0])],
        ring * limit(turn)[:, None],
    ]


def _paired(line: Floats) -> Floats:
    """Points on both sides of a line, so that the border between their cells is the line."""
    path = shapely.LineString(line)
    along = np.arange(BLOCK / 2, path.length, BLOCK * 0.75)
    here = shapely.get_coordinates(shapely.line_interpolate_point(path, along))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(path, along + 5))
    tangent = ahead - here
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    length = np.maximum(np.hypot(normal[:, 0], normal[:, 1]), 1e-9)
    step = normal / length[:, None] * BLOCK * 0.3
    return np.concatenate([here + step, here - step])


def _seeds(rng: np.random.Generator) -> Floats:
    paired = np.concatenate([_paired(line) for line in _lines()])
    # Where two lines cross, pairs crowd; one of every crowd is enough.
    keep = np.ones(len(paired), dtype=bool)
    for first, second in sorted(cKDTree(paired).query_pairs(BLOCK * 0.35)):
        if keep[first] and keep[second]:
            keep[second] = False
    paired = paired[keep]
    side = np.arange(-7200, 7200, BLOCK)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    grid = grid + rng.uniform(-0.42, 0.42, grid.shape) * BLOCK
    distance, angle = _polar(grid, np.zeros(2))
    grid = grid[distance < limit(angle) + 3 * BLOCK]
    free = cKDTree(paired).query(grid)[0] > BLOCK * 0.62
    return np.concatenate([paired, grid[free]])


def _bounded(voronoi: Voronoi, seed: int) -> bool:
    return -1 not in voronoi.regions[voronoi.point_region[seed]]


def _neighbours(voronoi: Voronoi, inside: Ints) -> Ints:
    """Pairs of blocks (as positions in `inside`) that share a border."""
    position = np.full(len(voronoi.points), -1)
    position[inside] = np.arange(len(inside))
    pairs: Ints = position[voronoi.ridge_points]
    return pairs[(pairs >= 0).all(axis=1)]


def _deal_wijken(blocks: Floats) -> Ints:
    """The nearest wijk (distance over reach) among those that lie in the zone of the block."""
    zones = _zones(blocks)
    cost = np.full((len(blocks), len(WIJKEN)), np.inf)
    for number, wijk in enumerate(WIJKEN):
        away = np.hypot(blocks[:, 0] - wijk.anchor[0], blocks[:, 1] - wijk.anchor[1]) / wijk.reach
        cost[:, number] = np.where(zones == wijk.zone, away, np.inf)
    nearest: Ints = np.argmin(cost, axis=1)
    return nearest


def _deal_buurten(blocks: Floats, wijk: Ints, pairs: Ints, rng: np.random.Generator) -> Ints:
    """Weighted k-means inside each wijk; dense near the centre, so buurten are smaller there."""
    label = np.zeros(len(blocks), dtype=np.int64)
    first = 0
    for number, plan in enumerate(WIJKEN):
        mine = np.flatnonzero(wijk == number)
        points = blocks[mine]
        weight = 1.0 / (700.0 + np.hypot(points[:, 0], points[:, 1])) ** 1.2
        middle = points[_spread(points, len(plan.buurten), rng)]
        for _ in range(25):
            near = cKDTree(middle).query(points)[1]
            middle = np.stack(
                [np.average(points[near == k], axis=0, weights=weight[near == k]) for k in range(len(middle))]
            )
        order = np.argsort(np.hypot(middle[:, 0], middle[:, 1]))
        near = cKDTree(middle[order]).query(points)[1]
        label[mine] = first + near
        first += len(plan.buurten)
    return _connected(label, pairs, len(BUURTEN), within=wijk)


def _spread(points: Floats, count: int, rng: np.random.Generator) -> list[int]:
    """Start points far from each other."""
    chosen = [int(rng.integers(len(points)))]
    away = np.full(len(points), np.inf)
    while len(chosen) < count:
        away = np.minimum(away, np.hypot(*(points - points[chosen[-1]]).T))
        chosen.append(int(np.argmax(away)))
    return chosen


def _connected(label: Ints, pairs: Ints, count: int, within: Ints | None = None) -> Ints:
    """The same labels, each in one piece: loose bits go to the neighbour they touch most."""
    label = label.copy()
    links: list[list[int]] = [[] for _ in label]
    for a, b in pairs:
        links[a].append(int(b))
        links[b].append(int(a))
    for number in range(count):
        for piece in _pieces(label, links, number)[1:]:
            around = [n for i in piece for n in links[i] if label[n] != number]
            if within is not None:
                around = [n for n in around if within[n] == within[piece[0]]] or around
            if around:
                label[piece] = np.bincount(label[around]).argmax()
    return label


def _pieces(label: Ints, links: list[list[int]], number: int) -> list[list[int]]:
    """Connected pieces of a label, largest first."""
    left = {int(i) for i in np.flatnonzero(label == number)}
    pieces = []
    while left:
        stack = [min(left)]
        left.discard(stack[0])
        piece = []
        while stack:
            here = stack.pop()
            piece.append(here)
            for there in links[here]:
                if there in left:
                    left.discard(there)
                    stack.append(there)
        pieces.append(sorted(piece))
    return sorted(pieces, key=len, reverse=True)


def _water(buurten: tuple[shapely.Polygon, ...]) -> shapely.Geometry:
    """The river, as wide as a river, along the borders that it forms."""
    zuid = np.array([WIJKEN[plan.wijk].zone == "zuid" for plan in BUURTEN])
    south = shapely.coverage_union_all([b for b, flag in zip(buurten, zuid, strict=True) if flag])
    north = shapely.coverage_union_all([b for b, flag in zip(buurten, zuid, strict=True) if not flag])
    shore = shapely.line_merge(shapely.intersection(south.boundary, north.boundary))
    return shapely.set_precision(shapely.buffer(shore, 42.0, cap_style="flat", quad_segs=3), 0.1)
