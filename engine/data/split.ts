/** Sets that come in one part: a share of them, drawn once and for all, is kept for testing. */
import { Random } from "../nn/random";
import { malformed } from "./dataFiles";
import type { SampleSet } from "./dataset";

export const TEST_SHARE = 0.2;

export interface Parts {
  readonly train: SampleSet;
  readonly test: SampleSet;
}

/** Splits a set that has no test part; `path` names it in errors. */
export type Split = (path: string, all: SampleSet) => Parts;

/**
 * The seed belongs to the set, not to a run: every run is tested on the same samples. Throws a ProblemError for fewer
 * than two samples.
 */
export function splitSet(path: string, all: SampleSet, testShare: number): Parts {
  if (all.count < 2)
    throw malformed(
      path,
      `it has ${all.count === 1 ? "one sample" : "no samples"}, but training and testing need one each`,
    );
  const order = Uint32Array.from({ length: all.count }, (_, index) => index);
  new Random(2015, "split").shuffle(order);
  const tests = Math.min(all.count - 1, Math.max(1, Math.floor(all.count * testShare)));
  return { train: take(all, order.subarray(tests).sort()), test: take(all, order.subarray(0, tests).sort()) };
}

function take({ count, values, labels }: SampleSet, samples: Uint32Array): SampleSet {
  const size = values.length / count;
  const taken =
    values instanceof Uint8Array ? new Uint8Array(samples.length * size) : new Float32Array(samples.length * size);
  samples.forEach((sample, index) => taken.set(values.subarray(sample * size, (sample + 1) * size), index * size));
  return { count: samples.length, values: taken, labels: Int32Array.from(samples, (sample) => labels[sample] ?? 0) };
}
