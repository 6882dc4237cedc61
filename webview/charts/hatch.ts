/** The hatching that marks the noise floor on a canvas. */
import { type Theme, withAlpha } from "../theme";

const SIZE = 6;

/** The pattern that was used last: a live chart asks for the same one with every update. */
let known: { readonly key: string; readonly pattern: CanvasPattern } | null = null;

export function hatchPattern(context: CanvasRenderingContext2D, theme: Theme, ratio: number): CanvasPattern | string {
  const key = `${theme.data.batch} ${ratio}`;
  if (known?.key === key) return known.pattern;
  const pattern = freshPattern(context, theme, ratio);
  known = pattern && { key, pattern };
  return pattern ?? "transparent";
}

function freshPattern(context: CanvasRenderingContext2D, theme: Theme, ratio: number): CanvasPattern | null {
  const tile = document.createElement("canvas");
  const size = Math.round(SIZE * ratio);
  tile.width = tile.height = size;
  const ink = tile.getContext("2d");
  if (!ink) return null;
  ink.fillStyle = withAlpha(theme.data.batch, 0.1);
  ink.fillRect(0, 0, size, size);
  ink.strokeStyle = withAlpha(theme.data.batch, 0.38);
  ink.lineWidth = ratio * 0.8;
  ink.beginPath();
  for (const offset of [-size, 0, size]) {
    ink.moveTo(offset, size);
    ink.lineTo(offset + size, 0);
  }
  ink.stroke();
  return context.createPattern(tile, "repeat");
}
