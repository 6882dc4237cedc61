/** How far the processes of a training are apart in each layer, at one step. */
import type { Health, RankReading } from "../protocol/judgement";
import { buffersAreBroadcast, distanceOfRanks, type RankSample } from "../protocol/ranks";
import { factsOf, type LayerFacts, newestWith, type RunFacts } from "./findings/runFacts";
import type { RunSummary } from "./runSummary";
import { judge } from "./severity";

export interface RankDistance {
  readonly distance: number;
  /** What two ranks with the same data differ by: the noise of two running means, or of two batches. */
  readonly floor: number;
}

/** Where buffers are broadcast the batches are compared, else what they left in the running means. In σ. */
export function rankDistance(
  { summary }: Pick<RunFacts, "summary">,
  facts: LayerFacts,
  sample: RankSample,
): RankDistance {
  const { updateWeight } = facts.layer.norm;
  const spread = spreadOf(facts);
  const weight = typeof updateWeight === "number" && updateWeight > 0 && updateWeight < 2 ? updateWeight : null;
  const isBroadcast = buffersAreBroadcast(summary.run);
  if (isBroadcast && (weight === null || spread === null)) return { distance: Number.NaN, floor: Number.NaN };
  const share = isBroadcast ? 2 : (2 * (weight ?? 0)) / (2 - (weight ?? 0));
  return {
    distance: distanceOfRanks(sample, isBroadcast, weight),
    floor: Math.sqrt(share) * (spread ?? 0),
  };
}

/**
 * How far batch means of one rank vary, in σ: as it was seen, or as chance makes it. The positions of an image are no
 * samples of their own, so where the batch is known, nothing smaller is taken for chance before it was seen.
 */
function spreadOf(facts: LayerFacts): number | null {
  const seen = newestWith(facts, ({ dependence, batch }) => (batch ? dependence : null));
  if (seen?.dependence && seen.batch) return Math.sqrt(seen.dependence / seen.batch);
  const values =
    newestWith(facts, ({ batch }) => batch)?.batch ??
    newestWith(facts, ({ samplesPerPass }) => samplesPerPass)?.samplesPerPass ??
    facts.layer.norm.samplesPerChannel;
  return values === null || values <= 0 ? null : 1 / Math.sqrt(values);
}

/** By the ids of layers. `at`: the step; null for the newest. Empty for a single process. */
export function rankReadings(summary: RunSummary, at: number | null): ReadonlyMap<string, RankReading> {
  if (summary.rankSamples.length === 0) return new Map();
  const newest = new Map<string, RankSample>();
  for (const sample of summary.rankSamples) if (at === null || sample.step <= at) newest.set(sample.layer, sample);
  const run = factsOf(summary);
  return new Map(
    run.layers.flatMap((facts) => {
      const sample = newest.get(facts.layer.id);
      return sample ? [[facts.layer.id, readingOf(run, facts, sample)] as const] : [];
    }),
  );
}

function readingOf(run: RunFacts, facts: LayerFacts, sample: RankSample): RankReading {
  const { distance, floor } = rankDistance(run, facts, sample);
  const severity: Health = judge(distance, floor);
  const { step, rank, logVarianceRatio, pooledShift, pooledVarianceRatio } = sample;
  const samples =
    newestWith(facts, ({ samplesPerPass }) => samplesPerPass)?.samplesPerPass ?? facts.layer.norm.samplesPerChannel;
  return {
    ...{ step, rank, distance, floor, severity, pooledShift, pooledVarianceRatio },
    varianceRatio: Math.exp(logVarianceRatio),
    samples: samples ?? Number.NaN,
  };
}
