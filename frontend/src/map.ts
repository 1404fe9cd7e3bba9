// The map of an indicator. The page is complete without it; this adds choosing an area by pointer or arrow keys, zooming and dragging,
// going down to smaller areas and up again, other periods, uncertain figures and a background. What is shown stands in the address.

import { type Areas, type Figures, type Settings, type Shapes, read } from "./lib/data";
import { type Box, type Point, around, next } from "./lib/geometry";
import { html, iconButton, svg } from "./lib/dom";
import { type Surface, SvgSurface } from "./lib/surface";
import { Followed, strip } from "./lib/follow";
import { ARRIVED, visit } from "./lib/visit";
import { Words, panelOf } from "./lib/panel";
import type { Background } from "./lib/background";
import { View } from "./lib/view";

const ARROWS: Readonly<Record<string, Point>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LABELS = 40; // names are written when at most so many areas are in sight
const LETTER = 6.6; // pixels

const find = <T extends Element = HTMLElement>(selector: string): T | null => document.querySelector<T>(selector);

/** One map on one page, from arriving to leaving. */
class AreaMap {
  private readonly words: Words;
  private readonly panel = find("#panel");
  private readonly live = find("#map-live");
  private readonly over = svg("svg", { class: "over", "aria-hidden": "true" });
  private readonly tip = html("p", { class: "tip", "aria-hidden": "true" });
  private readonly view: View;
  private readonly leaving = new AbortController();
  private background: Background | null = null;
  private chosen = -1;
  private pointed = -1;
  private period: number;
  private inside = "";
  private dots = false;
  private objects = false;
  private followed: Followed | null = null;

  constructor(
    private readonly frame: HTMLElement,
    private readonly settings: Settings,
    private readonly areas: Areas,
    private figures: Figures,
    private readonly surface: Surface,
  ) {
    this.words = new Words(settings, areas);
    this.period = settings.latest;
    const { element } = surface;
    element.setAttribute("tabindex", "0");
    element.setAttribute("role", "application");
    element.setAttribute("aria-label", settings.label);
    element.setAttribute("aria-describedby", "map-keys");
    frame.append(this.over, this.tip, this.tools());
    this.view = new View(frame, surface, (view) => this.looked(view), () => this.hint());
    this.listen();
    document.addEventListener(ARRIVED, () => this.leaving.abort(), { once: true });
  }

  /** Makes the circles of the key as large as those on the map, which is smaller on a phone. */
  private sized(): void {
    const { width, height } = this.surface.whole;
    const scale = Math.min(this.frame.clientWidth / width, this.frame.clientHeight / height);
    for (const mark of document.querySelectorAll<SVGSVGElement>(".map-column .rounds svg")) mark.setAttribute("width", (mark.viewBox.baseVal.width * scale).toFixed());
  }

  /** Show what the address asks for. */
  async start(): Promise<void> {
    this.sized();
    const asked = new URLSearchParams(location.search);
    const period = this.settings.periods.findIndex(([id]) => id === asked.get("jaar"));
    this.dots = asked.get("onzeker") === "1";
    this.inside = asked.get("binnen") ?? "";
    const slider = find<HTMLInputElement>("#map-period");
    const unsure = find<HTMLInputElement>("#map-unsure");
    if (unsure) unsure.checked = this.dots;
    const points = find<HTMLInputElement>("#map-points");
    if (points && asked.get("punten") === "1") {
      points.checked = true;
      void this.layer(points);
    }
    if (period >= 0 && period !== this.period) {
      if (slider) slider.value = String(period);
      await this.turn(period);
    } else this.paint();
    const code = asked.get("gebied") ?? "";
    const place = this.areas.codes.indexOf(code);
    const among = this.among();
    if (among.length) this.view.fit(around(among.map((one) => this.surface.boxes[one])) ?? this.surface.whole);
    else this.view.jump(this.view.seen);
    if (place >= 0) this.choose(place);
    else if (code) this.say(this.words.text("unknown"));
  }

  private paint(): void {
    const among = new Set(this.among());
    const aside = new Set(among.size ? this.areas.codes.keys() : []);
    for (const place of among) aside.delete(place);
    this.surface.paint(this.figures, this.at, aside, this.dots);
  }

  /** The areas that lie in the area one came down from. */
  private among(): number[] {
    const parent = this.areas.parents.findIndex(([code]) => code === this.inside);
    return this.inside ? [...this.areas.codes.keys()].filter((place) => this.areas.parent[place] === parent && this.surface.boxes[place]) : [];
  }

  /** Where the shown period stands in the file with figures. */
  private get at(): number {
    return this.figures.periods.indexOf(this.settings.periods[this.period]?.[0] ?? "");
  }

