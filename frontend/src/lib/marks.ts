// The value of a mark in a chart, for who has no pointer that hovers: by arrow keys once the chart has the focus, and by a tap.
// What is said is what the mark says under a pointer; the table below the chart holds all of it.

import { html } from "./dom";

const AWAY = 14; // pixels between a mark and what is said of it
const KEYS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowRight: (at, last) => Math.min(at + 1, last),
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowLeft: (at) => Math.max(at - 1, 0),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

const tip = html("p", { class: "tip chart-tip", role: "status" });
let read: Element | null = null;

const titles = (chart: Element): Element[] => [...chart.querySelectorAll("title")];

function hush(): void {
  read?.classList.remove("read");
  read = null;
  tip.classList.remove("told");
  tip.textContent = "";
}

function tell(title: Element): void {
  const mark = title.parentElement;
  if (!mark || mark === read) return;
  hush();
  read = mark;
  mark.classList.add("read");
  tip.textContent = title.textContent;
  document.body.append(tip);
  const at = mark.getBoundingClientRect();
  const wide = tip.offsetWidth;
  const left = Math.min(Math.max(8, at.x + at.width / 2 - wide / 2), document.documentElement.clientWidth - wide - 8);
  const above = at.y - tip.offsetHeight - AWAY;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 0 ? above : at.bottom + AWAY}px`;
  tip.classList.add("told");
}

function tapped(event: PointerEvent): void {
  const title = (event.target as Element).closest("svg.chart *")?.querySelector(":scope > title");
  if (title && event.pointerType !== "mouse") tell(title);
  else hush();
}

/** Keys and taps on a chart; `first` is the event that brought this script. */
export function listen(first: Event): void {
  if (first instanceof PointerEvent) tapped(first);
  document.addEventListener("keydown", (event) => {
    const chart = document.activeElement?.closest("svg.chart");
    const step = KEYS[event.key];
    if (event.key === "Escape") hush();
    if (!chart || !step) return;
    const all = titles(chart);
    const now = all.findIndex((title) => title.parentElement === read);
    const next = all[now < 0 ? 0 : step(now, all.length - 1)];
    if (next) tell(next);
    event.preventDefault();
  });
  document.addEventListener("pointerdown", tapped);
  document.addEventListener("focusout", (event) => {
    if (!(event.relatedTarget instanceof Element && event.relatedTarget.closest("svg.chart"))) hush();
  });
  document.addEventListener("scroll", hush, { passive: true });
}
