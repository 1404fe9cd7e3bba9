// The map of an indicator: pointing at, choosing and walking over areas; drawing on a canvas where there are too many for SVG.

const box = document.querySelector("#map");
const panel = document.querySelector("#panel");
const HIDDEN = 2;
const WORDS = { 0: "absent", 2: "hidden", 5: "pending", 6: "unreliable" };

const written = (value, decimals) =>
  value.toLocaleString(box.dataset.language === "nl" ? "nl-NL" : "en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "−");

const element = (name, text, style) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (style) made.className = style;
  return made;
};
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function describe(data, place) {
  const { sign, rest, whole, home } = box.dataset;
  const [decimals, margin] = [Number(box.dataset.decimals), Number(box.dataset.margin)];
  const value = data.value[place];
  const status = data.status[place];
  const parts = [];
  const within = element("p", data.in[place] ? `${panel.dataset.in} ${data.in[place]}` : "", "small");
  parts.push(within, element("h3", data.names[place]));
  if (value === null) {
    const word = WORDS[status] ?? "absent";
    const line = element("p", "", "words");
    line.append(element("span", panel.dataset[word], status === HIDDEN ? "tag hidden" : "tag"));
    parts.push(line, element("p", panel.dataset[`${word}Why`] ?? ""));
  } else {
    const shown = written(value, decimals);
    const big = element("p", shown, shown.length > 8 ? "big long" : "big");
    big.append(element("small", sign));
    parts.push(big, element("p", rest));
    if (whole) parts.push(element("p", filled(panel.dataset.hundred, { whole, n: written(value, 0) })));
    if (data.lower[place] !== null && data.upper[place] !== null) {
      const bound = (number) => written(number, margin) + sign;
      parts.push(element("p", filled(panel.dataset.probably, { low: bound(data.lower[place]), high: bound(data.upper[place]) }), "small"));
    }
    const verdict = { "-1": "lower", 0: "unclear", 1: "higher" }[data.verdict[place]];
    if (verdict && data.reference) parts.push(element("p", filled(panel.dataset[verdict], data), "judged"));
    if (status === 3) parts.push(element("p", panel.dataset.rounded, "small"));
    if (status === 4) parts.push(element("p", panel.dataset.perturbed, "small"));
  }
  const actions = element("p", "", "actions");
  const link = element("a", panel.dataset.profile, "button main");
  link.href = `${home}gebied/${data.areas[place]}/`;
  actions.append(link);
  panel.replaceChildren(...parts, actions);
}

// Which area lies next in a direction: the nearest centre within 60 degrees of it.
function neighbour(centres, from, [dx, dy]) {
  let best = -1;
  let least = Infinity;
  centres.forEach((centre, place) => {
    if (!centre || place === from) return;
    const [x, y] = [centre[0] - centres[from][0], centre[1] - centres[from][1]];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead > 0 && aside <= ahead * 1.75 && ahead + 2 * aside < least) [best, least] = [place, ahead + 2 * aside];
  });
  return best < 0 ? from : best;
}
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function walk(target, data, centres, mark) {
  let chosen = -1;
  const choose = (place) => {
    chosen = place;
    mark(place);
    describe(data, place);
  };
  target.tabIndex = 0;
  target.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && chosen >= 0) location.href = `${box.dataset.home}gebied/${data.areas[chosen]}/`;
    if (!(event.key in ARROWS)) return;
    event.preventDefault();
    choose(chosen < 0 ? centres.findIndex(Boolean) : neighbour(centres, chosen, ARROWS[event.key]));
  });
  return choose;
}

function onSvg(svg, data) {
  const links = new Map([...svg.querySelectorAll("a[data-code]")].map((link) => [link.dataset.code, link]));
  const centres = data.areas.map((code) => {
    const shape = links.get(code)?.querySelector("path").getBBox();
    return shape && [shape.x + shape.width / 2, shape.y + shape.height / 2];
  });
  const layer = svg.querySelector(".chosen");
  const outline = (place, ...styles) => styles.map((style) => {
    const copy = links.get(data.areas[place]).querySelector("path").cloneNode();
    copy.setAttribute("class", style);
    return copy;
  });
  const choose = walk(svg, data, centres, (place) => layer.replaceChildren(...outline(place, "halo", "edge")));
  svg.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-code]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    choose(data.areas.indexOf(link.dataset.code));
  });
}

async function onCanvas(data) {
  const { viewBox: [west, north, width, height], paths } = await (await fetch(box.dataset.shapes)).json();
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", box.dataset.label);
  box.replaceChildren(canvas);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const drawn = paths.map((path) => path && new Path2D(path));
  const centres = paths.map((path) => {
    const start = /^M(-?\d+),(-?\d+)/.exec(path);
    return start && [Number(start[1]), Number(start[2])];
  });
  const picking = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const context = canvas.getContext("2d");
  let chosen = -1;
  const image = document.createElement("canvas");

  const hatch = () => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = colour("hatch-ground");
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = colour("hatch-line");
    pen.lineWidth = 1.5;
    for (const shift of [-8, 0, 8]) { pen.moveTo(shift, 8); pen.lineTo(shift + 8, 0); }
    pen.stroke();
    return context.createPattern(tile, "repeat");
  };
  const place = (pen) => {
    const scale = Math.min(canvas.width / width, canvas.height / height);
    pen.setTransform(scale, 0, 0, scale, (canvas.width - width * scale) / 2 - west * scale, (canvas.height - height * scale) / 2 - north * scale);
    return scale;
  };
  const redraw = () => {
    const density = Math.min(devicePixelRatio, 2);
    canvas.width = picking.canvas.width = canvas.clientWidth * density;
    canvas.height = picking.canvas.height = canvas.clientHeight * density;
    const scale = place(context);
    place(picking);
    const paints = { hidden: hatch(), none: colour("none") };
    paints.hidden.setTransform(new DOMMatrix().scale(1 / scale));
    drawn.forEach((path, at) => {
      if (!path) return;
      context.fillStyle = paints[data.paint[at]] ??= colour(data.paint[at]);
      context.fill(path, "evenodd");
      picking.fillStyle = `#${(at + 1).toString(16).padStart(6, "0")}`;
      picking.fill(path, "evenodd");
    });
    image.width = canvas.width;
    image.height = canvas.height;
    image.getContext("2d").drawImage(canvas, 0, 0);
    mark();
  };
  const mark = () => {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(image, 0, 0);
    if (chosen < 0 || !drawn[chosen]) return;
    const scale = place(context);
    for (const [line, ink] of [[5, "#fff"], [2.5, "#10161c"]]) {
      context.lineWidth = line / scale;
      context.strokeStyle = ink;
      context.stroke(drawn[chosen]);
    }
  };
  const choose = walk(canvas, data, centres, (at) => { chosen = at; mark(); });
  canvas.addEventListener("click", (event) => {
    const area = canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - area.left) * (canvas.width / area.width), (event.clientY - area.top) * (canvas.height / area.height)];
    const [red, green, blue, alpha] = picking.getImageData(x, y, 1, 1).data;
    const at = red * 65536 + green * 256 + blue - 1;
    if (alpha === 255 && at in drawn) choose(at);
  });
  addEventListener("resize", redraw);
  redraw();
}

if (box) {
  const data = await (await fetch(box.dataset.figures)).json();
  const svg = box.querySelector("svg.map");
  if (svg) onSvg(svg, data);
  else if (box.dataset.shapes) await onCanvas(data);
}
