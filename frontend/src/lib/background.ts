// The grey map of PDOK (Kadaster) under our own, in the Dutch coordinates (EPSG:28992) that our maps have. Only where the municipality
// allows it and only once a reader has pressed the button: it is the one thing that comes from another host.

import type { Box } from "./geometry";
import { html } from "./dom";

const ADDRESS = "https://service.pdok.nl/brt/achtergrondkaart/wmts/v2_0/grijs/EPSG:28992";
const [WEST, NORTH] = [-285401.92, 903401.92]; // corner of the Dutch tiling scheme, metres
const COARSEST = 3440.64; // metres a pixel at zoom 0
const SIDE = 256;
const FINEST = 14;

export class Background {
  readonly element = html("div", { class: "background", "aria-hidden": "true" });
  private readonly tiles = new Map<string, HTMLImageElement>();

  /** `grid`: metres a cell of the map. */
  constructor(private readonly grid: number) {}

  look(view: Box): void {
    const width = this.element.clientWidth;
    if (!width) return;
    const metres = (view.width * this.grid) / width; // a pixel
    const zoom = Math.min(FINEST, Math.max(0, Math.round(Math.log2(COARSEST / metres))));
    const side = (COARSEST / 2 ** zoom) * SIDE; // of a tile, metres
    const [left, top] = [view.x * this.grid, -view.y * this.grid];
    const [across, down] = [view.width * this.grid, view.height * this.grid];
    const [first, last] = [Math.floor((left - WEST) / side), Math.floor((left + across - WEST) / side)];
    const [upper, lower] = [Math.floor((NORTH - top) / side), Math.floor((NORTH - top + down) / side)];
    const wanted = new Set<string>();
    for (let column = first; column <= last; column += 1) {
      for (let row = upper; row <= lower; row += 1) {
        if (column < 0 || row < 0 || column >= 2 ** zoom || row >= 2 ** zoom) continue;
        const name = `${zoom}/${column}/${row}`;
        wanted.add(name);
        const tile = this.tile(name);
        Object.assign(tile.style, {
          left: `${(WEST + column * side - left) / metres}px`,
          top: `${(top - (NORTH - row * side)) / metres}px`,
          width: `${side / metres + 0.5}px`,
        });
      }
    }
    for (const [name, tile] of this.tiles) {
      if (wanted.has(name)) continue;
      tile.remove();
      this.tiles.delete(name);
    }
  }

  private tile(name: string): HTMLImageElement {
    let found = this.tiles.get(name);
    if (!found) {
      found = html("img", { alt: "", src: `${ADDRESS}/${name}.png`, referrerpolicy: "no-referrer" });
      this.tiles.set(name, found);
      this.element.append(found);
    }
    return found;
  }
}
