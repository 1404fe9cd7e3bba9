// The map on a canvas, for levels with very many areas. The picture is larger than what is seen of it, so that a map that is dragged
// moves the picture as it is and is drawn anew when it comes to rest.

import { type Box, type Point, boxOf, holds, middle } from "./geometry";
import { type Areas, type Figures, type Settings, type Shapes } from "./data";
import { colour, html } from "./dom";
import { dotting, hatching } from "./patterns";
import { type Surface, paintOf, pointsOf, radiusOf } from "./surface";

const SPARE = 0.25; // of the width and height, on every side
const REST = 140; // milliseconds without a move
const OFTEN = 120; // milliseconds; during a move the picture is drawn anew at most so often
const LIGHT = 30; // milliseconds; what takes longer to draw waits until the map rests
const EDGED = 2; // pixels; smaller circles have no edge

export class CanvasSurface implements Surface {
  readonly element: HTMLElement;
  readonly whole: Box;
  readonly paths: readonly string[];
  readonly boxes: readonly (Box | null)[];
  readonly points: readonly (Point | null)[];
  private readonly canvas = html("canvas");
  private readonly pen: CanvasRenderingContext2D;
  private readonly drawn: readonly (Path2D | null)[];
  private drawing: { figures: Figures; period: number; aside: ReadonlySet<number>; dots: boolean } | null = null;
  private view: Box;
  private shown: Box | null = null;
  private waiting = 0;
  private drawnAt = 0;
  private took = 0; // milliseconds

  constructor(shapes: Shapes, areas: Areas, private readonly settings: Settings) {
    this.element = html("div", { class: "canvas-map" }, this.canvas);
    const [x, y, width, height] = shapes.viewBox;
    this.whole = { x, y, width, height };
    this.view = this.whole;
    this.paths = shapes.paths;
    this.boxes = shapes.paths.map((path) => (path ? boxOf(path) : null));
    const inside = pointsOf(areas);
    this.points = this.boxes.map((box, place) => box && (inside[place] ?? middle(box)));
    this.drawn = shapes.paths.map((path) => (path ? new Path2D(path) : null));
    const pen = this.canvas.getContext("2d", { alpha: true });
    if (!pen) throw new Error("no canvas");
    this.pen = pen;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  look(view: Box, moving: boolean): void {
    this.view = view;
    clearTimeout(this.waiting);
    if (!moving || !this.shown || (this.took < LIGHT && this.bare(this.shown, view) && performance.now() - this.drawnAt > OFTEN)) return this.draw();
    const { clientWidth } = this.element;
    const scale = this.shown.width / view.width;
    const pixel = clientWidth / view.width;
    const [dx, dy] = [(this.shown.x - view.x) * pixel, (this.shown.y - view.y) * pixel];
    this.canvas.style.transform = `translate(${dx}px, ${dy}px) scale(${scale})`;
    this.waiting = window.setTimeout(() => this.draw(), REST);
  }

  /** Whether what is seen reaches past the picture. */
  private bare(shown: Box, view: Box): boolean {
    const [across, down] = [shown.width * SPARE, shown.height * SPARE];
    return (
      view.x < shown.x - across || view.x + view.width > shown.x + shown.width + across ||
      view.y < shown.y - down || view.y + view.height > shown.y + shown.height + down
    );
  }

  paint(figures: Figures, period: number, aside: ReadonlySet<number>, dots: boolean): void {
    this.drawing = { figures, period, aside, dots };
    this.draw();
  }

  at(event: MouseEvent, view: Box): number {
    const edge = this.element.getBoundingClientRect();
    const point: Point = [
      view.x + ((event.clientX - edge.left) / edge.width) * view.width,
      view.y + ((event.clientY - edge.top) / edge.height) * view.height,
    ];
    this.pen.save();
    this.pen.resetTransform();
    const found = this.drawn.findIndex((path, place) => {
      const box = this.boxes[place];
      return path && box && holds(box, point) && this.pen.isPointInPath(path, point[0], point[1], "evenodd");
    });
    this.pen.restore();
    return found;
  }

  private draw(): void {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth || !clientHeight) return;
    clearTimeout(this.waiting);
    const begun = performance.now();
    const density = Math.min(devicePixelRatio, 2);
    const [wide, high] = [Math.round(clientWidth * (1 + 2 * SPARE)), Math.round(clientHeight * (1 + 2 * SPARE))];
    const [columns, rows] = [Math.round(wide * density), Math.round(high * density)];
    if (this.canvas.width !== columns || this.canvas.height !== rows) {
      Object.assign(this.canvas, { width: columns, height: rows });
      Object.assign(this.canvas.style, { width: `${wide}px`, height: `${high}px`, left: `${-SPARE * clientWidth}px`, top: `${-SPARE * clientHeight}px` });
    }
    this.canvas.style.transform = "";
    const { view, pen } = this;
    this.shown = view;
    const scale = (clientWidth / view.width) * density;
    const west = view.x - SPARE * view.width;
    const north = view.y - SPARE * view.height;
    pen.resetTransform();
    pen.clearRect(0, 0, columns, rows);
    pen.setTransform(scale, 0, 0, scale, -west * scale, -north * scale);
    const seen: Box = { x: west, y: north, width: view.width * (1 + 2 * SPARE), height: view.height * (1 + 2 * SPARE) };
    this.fill(seen, scale / density);
    this.drawnAt = performance.now();
    this.took = this.drawnAt - begun;
  }

