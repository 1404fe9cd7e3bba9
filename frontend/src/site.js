// What every page gains when scripts run: the menu on a phone, the search box, sorting tables, the filter of the catalogue.

import { folded } from "./lib/text";

const menuButton = document.querySelector("#menu-button");
menuButton?.addEventListener("click", () => {
  const open = menuButton.getAttribute("aria-expanded") !== "true";
  menuButton.setAttribute("aria-expanded", String(open));
  document.querySelector("#menu").classList.toggle("open", open);
});

// Search: a combobox (ARIA 1.2) over a static index of all areas.
const box = document.querySelector(".search");
if (box) {
  const input = box.querySelector("input");
  const list = box.querySelector("ul");
  const status = box.querySelector("[role=status]");
  const names = box.dataset.levels.split("|");
  const kinds = { buurt: names[0], wijk: names[1], gemeente: names[2], regio: names[3], land: names[4] };
  let index = null;
  let hits = [];
  let chosen = -1;

  const load = async () => {
    if (!index) {
      const data = await (await fetch(box.dataset.index)).json();
      index = data.areas.map(([code, name, level, within]) => ({ code, name, key: folded(name), level: data.levels[level], within }));
    }
  };
  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const go = (place) => {
    const hit = hits[place < 0 ? 0 : place];
    if (hit) location.href = `${box.dataset.home}gebied/${hit.code}/`;
  };
  const option = (hit, place) => {
    const item = document.createElement("li");
    item.id = `search-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.textContent = hit.name;
    const where = document.createElement("span");
    where.className = "tag";
    where.textContent = (kinds[hit.level] ?? hit.level) + (hit.within ? ` ${box.dataset.in} ${hit.within}` : "");
    item.append(name, where);
    return item;
  };
  const show = async () => {
    await load();
    const wanted = folded(input.value.trim());
    if (wanted.length < 2) return close();
    hits = index
      .map((area) => [area.key.indexOf(wanted), area])
      .filter(([at]) => at >= 0)
      .sort(([a, x], [b, y]) => (a > 0) - (b > 0) || x.name.length - y.name.length)
      .slice(0, 8)
      .map(([, area]) => area);
    list.replaceChildren(...hits.map(option));
    chosen = -1;
    list.hidden = hits.length === 0;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    status.textContent = hits.length ? box.dataset.found.replace("{n}", hits.length) : box.dataset.none;
    status.classList.toggle("unseen", hits.length > 0);
  };
  const choose = (place) => {
    chosen = (place + hits.length) % hits.length;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
    input.setAttribute("aria-activedescendant", `search-${chosen}`);
  };
  input.addEventListener("focus", load, { once: true });
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Enter") go(chosen);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const item = event.target.closest("li");
    if (item) go([...list.children].indexOf(item));
  });
  input.addEventListener("blur", close);
}

// Tables: a button in every column head; numbers carry their value in data-sort, hidden ones stay below.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort);
  };
  heads.forEach((head, column) => {
    if (head.tagName !== "TH") return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      const numeric = [...body.rows].some((row) => typeof keyOf(row, column) === "number");
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [keyOf(a, column), keyOf(b, column)];
        if (!numeric) return direction * x.localeCompare(y, document.documentElement.lang);
        if (typeof x !== "number" || typeof y !== "number") return (typeof y === "number") - (typeof x === "number");
        return direction * (x - y);
      });
      body.append(...rows);
    });
  });
}

// Long tables: a dozen rows, and a button for the rest. Without scripts all rows are there.
const FIRST = 12;
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  if (body.rows.length <= FIRST + 3) continue;
  const fold = (folded) => [...body.rows].forEach((row, at) => { row.hidden = folded && at >= FIRST; });
  const refold = () => fold(true);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = table.dataset.all.replace("{n}", body.rows.length);
  button.addEventListener("click", () => {
    table.tHead.removeEventListener("click", refold);
    fold(false);
    button.parentElement.remove();
    body.rows[FIRST].querySelector("a")?.focus();
  });
  const line = document.createElement("p");
  line.className = "more";
  line.append(button);
  table.parentElement.after(line);
  table.tHead.addEventListener("click", refold);
  fold(true);
}

// The catalogue: hide the cards that do not hold what was typed.
const filter = document.querySelector("#filter");
filter?.addEventListener("input", () => {
  const wanted = folded(filter.value.trim());
  const cards = [...document.querySelectorAll("#filtered > li")];
  cards.forEach((card) => { card.hidden = !folded(card.textContent).includes(wanted); });
  const count = cards.filter((card) => !card.hidden).length;
  document.querySelector("#filter-status").textContent = filter.closest(".filter").dataset.found.replace("{n}", count);
});
