/** What a rule is tested with, and short ways to write a run. */
import type { RunFinding, Severity } from "../../../../../engine/protocol/finding";
import type { WrittenRecord } from "../../../../../engine/protocol/records";
import { layerOf, type RecordedRun, runOf } from "../makeRun";

export interface RuleSample {
  /** What is found, in short: severity, layers, step. */
  readonly expected: readonly [severity: Severity, layers: readonly string[], step: RunFinding["step"]];
  readonly run: RecordedRun;
  /** Other runs of which the rule finds this; by what they are. */
  readonly also?: Readonly<Record<string, readonly [Severity, RecordedRun]>>;
  /** By what they are. */
  readonly nearly: Readonly<Record<string, RecordedRun>>;
}

/** A run of these records. */
export const of = (...records: readonly (WrittenRecord | WrittenRecord[])[]): RecordedRun => ({
  records: records.flat(),
});

/** The start of a PyTorch run with one layer, `bn1`. */
export const one = (norm: Parameters<typeof layerOf>[1] = {}, more = {}): WrittenRecord =>
  runOf([layerOf("bn1", norm, more)]);

/** The start of a Keras run with one layer, `norm0`. */
export const keras = (norm: Parameters<typeof layerOf>[1] = {}, more = {}): WrittenRecord =>
  runOf([layerOf("norm0", norm, { framework: "keras", kind: "BatchNormalization", ...more })], { framework: "keras" });

/** A layer whose statistics, γ and β stay as they are. */
export const still = { runningMoved: 0, affineMoved: 0, passes: 0 };

/** A layer whose statistics alone move. */
export const moves = { runningMoved: 1, affineMoved: 0, passes: 1 };