  private fill(seen: Box, pixel: number): void {
    const { pen, drawing } = this;
    if (!drawing) return;
    const { figures, period, aside, dots } = drawing;
    const letters = figures.paint[period] ?? "";
    const { circles } = this.settings;
    const paints = new Map<string, CanvasPattern | string>();
    const paintFor = (letter: string): CanvasPattern | string => {
      let found = paints.get(letter);
      if (found === undefined) paints.set(letter, (found = letter === "h" ? hatching(pen, pixel) : colour(letter === "l" ? "land" : paintOf(letter))));
      return found;
    };
    const inSight = this.boxes.map(
      (box) => box !== null && box.x < seen.x + seen.width && box.x + box.width > seen.x && box.y < seen.y + seen.height && box.y + box.height > seen.y,
    );
    const edges = new Path2D();
    // Borders would be all there is to see where areas are small.
    const bordered = pixel > 0.25 && inSight.filter(Boolean).length < 1500;
    this.drawn.forEach((path, place) => {
      if (!path || !inSight[place]) return;
      const letter = letters[place] ?? "n";
      pen.fillStyle = paintFor(circles && letter !== "h" && letter !== "n" ? "l" : letter);
      pen.globalAlpha = aside.has(place) ? 0.3 : 1;
      pen.fill(path, "evenodd");
      if (bordered) edges.addPath(path);
    });
    pen.globalAlpha = 1;
    if (bordered) {
      pen.strokeStyle = colour("border");
      pen.lineWidth = 0.7 / pixel;
      pen.stroke(edges);
    }
    if (circles) this.rounds(figures.value[period] ?? [], inSight, aside, pixel);
    if (dots) this.dotted(figures.unsure[period] ?? "", inSight, pixel, bordered);
  }

  private rounds(values: readonly (number | null)[], inSight: readonly boolean[], aside: ReadonlySet<number>, pixel: number): void {
    const { circles } = this.settings;
    if (!circles) return;
    this.pen.fillStyle = colour("circle");
    this.pen.strokeStyle = colour("paper");
    this.pen.lineWidth = 0.8 / pixel;
    this.points.forEach((point, place) => {
      const radius = radiusOf(circles, values[place]);
      if (!point || !radius || !inSight[place]) return;
      this.pen.globalAlpha = aside.has(place) ? 0.2 : 0.75;
      this.pen.beginPath();
      this.pen.arc(point[0], point[1], radius, 0, 2 * Math.PI);
      this.pen.fill();
      if (radius * pixel > EDGED) this.pen.stroke();
    });
    this.pen.globalAlpha = 1;
  }

  /** Uncertain areas: dots, and an outline where areas are large enough for one. */
  private dotted(unsure: string, inSight: readonly boolean[], pixel: number, outlined: boolean): void {
    const { pen } = this;
    pen.fillStyle = dotting(pen, pixel);
    pen.strokeStyle = colour("chosen");
    pen.lineWidth = 1.5 / pixel;
    pen.setLineDash([4 / pixel, 3 / pixel]);
    this.drawn.forEach((path, place) => {
      if (!path || !inSight[place] || unsure[place] !== "1") return;
      pen.fill(path, "evenodd");
      if (outlined) pen.stroke(path);
    });
    pen.setLineDash([]);
  }
}
