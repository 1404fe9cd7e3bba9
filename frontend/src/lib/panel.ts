// The words beside the map: what the figure of the chosen area says, as the server would say it. Nothing is judged here; whether an
// area is higher or lower comes with the figures.

import { type Areas, type Figures, HIDDEN, type Settings } from "./data";
import { html, svg } from "./dom";
import { filled, numbered } from "./text";

const STATUSES: Readonly<Record<string, string>> = { "0": "absent", "2": "hidden", "5": "pending", "6": "unreliable" };
const VERDICTS: Readonly<Record<string, string>> = { "+": "above", "-": "below", "0": "unclear" };

export class Words {
  constructor(private readonly settings: Settings, private readonly areas: Areas) {}

  text(key: string, values: Readonly<Record<string, string | number>> = {}): string {
    return filled(this.settings.texts[key] ?? "", values);
  }

  number(value: number, decimals: number): string {
    return numbered(value, decimals, this.settings.language);
  }

  value(value: number): string {
    const { decimals, sign } = this.settings.format;
    return this.number(value, decimals) + sign;
  }

  /** What the margin is, in words; empty where there is none. */
  interval(figures: Figures, period: number, place: number): string {
    const [low, high] = [figures.lower?.[period]?.[place] ?? null, figures.upper?.[period]?.[place] ?? null];
    if (low === null || high === null) return "";
    const { margin, sign } = this.settings.format;
    const [from, to] = [this.number(low, margin) + sign, this.number(high, margin) + sign];
    return from === to ? this.text("about", { value: from }) : this.text("probably", { low: from, high: to });
  }

  judged(figures: Figures, period: number, place: number): string {
    const verdict = VERDICTS[figures.verdict[period]?.[place] ?? "."];
    return verdict && figures.reference ? this.text(verdict, { reference: figures.reference }) : "";
  }

  /** Why there is no number, by its status: a word and, where there is one, the reason. */
  lacking(figures: Figures, period: number, place: number): readonly [string, string] {
    const status = STATUSES[figures.status[period]?.[place] ?? "0"] ?? "absent";
    return [this.text(status), this.text(`${status}Why`)];
  }

  within(place: number): readonly [string, string] | null {
    return this.areas.parents[this.areas.parent[place] ?? -1] ?? null;
  }

  /** One sentence for who hears the map. */
  spoken(figures: Figures, period: number, place: number): string {
    const value = figures.value[period]?.[place] ?? null;
    const name = this.areas.names[place] ?? "";
    if (value === null) return `${name}: ${this.lacking(figures, period, place)[0]}.`;
    const { rest } = this.settings.format;
    const parts = [`${name}: ${this.value(value)}${rest ? ` ${rest}` : ""}.`, this.interval(figures, period, place), this.judged(figures, period, place)];
    return parts.filter(Boolean).join(" ");
  }
}

/** A small line of all periods, with its end marked; nothing for fewer than two values. */
function spark(series: readonly (number | null)[], at: number, label: string): Node | null {
  const known = series.filter((value): value is number => value !== null);
  if (known.length < 2) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const x = (place: number): number => 5 + (place / (series.length - 1)) * 170;
  const y = (value: number): number => (high > low ? 5 + (1 - (value - low) / (high - low)) * 32 : 21);
  let line = "";
  series.forEach((value, place) => {
    if (value === null) return;
    line += `${place > 0 && series[place - 1] !== null ? "L" : "M"}${x(place).toFixed(1)},${y(value).toFixed(1)}`;
  });
  const picture = svg("svg", { viewBox: "0 0 180 42", width: 180, height: 42, class: "spark", role: "img", "aria-label": label }, svg("path", { d: line }));
  const now = series[at];
  if (now !== null && now !== undefined) picture.append(svg("circle", { cx: x(at).toFixed(1), cy: y(now).toFixed(1), r: 3.6 }));
  return picture;
}

export interface Ways {
  /** The address of the level below, where the area has areas in it; likewise of the level above. */
  readonly deeper: { readonly href: string; readonly words: string } | null;
  readonly higher: { readonly href: string; readonly words: string } | null;
  readonly profile: string;
}

export function panelOf(words: Words, settings: Settings, areas: Areas, figures: Figures, period: number, place: number, ways: Ways): Node[] {
  const value = figures.value[period]?.[place] ?? null;
  const status = figures.status[period]?.[place] ?? "0";
  const level = settings.levels.find((one) => one.id === settings.level);
  const within = words.within(place);
  const parts: Node[] = [];
  const kind = html("p", { class: "small where" }, html("span", { class: "tag" }, level?.one ?? settings.level));
  if (within) kind.append(` ${words.text("in")} `, within[1]);
  parts.push(kind, html("h3", {}, areas.names[place] ?? ""));
  if (value === null) {
    const [word, why] = words.lacking(figures, period, place);
    parts.push(html("p", { class: "words" }, html("span", { class: status === HIDDEN ? "tag hidden" : "tag" }, word)));
    if (why) parts.push(html("p", {}, why));
  } else {
    const { sign, rest, whole, decimals } = settings.format;
    const shown = words.number(value, decimals);
    parts.push(html("p", { class: shown.length > 7 ? "big long" : "big" }, shown, html("small", {}, sign)));
    if (rest) parts.push(html("p", {}, rest));
    if (whole && value >= 1 && value <= 99) parts.push(html("p", {}, words.text("hundred", { whole, n: words.number(value, 0) })));
    const interval = words.interval(figures, period, place);
    if (interval) parts.push(html("p", { class: "small" }, interval));
    const judged = words.judged(figures, period, place);
    if (judged) parts.push(html("p", { class: "judged" }, judged));
    if (status === "3") parts.push(html("p", { class: "small" }, words.text("rounded")));
    if (status === "4") parts.push(html("p", { class: "small" }, words.text("perturbed")));
  }
  const periods = settings.periods;
  const series = figures.value.map((column) => column[place] ?? null);
  const line = series.length > 1 ? spark(series, period, words.text("spark", { first: periods[0]?.[1] ?? "", last: periods.at(-1)?.[1] ?? "" })) : null;
  if (line) parts.push(html("p", { class: "small course" }, `${periods[0]?.[1] ?? ""}–${periods.at(-1)?.[1] ?? ""} `, line));
  const actions = html("p", { class: "actions" });
  if (ways.deeper) actions.append(html("a", { class: "utrecht-button button main", href: ways.deeper.href, "data-go": "deeper" }, ways.deeper.words));
  actions.append(html("a", { class: ways.deeper ? "utrecht-button button" : "utrecht-button button main", href: ways.profile }, words.text("profile")));
  if (ways.higher) actions.append(html("a", { class: "utrecht-button button", href: ways.higher.href, "data-go": "higher" }, ways.higher.words));
  parts.push(actions);
  return parts;
}