  private choose(place: number): void {
    this.chosen = place;
    const box = this.surface.boxes[place];
    if (box) this.view.include(box);
    this.outline();
    this.describe();
    this.remember();
  }

  private describe(): void {
    if (this.chosen < 0) return;
    const { panel, words, settings, areas, figures, chosen } = this;
    panel?.replaceChildren(...panelOf(words, settings, areas, figures, this.at, chosen, this.ways(chosen)));
    this.say(words.spoken(figures, this.at, chosen));
  }

  private ways(place: number): Parameters<typeof panelOf>[6] {
    const { levels, level, home } = this.settings;
    const rank = levels.findIndex((one) => one.id === level);
    const [finer, coarser] = [levels[rank + 1], levels[rank - 1]];
    const code = this.areas.codes[place] ?? "";
    const within = this.words.within(place);
    const to = (one: string, query: Record<string, string>): string => `${home}indicator/${this.settings.indicator}/${one}/${this.query(query)}`;
    return {
      profile: `${home}gebied/${code}/`,
      deeper: finer && { href: to(finer.id, { binnen: code }), words: this.words.text("deeper", { kind: finer.many }) },
      higher: coarser && { href: to(coarser.id, within ? { gebied: within[0] } : {}), words: this.words.text("higher", { kind: coarser.many }) },
    } as Parameters<typeof panelOf>[6];
  }

  private query(parts: Record<string, string>): string {
    const query = new URLSearchParams(parts);
    const period = this.settings.periods[this.period];
    if (period && this.period !== this.settings.latest) query.set("jaar", period[0]);
    if (this.dots) query.set("onzeker", "1");
    if (this.objects) query.set("punten", "1");
    return query.size ? `?${query}` : "";
  }

  private remember(): void {
    const parts: Record<string, string> = {};
    const code = this.areas.codes[this.chosen];
    if (code) parts["gebied"] = code;
    if (this.inside) parts["binnen"] = this.inside;
    history.replaceState({ map: true }, "", location.pathname + this.query(parts));
    // Other levels open in the same period.
    for (const link of document.querySelectorAll<HTMLAnchorElement>(".levels a")) link.search = this.query({});
  }

  private say(text: string): void {
    if (this.live) this.live.textContent = text;
  }

  private hint(): void {
    const told = find("#map-hint");
    if (!told) return;
    told.classList.add("told");
    setTimeout(() => told.classList.remove("told"), 1600);
  }

  private looked(view: Box): void {
    this.over.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    this.background?.look(view);
    this.label(view);
  }

  private outline(): void {
    const shape = (place: number, ...styles: string[]): Node[] => {
      const path = this.surface.paths[place];
      return path ? styles.map((style) => svg("path", { d: path, class: style })) : [];
    };
    const pointed = this.pointed !== this.chosen ? shape(this.pointed, "over-area") : [];
    this.over.querySelector(".chosen")?.remove();
    this.over.append(svg("g", { class: "chosen" }, ...pointed, ...shape(this.chosen, "halo", "edge")));
  }

  /** Names in areas that have room for them, once few enough are in sight. */
  private label(view: Box): void {
    const pixel = view.width / (this.frame.clientWidth || 1);
    this.over.querySelector(".names")?.remove();
    if (!this.view?.away && this.areas.codes.length > LABELS) return;
    const sight = this.surface.points.flatMap((point, place) => {
      const box = this.surface.boxes[place];
      const seen = point && box && point[0] > view.x && point[0] < view.x + view.width && point[1] > view.y && point[1] < view.y + view.height;
      return seen ? [{ point, box, name: this.areas.names[place] ?? "" }] : [];
    });
    if (sight.length > LABELS) return;
    const names = sight
      .filter(({ box, name }) => box.width / pixel > name.length * LETTER + 6 && box.height / pixel > 16)
      .map(({ point, name }) => svg("text", { x: point[0], y: point[1], "font-size": 13 * pixel, "stroke-width": 3.4 * pixel }, name));
    this.over.prepend(svg("g", { class: "names" }, ...names));
  }

  private async turn(period: number): Promise<void> {
    const [id, words, file] = this.settings.periods[period] ?? ["", "", ""];
    if (!this.figures.periods.includes(id)) {
      this.frame.setAttribute("aria-busy", "true");
      const figures = await read<Figures>(file).catch(() => null);
      this.frame.removeAttribute("aria-busy");
      if (!figures) return this.say(this.words.text("failed"));
      this.figures = figures;
    }
    this.period = period;
    const output = find("#map-period-words");
    if (output) output.textContent = words;
    find<HTMLInputElement>("#map-period")?.setAttribute("aria-valuetext", words);
    for (const other of document.querySelectorAll<HTMLElement>(".of-latest")) other.hidden = period === this.settings.latest;
    this.paint();
    this.follow(words);
    this.describe();
    this.remember();
    if (this.chosen < 0) this.say(words);
  }

