/**
 * A run that nobody trained: its record and, for any curve and step, a number that looks like one that was measured.
 */
import type { RunLayer, RunRecord } from "../../../engine/protocol/records";
import type { SeriesKind } from "../../../engine/protocol/series";
import { connected, type Naming } from "./syntheticNetwork";

export interface RunOptions {
  readonly name?: string;
  readonly layers?: number;
  /** How layers are called: a small net, or stages of blocks. */
  readonly naming?: Naming;
  readonly plannedSteps?: number | null;
  readonly steps?: number;
  readonly updateWeight?: number;
  /** Running statistics lag behind: what evaluation says is wrong. */
  readonly stale?: boolean;
  /** Where accuracy ends. */
  readonly accuracy?: number;
  /** Leaves out of the record whatever a producer may not know. */
  readonly unknownFacts?: boolean;
  /** Gradient norms, dead channels. */
  readonly activity?: boolean;
  readonly seed?: number;
  readonly batchSize?: number;
  /** Processes that train together. */
  readonly ranks?: number;
}

const stages = [50, 62, 60, 28];

const U_NAMES = [
  "down1",
  "down2",
  "down3",
  "bottom.bn1",
  "bottom.bn2",
  "side",
  "bottom.bn3",
  "up3",
  "up2",
  "up1",
  "head",
];

function layerNames(count: number, naming: Naming): string[] {
  if (naming === "u") return U_NAMES.slice(0, count);
  if (naming === "flat") return Array.from({ length: count }, (_, index) => `bn${index + 1}`);
  const names = ["stem.bn"];
  const total = stages.reduce((sum, size) => sum + size, 0);
  stages.forEach((size, stage) => {
    const own = Math.round((size * (count - 1)) / total);
    for (let index = 0; index < own && names.length < count; index++)
      names.push(`layer${stage + 1}.${Math.floor(index / 2)}.bn${1 + (index % 2)}`);
  });
  while (names.length < count) names.push(`layer4.${names.length}.downsample.1`);
  return names;
}

const unknownNormFacts = { dtype: null, trained: null, tracked: null, held: null, updatesBefore: null };

function normLayer(name: string, index: number, { updateWeight = 0.1, unknownFacts = false }: RunOptions): RunLayer {
  const channels = 16 * 2 ** Math.min(4, Math.floor(index / 12));
  return {
    id: name,
    name,
    kind: unknownFacts ? null : "BatchNorm2d",
    framework: unknownFacts ? null : "pytorch",
    parameters: unknownFacts ? null : 2 * channels,
    outputShape: null,
    inputs: null,
    model: null,
    owned: null,
    source: unknownFacts ? null : { path: null, line: 12 + (index % 7), endLine: null, cell: null },
    norm: {
      channels: unknownFacts ? null : channels,
      samplesPerChannel: unknownFacts ? null : 12544,
      epsilon: 1e-5,
      updateWeight: unknownFacts ? null : updateWeight,
      runningVarianceEstimator: unknownFacts ? null : "unbiased",
      ...unknownNormFacts,
    },
  };
}

const relu = (name: string): RunLayer => ({
  ...{ id: name, name, kind: "ReLU", framework: "pytorch", parameters: 0, outputShape: null, source: null },
  ...{ inputs: null, model: null, owned: null, norm: null },
});

export class SyntheticRun {
  readonly record: RunRecord;
  readonly norms: readonly string[];
  step: number;

  constructor(
    readonly id: string,
    readonly options: RunOptions,
  ) {
    const { layers = 3, naming = "flat", steps = 1000 } = options;
    this.norms = layerNames(layers, naming);
    this.step = steps;
    this.record = recordOf(this.norms, options);
  }

  /** Steps at which a kind of series has points. */
  stepsOf(kind: SeriesKind, from: number, to: number): number[] {
    const dense = kind === "loss" || kind === "norm" || kind === "activity";
    const every = dense ? 1 : Math.max(1, Math.round((this.options.plannedSteps ?? this.options.steps ?? 1000) / 40));
    const first = Math.ceil(Math.max(dense ? 1 : 0, from) / every) * every;
    const count = Math.max(0, Math.floor((Math.min(to, this.step) - first) / every) + 1);
    return Array.from({ length: count }, (_, index) => first + index * every);
  }

