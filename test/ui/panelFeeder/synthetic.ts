/** Runs of any size without training them: for layouts with many layers, and to time the first picture. */
import type { RunRecord } from "../../../engine/protocol/records";
import { type SeriesKey, kindOfSeries, seriesColumns } from "../../../engine/protocol/seriesColumns";
import type { PanelUpdate, SeriesSlice } from "../../../webview/protocol";

export interface SyntheticSize {
  readonly layers: number;
  readonly points: number;
}

export function syntheticSnapshot({ layers, points }: SyntheticSize): PanelUpdate {
  const names = Array.from(
    { length: layers },
    (_, index) => `features.denseblock${1 + Math.floor(index / 16)}.denselayer${index % 16}.norm${1 + (index % 2)}`,
  );
  const keys: SeriesKey[] = [
    "loss",
    "eval",
    "outputGap",
    ...names.flatMap((name) => [`norm/${name}`, `population/${name}`, `gap/${name}`] as const),
  ];
  const run = {
    id: "synthetic",
    state: "completed",
    run: recordOf(names, points),
    step: points,
    problem: null,
    badLines: [],
    editedLayers: [],
    controllable: false,
  } as const;
  return { sequence: 1, runs: [{ ...run, series: keys.map((key, index) => sliceOf(key, points, index)) }] };
}

function sliceOf(key: SeriesKey, points: number, seed: number): SeriesSlice {
  const count = key === "loss" || key.startsWith("norm/") ? points : 41;
  const x = Float64Array.from({ length: count }, (_, index) => Math.round(((index + 1) * points) / count));
  const level = (column: string): number =>
    /accuracy/i.test(column) ? 0.9 : /floor/i.test(column) ? 0.02 : 0.1 + 0.05 * (seed % 7);
  const columns = seriesColumns[kindOfSeries(key)].map((column, at) =>
    Float32Array.from(
      x,
      (_, index) => level(column) * (1 + 0.2 * Math.sin(index / 9 + at + seed)) * (/accuracy/i.test(column) ? 0.8 : 1),
    ),
  );
  return { key, version: 0, start: 0, x, columns, minima: columns, maxima: columns };
}

function recordOf(names: readonly string[], steps: number): RunRecord {
  return {
    type: "run",
    schema: 1,
    producer: "synthetic",
    startedAt: "2025-01-01T00:00:00.000Z",
    name: "as written",
    comparison: null,
    modelFile: { path: "models/densenet.py", sha256: "" },
    model: "DenseNet()",
    framework: "pytorch",
    parameters: 7_978_856,
    config: { data: "digits", normalize: null, steps, batchSize: 64, learningRate: 0.1, optimizer: "sgd", seed: 1 },
    data: { name: "digits", trainSamples: 6000, testSamples: 2000, classes: 10 },
    layers: names.map((name, index) => ({
      name,
      className: "BatchNorm2d",
      line: 30 + (index % 6),
      endLine: null,
      parameters: 128,
      outputShape: [64, 14, 14],
      norm: {
        channels: 64,
        samplesPerChannel: 12544,
        epsilon: 1e-5,
        updateWeight: 0.1,
        runningVarianceEstimator: "unbiased" as const,
      },
    })),
  };
}
