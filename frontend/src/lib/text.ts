// Texts as people type them: what counts as the same letter, and places in a sentence that are filled in.

/** The letters of a text without case and accents; ÿ, y and the ligature ĳ are all `ij`, as in a Dutch index. */
export const folded = (text: string): string =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/y/g, "ij")
    .replace(/[’'`´-]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();

/** A message with its `{places}` filled in. */
export const filled = (message: string, values: Readonly<Record<string, string | number>>): string =>
  message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** A number with a fixed count of decimals, as src/zicht/publish/numbers.py writes it. */
export function numbered(value: number, decimals: number, language: string): string {
  const locale = language === "nl" ? "nl-NL" : "en-GB";
  return value.toLocaleString(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "−");
}
