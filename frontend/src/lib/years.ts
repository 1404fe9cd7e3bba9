// Small maps of all periods side by side: same classes, same part of the country, the period as heading.

import type { Figures, Settings } from "./data";
import { framed } from "./geometry";
import { colour, html } from "./dom";
import { hatching } from "./patterns";
import { type Surface, paintOf, radiusOf } from "./surface";

const MOST = 12;
const RATIO = 1.15; // width by height of a small map

/** The maps, latest last; `choose` is told which period was pressed. */
export function smallMaps(surface: Surface, settings: Settings, figures: Figures, choose: (period: number) => void): HTMLElement {
  const drawn = surface.paths.map((path) => (path ? new Path2D(path) : null));
  const list = html("ul", { class: "years", role: "list" });
  figures.periods
    .map((id, period) => [settings.periods.find(([known]) => known === id)?.[1] ?? id, period] as const)
    .filter(([, period]) => figures.value[period]?.some((value) => value !== null))
    .slice(-MOST)
    .forEach(([words, period]) => {
      const canvas = html("canvas", { width: 420, height: Math.round(420 / RATIO), "aria-hidden": "true" });
      const button = html("button", { type: "button" }, html("span", {}, words), canvas);
      button.addEventListener("click", () => choose(period));
      list.append(html("li", {}, button));
      draw(canvas, surface, settings, figures, period, drawn);
    });
  return list;
}

function draw(canvas: HTMLCanvasElement, surface: Surface, settings: Settings, figures: Figures, period: number, drawn: readonly (Path2D | null)[]): void {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const view = framed(surface.whole, RATIO, 0);
  const scale = canvas.width / view.width;
  pen.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
  const letters = figures.paint[period] ?? "";
  const paints: Record<string, CanvasPattern | string> = { h: hatching(pen, scale * 0.6), n: colour("none"), l: colour("land") };
  const { circles } = settings;
  drawn.forEach((path, place) => {
    if (!path) return;
    const letter = letters[place] ?? "n";
    const key = circles && letter !== "h" && letter !== "n" ? "l" : letter;
    pen.fillStyle = paints[key] ??= colour(paintOf(key));
    pen.fill(path, "evenodd");
  });
  if (!circles) return;
  pen.fillStyle = colour("circle");
  pen.globalAlpha = 0.75;
  surface.points.forEach((point, place) => {
    const radius = radiusOf(circles, figures.value[period]?.[place]);
    if (!point || !radius) return;
    pen.beginPath();
    pen.arc(point[0], point[1], radius, 0, 2 * Math.PI);
    pen.fill();
  });
}