  /** The legend and the table say what the map shows. */
  private follow(words: string): void {
    const legend = find(".legend .strip");
    const table = find<HTMLTableElement>("#table");
    if (legend) strip(legend, this.settings, this.figures.value[this.at] ?? []);
    if (table) this.followed ??= new Followed(table, this.words, this.settings, this.areas);
    this.followed?.show(this.figures, this.at, this.period === this.settings.latest, words);
  }

  private tools(): HTMLElement {
    const text = (key: string): string => this.words.text(key);
    const more = iconButton(text("zoomIn"), "M12 5v14M5 12h14");
    const less = iconButton(text("zoomOut"), "M5 12h14");
    const all = iconButton(text("zoomHome"), "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5");
    more.addEventListener("click", () => this.view.zoom(0.6));
    less.addEventListener("click", () => this.view.zoom(1 / 0.6));
    all.addEventListener("click", () => this.everything());
    const tools = html("div", { class: "map-tools", role: "group", "aria-label": text("tools") }, more, less, all);
    if (this.settings.background) tools.append(this.backgroundButton());
    return tools;
  }

  private everything(): void {
    this.inside = "";
    this.paint();
    this.view.goHome();
    this.remember();
  }

  private backgroundButton(): HTMLElement {
    const button = html("button", { type: "button", class: "background-button", "aria-pressed": "false" }, this.words.text("background"));
    button.addEventListener("click", async () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      this.frame.classList.toggle("with-background", on);
      const note = find("#background-note");
      if (note) note.hidden = !on;
      if (!on) {
        this.background?.element.remove();
        this.background = null;
        return;
      }
      const { Background } = await import("./lib/background");
      this.background = new Background(this.areas.grid);
      this.frame.prepend(this.background.element);
      this.background.look(this.view.seen);
    });
    return button;
  }

  private listen(): void {
    const { frame, surface } = this;
    const { signal } = this.leaving;
    surface.element.addEventListener("keydown", (event) => this.key(event as KeyboardEvent));
    surface.element.addEventListener("click", (raw) => {
      const event = raw as MouseEvent;
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      if (this.view.dragged) return;
      const place = surface.at(event, this.view.seen);
      if (place >= 0) this.choose(place);
    });
    surface.element.addEventListener("dblclick", (raw) => {
      const place = surface.at(raw as MouseEvent, this.view.seen);
      if (place >= 0) this.deeper(place);
    });
    surface.element.addEventListener("dragstart", (event) => event.preventDefault());
    frame.addEventListener("pointermove", (event) => this.hover(event));
    frame.addEventListener("pointerleave", () => this.unhover());
    this.panel?.addEventListener("click", (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-go]");
      if (link && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        void visit(link.href, true);
      }
    });
    const slider = find<HTMLInputElement>("#map-period");
    slider?.addEventListener("input", () => void this.turn(Number(slider.value)));
    const unsure = find<HTMLInputElement>("#map-unsure");
    unsure?.addEventListener("change", () => {
      this.dots = unsure.checked;
      this.paint();
      this.remember();
    });
    const points = find<HTMLInputElement>("#map-points");
    points?.addEventListener("change", () => void this.layer(points).then(() => this.remember()));
    for (const link of document.querySelectorAll<HTMLAnchorElement>(".levels a")) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        void visit(link.href, true);
      });
    }
    const years = find<HTMLDetailsElement>("#map-years");
    for (const item of years?.querySelectorAll<HTMLElement>("[data-period]") ?? []) {
      const button = html("button", { type: "button" }, ...item.childNodes);
      button.addEventListener("click", () => this.pick(item.dataset["period"] ?? ""));
      item.append(button);
    }
    years?.addEventListener("toggle", () => void this.years(years));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.unhover(), { signal });
  }

  /** Public objects on the map, or none. */
  private async layer(input: HTMLInputElement): Promise<void> {
    this.objects = input.checked;
    this.over.querySelector(".points")?.remove();
    if (!input.checked || !this.settings.points) return;
    const { pointLayer } = await import("./lib/points");
    const layer = await pointLayer(this.settings.points, this.areas.grid).catch(() => null);
    if (layer && input.checked && !this.over.querySelector(".points")) this.over.prepend(layer);
    if (layer) return;
    this.objects = input.checked = false;
    this.say(this.words.text("failed"));
  }

  private async years(details: HTMLDetailsElement): Promise<void> {
    const inner = details.querySelector(".in");
    if (!details.open || !inner || inner.children.length) return;
    const { smallMaps } = await import("./lib/years");
    inner.append(smallMaps(this.surface, this.settings, this.figures, (place) => this.pick(this.figures.periods[place] ?? "")));
  }

  /** The period whose small map was pressed, on the large one. */
  private pick(id: string): void {
    const period = this.settings.periods.findIndex(([known]) => known === id);
    const slider = find<HTMLInputElement>("#map-period");
    if (period < 0) return;
    if (slider) slider.value = String(period);
    void this.turn(period);
    this.frame.scrollIntoView({ block: "nearest" });
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { chosen, surface } = this;
    const arrow = ARROWS[event.key];
    if (arrow) this.choose(chosen < 0 ? this.first() : next(surface.points, chosen, arrow));
    else if (event.key === "Enter" && chosen >= 0) this.deeper(chosen);
    else if (event.key === "Escape") this.higher();
    else if (event.key === "+" || event.key === "=") this.view.zoom(0.6);
    else if (event.key === "-") this.view.zoom(1 / 0.6);
    else if (event.key === "0") this.everything();
    else return;
    event.preventDefault();
  }

  private first(): number {
    const among = this.among();
    const known = (place: number): boolean => surfaceHas(this.surface, place);
    return among.find(known) ?? this.surface.points.findIndex((_, place) => known(place));
  }

  private deeper(place: number): void {
    const ways = this.ways(place);
    void (ways.deeper ? visit(ways.deeper.href, true) : (location.href = ways.profile));
  }

  private higher(): void {
    const { levels, level } = this.settings;
    const place = this.chosen >= 0 ? this.chosen : this.first();
    const up = this.ways(place).higher;
    if (up && levels[0]?.id !== level) void visit(up.href, true);
  }

  private hover(event: PointerEvent): void {
    if (event.pointerType === "touch" || event.buttons || (event.target as Element).closest(".map-tools")) return this.unhover();
    const place = this.surface.at(event, this.view.seen);
    if (place < 0) return this.unhover();
    if (place !== this.pointed) {
      this.pointed = place;
      this.outline();
      const value = this.figures.value[this.at]?.[place] ?? null;
      const told = value === null ? this.words.lacking(this.figures, this.at, place)[0] : this.words.value(value);
      this.tip.replaceChildren(html("b", {}, this.areas.names[place] ?? ""), ` ${told}`);
    }
    const edge = this.frame.getBoundingClientRect();
    const left = Math.min(event.clientX - edge.left + 14, edge.width - this.tip.offsetWidth - 8);
    Object.assign(this.tip.style, { left: `${left}px`, top: `${event.clientY - edge.top + 16}px` });
    this.tip.classList.add("told");
  }

  private unhover(): void {
    this.tip.classList.remove("told");
    if (this.pointed < 0) return;
    this.pointed = -1;
    this.outline();
  }
}

