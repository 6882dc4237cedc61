/** What every BN layer says at one step: one row of numbers per layer, for the spine and for verdicts. */
import type { NormLayer, RunModel } from "./runModel";
import { type Severity, judgedFromStep, severityOf } from "./severity";

export interface LayerReading {
  readonly layer: NormLayer;
  /** Batch mean against running mean, in σ of the batch. */
  readonly shift: number;
  /** What `shift` is in a healthy layer, where batches differ and nothing is wrong. */
  readonly shiftFloor: number;
  /** Batch variance over running variance. */
  readonly varianceRatio: number;
  readonly gap: number;
  readonly alone: number;
  readonly gapFloor: number;
  /** Running mean from population mean, in σ. */
  readonly distance: number;
  readonly firstDistance: number;
  readonly distanceFloor: number;
  readonly varianceDistance: number;
  readonly varianceFloor: number;
  readonly gapSeverity: Severity;
  readonly distanceSeverity: Severity;
}

/** Readings at the last points not after `step` (null: the newest), input to output. */
export function layerReadings(run: RunModel, step: number | null): LayerReading[] {
  // What counts is when it was measured: a probe may be many steps old.
  const from = judgedFromStep(run);
  return run.normLayers.map((layer) => readingOf(run, layer, step, from));
}

function readingOf(run: RunModel, layer: NormLayer, step: number | null, judgedFrom: number): LayerReading {
  const { name } = layer;
  const gap = run.valueAt(step, "gap", "gap", name);
  const gapFloor = run.valueAt(step, "gap", "noiseFloor", name);
  const distance = run.valueAt(step, "population", "meanDistance", name);
  const distanceFloor = run.valueAt(step, "population", "noiseFloor", name);
  return {
    layer,
    shift: run.valueAt(step, "norm", "meanShift", name),
    shiftFloor: run.valueAt(step, "population", "shiftNoiseFloor", name),
    varianceRatio: run.valueAt(step, "norm", "varianceRatio", name),
    gap,
    alone: run.valueAt(step, "gap", "alone", name),
    gapFloor,
    distance,
    firstDistance: run.curve("population", "meanDistance", name).y[0] ?? Number.NaN,
    distanceFloor,
    varianceDistance: run.valueAt(step, "population", "varianceDistance", name),
    varianceFloor: run.valueAt(step, "population", "varianceNoiseFloor", name),
    gapSeverity: run.measuredAt(step, "gap", name) < judgedFrom ? "unknown" : severityOf(gap, gapFloor),
    distanceSeverity:
      run.measuredAt(step, "population", name) < judgedFrom ? "unknown" : severityOf(distance, distanceFloor),
  };
}

/** The reading with the largest value; undefined when no value is known. */
export function largestBy(
  readings: readonly LayerReading[],
  value: (reading: LayerReading) => number,
): LayerReading | undefined {
  return readings
    .filter((reading) => Number.isFinite(value(reading)))
    .reduce<LayerReading | undefined>(
      (best, reading) => (best && value(best) >= value(reading) ? best : reading),
      undefined,
    );
}

/** The step since which a layer's gap has been above its warning threshold without a pause; null when it is not now. */
export function gapSince(run: RunModel, layer: string): number | null {
  const { x, y } = run.curve("gap", "gap", layer);
  const floor = run.curve("gap", "noiseFloor", layer).y;
  let since: number | null = null;
  for (let index = x.length - 1; index >= 0; index--) {
    const severity = severityOf(y[index] ?? Number.NaN, floor[index] ?? Number.NaN);
    if (severity !== "warning" && severity !== "error") break;
    since = x[index] ?? null;
  }
  return since;
}
