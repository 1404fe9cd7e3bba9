// Hatching and dots as a canvas paints them; each is a small tile, drawn at twice the size for sharp screens.

import { colour, html } from "./dom";

const SHARP = 2;

/** `pixel`: how many pixels a unit of the pen is; the pattern keeps its size on the screen. */
function tiled(on: CanvasRenderingContext2D, pixel: number, side: number, draw: (pen: CanvasRenderingContext2D) => void): CanvasPattern {
  const tile = html("canvas", { width: side * SHARP, height: side * SHARP });
  const pen = tile.getContext("2d");
  pen?.scale(SHARP, SHARP);
  if (pen) draw(pen);
  const pattern = on.createPattern(tile, "repeat");
  if (!pattern) throw new Error("no canvas");
  pattern.setTransform(new DOMMatrix().scale(1 / (pixel * SHARP)));
  return pattern;
}

/** What is hidden. */
export const hatching = (on: CanvasRenderingContext2D, pixel: number): CanvasPattern =>
  tiled(on, pixel, 8, (pen) => {
    pen.fillStyle = colour("hatch-ground");
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = colour("hatch-line");
    pen.lineWidth = 1.5;
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
    }
    pen.stroke();
  });

/** What is uncertain. */
export const dotting = (on: CanvasRenderingContext2D, pixel: number): CanvasPattern =>
  tiled(on, pixel, 6, (pen) => {
    pen.fillStyle = colour("paper");
    pen.beginPath();
    pen.arc(3, 3, 1.4, 0, 2 * Math.PI);
    pen.fill();
  });
