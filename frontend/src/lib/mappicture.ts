// The map as the reader sees it, as a drawing of its own: the same part, period and colours, with title, key, source and note.

import { colour, svg } from "./dom";

const WIDTH = 880; // pixels
const EDGE = 28; // around everything
const [HEAD, LINE] = [34, 23]; // of a line of the title, of other text

/** What a style gives a shape, and what it has where nothing is said. */
const STYLES: Readonly<Record<string, string>> = {
  fill: "rgb(0, 0, 0)", "fill-opacity": "1", stroke: "none", "stroke-opacity": "1", "stroke-width": "1px", "stroke-dasharray": "none", "stroke-linejoin": "miter",
  "stroke-linecap": "butt", "vector-effect": "none", opacity: "1", "text-anchor": "start", "dominant-baseline": "auto", "paint-order": "normal",
}; // prettier-ignore
const LETTERS = ["font-family", "font-size", "font-weight"];
const GEOMETRY = ["d", "cx", "cy", "r", "x", "y", "width", "height", "viewBox", "transform", "id", "patternUnits", "patternTransform"];

/** An element with all that the stylesheet makes of it written in itself; links and hints stay behind. */
function styled(live: Element): SVGElement {
  const made = svg(live.localName === "a" ? "g" : (live.localName as "g"));
  for (const name of GEOMETRY) {
    const value = live.getAttribute(name);
    if (value !== null) made.setAttribute(name, value);
  }
  const style = getComputedStyle(live);
  const text = live.localName === "text";
  for (const name of text ? [...Object.keys(STYLES), ...LETTERS] : Object.keys(STYLES)) {
    const value = style.getPropertyValue(name).replace(/url\(["']?[^#"')]*(#[^"')]+)["']?\)/, "url($1)");
    if (value && value !== STYLES[name]) made.setAttribute(name, value.replaceAll('"', "'"));
  }
  if (text) made.textContent = live.textContent;
  for (const child of text ? [] : live.children) if (child.localName !== "title" && getComputedStyle(child).display !== "none") made.append(styled(child));
  return made;
}

/** The part of a map that is seen, at a place of the drawing. */
function seen(box: HTMLElement, top: number): SVGElement {
  const { clientWidth: width, clientHeight: height } = box;
  const tall = (WIDTH * height) / width;
  const frame = svg("svg", { x: EDGE, y: top, width: WIDTH, height: tall, viewBox: `0 0 ${width} ${height}` });
  frame.append(svg("rect", { width, height, fill: getComputedStyle(box).backgroundColor }));
  const canvas = box.querySelector<HTMLCanvasElement>(".canvas-map canvas");
  if (canvas) {
    const [from, to] = [box.getBoundingClientRect(), canvas.getBoundingClientRect()];
    frame.append(svg("image", { href: canvas.toDataURL(), x: to.x - from.x, y: to.y - from.y, width: to.width, height: to.height }));
  }
  for (const layer of box.querySelectorAll<SVGSVGElement>(":scope > svg")) {
    const drawn = styled(layer);
    drawn.setAttribute("width", String(width));
    drawn.setAttribute("height", String(height));
    frame.append(drawn);
  }
  return frame;
}

const ruler = document.createElement("canvas").getContext("2d");

function lines(said: string, font: string): string[] {
  if (ruler) ruler.font = font;
  const found: string[] = [];
  for (const word of said.split(/\s+/)) {
    const longer = `${found.at(-1) ?? ""} ${word}`.trim();
    if (found.length && (ruler?.measureText(longer).width ?? 0) <= WIDTH) found[found.length - 1] = longer;
    else found.push(word);
  }
  return found;
}

/** Everything that says what the colours mean, on as many rows as it takes; gives back where the next thing can stand. */
function key(into: SVGElement, legend: Element, family: string, top: number, scale: number): number {
  const items = [...legend.querySelectorAll(".classes li, .rounds li, .keys li")].filter((item) => item.getClientRects().length);
  const marks = items.map((item) => item.querySelector("svg")).filter((mark) => mark !== null);
  // Circles of the key are told in the cells of the map, and are as large as those on it.
  const boxes = marks.map((mark) => {
    const { width, height } = mark.querySelector("circle") ? mark.viewBox.baseVal : { width: 22 / scale, height: 15 / scale };
    return { width: width * scale, height: height * scale };
  });
  const tall = Math.max(LINE, ...boxes.map((box) => box.height));
  let [left, middle] = [EDGE, top + tall / 2];
  if (ruler) ruler.font = `16px ${family}`;
  marks.forEach((mark, place) => {
    const said = mark.parentElement?.textContent?.trim() ?? "";
    const { width = 0, height = 0 } = boxes[place] ?? {};
    const wide = width + 8 + (ruler?.measureText(said).width ?? 0) + 22;
    if (left > EDGE && left + wide > EDGE + WIDTH) [left, middle] = [EDGE, middle + tall + 8];
    const drawn = styled(mark);
    for (const [name, value] of Object.entries({ x: left, y: middle - height / 2, width, height })) drawn.setAttribute(name, String(value));
    const edge = svg("rect", { x: left, y: middle - height / 2, width, height, fill: "none", stroke: colour("hatch-line"), "stroke-opacity": 0.5 });
    into.append(drawn, ...(mark.querySelector("circle") ? [] : [edge]), svg("text", { x: left + width + 8, y: middle + 6, "font-size": 16 }, said));
    left += wide;
  });
  return middle + tall / 2 + LINE + 4;
}

/** How many pixels of the drawing a cell of the map takes. */
function scaleOf(box: HTMLElement): number {
  const view = box.querySelector<SVGSVGElement>(":scope > svg")?.viewBox.baseVal;
  return view ? (Math.min(box.clientWidth / view.width, box.clientHeight / view.height) * WIDTH) / box.clientWidth : 1;
}

/** A whole drawing of a map. */
export function drawingOf(box: HTMLElement, legend: Element, words: Readonly<Record<"title" | "under" | "note", string>>): string {
  const family = getComputedStyle(document.body).fontFamily.replaceAll('"', "'");
  const [ink, soft] = [colour("ink"), colour("ink-2")];
  const whole = svg("svg", { xmlns: "http://www.w3.org/2000/svg", role: "img", "aria-label": `${words.title}. ${words.under}`, "font-family": family, fill: soft });
  const ground = svg("rect", { fill: colour("paper") });
  whole.append(ground);
  let top = EDGE + 18;
  const put = (said: string, size: number, step: number, more: Record<string, string | number>): void => {
    for (const line of said ? lines(said, `${more["font-weight"] ?? 400} ${size}px ${family}`) : []) {
      whole.append(svg("text", { x: EDGE, y: top, "font-size": size, ...more }, line));
      top += step;
    }
  };
  put(words.title, 26, HEAD, { "font-weight": 600, fill: ink });
  put(words.under, 17, LINE, {});
  const map = seen(box, top - 6);
  whole.append(map);
  top = key(whole, legend, family, top + Number(map.getAttribute("height")) + 10, scaleOf(box));
  put(words.note, 15, LINE - 3, {});
  const [width, height] = [WIDTH + 2 * EDGE, Math.ceil(top + EDGE - 16)];
  for (const element of [whole, ground]) for (const [name, value] of Object.entries({ width, height })) element.setAttribute(name, String(value));
  whole.setAttribute("viewBox", `0 0 ${width} ${height}`);
  return new XMLSerializer().serializeToString(whole);
}
