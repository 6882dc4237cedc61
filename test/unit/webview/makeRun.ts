/** Runs for tests: a few columns with the values that matter, everything else unknown. */
import type { RunRecord } from "../../../engine/protocol/records";
import { type SeriesKey, kindOfSeries, seriesColumns } from "../../../engine/protocol/seriesColumns";
import type { PanelUpdate, RunView, SeriesSlice } from "../../../webview/protocol";
import type { RunModel } from "../../../webview/state/runModel";
import { PanelStore } from "../../../webview/state/store";

export interface SliceOptions {
  readonly start?: number;
  readonly version?: number;
}

/** A slice whose named columns have the given values and whose others are NaN. */
export function slice(
  key: SeriesKey,
  x: readonly number[],
  named: Readonly<Record<string, readonly number[]>>,
  { start = 0, version = 0 }: SliceOptions = {},
): SeriesSlice {
  const columns = seriesColumns[kindOfSeries(key)].map((name) =>
    Float32Array.from(named[name] ?? x.map(() => Number.NaN)),
  );
  return { key, version, start, x: Float64Array.from(x), columns, minima: columns, maxima: columns };
}

export interface RecordOptions {
  readonly layers?: readonly string[];
  readonly updateWeight?: number | null;
  readonly steps?: number;
  readonly name?: string;
  readonly framework?: "pytorch" | "keras";
}

export function runRecord({
  layers = ["bn1", "bn2"],
  updateWeight = 0.1,
  steps = 1000,
  name = "as written",
  framework = "pytorch",
}: RecordOptions = {}): RunRecord {
  return {
    type: "run",
    schema: 1,
    producer: "test",
    startedAt: "2025-01-01T00:00:00.000Z",
    name,
    comparison: null,
    modelFile: { path: "models/net.py", sha256: "" },
    model: "Net()",
    framework,
    parameters: 10,
    config: { data: "digits", normalize: null, steps, batchSize: 64, learningRate: 0.1, optimizer: "sgd", seed: 1 },
    data: { name: "digits", trainSamples: 6000, testSamples: 2000, classes: 10 },
    layers: layers.map((layer, index) => ({
      name: layer,
      className: "BatchNorm1d",
      line: 10 + index,
      endLine: null,
      parameters: 200,
      outputShape: [100],
      norm: {
        channels: 100,
        samplesPerChannel: 64,
        epsilon: 1e-5,
        updateWeight,
        runningVarianceEstimator: "unbiased" as const,
      },
    })),
  };
}

export function runMessage(view: Partial<RunView>, series: readonly SeriesSlice[] = []): PanelUpdate["runs"][number] {
  return {
    id: "run",
    state: "completed",
    run: runRecord(),
    step: 1000,
    problem: null,
    badLines: [],
    editedLayers: [],
    controllable: false,
    ...view,
    series,
  };
}

/** A run as the panel holds it. */
export function runModel(view: Partial<RunView>, series: readonly SeriesSlice[] = []): RunModel {
  const store = new PanelStore();
  store.applySnapshot({ sequence: 1, runs: [runMessage(view, series)] });
  const [run] = store.runs;
  if (!run) throw new Error("the snapshot held no run");
  return run;
}

export interface Measured {
  /** Test samples of the last evaluation. */
  readonly samples?: number;
  readonly running: number;
  readonly population: number;
  readonly batch: number;
  /** Per layer: gap and its floor. */
  readonly gaps?: readonly (readonly [gap: number, floor: number])[];
}

/** The last evaluation and, for bn1, bn2, …, the last gaps and distances. */
export function measuredSeries({
  samples = 2000,
  running,
  population,
  batch,
  gaps = [
    [0.02, 0.02],
    [0.02, 0.02],
  ],
}: Measured): SeriesSlice[] {
  const accuracy = {
    runningAccuracy: [running],
    populationAccuracy: [population],
    batchAccuracy: [batch],
    samples: [samples],
  };
  return [
    slice("eval", [1000], accuracy),
    slice("outputGap", [1000], { flipShare: [0.5], flipShareWithPopulation: [0.01], probabilityShift: [0.4] }),
    ...gaps.flatMap(([gap, floor], index) => [
      slice(`gap/bn${index + 1}`, [0, 500, 1000], {
        gap: [gap, gap, gap],
        alone: [gap, gap, gap],
        noiseFloor: [floor, floor, floor],
      }),
      slice(`population/bn${index + 1}`, [0, 1000], { meanDistance: [1, gap], noiseFloor: [floor, floor] }),
      slice(`norm/bn${index + 1}`, [1000], { meanShift: [gap], varianceRatio: [0.5] }),
    ]),
  ];
}
