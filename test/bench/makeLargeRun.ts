/**
 * Writes a run as a long training of a deep network leaves it, without training one: 200 BN layers, 100,000 steps,
 * statistics every 100 steps, 41 probes. Numbers follow a formula, so that two machines write the same.
 *   node out/bench/makeLargeRun.js FOLDER [layers] [steps]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import {
  activityColumns,
  normScalars,
  quantileNames,
  quantileQuantities,
  stepColumns,
} from "../../engine/protocol/numbers";
import type { Quantiles, WrittenRecord } from "../../engine/protocol/records";
import { RunWriter } from "../../engine/runs/runWriter";

const STATISTICS_EVERY = 100;
const PROBES = 40;

/** A small generator that depends on nothing (Steele et al. 2014, splitmix32's finalizer). */
function noise(seed: number): number {
  let z = (seed + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32 - 0.5;
}

/** `layer1.0.bn1`, … in four stages. */
function layerNames(count: number): string[] {
  const names = ["bn1"];
  for (let index = 1; index < count; index++) {
    const stage = 1 + Math.floor((4 * index) / count);
    const inStage = index - Math.ceil(((stage - 1) * count) / 4);
    names.push(`layer${stage}.${Math.floor(inStage / 2)}.bn${1 + (inStage % 2)}`);
  }
  return [...new Set(names)];
}

const scalars = normScalars.filter((name) => ["mean_shift", "variance_ratio", "gradient_norm"].includes(name));
const columns = [...quantileQuantities.flatMap((name) => quantileNames.map((q) => `${name}.${q}`)), ...scalars];

function normRow(layers: number, step: number): Float32Array {
  const row = new Float32Array(layers * columns.length);
  for (let layer = 0; layer < layers; layer++) {
    const at = layer * columns.length;
    const drift = (layer / layers) * (1 - Math.exp(-step / 20_000));
    for (let quantity = 0; quantity < quantileQuantities.length; quantity++) {
      const base = quantity % 2 === 1 ? 1 + drift : drift * 0.2;
      for (let q = 0; q < 5; q++)
        row[at + 5 * quantity + q] = base * (0.6 + 0.2 * q) + 0.02 * noise(step * 31 + layer * 7 + quantity);
    }
    row[at + 40] = 0.02 + 0.4 * drift * Math.exp(-step / 60_000) + 0.02 * (noise(step + 977 * layer) + 0.5);
    row[at + 41] = 1 + 0.3 * noise(step * 3 + layer);
    row[at + 42] = 0.1 / (1 + layer);
  }
  return row;
}

const spread = (middle: number): Quantiles => [middle - 0.4, middle - 0.1, middle, middle + 0.1, middle + 0.4];

function probe(names: readonly string[], step: number): WrittenRecord[] {
  const distance = (layer: number): number => 0.01 + 0.3 * (layer / names.length) * Math.exp(-step / 30_000);
  return [
    {
      type: "population",
      step,
      samples: 2048,
      layers: names.map((layer, index) => ({
        layer,
        mean: spread(0.1),
        variance: spread(1),
        meanDistance: distance(index),
        varianceDistance: 2 * distance(index),
        noiseFloor: 0.02,
        shiftNoiseFloor: 0.09,
        varianceNoiseFloor: 0.05,
        batchF: 1 + noise(index),
      })),
    },
    {
      type: "gap",
      step,
      samples: 128,
      layers: names.map((layer, index) => ({
        layer,
        gap: 0.02 + distance(index),
        alone: distance(index) / 2,
        noiseFloor: 0.02,
      })),
      output: { flips: 3, flipsWithPopulation: 1, probabilityShift: 0.02, probabilityShiftWithPopulation: 0.01 },
    },
    {
      type: "eval",
      step,
      samples: 1000,
      running: { accuracy: 0.9 - 0.5 * Math.exp(-step / 10_000), loss: 0.4 },
      population: { accuracy: 0.91 - 0.5 * Math.exp(-step / 10_000), loss: 0.39 },
      batch: { accuracy: 0.905 - 0.5 * Math.exp(-step / 10_000), loss: 0.4 },
    },
  ];
}

function write(folder: string, layers: number, steps: number): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/run.jsonl`, "");
  const writer = new RunWriter(folder, () => undefined);
  const names = layerNames(layers);
  writer.append({
    type: "run",
    schema: 2,
    producer: "normlens-bench",
    startedAt: "2026-11-29T08:00:00.000Z",
    name: `${names.length} layers`,
    model: "DeepNet()",
    framework: "pytorch",
    parameters: 60_000_000,
    plannedSteps: steps,
    settings: { optimizer: "SGD", learningRate: 0.1, batchSize: 128 },
    data: { name: "images", trainSamples: 1_281_167, testSamples: 50_000, classes: 1000, sample: "image" },
    layers: names.map((id) => ({
      id,
      kind: "BatchNorm2d",
      framework: "pytorch",
      parameters: 512,
      outputShape: [256, 14, 14],
      norm: {
        channels: 256,
        samplesPerChannel: 25_088,
        epsilon: 1e-5,
        updateWeight: 0.1,
        runningVarianceEstimator: "unbiased",
      },
    })),
  });
  const stepTable = writer.declare({ name: "steps", columns: stepColumns, layers: [], values: 1, type: "float64" });
  const normTable = writer.declare({ name: "norms", columns, layers: names, values: 1, type: "float32" });
  const activity = activityColumns.slice(0, 2);
  const activityTable = writer.declare({
    name: "activity",
    columns: activity,
    layers: names,
    values: 1,
    type: "float32",
  });
  const activityRow = new Float32Array(names.length * activity.length);
  for (const record of probe(names, 0)) writer.append(record);
  for (let step = 1; step <= steps; step++) {
    writer.frame(stepTable, step, [7 * Math.exp(-step / 30_000) * (1 + 0.3 * noise(step)) + 0.5, 0.1, 0.2]);
    if (step % STATISTICS_EVERY === 0) {
      writer.frame(normTable, step, normRow(names.length, step));
      for (let index = 0; index < activityRow.length; index++) activityRow[index] = 0.1 + 0.05 * noise(step + index);
      writer.frame(activityTable, step, activityRow);
    }
    if (step % Math.floor(steps / PROBES) === 0) for (const record of probe(names, step)) writer.append(record);
  }
  writer.append({ type: "end", step: steps, status: "completed", elapsedMs: steps * 200 });
  writer.close();
}

const [folder, layers = "200", steps = "100000"] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node makeLargeRun.js FOLDER [layers] [steps]");
write(folder, Number(layers), Number(steps));
