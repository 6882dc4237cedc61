/** How layers stand that are called several times in a step: how far the inputs of their calls are apart. */
import type { MeasuredNorm, NormalizedPart } from "../nn/batchNorm";
import { samplesPerChannel } from "../nn/channelNorm";
import type { WrittenRecord } from "../protocol/records";
import { finiteOrNull, median, rootMeanSquare } from "./channelSummaries";
import type { TrainingSession } from "./session";

type StandingRecord = Extract<WrittenRecord, { type: "standing" }>;

/** After a pass over `count` samples in a batch mode; null where no layer is called more than once. */
export function callsApart(
  session: TrainingSession,
  { step, count, learningRate }: { step: number; count: number; learningRate: number },
): StandingRecord | null {
  const shared = session.norms.filter(({ calls }) => calls > 1);
  if (shared.length === 0) return null;
  const layers = shared.map((norm) => {
    const parts = norm.parts(count);
    return {
      layer: norm.name,
      passes: norm.calls,
      batch: count,
      samplesPerPass: Math.min(...parts.map((part) => samplesPerChannel(part.input, part.count))),
      ...apartOf(session, norm, parts),
    };
  });
  return { type: "standing", step, when: "evaluated", learningRate, layers };
}

/** In units of the narrowest pass: means that are apart by many of its σ do not share statistics. */
function apartOf(
  session: TrainingSession,
  norm: MeasuredNorm,
  parts: readonly NormalizedPart[],
): { passApart: number | null; passVarianceRatio: number | null } {
  const means = parts.map(({ own }) => session.channelVector(norm, own.mean));
  const variances = parts.map(({ own }) => session.channelVector(norm, own.variance));
  const over = (vectors: readonly Float32Array[], c: number, of: (...values: number[]) => number): number =>
    of(...vectors.map((vector) => vector[c] ?? Number.NaN));
  const narrowest = Float64Array.from({ length: norm.input.channels }, (_, c) => over(variances, c, Math.min));
  const ratios = narrowest.map((least, c) => over(variances, c, Math.max) / least);
  return {
    passApart: finiteOrNull(
      rootMeanSquare(
        narrowest.length,
        (c) => (over(means, c, Math.max) - over(means, c, Math.min)) / Math.sqrt(narrowest[c] ?? Number.NaN),
      ),
    ),
    passVarianceRatio: finiteOrNull(median(ratios)),
  };
}
