// Tables that sort by a button in every column head, and long tables that show a dozen rows and a button for the rest. Without
// scripts all rows are there.

import { filled } from "./text";
import { html } from "./dom";

const FIRST = 12;
const WORTH = 3; // fewer hidden rows than this are not worth a button

/** Numbers carry their value in `data-sort`; what is hidden carries none and stays below. */
const keyOf = (row: HTMLTableRowElement, column: number): number | string => {
  const cell = row.cells[column];
  const sort = cell?.dataset["sort"];
  return sort === undefined ? (cell?.textContent ?? "").trim() : Number(sort);
};

function compare(x: number | string, y: number | string, numeric: boolean, direction: number): number {
  if (!numeric) return direction * String(x).localeCompare(String(y), document.documentElement.lang);
  if (typeof x !== "number" || typeof y !== "number") return Number(typeof y === "number") - Number(typeof x === "number");
  return direction * (x - y);
}

export function sortable(table: HTMLTableElement): void {
  const body = table.tBodies[0];
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  if (!body) return;
  heads.forEach((head, column) => {
    if (head.tagName !== "TH") return;
    const button = html("button", { type: "button" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      const rows = [...body.rows];
      const numeric = rows.some((row) => typeof keyOf(row, column) === "number");
      body.append(...rows.sort((a, b) => compare(keyOf(a, column), keyOf(b, column), numeric, direction)));
      table.dispatchEvent(new Event("sorted"));
    });
  });
}

export function foldable(table: HTMLTableElement): void {
  const body = table.tBodies[0];
  const words = table.dataset["all"];
  if (!body || !words || body.rows.length <= FIRST + WORTH) return;
  const fold = (folded: boolean): void => [...body.rows].forEach((row, at) => (row.hidden = folded && at >= FIRST));
  const refold = (): void => fold(true);
  const button = html("button", { type: "button", class: "utrecht-button button" }, filled(words, { n: body.rows.length }));
  const line = html("p", { class: "more" }, button);
  button.addEventListener("click", () => {
    table.removeEventListener("sorted", refold);
    fold(false);
    line.remove();
    body.rows[FIRST]?.querySelector("a")?.focus();
  });
  table.parentElement?.after(line);
  table.addEventListener("sorted", refold);
  fold(true);
}
