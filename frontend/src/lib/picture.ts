// A drawing of the site as a PNG, made by the browser of the reader: every chart and map is there as SVG, and drawing two thousand of
// them when the site is made would take longer than all pages. A picture of this kind may fetch nothing, so its letters go in with it.

import { html } from "./dom";

const ZOOM = 2; // pixels of the picture to one of the drawing
const BEYOND = /[^\u0000-\u00ff\u2000-\u206f\u20ac\u2122\u2190-\u2193\u2212]/u; // letters that are not in the first file of a font

const families = (drawing: string): string[] => [...drawing.matchAll(/font-family="([^"]*)"/g)].flatMap((found) => (found[1] ?? "").split(",").map((name) => name.trim().replace(/^'|'$/g, "")));

function* faces(): Generator<CSSFontFaceRule> {
  for (const sheet of document.styleSheets) for (const rule of sheet.cssRules) if (rule instanceof CSSFontFaceRule) yield rule;
}

async function inside(address: string): Promise<string> {
  const blob = await (await fetch(address)).blob();
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** The letters of the site that a drawing uses, as a style that holds them. */
async function letters(drawing: string): Promise<string> {
  const wanted = new Set(families(drawing));
  const found: string[] = [];
  for (const rule of faces()) {
    const family = rule.style.getPropertyValue("font-family").replace(/["']/g, "");
    const file = /url\("?([^")]+)"?\)/.exec(rule.style.getPropertyValue("src"))?.[1];
    const range = rule.style.getPropertyValue("unicode-range");
    if (!file || !wanted.has(family) || (/U\+0?100/i.test(range) && !BEYOND.test(drawing))) continue;
    const address = new URL(file, rule.parentStyleSheet?.href ?? document.baseURI).href;
    const weight = rule.style.getPropertyValue("font-weight") || "400";
    found.push(`@font-face{font-family:"${family}";font-weight:${weight};${range ? `unicode-range:${range};` : ""}src:url(${await inside(address)})}`);
  }
  return `<style>${found.join("")}</style>`;
}

const drawn = (address: string): Promise<HTMLImageElement> =>
  new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error("no picture"));
    image.src = address;
  });

/** A PNG of an SVG document that has a width and a height. */
export async function picture(drawing: string): Promise<Blob> {
  const whole = drawing.replace(/^(<svg[^>]*>)/, `$1${(await letters(drawing)).replaceAll("$", "$$$$")}`);
  const image = await drawn(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(whole)}`);
  const canvas = html("canvas", { width: Math.round(image.width * ZOOM), height: Math.round(image.height * ZOOM) });
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/png"));
}

/** Hand a file to the reader. */
export function save(name: string, file: Blob): void {
  const address = URL.createObjectURL(file);
  html("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The PNG of a drawing that stands in the site. */
export async function pictureOf(address: string): Promise<Blob> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  return picture(await answer.text());
}