  layersOf(kind: SeriesKind, column: string): readonly string[] {
    if (!(this.options.activity ?? true) && (kind === "activity" || column === "gradient_norm")) return [];
    if (kind === "ranks" && (this.options.ranks ?? 1) < 2) return [];
    if (kind !== "activity") return this.norms;
    if (column === "dead_share") return ["relu1", "relu2"];
    return column === "saturated_share" ? [] : this.norms;
  }

  private readonly known = new Map<string, number[]>();

  value(kind: SeriesKind, column: string, layer: string | null, step: number): number {
    return this.curve(kind, column, layer)(step);
  }

  /** Worked out once: a panel that is zoomed asks for the same numbers again and again. */
  curve(kind: SeriesKind, column: string, layer: string | null): (step: number) => number {
    const key = `${kind} ${column} ${layer ?? ""}`;
    const values = this.known.get(key) ?? [];
    this.known.set(key, values);
    return (step) => (values[step] ??= this.fresh(kind, column, layer, step));
  }

  private fresh(kind: SeriesKind, column: string, layer: string | null, step: number): number {
    const at = layer === null ? 0 : Math.max(0, this.norms.indexOf(layer));
    return valueOf({ kind, column, at, depth: this.norms.length, step, layer }, this.options);
  }
}

function recordOf(norms: readonly string[], options: RunOptions): RunRecord {
  const { name = "as written", steps = 1000, plannedSteps = steps, unknownFacts = false } = options;
  const { batchSize = 64 } = options;
  const settings = { batchSize, learningRate: 0.05, optimizer: "sgd", seed: 7 + (options.seed ?? 0) } as const;
  const layers = norms.map((norm, index) => normLayer(norm, index, options));
  const network = unknownFacts ? layers : connected(layers, options.naming ?? "flat");
  return {
    type: "run",
    schema: 2,
    producer: "synthetic",
    startedAt: null,
    name,
    comparison: null,
    source: unknownFacts ? null : { path: "models/digits_resnet.py", sha256: null },
    model: unknownFacts ? null : "DigitsNet()",
    framework: "pytorch",
    parameters: unknownFacts ? null : 701_194,
    plannedSteps: unknownFacts ? null : plannedSteps,
    settings: unknownFacts ? { optimizer: "AdamW" } : settings,
    config: unknownFacts ? null : { data: "digits", normalize: null, steps, ...settings },
    data: unknownFacts ? null : { name: "digits", trainSamples: 6000, testSamples: 2000, classes: 10, sample: "image" },
    ranks: options.ranks ?? 1,
    process: null,
    layers: [...network, relu("relu1"), relu("relu2")],
    prediction: null,
  };
}

interface Place {
  readonly kind: SeriesKind;
  readonly column: string;
  readonly layer: string | null;
  /** The layer's place and how many there are. */
  readonly at: number;
  readonly depth: number;
  readonly step: number;
}

/** Between −1 and 1, the same for the same place. */
function noise(place: Place, seed: number): number {
  const mixed =
    Math.sin(place.step * 12.9898 + place.at * 78.233 + place.column.length * 37.719 + seed * 4.1) * 43758.5453;
  return 2 * (mixed - Math.floor(mixed)) - 1;
}

function valueOf(place: Place, options: RunOptions): number {
  const { kind, column, step } = place;
  const wobble = noise(place, options.seed ?? 0);
  switch (kind) {
    case "loss":
      return (2.3 * Math.exp(-step / 160) + 0.06) * Math.exp(0.5 * wobble) * (1.4 - (options.accuracy ?? 0.97) / 2.4);
    case "eval":
      return evalValue(column, step, wobble, options);
    case "outputGap":
      return column.endsWith("Population") ? 0.01 + 0.006 * wobble : (options.stale ? 0.52 : 0.02) * (1 + 0.2 * wobble);
    case "population":
      return populationValue(place, wobble, options);
    case "gap":
      return column === "noiseFloor"
        ? 0.05
        : shiftLevel(place, options) * (column === "alone" ? 0.6 : 1) * (1 + 0.1 * wobble);
    case "norm":
      return normValue(place, wobble, options);
    case "activity":
      return column === "dead_share" ? (place.layer === "relu2" ? 0.82 : 0.1) : gradientAt(place, wobble);
    case "ranks":
      return rankValue(place, wobble, options);
  }
}

