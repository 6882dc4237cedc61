/** Memory is planned before any is had: what does not fit is refused with the batch that would. */
import type { Dataset, SampleSet } from "../data/dataset";
import { LIMIT_BYTES } from "../nn/arena";
import { ProblemError } from "../protocol/problems";
import { elementCount } from "../protocol/shape";
import { type SessionOptions, TrainingSession } from "./session";

/** The set in memory, and one batch of training and one of test samples. */
export function dataBytes({ train, test, shape }: Dataset, batchSize: number): number {
  const bytes = ({ values, labels, count }: SampleSet): number =>
    values.byteLength + labels.byteLength + batchSize * 4 * (elementCount(shape) + labels.length / count);
  return bytes(train) + bytes(test);
}

/**
 * A session that has all its memory. `limitBytes` is for it and the data together; absent, the engine's own limit
 * counts. Throws a ProblemError `out-of-memory`, which names the largest batch that fits; then nothing was allocated.
 */
export function sessionWithin(
  options: SessionOptions,
  dataset: Dataset,
  limitBytes: number | undefined,
): TrainingSession {
  const held = limitBytes === undefined ? 0 : dataBytes(dataset, options.batchSize);
  const limit = Math.min(LIMIT_BYTES, limitBytes ?? LIMIT_BYTES);
  try {
    return new TrainingSession({ ...options, arenaLimit: limit - held });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.code !== "out-of-memory") throw error;
    // Within the limit, and yet the machine has not so much.
    if (error.problem.neededBytes + held <= limit) throw error;
    const fits = (batchSize: number): boolean =>
      plannedBytes({ ...options, batchSize }) + (limitBytes === undefined ? 0 : dataBytes(dataset, batchSize)) <= limit;
    throw new ProblemError({
      code: "out-of-memory",
      neededBytes: error.problem.neededBytes + held,
      limitBytes: limit,
      largestBatch: largestBelow(options.batchSize, fits),
    });
  }
}

/** Bytes of the session's arena. Its plan ends where memory would be had. */
export function plannedBytes(options: SessionOptions): number {
  try {
    return new TrainingSession({ ...options, arenaLimit: 0 }).arena.bytes;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === "out-of-memory") return error.problem.neededBytes;
    throw error;
  }
}

/** The largest whole number below `bound` that fits, 0 when none does. */
function largestBelow(bound: number, fits: (value: number) => boolean): number {
  let [low, high] = [0, bound];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
