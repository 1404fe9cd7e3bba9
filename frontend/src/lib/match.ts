// Finding what somebody means: whole words first, then parts of words, then what is spelled nearly so.

import { folded } from "./text";

export interface Entry {
  readonly name: string;
  /** The folded name, and its words. */
  readonly key: string;
  readonly words: readonly string[];
}

export const entry = <T extends object>(name: string, more: T): Entry & T => {
  const key = folded(name);
  return { name, key, words: key.split(" "), ...more };
};

/**
 * In how many letters a typed text differs from the start of a word: letters left out, added, changed or swapped
 * (Damerau, 1964, in the restricted form). Above `most` it gives `most + 1`.
 */
export function slips(typed: string, word: string, most: number): number {
  const width = Math.min(word.length, typed.length + most);
  let before: number[] = [];
  let row = Array.from({ length: width + 1 }, (_, at) => at);
  for (let i = 1; i <= typed.length; i += 1) {
    const now = [i];
    for (let j = 1; j <= width; j += 1) {
      const same = typed[i - 1] === word[j - 1];
      let least = Math.min((row[j] ?? 0) + 1, (now[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && typed[i - 1] === word[j - 2] && typed[i - 2] === word[j - 1];
      if (swapped) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      now.push(least);
    }
    if (Math.min(...now) > most) return most + 1;
    [before, row] = [row, now];
  }
  return Math.min(most + 1, ...row.slice(Math.max(0, typed.length - most)));
}

const allowed = (length: number): number => (length < 4 ? 0 : length < 8 ? 1 : 2);

/** How well an entry answers what was typed: 0 best, Infinity not at all. `near` lets spelling slip. */
function rank(found: Entry, typed: string, parts: readonly string[], near: boolean): number {
  if (found.key === typed) return 0;
  if (found.key.startsWith(typed)) return 1;
  if (parts.every((part) => found.words.some((word) => word.startsWith(part)))) return 2;
  if (found.key.includes(typed)) return 3;
  if (!near) return Infinity;
  let total = 0;
  for (const part of parts) {
    const most = allowed(part.length);
    // The first letter is seldom wrong, and to ask for it keeps the answers few and the search quick.
    const best = Math.min(...found.words.map((word) => (word[0] === part[0] || word[1] === part[0] ? slips(part, word, most) : most + 1)));
    if (best > most) return Infinity;
    total += best;
  }
  return 4 + total;
}

/** The entries that answer what was typed, best first, at most `most`. */
export function search<T extends Entry>(entries: readonly T[], text: string, most: number): T[] {
  const typed = folded(text);
  if (typed.length < 2) return [];
  const parts = typed.split(" ");
  const gather = (near: boolean): (readonly [number, number, T])[] =>
    entries.flatMap((one, place) => {
      const score = rank(one, typed, parts, near);
      return score < Infinity ? [[score, place, one] as const] : [];
    });
  let hits = gather(false);
  if (hits.length < most) hits = gather(true);
  return hits
    .sort(([a, first, x], [b, second, y]) => a - b || x.name.length - y.name.length || first - second)
    .slice(0, most)
    .map(([, , one]) => one);
}
