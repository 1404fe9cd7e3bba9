// Which part of the map is seen, and the hands that move it: buttons, wheel with Ctrl, dragging, two fingers.

import { type Box, type Point, between, framed, middle, scaled } from "./geometry";
import type { Surface } from "./surface";
import { still } from "./dom";

const CLOSEST = 400; // the whole map is at most this many times as wide as what is seen
const FLIGHT = 420; // milliseconds
const MOVED = 5; // pixels; less is a click

export class View {
  private box: Box;
  private flight = 0;
  private size: string;
  private readonly home: () => Box;
  /** Whether the pointer went down to drag, so that its way up is not a click. */
  dragged = false;

  constructor(private readonly frame: HTMLElement, private readonly surface: Surface, private readonly changed: (view: Box) => void, private readonly hint: () => void) {
    this.home = () => framed(surface.whole, this.ratio, 0.02);
    this.box = this.home();
    this.listen();
    this.size = this.measured;
    new ResizeObserver(() => this.reshape()).observe(frame);
  }

  get seen(): Box {
    return this.box;
  }

  get away(): boolean {
    return this.box.width < this.home().width * 0.98;
  }

  /** Show a box at once. */
  jump(box: Box, moving = false): void {
    cancelAnimationFrame(this.flight);
    this.box = this.kept(box);
    this.frame.classList.toggle("away", this.away);
    this.surface.look(this.box, moving);
    this.changed(this.box);
  }

  /** Fly to a box; at once for who wants no motion. */
  fly(box: Box): void {
    const [from, to] = [this.box, this.kept(box)];
    if (still()) return this.jump(to);
    const begun = performance.now();
    const step = (now: number): void => {
      const share = Math.min(1, Math.max(0, now - begun) / FLIGHT);
      this.jump(between(from, to, 1 - (1 - share) ** 3), share < 1);
      if (share < 1) this.flight = requestAnimationFrame(step);
    };
    cancelAnimationFrame(this.flight);
    this.flight = requestAnimationFrame(step);
  }

  goHome(): void {
    this.fly(this.home());
  }

  fit(box: Box, margin = 0.12): void {
    this.fly(framed(box, this.ratio, margin));
  }

  zoom(factor: number): void {
    this.fly(scaled(this.box, factor, middle(this.box)));
  }

  /** Move as little as needed to have a box in sight. */
  include(box: Box): void {
    const { x, y, width, height } = this.box;
    if (box.width > width || box.height > height) return this.fit(box, 0.4);
    const dx = Math.min(0, box.x - x) + Math.max(0, box.x + box.width - x - width);
    const dy = Math.min(0, box.y - y) + Math.max(0, box.y + box.height - y - height);
    if (dx || dy) this.fly({ x: x + dx, y: y + dy, width, height });
  }

  private get ratio(): number {
    return (this.frame.clientWidth || 4) / (this.frame.clientHeight || 3);
  }

  private kept(box: Box): Box {
    const home = this.home();
    const width = Math.min(home.width, Math.max(home.width / CLOSEST, box.width));
    const [x, y] = middle(box);
    const found = { x: x - width / 2, y: y - width / this.ratio / 2, width, height: width / this.ratio };
    const within = (start: number, size: number, low: number, all: number): number => Math.min(low + all - size, Math.max(low, start));
    return { ...found, x: within(found.x, width, home.x, home.width), y: within(found.y, found.height, home.y, home.height) };
  }

  private get measured(): string {
    return `${this.frame.clientWidth} ${this.frame.clientHeight}`;
  }

  private reshape(): void {
    // The first observation tells the size that is known already.
    if (this.size === this.measured) return;
    this.size = this.measured;
    const wasHome = !this.away;
    this.jump(wasHome ? this.home() : framed(this.box, this.ratio, 0));
  }

  private place(x: number, y: number): Point {
    const edge = this.frame.getBoundingClientRect();
    return [this.box.x + ((x - edge.left) / edge.width) * this.box.width, this.box.y + ((y - edge.top) / edge.height) * this.box.height];
  }

  private listen(): void {
    const { frame } = this;
    frame.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return this.hint();
        event.preventDefault();
        this.jump(scaled(this.box, Math.exp(event.deltaY * (event.deltaMode ? 0.05 : 0.0025)), this.place(event.clientX, event.clientY)), true);
      },
      { passive: false },
    );
    const fingers = new Map<number, Point>();
    let before: Box = this.box;
    let start: Point = [0, 0];
    let apart = 0;
    const gather = (): void => {
      const held = [...fingers.values()];
      start = [held.reduce((sum, [x]) => sum + x, 0) / held.length, held.reduce((sum, [, y]) => sum + y, 0) / held.length];
      apart = held.length > 1 ? Math.hypot(held[0]![0] - held[1]![0], held[0]![1] - held[1]![1]) : 0;
    };
    frame.addEventListener("pointerdown", (event) => {
      if ((event.target as Element).closest("button, .map-tools")) return;
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (fingers.size === 1) this.dragged = false;
      before = this.box;
      gather();
    });
    frame.addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId)) return;
      const [from, spread] = [start, apart];
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      gather();
      const [to, now] = [start, apart];
      [start, apart] = [from, spread];
      const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
      if (Math.hypot(dx, dy) < MOVED && fingers.size === 1 && !this.dragged) return;
      if (fingers.size === 1 && !this.away) return;
      if (!this.dragged && event.pointerType === "mouse") frame.setPointerCapture(event.pointerId);
      this.dragged = true;
      const pixel = before.width / frame.clientWidth;
      const moved = { ...before, x: before.x - dx * pixel, y: before.y - dy * pixel };
      const edge = frame.getBoundingClientRect();
      const under: Point = [moved.x + (to[0] - edge.left) * pixel, moved.y + (to[1] - edge.top) * pixel];
      this.jump(spread && now ? scaled(moved, spread / now, under) : moved, true);
    });
    const up = (event: PointerEvent): void => {
      if (!fingers.delete(event.pointerId)) return;
      before = this.box;
      if (fingers.size) gather();
      else if (this.dragged) this.jump(this.box);
    };
    frame.addEventListener("pointerup", up);
    frame.addEventListener("pointercancel", up);
  }
}
