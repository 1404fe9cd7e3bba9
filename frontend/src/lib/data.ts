// What the map of an indicator reads: the settings in its page, the areas of its level, their figures and, where there are very
// many, their shapes. Everything comes from the site itself and was made from the release.

export interface Level {
  readonly id: string;
  readonly one: string;
  readonly many: string;
}

/** The settings that the page carries. Addresses are relative to the page. */
export interface Settings {
  readonly indicator: string;
  readonly level: string;
  readonly levels: readonly Level[];
  readonly home: string;
  readonly language: string;
  readonly format: { readonly decimals: number; readonly margin: number; readonly sign: string; readonly rest: string; readonly whole: string };
  readonly areas: string;
  readonly shapes: string;
  /** Every period: its id, its words, and the file with its figures. */
  readonly periods: readonly (readonly [string, string, string])[];
  readonly latest: number;
  /** For numbers that add up: the largest value of all periods and the radius of its circle, in cells of the map. */
  readonly circles: { readonly most: number; readonly radius: number } | null;
  readonly background: boolean;
  /** The strip of the legend: its ends, left side and colour of each bar, width of a bar and where bars stand. */
  readonly strip: { readonly low: number; readonly high: number; readonly bars: readonly (readonly [number, number])[]; readonly wide: number; readonly base: number } | null;
  /** The file with places of public objects that the map can show. */
  readonly points: string | null;
  readonly label: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** The areas of a level; all lists are in the same order. */
export interface Areas {
  readonly codes: readonly string[];
  readonly names: readonly string[];
  /** Code and name of the areas that these lie in, and for each area which of them, or -1. */
  readonly parents: readonly (readonly [string, string])[];
  readonly parent: readonly number[];
  /** A point inside each area, x and y in turn, in cells of the map; empty for a level without shapes. */
  readonly points: readonly number[];
  /** Side of a cell, in metres, and the first corner of the map in RD are what a background needs. */
  readonly grid: number;
}

type Column = readonly (number | null)[];

/** The figures of some periods; the outer list is by period. */
export interface Figures {
  readonly periods: readonly string[];
  readonly value: readonly Column[];
  readonly lower: readonly Column[] | null;
  readonly upper: readonly Column[] | null;
  /** A digit an area: what the public is told about its figure. */
  readonly status: readonly string[];
  /** `+`, `-`, `0` (not clearly different) or `.` (not compared) an area. */
  readonly verdict: readonly string[];
  /** The class that colours an area: `0` to `4`, `h` (hidden) or `n` (none). */
  readonly paint: readonly string[];
  /** `1` where the interval reaches into a class that is not next to its own. */
  readonly unsure: readonly string[];
  readonly reference: string;
  /** The value of the area that all are compared with, a period; empty where there are several or none. */
  readonly base: Column;
}

export interface Shapes {
  readonly viewBox: readonly [number, number, number, number];
  readonly paths: readonly string[];
}

export const HIDDEN = "2";

const fetched = new Map<string, Promise<unknown>>();

/** A JSON file of the site, fetched once. */
export const read = <T>(address: string): Promise<T> => {
  const whole = new URL(address, document.baseURI).href;
  let found = fetched.get(whole);
  if (!found) {
    found = fetch(whole).then((answer) => {
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return answer.json();
    });
    found.catch(() => fetched.delete(whole));
    fetched.set(whole, found);
  }
  return found as Promise<T>;
};
