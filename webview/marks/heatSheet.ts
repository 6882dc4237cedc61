/**
 * Rows of pixels of many layers on one canvas: with hundreds of small canvases, a browser zooms and scrolls too slowly.
 * A row is drawn when it is in sight, and again only when it has changed.
 */
import { element } from "../ui/dom";
import { HEAT_BINS, type HeatColors, type HeatPlace, type HeatRow, heatKey, heatPixels } from "./heatRow";

/** Where a row of the spine lies, in CSS pixels. */
export interface SheetRow {
  readonly top: number;
  readonly height: number;
}

export class HeatSheet {
  readonly element = element("canvas", { className: "heat-sheet", attributes: { "aria-hidden": "true" } });
  private readonly context = this.element.getContext("2d");
  private drawn: string[] = [];

  constructor(private readonly colors: HeatColors) {
    this.element.width = HEAT_BINS;
  }

  /** Call it when rows have moved: everything is drawn again. */
  reset(height: number): void {
    this.element.height = Math.max(1, height);
    this.drawn = [];
  }

  /** One layer fills its row; several share its height, each with at least a pixel while there is room. */
  draw(index: number, { top, height }: SheetRow, layers: readonly HeatRow[], place: HeatPlace): void {
    const key = layers.map((layer) => heatKey(layer, place)).join("|");
    if (key === this.drawn[index] || !this.context || height < 1) return;
    this.drawn[index] = key;
    const image = this.context.createImageData(HEAT_BINS, height);
    let filled = -1;
    let pixels: Uint8ClampedArray | null = null;
    for (let line = 0; line < height; line++) {
      const at = Math.floor((line * layers.length) / height);
      const layer = layers[at];
      if (at !== filled && layer) pixels = heatPixels(layer, this.colors, place);
      filled = at;
      if (pixels) image.data.set(pixels, 4 * HEAT_BINS * line);
    }
    this.context.putImageData(image, 0, top);
  }
}
