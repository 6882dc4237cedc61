/** One layer over steps as colour: blank within the noise floor, fading in from one to two floors. */
import { binned, nearestFilled } from "../charts/envelope";
import type { Curve } from "../state/runModel";
import { type Theme, channelsOf, rampColor } from "../theme";
import { element } from "../ui/dom";
import { type SmallScale, logShare } from "./scales";

const BINS = 240;

/** How far a value is above its floor: 0 up to one floor, 1 from two floors on. */
export function visibility(value: number, floor: number): number {
  if (!(floor > 0)) return 1;
  return Math.max(0, Math.min(1, value / floor - 1));
}

export interface HeatOptions {
  readonly curve: Curve;
  readonly floor: number;
  readonly scale: SmallScale;
  readonly range: readonly [number, number];
  readonly ramp: readonly string[];
  /** How loud a value is in units of its floor; by default the value itself. */
  readonly loudness?: (value: number) => number;
  readonly theme: Theme;
}

export class HeatStrip {
  readonly element = element("canvas", { className: "heat", attributes: { "aria-hidden": "true" } });

  constructor() {
    this.element.width = BINS;
    this.element.height = 1;
  }

  update({ curve, floor, scale, range, ramp, loudness = (value) => value, theme }: HeatOptions): void {
    const context = this.element.getContext("2d");
    if (!context) return;
    const { maxima, minima } = binned(curve.x, curve.y, { from: range[0], to: range[1], count: BINS });
    const high = nearestFilled(maxima);
    const low = nearestFilled(minima);
    const blank = channelsOf(theme.data.blankCell);
    const image = context.createImageData(BINS, 1);
    for (let bin = 0; bin < BINS; bin++) {
      const top = high[bin] ?? Number.NaN;
      const bottom = low[bin] ?? Number.NaN;
      if (Number.isNaN(top)) continue;
      const value = loudness(top) >= loudness(bottom) ? top : bottom;
      const color = rampColor(ramp, logShare(value, scale));
      const shown = visibility(loudness(value), floor);
      for (let channel = 0; channel < 3; channel++) {
        image.data[4 * bin + channel] = Math.round(
          (blank[channel] ?? 0) + ((color[channel] ?? 0) - (blank[channel] ?? 0)) * shown,
        );
      }
      image.data[4 * bin + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }
}
