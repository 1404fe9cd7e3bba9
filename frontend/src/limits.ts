// What another limit would change, on a slider: of the sentences that the page holds one is shown, with its bar and its column in the table.
// Every sentence was written when the site was made; nothing is computed here.

import { ARRIVED } from "./lib/visit";
import { html } from "./lib/dom";

const DONE = "sliding";

function slide(place: HTMLElement): void {
  const lines = [...place.querySelectorAll<HTMLElement>("li")];
  if (lines.length < 2 || place.classList.contains(DONE)) return;
  place.classList.add(DONE);
  const bars = [...place.querySelectorAll("rect")];
  const rows = [...(place.closest(".found")?.querySelectorAll("tr") ?? [])];
  const list = place.querySelector<HTMLElement>("ol");
  const input = html("input", { type: "range", min: 0, max: lines.length - 1, step: 1, value: place.dataset["now"] ?? 0 });
  const told = html("output");
  const show = (): void => {
    const chosen = Number(input.value);
    const line = lines[chosen];
    bars.forEach((bar, at) => bar.classList.toggle("on", at === chosen));
    for (const row of rows) [...row.children].forEach((cell, at) => cell.classList.toggle("on", at === chosen + 1));
    input.setAttribute("aria-valuetext", line?.dataset["limit"] ?? "");
    told.textContent = line?.textContent ?? "";
  };
  place.style.setProperty("--limits", String(lines.length)); // the thumb stands below the bar of its limit
  input.addEventListener("input", show);
  place.append(html("label", {}, html("span", {}, place.dataset["label"] ?? ""), input), told);
  if (list) list.hidden = true;
  show();
}

const all = (): void => document.querySelectorAll<HTMLElement>(".limits").forEach(slide);
document.addEventListener(ARRIVED, all);
all();
