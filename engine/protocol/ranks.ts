import type { RunRecord, UpdateWeight } from "./records";

/**
 * How far the processes of one training are apart in one layer, at a step at which rank 0 and others wrote their
 * channels. Numbers that are not known are NaN.
 */
export interface RankSample {
  readonly layer: string;
  readonly step: number;
  /** The rank whose running means are furthest from rank 0's. */
  readonly rank: number;
  /** Root mean square over channels of (its running mean − rank 0's), in σ of rank 0. */
  readonly apart: number;
  /** Median over channels of its running variance / rank 0's, as natural logarithm. */
  readonly logVarianceRatio: number;
  /** Largest share, over the ranks, of channels whose γ or β is not bit for bit that of rank 0. */
  readonly affineApart: number;
  /**
   * What batch statistics over all ranks would change for rank 0: root mean square over channels of (pooled mean − its
   * batch mean), in σ of its batch, and the median over channels of pooled variance / its batch variance.
   */
  readonly pooledShift: number;
  readonly pooledVarianceRatio: number;
}

/**
 * How far a rank is from rank 0, in σ: their running means or, where every step begins with rank 0's statistics
 * (`broadcastBuffers`), their batches, which are 1/m times as far apart as what the step ends with. NaN where that is
 * unknown.
 */
export function distanceOfRanks({ apart }: RankSample, isBroadcast: boolean, updateWeight: UpdateWeight): number {
  if (!isBroadcast) return apart;
  return typeof updateWeight === "number" && updateWeight > 0 ? apart / updateWeight : Number.NaN;
}

export const buffersAreBroadcast = (run: Pick<RunRecord, "settings"> | null): boolean =>
  run?.settings["broadcastBuffers"] === true;
