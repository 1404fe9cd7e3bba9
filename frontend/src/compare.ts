// Up to four areas side by side: chosen by name, kept in the address, shown as a table a theme with the dots and margins of each
// subject on one scale. Nothing is judged here, and areas stand in the order in which they were chosen.

import { filled, numbered } from "./lib/text";
import { html, svg } from "./lib/dom";
import { CHOSEN } from "./lib/search";
import { read } from "./lib/data";

interface Indicator {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly sign: string;
  readonly decimals: number;
  readonly margin: number;
  readonly periods: Readonly<Record<string, string>>;
}

interface Settings {
  readonly language: string;
  readonly most: number;
  readonly levels: Readonly<Record<string, string>>;
  readonly themes: readonly { readonly id: string; readonly title: string; readonly indicators: readonly Indicator[] }[];
  readonly texts: Readonly<Record<string, string>>;
}

/** Value, bounds, and a digit for what the public is told. */
type Figure = readonly [number | null, number | null, number | null, number];

interface Area {
  readonly code: string;
  readonly name: string;
  readonly level: string;
  readonly within: string;
  readonly figures: Readonly<Record<string, Figure>>;
}

const KEY = "gebieden";
const WIDE = 200; // of a bar
const LACKING: Readonly<Record<number, string>> = { 0: "absent", 2: "hidden", 5: "pending", 6: "unreliable" };
const ADJUSTED: Readonly<Record<number, string>> = { 3: "rounded", 4: "perturbed" };

class Comparison {
  private areas: readonly Area[] = [];
  private readonly live = document.querySelector("#compare-live");
  private readonly plain = document.title;

  constructor(private readonly place: HTMLElement, private readonly settings: Settings) {
    document.querySelector(".search")?.addEventListener(CHOSEN, (event) => {
      event.preventDefault();
      const code = /gebied\/([^/]+)\//.exec(String((event as CustomEvent<string>).detail))?.[1];
      if (code) void this.add(code);
    });
    addEventListener("popstate", () => void this.arrive());
  }

  /** Show the areas that the address names; those that are not there are left out, and that is said. */
  async arrive(): Promise<void> {
    const codes = [...new Set((new URLSearchParams(location.search).get(KEY) ?? "").split(",").filter(Boolean))];
    const found = await Promise.all(codes.slice(0, this.settings.most).map((code) => this.fetched(code)));
    this.areas = found.filter((area) => area !== null);
    this.draw();
  }

  private text(key: string, values: Readonly<Record<string, string | number>> = {}): string {
    return filled(this.settings.texts[key] ?? "", values);
  }

  private say(words: string): void {
    if (this.live) this.live.textContent = words;
  }

  private async fetched(code: string): Promise<Area | null> {
    try {
      if (!/^[\w-]+$/.test(code)) throw new Error(code);
      return await read<Area>(`${this.place.dataset["root"]}data/gebied/${code}.json`);
    } catch {
      this.say(this.text("failed", { name: code }));
      return null;
    }
  }

  private async add(code: string): Promise<void> {
    const { most } = this.settings;
    const there = this.areas.find((area) => area.code === code);
    if (there) return this.say(this.text("twice", { name: there.name }));
    if (this.areas.length >= most) return this.say(this.text("full", { most }));
    const area = await this.fetched(code);
    if (!area) return;
    this.show([...this.areas, area]);
    this.say(this.text("added", { name: area.name, n: this.areas.length, most }));
  }

  private remove(area: Area): void {
    this.show(this.areas.filter((one) => one !== area));
    this.say(this.text("removed", { name: area.name }));
    (this.place.querySelector<HTMLElement>(".compared button") ?? document.querySelector<HTMLElement>("#search"))?.focus();
  }

  private show(areas: readonly Area[]): void {
    this.areas = areas;
    const codes = areas.map((area) => area.code).join(",");
    history.pushState({}, "", codes ? `?${KEY}=${codes}` : location.pathname);
    this.draw();
  }

  private draw(): void {
    const { areas } = this;
    const names = areas.map((area) => area.name);
    document.title = areas.length > 1 ? this.text("title", { names: names.join(", ") }) : this.plain;
    const start = areas.length > 1 ? [] : [html("p", { class: "compare-start" }, this.text(areas.length ? "one" : "start"))];
    const list = html("ul", { class: "compared", "aria-label": this.text("chosen") }, ...areas.map((area) => this.chip(area)));
    const themes = areas.length ? this.settings.themes.map((theme) => this.theme(theme.id, theme.title, theme.indicators)) : [];
    this.place.replaceChildren(...(areas.length ? [list] : []), ...start, ...themes.filter((theme) => theme !== null));
  }

