// What a map is drawn on. Two kinds answer alike: the SVG that the server made, and a canvas where there are too many areas for that.

import { type Box, type Point, boxOf, middle } from "./geometry";
import type { Areas, Figures, Settings } from "./data";
import { svg } from "./dom";

export interface Surface {
  /** The element that takes the focus, the pointer and the keys. */
  readonly element: HTMLElement | SVGSVGElement;
  readonly whole: Box;
  readonly paths: readonly string[];
  readonly boxes: readonly (Box | null)[];
  readonly points: readonly (Point | null)[];
  /** Show a part of the map. `moving` says that more is to come at once: then speed goes before sharpness. */
  look(view: Box, moving: boolean): void;
  /** Colour all areas after a period of the figures; `aside` are areas that stand back, `dots` marks uncertain ones. */
  paint(figures: Figures, period: number, aside: ReadonlySet<number>, dots: boolean): void;
  /** The area under a place on the screen, or -1. */
  at(event: MouseEvent, view: Box): number;
}

const PAINTS: Readonly<Record<string, string>> = { h: "hidden", n: "none" };

/** The class of the stylesheet for a letter of `Figures.paint`. */
export const paintOf = (letter: string | undefined): string => PAINTS[letter ?? "n"] ?? `k${letter}`;

export const radiusOf = (circles: NonNullable<Settings["circles"]>, value: number | null | undefined): number =>
  value && value > 0 && circles.most > 0 ? circles.radius * Math.sqrt(value / circles.most) : 0;

export const pointsOf = (areas: Areas): (Point | null)[] =>
  areas.codes.map((_, place) => {
    const [x, y] = [areas.points[2 * place], areas.points[2 * place + 1]];
    return x === undefined || y === undefined ? null : [x, y];
  });

const numbers = (text: string | null): number[] => (text ?? "").trim().split(/\s+/).map(Number);

/** Gives a shape its class; one that has it already is left alone, or the browser works out all styles again. */
const dressed = (shape: SVGElement | null | undefined, name: string): void => {
  if (shape && (shape.getAttribute("class") ?? "") !== name) shape.setAttribute("class", name);
};

export class SvgSurface implements Surface {
  readonly element: SVGSVGElement;
  readonly whole: Box;
  readonly paths: readonly string[];
  readonly boxes: readonly (Box | null)[];
  readonly points: readonly (Point | null)[];
  private readonly shapes: readonly (SVGPathElement | null)[];
  private readonly circles: readonly (SVGCircleElement | null)[];
  private readonly numberOf: ReadonlyMap<string, number>;
  private readonly dots = svg("g", { class: "unsure", "aria-hidden": "true" });

  constructor(element: SVGSVGElement, areas: Areas, private readonly settings: Settings) {
    this.element = element;
    const [x = 0, y = 0, width = 1, height = 1] = numbers(element.getAttribute("viewBox"));
    this.whole = { x, y, width, height };
    this.numberOf = new Map(areas.codes.map((code, place) => [code, place]));
    const links = new Map([...element.querySelectorAll<SVGAElement>("a[data-code]")].map((link) => [link.dataset["code"], link]));
    this.shapes = areas.codes.map((code) => links.get(code)?.querySelector("path") ?? null);
    const rounds = new Map([...element.querySelectorAll<SVGCircleElement>("circle[data-code]")].map((round) => [round.dataset["code"], round]));
    this.circles = areas.codes.map((code) => rounds.get(code) ?? null);
    this.paths = this.shapes.map((shape) => shape?.getAttribute("d") ?? "");
    this.boxes = this.paths.map((path) => (path ? boxOf(path) : null));
    const inside = pointsOf(areas);
    this.points = this.boxes.map((box, place) => box && (inside[place] ?? middle(box)));
    element.querySelector(".areas")?.after(this.dots);
  }

  look(view: Box): void {
    this.element.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    const size = (view.width / (this.element.clientWidth || 800)) * 9;
    for (const tile of this.element.querySelectorAll("pattern")) {
      const turn = tile.id === "hatch" ? "rotate(45) " : "";
      tile.setAttribute("patternTransform", `${turn}scale(${size / Number(tile.getAttribute("width"))})`);
    }
  }

  paint(figures: Figures, period: number, aside: ReadonlySet<number>, dots: boolean): void {
    const letters = figures.paint[period] ?? "";
    const unsure = figures.unsure[period] ?? "";
    const { circles } = this.settings;
    this.shapes.forEach((shape, place) => {
      const paint = circles && letters[place] !== "h" && letters[place] !== "n" ? "land" : paintOf(letters[place]);
      dressed(shape, aside.has(place) ? `${paint} aside` : paint);
    });
    if (circles) {
      this.circles.forEach((round, place) => {
        round?.setAttribute("r", radiusOf(circles, figures.value[period]?.[place]).toFixed(1));
        dressed(round, aside.has(place) ? "aside" : "");
      });
    }
    const marked = dots ? this.paths.filter((path, place) => path && unsure[place] === "1") : [];
    this.dots.replaceChildren(...marked.map((path) => svg("path", { d: path })));
  }

  at(event: MouseEvent): number {
    const hit = (event.target as Element).closest<SVGElement>("[data-code]");
    return (hit && this.numberOf.get(hit.dataset["code"] ?? "")) ?? -1;
  }
}