const surfaceHas = (surface: Surface, place: number): boolean => Boolean(surface.points[place]);

async function open(frame: HTMLElement): Promise<void> {
  const settings = JSON.parse(find("#map-settings")?.textContent ?? "null") as Settings | null;
  const file = settings?.periods[settings.latest]?.[2];
  if (!settings || !file) return;
  try {
    const asked = new URLSearchParams(location.search).get("jaar");
    const period = settings.periods.find(([id]) => id === asked)?.[2] ?? file;
    const picture = frame.querySelector<SVGSVGElement>("svg.map");
    const [areas, figures, shapes] = await Promise.all([read<Areas>(settings.areas), read<Figures>(period), picture ? null : read<Shapes>(settings.shapes)]);
    let surface: Surface;
    if (picture) surface = new SvgSurface(picture, areas, settings);
    else {
      const { CanvasSurface } = await import("./lib/canvas");
      surface = new CanvasSurface(shapes as Shapes, areas, settings);
      frame.replaceChildren(surface.element);
    }
    // A page that was left while its files came has a new map in its place.
    if (frame.isConnected) await new AreaMap(frame, settings, areas, figures, surface).start();
    performance.mark("map-shown");
  } catch {
    const told = find("#map-failed");
    if (told) told.hidden = false;
  }
}

function arrive(focus: boolean): void {
  const frame = find("#map");
  if (!frame) return;
  void open(frame).then(() => {
    if (focus) frame.querySelector<HTMLElement>("[role=application]")?.focus({ preventScroll: true });
  });
}

document.addEventListener(ARRIVED, () => arrive(true));
addEventListener("popstate", () => {
  // A fragment on the same page is no other page.
  if (history.state?.map) void visit(location.href, false);
});
arrive(false);
