/** Folded runs for tests: the numbers that matter, everything else unknown. */
import * as v from "valibot";
import { judge, type JudgeInput } from "../../../engine/judgement/judge";
import { RunSummary } from "../../../engine/judgement/runSummary";
import type { Judgement, RunState } from "../../../engine/protocol/judgement";
import type { Sample } from "../../../engine/protocol/numbers";
import { type AnyRecord, recordSchema, type UpdateWeight, type WrittenRecord } from "../../../engine/protocol/records";

/** A record as it is read. */
export const read = (record: WrittenRecord): AnyRecord => v.parse(recordSchema, record);

export interface RecordOptions {
  readonly layers?: readonly string[];
  readonly updateWeight?: UpdateWeight;
  readonly steps?: number | null;
  readonly name?: string;
  readonly framework?: string;
  readonly more?: Partial<Extract<WrittenRecord, { type: "run" }>>;
}

export function runRecord({
  layers = ["bn1", "bn2"],
  updateWeight = 0.1,
  steps = 1000,
  name = "as written",
  framework = "pytorch",
  more = {},
}: RecordOptions = {}): WrittenRecord {
  return {
    type: "run",
    schema: 2,
    producer: "test",
    name,
    source: { path: "models/net.py" },
    model: "Net()",
    framework,
    plannedSteps: steps,
    settings: { batchSize: 64, learningRate: 0.1, optimizer: "sgd", seed: 1 },
    data: { name: "digits", trainSamples: 6000, testSamples: 2000, classes: 10, sample: "image" },
    layers: layers.map((id, index) => ({
      id,
      kind: "BatchNorm1d",
      source: { line: 10 + index },
      norm: { channels: 100, samplesPerChannel: 64, epsilon: 1e-5, updateWeight, runningVarianceEstimator: "unbiased" },
    })),
    ...more,
  };
}

/** Of one layer, in σ; what is left out was not measured. */
export interface LayerNumbers {
  readonly gap?: number;
  readonly gapFloor?: number;
  readonly distance?: number;
  readonly distanceFloor?: number;
  readonly shiftFloor?: number;
  readonly shift?: number;
  readonly varianceRatio?: number;
}

export interface Measured {
  readonly run?: WrittenRecord;
  readonly running?: number | null;
  readonly population?: number | null;
  readonly batch?: number | null;
  readonly samples?: number | null;
  /** Of bn1, bn2, …. */
  readonly layers?: readonly LayerNumbers[];
  /** When everything above was measured. */
  readonly step?: number;
  readonly lastStep?: number;
  readonly losses?: readonly number[];
  readonly more?: readonly WrittenRecord[];
}

const healthyLayer: LayerNumbers = {
  gap: 0.02,
  gapFloor: 0.02,
  distance: 0.02,
  distanceFloor: 0.02,
  shiftFloor: 0.08,
  shift: 0.02,
  varianceRatio: 0.5,
};

const known = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value);

export function summaryOf({
  run = runRecord(),
  running = 0.971,
  population = 0.974,
  batch = 0.972,
  samples = 2000,
  layers = [healthyLayer, healthyLayer],
  step = 1000,
  lastStep = step,
  losses = [],
  more = [],
}: Measured): RunSummary {
  const summary = new RunSummary();
  const parsed = read(run);
  summary.record(parsed);
  const ids = summary.normLayers.map(({ id }) => id);
  const score = (accuracy: number | null) => (accuracy === null ? null : { accuracy, loss: 0.1 });
  const entries = ids.map((layer, index) => ({ layer, numbers: layers[index] ?? healthyLayer }));
  if (ids.length > 0 && layers.some(({ distance }) => distance !== undefined)) {
    const population = entries.map(({ layer, numbers }) => ({
      layer,
      meanDistance: known(numbers.distance),
      noiseFloor: known(numbers.distanceFloor),
      shiftNoiseFloor: known(numbers.shiftFloor ?? numbers.distanceFloor),
    }));
    summary.record(read({ type: "population", step, layers: population }));
  }
  if (ids.length > 0 && layers.some(({ gap }) => gap !== undefined)) {
    const gaps = entries.map(({ layer, numbers }) => ({
      layer,
      gap: known(numbers.gap),
      alone: known(numbers.gap),
      noiseFloor: known(numbers.gapFloor),
    }));
    const output = { flips: 30, flipsWithPopulation: 1, probabilityShift: 0.4 };
    summary.record(read({ type: "gap", step, samples: 60, layers: gaps, output }));
  }
  if (running !== null || population !== null || batch !== null)
    summary.record(
      read({
        type: "eval",
        step,
        samples,
        running: score(running),
        population: score(population),
        batch: score(batch),
      }),
    );
  if (ids.length > 0 && layers.some(({ shift }) => shift !== undefined)) summary.sample(normSample(step, entries));
  losses.forEach((loss, index) => summary.step(index + 1, loss));
  for (const record of more) summary.record(read(record));
  summary.lastStep = Math.max(summary.lastStep, lastStep);
  return summary;
}

function normSample(step: number, entries: readonly { layer: string; numbers: LayerNumbers }[]): Sample {
  const columns = ["mean_shift", "variance_ratio"];
  return {
    step,
    table: { name: "norms", columns, layers: entries.map(({ layer }) => layer), values: 1, type: "float64" },
    values: Float64Array.from(
      entries.flatMap(({ numbers }) => [numbers.shift ?? Number.NaN, numbers.varianceRatio ?? Number.NaN]),
    ),
  };
}

export function judged(
  measured: Measured,
  state: RunState = "completed",
  more: Partial<Omit<JudgeInput, "summary" | "state">> = {},
): Judgement {
  return judge({ summary: summaryOf(measured), state, problem: null, ...more });
}

/** Spaces that keep numbers and units together, as plain ones. */
export const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");
