/** One layer's row of pixels on a separate canvas, stretched to its cell. */
import { element } from "../ui/dom";
import { HEAT_BINS, type HeatColors, type HeatPlace, type HeatRow, heatKey, heatPixels } from "./heatRow";

export class HeatStrip {
  readonly element = element("canvas", { className: "heat", attributes: { "aria-hidden": "true" } });
  private readonly context = this.element.getContext("2d");
  private drawn = "";

  constructor(private readonly colors: HeatColors) {
    this.element.width = HEAT_BINS;
    this.element.height = 1;
  }

  update(row: HeatRow, place: HeatPlace): void {
    const key = heatKey(row, place);
    if (key === this.drawn || !this.context) return;
    this.drawn = key;
    const image = this.context.createImageData(HEAT_BINS, 1);
    image.data.set(heatPixels(row, this.colors, place));
    this.context.putImageData(image, 0, 0);
  }
}
