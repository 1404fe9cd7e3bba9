// The search box: a combobox (ARIA 1.2) over areas, questions and figures. What is typed never leaves the device.

import { type Entry, entry, search } from "./match";
import { areasOf, postcode } from "./postcode";
import { filled } from "./text";
import { html } from "./dom";
import { read } from "./data";

interface Index {
  readonly levels: readonly string[];
  /** Code, name, number of the level and what the area lies in. */
  readonly areas: readonly (readonly [string, string, number, string])[];
  /** Address in a language and the titles by language. */
  readonly questions: readonly (readonly [string, Readonly<Record<string, string>>])[];
  /** How many first digits the postcodes of one file share; left out where the site knows no postcodes. */
  readonly postcodes?: number;
}

interface Hit extends Entry {
  readonly href: string;
  readonly kind: string;
}

const MOST = 8;

/** Told of what was chosen, with its address as detail; who prevents it stays on the page. */
export const CHOSEN = "zicht:chosen";

export function searchBox(box: HTMLElement): void {
  const input = box.querySelector("input");
  const list = box.querySelector("ul");
  const status = box.querySelector("[role=status]");
  if (!input || !list || !status) return;
  const told = box.dataset as { readonly only?: string } & Readonly<Record<"index" | "home" | "none" | "in" | "levels" | "found" | "question" | "postcode", string>>;
  const kinds: Readonly<Record<string, string>> = JSON.parse(told.levels);
  let entries: readonly Hit[] | null = null;
  let shared = 0;
  let hits: readonly Hit[] = [];
  let chosen = -1;

  const load = async (): Promise<readonly Hit[]> => {
    if (entries) return entries;
    const index = await read<Index>(told.index);
    shared = index.postcodes ?? 0;
    const language = document.documentElement.lang;
    entries = [
      ...index.areas.map(([code, name, level, within]) => {
        const kind = kinds[index.levels[level] ?? ""] ?? "";
        return entry<Omit<Hit, keyof Entry>>(name, { href: `gebied/${code}/`, kind: within ? `${kind} ${told.in} ${within}` : kind });
      }),
      ...(told.only ? [] : index.questions).map(([href, titles]) => entry<Omit<Hit, keyof Entry>>(titles[language] ?? titles["nl"] ?? "", { href, kind: told.question })),
    ];
    return entries;
  };
  /** The areas of a postcode, in the order of its file; null where what was typed is none. */
  const byPostcode = async (typed: string, found: readonly Hit[]): Promise<readonly Hit[] | null> => {
    const code = shared ? postcode(typed) : null;
    if (!code) return null;
    const codes = await areasOf(code, told.index.replace(/zoek\.json$/, "postcode/"), shared);
    const known = new Map(found.map((hit) => [hit.href, hit]));
    return codes.flatMap((area) => known.get(`gebied/${area}/`) ?? []).slice(0, MOST);
  };
  const close = (): void => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const go = (place: number): void => {
    const hit = hits[Math.max(0, place)];
    if (!hit) return;
    close();
    if (box.dispatchEvent(new CustomEvent(CHOSEN, { detail: hit.href, cancelable: true }))) location.href = told.home + hit.href;
    else input.value = "";
  };
  const option = (hit: Hit, place: number): HTMLElement =>
    html("li", { id: `search-${place}`, role: "option", "aria-selected": "false" }, html("span", {}, hit.name), html("span", { class: "tag" }, hit.kind));
  const show = async (): Promise<void> => {
    const typed = input.value;
    if (typed.trim().length < 2) {
      status.textContent = "";
      return close();
    }
    const found = await load();
    const places = await byPostcode(typed, found);
    if (typed !== input.value) return;
    hits = places ?? search(found, typed, MOST);
    list.replaceChildren(...hits.map(option));
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = hits.length === 0;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    status.textContent = hits.length ? filled(told.found, { n: hits.length }) : places ? told.postcode : told.none;
    status.classList.toggle("unseen", hits.length > 0);
  };
  const choose = (place: number): void => {
    chosen = (place + hits.length) % hits.length;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", `search-${chosen}`);
  };
  input.addEventListener("focus", () => void load().catch(() => undefined), { once: true });
  input.addEventListener("input", () => void show());
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Home" || event.key === "End") return close();
    else if (event.key === "Enter") go(chosen);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = (event.target as Element).closest("li");
    if (item) go([...list.children].indexOf(item));
  });
  input.addEventListener("blur", close);
}
