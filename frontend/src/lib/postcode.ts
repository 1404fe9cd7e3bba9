// Postcodes in the search box: what somebody types that may be one, and the areas in which it lies. Only the file of all postcodes
// that begin alike is fetched, so what was typed does not leave the device.

import { read } from "./data";

/** By four digits and then by letters (none: the digits alone) the codes of areas. */
type Sheet = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface Postcode {
  readonly digits: string;
  readonly letters: string;
}

/** The postcode that a text is, or begins to be: `3511`, `3511 A`, `3511ab`; null for anything else. */
export function postcode(text: string): Postcode | null {
  const found = /^\s*([0-9]{4})\s*([a-z]{0,2})\s*$/i.exec(text);
  return found ? { digits: found[1] ?? "", letters: (found[2] ?? "").toUpperCase() } : null;
}

/** The codes of the areas in which it lies: of a whole postcode its own, else those of all that begin so. */
export async function areasOf(code: Postcode, folder: string, shared: number): Promise<readonly string[]> {
  const sheet = await read<Sheet>(`${folder}${code.digits.slice(0, shared)}.json`).catch((): Sheet => ({}));
  const of = sheet[code.digits] ?? {};
  const own = of[code.letters];
  if (own) return own;
  const begun = code.letters.length === 1 ? Object.keys(of).filter((letters) => letters.startsWith(code.letters)) : [];
  return [...new Set(begun.flatMap((letters) => of[letters] ?? []))];
}
