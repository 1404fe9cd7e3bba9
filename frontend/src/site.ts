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

function enhance(): void {
  menu();
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
