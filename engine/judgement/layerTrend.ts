/** One number of a layer over a run, in so few points that they fit into a line of text. */
import type { RunSummary } from "./runSummary";

export interface LayerTrend {
  /** The train-vs-eval gap where probes measured it; else how far the running mean is behind the batches. In σ. */
  readonly what: "gap" | "lag";
  /** By step; the last one is the newest. */
  readonly values: readonly number[];
}

const MOST_VALUES = 32;

/** Null where nothing was measured. */
export function layerTrend({ gaps, standings }: RunSummary, id: string): LayerTrend | null {
  const gap = known(gaps.map(({ layers }) => layers.find(({ layer }) => layer === id)?.gap));
  if (gap.length > 0) return { what: "gap", values: thinned(gap) };
  const lag = known(standings.of(id).map((standing) => standing.lag));
  return lag.length > 0 ? { what: "lag", values: thinned(lag) } : null;
}

const known = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((value): value is number => typeof value === "number" && Number.isFinite(value));

/** At equal distances, the first and the last always. */
const thinned = (values: readonly number[]): number[] =>
  values.length <= MOST_VALUES
    ? [...values]
    : Array.from(
        { length: MOST_VALUES },
        (_, index) => values[Math.round((index * (values.length - 1)) / (MOST_VALUES - 1))] ?? Number.NaN,
      );
