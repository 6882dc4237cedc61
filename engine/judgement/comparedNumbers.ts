/** Numbers of two variants against each other: how soon statistics settle, gaps by layer, speed. */
import type { ComparedSeed } from "../protocol/comparison";
import { isAbove, type RunState, WARNING_SIGMA } from "../protocol/judgement";
import type { NormLayer } from "../protocol/records";
import { judgedFrom } from "./layerReadings";
import { meanInterval, middle } from "./meanInterval";
import type { RunSummary } from "./runSummary";
import { judge } from "./severity";

/** A run of a variant with what was recorded of it. */
export interface SeedRun extends ComparedSeed {
  readonly state: RunState;
  readonly summary: RunSummary;
}

/** In steps. `by` is null where it has not settled up to its last probe. */
export interface Settling {
  /** The last probe at which it had not settled. */
  readonly after: number;
  readonly by: number | null;
  readonly last: number;
}

/** Of the median seed; null where it is not known of each, or some settled and others did not. */
export function settlingOf(seeds: readonly SeedRun[]): Settling | null {
  const known = seeds.map(({ summary }) => settlingOfRun(summary)).filter((settling) => settling !== null);
  if (known.length < seeds.length || known.length === 0) return null;
  const settled = known.flatMap(({ by }) => by ?? []);
  if (settled.length > 0 && settled.length < known.length) return null;
  return {
    after: middle(known.map(({ after }) => after)),
    by: settled.length === 0 ? null : middle(settled),
    last: Math.min(...known.map(({ last }) => last)),
  };
}

/** From when on the median layer stays within the warning distance; null before two probes. */
function settlingOfRun({ populations }: RunSummary): Settling | null {
  const probes = populations
    .map(({ step, layers }) => ({ step, median: middle(layers.map(({ meanDistance }) => meanDistance ?? Number.NaN)) }))
    .filter(({ median }) => Number.isFinite(median));
  const last = probes.at(-1);
  if (!last || probes.length < 2) return null;
  const lastFar = probes.findLastIndex(({ median }) => median >= WARNING_SIGMA);
  return { after: probes[lastFar]?.step ?? 0, by: probes[lastFar + 1]?.step ?? null, last: last.step };
}

export interface GapDifference {
  /** In σ, of the second against the first. */
  readonly difference: number;
  readonly layer: string;
}

interface LayerGap {
  readonly layer: NormLayer;
  readonly gap: number;
  readonly floor: number;
}

/** At the layer where they differ most, matched by id, else name, else place; null where noise may be all of it. */
export function gapDifference(ones: readonly SeedRun[], others: readonly SeedRun[]): GapDifference | null {
  const [first, second] = [gapsOf(ones), gapsOf(others)];
  const byId = new Map(first.map((gap) => [gap.layer.id, gap]));
  const byName = new Map(first.map((gap) => [gap.layer.name, gap]));
  let found: GapDifference | null = null;
  for (const [place, own] of second.entries()) {
    const { id, name } = own.layer;
    const match = byId.get(id) ?? byName.get(name) ?? (first.length === second.length ? first[place] : undefined);
    if (!match) continue;
    const difference = own.gap - match.gap;
    const { floor } = difference > 0 ? own : match;
    if (!isAbove(judge(Math.abs(difference), floor))) continue;
    if (Math.abs(difference) > Math.abs(found?.difference ?? 0)) found = { difference, layer: name };
  }
  return found;
}

/** Means over seeds of the last probe that can be judged; NaN where a seed has none. */
function gapsOf(seeds: readonly SeedRun[]): LayerGap[] {
  const layers = seeds[0]?.summary.normLayers ?? [];
  const probes = seeds.map(({ summary }) => lastJudgedGap(summary));
  return layers.map((layer) => {
    const own = probes.map((probe) => probe.get(layer.id));
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const floor = Math.max(...own.map((entry) => entry?.noiseFloor ?? 0));
    return { layer, gap: mean(own.map((entry) => entry?.gap ?? Number.NaN)), floor };
  });
}

function lastJudgedGap(summary: RunSummary): Map<string, RunSummary["gaps"][number]["layers"][number]> {
  const last = summary.gaps.at(-1);
  return new Map(last && last.step >= judgedFrom(summary) ? last.layers.map((entry) => [entry.layer, entry]) : []);
}

/** Milliseconds a step of both, and their ratio; null where they are not known to be of one machine and one program. */
export function speedOf(
  ones: readonly SeedRun[],
  others: readonly SeedRun[],
): { readonly own: number; readonly other: number; readonly ratio: number } | null {
  const places = new Set([...ones, ...others].map(({ summary: { run } }) => `${run?.process?.host} ${run?.producer}`));
  if (places.size > 1) return null;
  const [other, own] = [ones, others].map((seeds) => meanInterval(seeds.map(({ msPerStep }) => msPerStep)).mean);
  if (own === undefined || other === undefined || !(own > 0) || !(other > 0)) return null;
  return { own, other, ratio: own / other };
}