  private chip(area: Area): Node {
    const kind = [this.settings.levels[area.level], area.within && `${this.text("in")} ${area.within}`].filter(Boolean).join(" ");
    const button = html("button", { type: "button", "aria-label": this.text("remove", { name: area.name }) }, "×");
    button.addEventListener("click", () => this.remove(area));
    const link = html("a", { href: `${this.place.dataset["home"]}gebied/${area.code}/` }, area.name);
    return html("li", {}, html("span", {}, link, html("small", {}, kind)), button);
  }

  private theme(id: string, title: string, indicators: readonly Indicator[]): Node | null {
    const told = indicators.filter((one) => this.areas.some((area) => area.figures[one.id]));
    if (!told.length) return null;
    const head = html(
      "tr",
      {},
      html("th", { scope: "col" }, this.text("area")),
      html("th", { scope: "col", class: "num" }, this.text("value")),
      html("th", { scope: "col", class: "num" }, this.text("margin")),
      html("td", { class: "dots" }, this.text("dots")),
    );
    const table = html("table", { "aria-labelledby": `t-${id}` }, html("thead", {}, head), ...told.map((one) => this.subject(one)));
    const frame = html("div", { class: "scroll table" }, table);
    return html("section", { class: "theme-block", "aria-labelledby": `t-${id}` }, html("h2", { id: `t-${id}` }, title), frame);
  }

  /** The rows of one subject: a heading, and an area a row. */
  private subject(one: Indicator): Node {
    const figures = this.areas.map((area): Figure => area.figures[one.id] ?? [null, null, null, 0]);
    const known = figures.flatMap((figure) => figure.slice(0, 3)).filter((value) => value !== null);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const at = (value: number): number => Math.round(8 + (high > low ? (value - low) / (high - low) : 0.5) * (WIDE - 16));
    const periods = [...new Set(this.areas.map((area) => one.periods[area.level]).filter(Boolean))];
    const told = [one.unit, periods.length === 1 ? periods[0] : ""].filter(Boolean).join(", ");
    const link = html("a", { href: `${this.place.dataset["home"]}indicator/${one.id}/` }, one.title);
    const head = html("tr", { class: "subject" }, html("th", { scope: "rowgroup", colspan: 4 }, link, html("small", {}, ` ${told}`)));
    const rows = this.areas.map((area, place) => {
      const period = periods.length > 1 ? one.periods[area.level] : "";
      return this.row(one, area, figures[place] ?? [null, null, null, 0], period ?? "", at);
    });
    return html("tbody", {}, head, ...rows);
  }

  private row(one: Indicator, area: Area, [value, lower, upper, status]: Figure, period: string, at: (value: number) => number): Node {
    const name = html("th", { scope: "row" }, area.name, ...(period ? [html("small", {}, ` ${period}`)] : []));
    if (value === null) {
      const word = html("span", { class: status === 2 ? "tag hidden" : "tag" }, this.text(LACKING[status] ?? "absent"));
      return html("tr", {}, name, html("td", { class: "num", colspan: 2 }, word), html("td", { class: "dots" }));
    }
    const { language } = this.settings;
    const bound = (number: number): string => numbered(number, one.margin, language) + one.sign;
    const banded = lower !== null && upper !== null;
    const margin = banded ? this.text("interval", { low: bound(lower), high: bound(upper) }) : this.text(ADJUSTED[status] ?? "");
    const bar = svg(
      "svg",
      { class: "bar", viewBox: `0 0 ${WIDE} 24`, preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("path", { class: "t", d: `M0 12H${WIDE}` }),
      ...(banded ? [svg("path", { class: "m", d: `M${at(lower)} 12H${at(upper)}` })] : []),
      svg("path", { class: "p", d: `M${at(value)} 12h.01` }),
    );
    const shown = numbered(value, one.decimals, language) + one.sign;
    return html("tr", {}, name, html("td", { class: "num w" }, shown), html("td", { class: "num" }, margin), html("td", { class: "dots" }, bar));
  }
}

const place = document.querySelector<HTMLElement>("#compare");
const settings = document.querySelector("#compare-settings")?.textContent;
if (place && settings) void new Comparison(place, JSON.parse(settings) as Settings).arrive();
