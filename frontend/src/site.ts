// What every page gains when scripts run: the menu on a phone, the search box, tables that sort, the filter of the catalogue,
// pictures of charts.

import { foldable, sortable } from "./lib/tables";
import { ARRIVED } from "./lib/visit";
import { filled, folded } from "./lib/text";
import { searchBox } from "./lib/search";
import { takes } from "./lib/takes";

function menu(): void {
  const button = document.querySelector("#menu-button");
  button?.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    document.querySelector("#menu")?.classList.toggle("open", open);
  });
}

/** Hides the cards that do not hold what was typed. */
function catalogueFilter(): void {
  const input = document.querySelector<HTMLInputElement>("#filter");
  const status = document.querySelector("#filter-status");
  input?.addEventListener("input", () => {
    const wanted = folded(input.value);
    const cards = [...document.querySelectorAll<HTMLElement>("#filtered > li")];
    for (const card of cards) card.hidden = !folded(card.textContent ?? "").includes(wanted);
    const words = input.closest<HTMLElement>(".filter")?.dataset["found"] ?? "{n}";
    if (status) status.textContent = filled(words, { n: cards.filter((card) => !card.hidden).length });
  });
}

/** Charts take the focus, so that arrow keys can read their marks; the script that does so comes with the first focus or tap. */
function charts(): void {
  const said = document.querySelector<HTMLElement>("main")?.dataset["chartKeys"] ?? "";
  for (const chart of document.querySelectorAll("svg.chart:not([tabindex])")) {
    if (!chart.querySelector("title")) continue;
    chart.setAttribute("tabindex", "0");
    chart.setAttribute("role", "application");
    chart.setAttribute("aria-label", `${chart.getAttribute("aria-label") ?? ""} ${said}`);
  }
}

const asked = new AbortController();
for (const kind of ["focusin", "pointerdown"]) {
  const first = async (event: Event): Promise<void> => {
    if (!(event.target as Element).closest("svg.chart")) return;
    asked.abort();
    (await import("./lib/marks")).listen(event);
  };
  document.addEventListener(kind, (event) => void first(event), { signal: asked.signal });
}

function enhance(): void {
  menu();
  charts();
  catalogueFilter();
  takes();
  document.querySelectorAll<HTMLElement>(".search").forEach(searchBox);
  // A table is a task of its own, so that the page answers in between.
  document.querySelectorAll<HTMLTableElement>("table.sortable").forEach((table) =>
    setTimeout(() => {
      sortable(table);
      foldable(table);
    }),
  );
}

document.addEventListener(ARRIVED, enhance);
enhance();
