// Public objects on the map, such as charging points: a dot each, of the same size however near one looks.

import { svg } from "./dom";

const MANY = 2000; // dots become small, or they would hide the map

/** The dots of a file with `x,y` in metres, on a map with cells of `grid` metres. */
export async function pointLayer(address: string, grid: number): Promise<SVGGElement> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  const [, ...lines] = (await answer.text()).trim().split(/\r?\n/);
  const dots = lines.map((line) => {
    const [x = NaN, y = NaN] = line.split(",").map(Number);
    return `M${(x / grid).toFixed(1)},${(-y / grid).toFixed(1)}h0`;
  });
  const path = dots.join("");
  return svg("g", { class: lines.length > MANY ? "points many" : "points" }, svg("path", { d: path, class: "halo" }), svg("path", { d: path, class: "dot" }));
}
