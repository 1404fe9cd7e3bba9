// Places on a map, in cells of its grid: boxes, the part of the map that is seen, and which area lies next in a direction.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Point = readonly [number, number];

/** The box around a path made of `M` (absolute), `l` (relative) and `z`, as src/zicht/publish/shapes.py writes it; null for an empty one. */
export function boxOf(path: string): Box | null {
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
  const reach = (x: number, y: number): void => {
    if (x < west) west = x;
    if (x > east) east = x;
    if (y < north) north = y;
    if (y > south) south = y;
  };
  for (const ring of path.split("M")) {
    if (!ring) continue;
    const [start, line] = ring.slice(0, -1).split("l");
    let [x, y] = (start ?? "").split(",").map(Number) as [number, number];
    reach(x, y);
    const steps = (line ?? "").split(/[ ,]/);
    for (let at = 0; at + 1 < steps.length; at += 2) {
      x += Number(steps[at]);
      y += Number(steps[at + 1]);
      reach(x, y);
    }
  }
  return west > east ? null : { x: west, y: north, width: east - west, height: south - north };
}

export function around(boxes: Iterable<Box | null | undefined>): Box | null {
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    if (!box) continue;
    west = Math.min(west, box.x);
    north = Math.min(north, box.y);
    east = Math.max(east, box.x + box.width);
    south = Math.max(south, box.y + box.height);
  }
  return west > east ? null : { x: west, y: north, width: east - west, height: south - north };
}

/** The smallest box of a given shape (width ÷ height) that holds another, with a margin as a share of it. */
export function framed(box: Box, ratio: number, margin = 0.06): Box {
  const edge = Math.max(box.width, box.height, 1) * margin;
  const [width, height] = [box.width + 2 * edge, box.height + 2 * edge];
  const [wide, high] = width / height > ratio ? [width, width / ratio] : [height * ratio, height];
  return { x: box.x + box.width / 2 - wide / 2, y: box.y + box.height / 2 - high / 2, width: wide, height: high };
}

export const between = (from: Box, to: Box, share: number): Box => ({
  x: from.x + (to.x - from.x) * share,
  y: from.y + (to.y - from.y) * share,
  width: from.width + (to.width - from.width) * share,
  height: from.height + (to.height - from.height) * share,
});

/** A box made larger (above 1) or smaller around a point. */
export const scaled = (box: Box, factor: number, [x, y]: Point): Box => ({
  x: x - (x - box.x) * factor,
  y: y - (y - box.y) * factor,
  width: box.width * factor,
  height: box.height * factor,
});

export const middle = (box: Box): Point => [box.x + box.width / 2, box.y + box.height / 2];

export const holds = (box: Box, [x, y]: Point): boolean =>
  x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;

/** Which place lies next in a direction: the nearest within 60 degrees of it; where one stands when there is none. */
export function next(points: readonly (Point | null)[], from: number, [dx, dy]: Point): number {
  const here = points[from];
  if (!here) return from;
  let [best, least] = [from, Infinity];
  points.forEach((point, place) => {
    if (!point || place === from) return;
    const [x, y] = [point[0] - here[0], point[1] - here[1]];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead > 0 && aside <= ahead * 1.75 && ahead + 2 * aside < least) [best, least] = [place, ahead + 2 * aside];
  });
  return best;
}
