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
  // Every line asks again whenever lines are drawn, so records that are left out are not looked into.
  const gap = known(thinned(gaps).map(({ layers }) => layers.find(({ layer }) => layer === id)?.gap));
  if (gap.length > 0) return { what: "gap", values: gap };
  const lag = known(thinned(standings.of(id)).map((standing) => standing.lag));
  return lag.length > 0 ? { what: "lag", values: lag } : null;
}

const known = (values: readonly (number | null | undefined)[]): number[] =>
  values.filter((value): value is number => typeof value === "number" && Number.isFinite(value));

/** At equal distances, the first and the last always. */
function thinned<Item>(items: readonly Item[]): readonly Item[] {
  if (items.length <= MOST_VALUES) return items;
  const kept = Array.from({ length: MOST_VALUES }, (_, at) =>
    Math.round((at * (items.length - 1)) / (MOST_VALUES - 1)),
  );
  return kept.flatMap((index) => items[index] ?? []);
}