/** It falls with the steps, and from the output to the input: steeply at first. */
const gradientAt = ({ at, depth, step }: Place, wobble: number): number =>
  1.2 * Math.exp(0.3 * wobble - step / 600) * Math.exp(((depth - 1 - at) / depth) * (4 * Math.exp(-step / 60) - 1.2));

function rankValue(place: Place, wobble: number, options: RunOptions): number {
  const level = shiftLevel(place, options) * (1 + 0.1 * wobble);
  switch (place.column) {
    case "varianceRatio":
      return 2 ** (2 * level * Math.sin(place.at * 1.3));
    case "pooledVarianceRatio":
      return 1 + level * level;
    case "pooledShift":
      return 0.5 * level;
    default:
      return level;
  }
}

function evalValue(column: string, step: number, wobble: number, { stale, accuracy = 0.97 }: RunOptions): number {
  const learned = accuracy * (1 - Math.exp(-(step + 10) / 90)) + 0.1 * Math.exp(-step / 90);
  if (column === "samples") return 2000;
  const right =
    column.startsWith("running") && stale ? 0.12 + 0.3 * learned * (1 + 0.5 * wobble) : learned + 0.004 * wobble;
  return column.endsWith("Loss") ? 3.2 * (1.02 - right) ** 1.4 : Math.min(1, right);
}

/** Each layer is off by its own amount, the first ones more; a layer in seven stands apart. */
function shiftLevel({ at, depth, step }: Place, { stale, seed = 0 }: RunOptions): number {
  if (!stale) return 0.02;
  const own =
    0.25 + 0.45 * Math.abs(Math.sin(at * 2.3 + seed)) * (1 - (0.6 * at) / depth) + ((at + seed) % 7 === 3 ? 0.5 : 0);
  return own * (0.7 + 0.3 * Math.exp(-step / 400) + 0.15 * Math.sin(step / 70 + at));
}

function populationValue(place: Place, wobble: number, options: RunOptions): number {
  const { column, at, step } = place;
  if (column === "meanDistance")
    return Math.max(
      0.002,
      (options.stale ? 0.5 : 1) * (options.stale ? shiftLevel(place, options) : Math.exp(-step / 60)),
    );
  if (column === "varianceDistance")
    return (options.stale ? 0.8 : 1.5 * Math.exp(-step / 60) + 0.03) * (1 + 0.1 * wobble);
  if (column === "varianceNoiseFloor") return 0.04;
  if (/floor/i.test(column)) return 0.03 * (1 + 0.1 * wobble);
  return column === "meanMedian" ? medianMean(at, step) : medianVariance(at, step);
}

const medianMean = (at: number, step: number): number => 0.2 * Math.sin(at) - 0.5 * (1 - Math.exp(-step / 80));
const medianVariance = (at: number, step: number): number =>
  0.08 + (0.6 + 0.3 * Math.sin(at)) * (1 - Math.exp(-step / 60));

const spread: Readonly<Record<string, number>> = { min: -2, q1: -0.6, median: 0, q3: 0.6, max: 2 };

function normValue(place: Place, wobble: number, options: RunOptions): number {
  const { column, at, step } = place;
  if (column === "mean_shift") return Math.abs(shiftLevel(place, options) * (1 + 0.2 * wobble)) + 0.01;
  if (column === "variance_ratio")
    return options.stale ? 2 ** (1.2 * Math.sin(at * 1.7) + 0.25 * wobble) : 1 + 0.05 * wobble;
  if (column === "gradient_norm") return 0.4 * Math.exp(-step / 500) * Math.exp(0.3 * wobble);
  const [quantity = "", quantile = "median"] = column.split(".");
  const grown = 1 - Math.exp(-step / 300);
  if (quantity === "gamma") return 1 + grown * (0.12 * (spread[quantile] ?? 0) * (1 + 0.5 * Math.sin(at)) - 0.15);
  if (quantity === "beta") return grown * (0.1 * (spread[quantile] ?? 0) - 0.08 * Math.cos(at));
  const width = (spread[quantile] ?? 0) * (quantity.startsWith("running") ? 0.3 : 0.5);
  const lag = options.stale && quantity.startsWith("running") ? 0.35 : 1;
  if (quantity.endsWith("mean")) return lag * medianMean(at, step) + width * 0.4 + 0.03 * wobble;
  const variance = lag * medianVariance(at, step) + (1 - lag);
  return variance * 2 ** (width + 0.1 * wobble);
}
