// The legend and the table after another period was chosen: they say what the map shows. Back at the latest period they are as the
// server made them.

import { type Areas, type Figures, HIDDEN, type Settings } from "./data";
import { html, svg } from "./dom";
import type { Words } from "./panel";

const SHOWN: Readonly<Record<string, string>> = { "1": "shown", "3": "isRounded", "4": "isPerturbed" };
const JUDGED: Readonly<Record<string, string>> = { "+": "isHigher", "-": "isLower", "0": "isUnclear" };

/** The bars of the legend for the values of a period. */
export function strip(picture: Element, settings: Settings, values: readonly (number | null)[]): void {
  const { strip } = settings;
  const bars = picture.querySelector(".bars");
  if (!strip || !bars) return;
  const counts = strip.bars.map(() => 0);
  const last = counts.length - 1;
  for (const value of values) {
    if (value === null) continue;
    const at = Math.min(last, Math.max(0, Math.floor(((value - strip.low) / (strip.high - strip.low)) * counts.length)));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  const most = Math.max(1, ...counts);
  bars.replaceChildren(
    ...strip.bars.flatMap(([x, colour], at) => {
      const tall = Math.max(3, ((counts[at] ?? 0) / most) * (strip.base - 4));
      return counts[at] ? [svg("rect", { class: `k${colour}`, x: x.toFixed(1), y: (strip.base - tall).toFixed(1), width: strip.wide.toFixed(1), height: tall.toFixed(1) })] : [];
    }),
  );
}

/** A table whose rows follow the period of the map. */
export class Followed {
  private readonly latest = new Map<HTMLTableRowElement, readonly Node[]>();
  private readonly has: ReadonlySet<string>;
  private readonly caption: HTMLElement | null;
  private readonly said: string;

  constructor(private readonly table: HTMLTableElement, private readonly words: Words, private readonly settings: Settings, private readonly areas: Areas) {
    this.has = new Set((table.dataset["has"] ?? "").split(" "));
    this.caption = table.caption?.querySelector("span") ?? null;
    this.said = this.caption?.textContent ?? "";
  }

  show(figures: Figures, period: number, latest: boolean, name: string): void {
    const places = new Map(this.areas.codes.map((code, place) => [code, place]));
    for (const row of this.table.tBodies[0]?.rows ?? []) {
      const cells = [...row.cells];
      const known = this.latest.get(row) ?? cells.slice(1).map((cell) => cell.cloneNode(true));
      this.latest.set(row, known);
      const code = cells[0]?.querySelector("a")?.getAttribute("href")?.split("/").at(-2) ?? "";
      const place = places.get(code);
      const told = latest ? known.map((cell) => cell.cloneNode(true)) : this.cells(figures, period, place);
      told.forEach((cell, at) => row.cells[at + 1]?.replaceWith(cell));
    }
    if (this.caption) this.caption.textContent = latest ? this.said : this.words.text("caption", { period: name });
  }

  /** Value, margin, status and difference of an area; dashes for one that the figures do not have. */
  private cells(figures: Figures, period: number, place: number | undefined): Node[] {
    const dash = (): HTMLElement => html("td", { class: "num" }, "–");
    const value = place === undefined ? null : (figures.value[period]?.[place] ?? null);
    if (place === undefined || value === null) {
      const [status] = place === undefined ? ["–"] : this.words.lacking(figures, period, place);
      const hidden = place !== undefined && figures.status[period]?.[place] === HIDDEN;
      const tag = html("td", {}, html("span", { class: hidden ? "tag hidden" : "tag" }, status ?? "–"));
      return [dash(), ...(this.has.has("margin") ? [dash()] : []), tag, ...(this.has.has("difference") ? [dash()] : [])];
    }
    const status = this.words.text(SHOWN[figures.status[period]?.[place] ?? ""] ?? "shown");
    return [
      html("td", { class: "num", "data-sort": value }, this.words.value(value)),
      ...(this.has.has("margin") ? [html("td", { class: "num" }, this.margin(figures, period, place))] : []),
      html("td", {}, status),
      ...(this.has.has("difference") ? [this.difference(figures, period, place, value)] : []),
    ];
  }

  private margin(figures: Figures, period: number, place: number): string {
    const [low, high] = [figures.lower?.[period]?.[place] ?? null, figures.upper?.[period]?.[place] ?? null];
    if (low === null || high === null) return "–";
    const { margin, sign } = this.settings.format;
    const written = (value: number): string => this.words.number(value, margin) + sign;
    return this.words.text("interval", { low: written(low), high: written(high) });
  }

  private difference(figures: Figures, period: number, place: number, value: number): HTMLElement {
    const base = figures.base[period] ?? null;
    const judged = JUDGED[figures.verdict[period]?.[place] ?? ""];
    const words = judged ? [" ", html("small", {}, this.words.text(judged))] : [];
    if (base === null) return html("td", { class: "num" }, "–", ...words);
    const written = this.words.number(value - base, this.settings.format.decimals);
    const plus = value > base && /[1-9]/.test(written) ? "+" : "";
    return html("td", { class: "num", "data-sort": (value - base).toFixed(4) }, plus + written.replace(/^[−-](?=[0.,]+$)/, ""), ...words);
  }
}
