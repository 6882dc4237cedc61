/** A layer over steps as a row of pixels: blank within the noise floor, fading in from one to two floors. */
import { binned, nearestFilled } from "../charts/envelope";
import type { Curve } from "../state/curveStore";
import { type RampName, type Theme, channelsOf, rampColor } from "../theme";
import { type SmallScale, logShare } from "./scales";

/** Pixels of a row. */
export const HEAT_BINS = 240;
const SHADES = 128;

/** How far a value is above its floor: 0 up to one floor, 1 from two floors on. */
export function visibility(value: number, floor: number): number {
  if (!(floor > 0)) return 1;
  return Math.max(0, Math.min(1, value / floor - 1));
}

/** How values become colours. */
export interface HeatColors {
  readonly scale: SmallScale;
  readonly ramp: RampName;
  /** How large a value is, to be compared with its floor; by default the value itself. */
  readonly loudness?: (value: number) => number;
}

export interface HeatRow {
  /** The values, or the highest of each bin. */
  readonly curve: Curve;
  /** The lowest of each bin, where low values can be remarkable too. */
  readonly low?: Curve;
  readonly floor: number;
}

export interface HeatPlace {
  readonly range: readonly [number, number];
  readonly theme: Theme;
}

/** Two rows with the same key look alike. */
export const heatKey = ({ curve, low, floor }: HeatRow, { range, theme }: HeatPlace): string =>
  `${curve.version} ${low?.version} ${floor} ${range[0]} ${range[1]} ${theme.kind} ${theme.background}`;

/** Four bytes a pixel; what was not measured stays transparent. */
export function heatPixels(
  { curve, low: lowest, floor }: HeatRow,
  colors: HeatColors,
  { range, theme }: HeatPlace,
): Uint8ClampedArray {
  const { scale, ramp, loudness = (value) => value } = colors;
  const bins = { from: range[0], to: range[1], count: HEAT_BINS };
  const upper = binned(curve.x, curve.y, bins);
  const lower = lowest ? binned(lowest.x, lowest.y, bins) : upper;
  const high = nearestFilled(upper.maxima);
  const low = nearestFilled(lower.minima);
  const blank = channelsOf(theme.data.blankCell);
  const shades = shadesOf(theme[ramp]);
  const pixels = new Uint8ClampedArray(4 * HEAT_BINS);
  for (let bin = 0; bin < HEAT_BINS; bin++) {
    const top = high[bin] ?? Number.NaN;
    if (Number.isNaN(top)) continue;
    const bottom = low[bin] ?? Number.NaN;
    const value = loudness(top) >= loudness(bottom) ? top : bottom;
    const color = shades[Math.round(logShare(value, scale) * (SHADES - 1))] ?? blank;
    const shown = visibility(loudness(value), floor);
    for (let channel = 0; channel < 3; channel++) {
      const from = blank[channel] ?? 0;
      pixels[4 * bin + channel] = from + ((color[channel] ?? 0) - from) * shown;
    }
    pixels[4 * bin + 3] = 255;
  }
  return pixels;
}

type Shade = readonly [number, number, number];
const knownShades = new Map<string, readonly Shade[]>();

/** A ramp's colours, mixed once: a strip asks for thousands. */
function shadesOf(ramp: readonly string[]): readonly Shade[] {
  const key = ramp.join();
  const known = knownShades.get(key);
  if (known) return known;
  const shades = Array.from({ length: SHADES }, (_, index) => rampColor(ramp, index / (SHADES - 1)));
  knownShades.set(key, shades);
  return shades;
}
