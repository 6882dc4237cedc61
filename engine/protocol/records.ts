/**
 * Run records: the events of a run, one JSON line each in its folder's `run.jsonl`. Dense numbers (losses, statistics
 * of layers) stand beside it in binary files, see numbers.ts.
 *
 * Anybody may write a run, so a record assumes no engine: what a producer may not know is optional and reads as null,
 * and unknown fields are ignored. docs/run-format.md describes the format for those who write it.
 */
import * as v from "valibot";
import { findingSchema } from "./finding";
import { type Problem, problemSchema } from "./problems";
import { trainConfigSchema } from "./trainConfig";

export const RUN_SCHEMA_VERSION = 2;

/** What may be unknown: absent or null in the log, null once read. */
const known = <Schema extends v.GenericSchema>(schema: Schema) => v.nullish(schema, null);

const step = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** A measured number; null when it was not finite or not measured. */
const measured = known(v.number());
const quantiles = v.tuple([
  v.nullable(v.number()),
  v.nullable(v.number()),
  v.nullable(v.number()),
  v.nullable(v.number()),
  v.nullable(v.number()),
]);
/** Over channels: minimum, lower quartile, median, upper quartile, maximum. */
export type Quantiles = v.InferOutput<typeof quantiles>;
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const sourceRange = v.object({
  /** Absent when the layer is made in the run's own `source`. */
  path: known(v.string()),
  /** Of the file; in a notebook of the cell. */
  line: count,
  endLine: known(count),
  /** The number that a notebook shows beside the cell, since it was run last. */
  cell: known(count),
});

const normSchema = v.object({
  channels: known(count),
  /** Batch × positions: how many values one channel's batch statistics are taken over. */
  samplesPerChannel: known(v.number()),
  epsilon: known(v.number()),
  /**
   * Weight of the new value in the running statistics (PyTorch's momentum, 1 − Keras's); `cumulative` is PyTorch's
   * `momentum=None`.
   */
  updateWeight: known(v.union([v.number(), v.literal("cumulative")])),
  runningVarianceEstimator: known(v.picklist(["unbiased", "population"])),
  /** Type of the running statistics: `float32`, `bfloat16`, `float16`. */
  dtype: known(v.string()),
  /** Whether an optimizer trains γ and β. Absent where the layer has none, or it is unknown. */
  trained: known(v.boolean()),
  /** False where there are no running statistics at all (`track_running_stats=False`). */
  tracked: known(v.boolean()),
  /** The code asked that the running statistics do not change: Keras's call with `training=False`. */
  held: known(v.boolean()),
  /** Updates that the running statistics had got before the first recorded step. */
  updatesBefore: known(count),
});

const runLayerSchema = v.pipe(
  v.object({
    /** Unique in the run. Records and binary tables name a layer by it. */
    id: v.string(),
    /** What a person calls it; the id when absent. */
    name: v.nullish(v.string()),
    /** `BatchNorm2d`, `Conv2D`, …: the framework's own class. */
    kind: known(v.string()),
    framework: known(v.string()),
    parameters: known(v.number()),
    outputShape: known(v.array(v.number())),
    /** Ids of the layers and of the model's inputs whose values it takes, as it is called first; null when unknown. */
    inputs: known(v.array(v.string())),
    /** Where the layer is created; null when that is unknown. */
    source: known(sourceRange),
    /** Which of the run's models it belongs to, where there are several. */
    model: known(v.string()),
    /** Whether an optimizer trains that model; false for a copy that only gets its weights from elsewhere. */
    owned: known(v.boolean()),
    /** Of normalization layers. */
    norm: known(normSchema),
  }),
  v.transform(({ name, ...layer }) => ({ ...layer, name: name ?? layer.id })),
);
/** A layer as the run record lists it, in forward order. */
export type RunLayer = v.InferOutput<typeof runLayerSchema>;
export type NormFacts = v.InferOutput<typeof normSchema>;
/** A normalization layer. */
export type NormLayer = RunLayer & { readonly norm: NormFacts };
export type UpdateWeight = NormFacts["updateWeight"];

const predictionSchema = v.object({
  /** The network with its activations, gradients and optimizer, and the data: exact. */
  memoryBytes: v.number(),
  networkBytes: v.number(),
  dataBytes: v.number(),
  /**
   * Of one step on one thread without instruments: an estimate from the model's multiply-adds and this machine's rate.
   */
  stepMs: v.number(),
});
export type Prediction = v.InferOutput<typeof predictionSchema>;

const runRecordSchema = v.object({
  type: v.literal("run"),
  schema: v.literal(RUN_SCHEMA_VERSION),
  /** Who wrote the run: `normlens-engine 0.1.0`. */
  producer: v.string(),
  /** ISO 8601. */
  startedAt: known(v.string()),
  /** What a person calls the run: `as written`, `without BN`. */
  name: v.nullish(v.string(), "run"),
  /** Runs that are compared share this id. */
  comparison: known(v.string()),
  /** The file that defines the model, or the script that trains it. */
  source: known(v.object({ path: v.string(), sha256: known(v.string()) })),
  model: known(v.string()),
  framework: known(v.string()),
  parameters: known(v.number()),
  /** Length of the run in optimizer steps, where it is known beforehand. */
  plannedSteps: known(count),
  /** What the producer observed, by the framework's own names: `optimizer`, `learningRate`, `batchSize`, `seed`, … */
  settings: v.nullish(v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()]))), {}),
  /** What NormLens's own engine was asked to do: enough to resume. Another producer leaves it out. */
  config: v.fallback(known(trainConfigSchema), null),
  data: known(
    v.object({
      name: known(v.string()),
      trainSamples: known(count),
      testSamples: known(count),
      classes: known(count),
      /** What a sample is called: `image`, `row`, `sequence`. */
      sample: known(v.string()),
    }),
  ),
  /** Processes that train together; each writes its own binary file. */
  ranks: v.nullish(v.pipe(count, v.minValue(1)), 1),
  /** How the run was started, for a person to read. */
  process: known(v.object({ command: known(v.string()), host: known(v.string()) })),
  layers: v.nullish(v.array(runLayerSchema), []),
  /** What the run was expected to take before its first step. */
  prediction: known(predictionSchema),
});

const populationLayerSchema = v.object({
  layer: v.string(),
  mean: known(quantiles),
  variance: known(quantiles),
  /** Root mean square over channels of (running mean − population mean) / population σ. */
  meanDistance: measured,
  /** Root mean square over channels of log2(running variance / population variance). */
  varianceDistance: measured,
  /** What meanDistance varies by in a healthy layer, in σ. Measured, see docs/run-format.md. */
  noiseFloor: measured,
  /** What meanShift varies by in a healthy layer: one batch's spread and the running mean's. */
  shiftNoiseFloor: measured,
  /** The same as noiseFloor for varianceDistance, in log2. */
  varianceNoiseFloor: measured,
  /**
   * Median over channels of B·Var(μ_B)/E[σ_B²] over the batches of the pass: 1 when samples fall into batches
   * independently.
   */
  batchF: measured,
  /** `meanDistance` as each of the record's `replayedWeights` would have made it from the same batches. */
  replayedDistance: known(v.array(v.nullable(v.number()))),
});

const populationRecordSchema = v.object({
  type: v.literal("population"),
  step,
  /** Training samples the pass went over, weights fixed. */
  samples: known(count),
  /** Update weights that were replayed: the running statistics that each would have made are known exactly. */
  replayedWeights: known(v.array(v.number())),
  layers: v.array(populationLayerSchema),
});

const gapLayerSchema = v.object({
  layer: v.string(),
  /**
   * Train mode against eval mode on the probe batch, everything upstream included: root mean square over channels and
   * samples, in σ.
   */
  gap: measured,
  /** The same with the layer's own input kept equal: what this layer alone adds. */
  alone: measured,
  /** The gap that remains with population statistics. */
  noiseFloor: measured,
});

const gapRecordSchema = v.object({
  type: v.literal("gap"),
  step,
  /** Predictions that were compared. */
  samples: known(count),
  layers: v.array(gapLayerSchema),
  output: known(
    v.object({
      /** Predictions that differ between the modes, of `samples`. */
      flips: known(count),
      flipsWithPopulation: known(count),
      /** Mean over samples of half the L1 distance between the two class distributions (total variation). */
      probabilityShift: measured,
      probabilityShiftWithPopulation: measured,
      /** Root mean square of the difference of the outputs, in units of their spread over samples. */
      distance: measured,
    }),
  ),
  /** Why nothing was measured, where somebody asked for it. */
  reason: known(v.string()),
});

const scoreSchema = v.object({ accuracy: known(share), loss: measured });

/** The model was evaluated at this step. Which scores are in it is what the producer knows; none is fine. */
const evalRecordSchema = v.object({
  type: v.literal("eval"),
  step,
  samples: known(count),
  running: known(scoreSchema),
  population: known(scoreSchema),
  batch: known(scoreSchema),
  /** With the running statistics that other update weights would have made; on `samples` of its own. */
  replayed: known(
    v.object({
      samples: known(count),
      scores: v.array(v.object({ updateWeight: v.number(), ...scoreSchema.entries })),
    }),
  ),
});

/**
 * Running statistics or weights were set from outside, or the model was made again (`started-again`): nothing before
 * this step explains what comes after it.
 */
const segmentRecordSchema = v.object({
  type: v.literal("segment"),
  step,
  reason: v.picklist(["weights-loaded", "statistics-recomputed", "resumed", "written-from-outside", "started-again"]),
  /** For a person: which file, which call. */
  detail: known(v.string()),
  /** Layers it concerns; absent for all. */
  layers: known(v.array(v.string())),
  /** Layers whose weights were set and whose running statistics were not: they are not in what was loaded. */
  withoutStatistics: known(v.array(v.string())),
});

const checkpointRecordSchema = v.object({
  type: v.literal("checkpoint"),
  step,
  path: known(v.string()),
  rank: v.nullish(count, 0),
  /** Whether running statistics are in it; null when that was not checked. */
  statistics: known(v.boolean()),
  /** Layers whose weights are in it; absent for all. */
  layers: known(v.array(v.string())),
});

/** Layers that exist from this step on, or whose facts are others from here on: each replaces what has its id. */
const layersRecordSchema = v.object({ type: v.literal("layers"), step, layers: v.array(runLayerSchema) });

/**
 * From this step on each step updates the running statistics so many times, until another such record about the same
 * layers. A single step with more passes has a record, and the step after it another.
 */
const passesRecordSchema = v.object({
  type: v.literal("passes"),
  step,
  passes: count,
  /** Absent for all layers. */
  layers: known(v.array(v.string())),
  /** Whether the model was in training mode when the optimizer stepped. */
  training: known(v.boolean()),
});

const standingLayerSchema = v.object({
  layer: v.string(),
  /** Updates of the running statistics so far. */
  updates: known(count),
  /**
   * Root mean square over channels of the average of (batch mean − running mean before the update) over recent samples,
   * in σ of the batch: noise averages out, a bias stays.
   */
  lag: measured,
  /** What `lag` would be by noise alone. */
  lagFloor: measured,
  /** Geometric mean over recent samples, median over channels, of batch variance / running variance. */
  varianceRatio: measured,
  /** Values that one channel's batch statistics were taken over, in one forward pass. */
  samplesPerPass: measured,
  /** Samples (records, not positions) that the model was given in one forward pass. */
  batch: measured,
  /** batch·Var(μ_B)/E[σ_B²], mean over channels: at most about 1 where samples fall into batches independently. */
  dependence: measured,
  /** Largest difference of the means of a step's passes, in σ of the narrowest: root mean square over channels. */
  passApart: measured,
  /** Ratio of the largest to the smallest variance among the passes of one step, median over channels. */
  passVarianceRatio: measured,
  /** Usual forward passes in training mode a step. */
  passes: measured,
  /** Channels whose running statistics are not finite. */
  broken: known(count),
  /** Share of channels whose running mean or variance is not bit for bit what it was at the last standing. */
  runningMoved: measured,
  /** The same of γ and β. */
  affineMoved: measured,
  /** Median over channels of ε / (batch variance + ε). */
  epsilonShare: measured,
  /** Channels with |γ| under a thousandth of the layer's root mean square, and the largest |γ|. */
  deadGamma: known(count),
  largestGamma: measured,
  training: known(v.boolean()),
});

/** Where each layer stands: what is judged, folded by the producer over the samples so far. */
const standingRecordSchema = v.object({
  type: v.literal("standing"),
  step,
  /** Why now: the model is evaluated, a checkpoint is written, the run ends; `rhythm` in between. */
  when: v.picklist(["rhythm", "evaluated", "saved", "end"]),
  /** Step size of the optimizer. */
  learningRate: measured,
  layers: v.array(standingLayerSchema),
});

/** From this step on a model trains that is not recorded: the run has as many as it may have. */
const leftOutRecordSchema = v.object({
  type: v.literal("left-out"),
  step,
  /** The first one. */
  model: known(v.string()),
  /** Models of the run that are recorded. */
  recorded: count,
});

const findingRecordSchema = v.object({ type: v.literal("finding"), step, finding: findingSchema });

export const runStatuses = ["completed", "stopped", "diverged", "failed"] as const;
export type RunStatus = (typeof runStatuses)[number];

/** Why a run ended: a problem of ours, or a sentence of another producer's. */
const endReasonSchema = v.union([
  problemSchema,
  v.pipe(
    v.string(),
    v.transform((sentence): Problem => ({ code: "told-by-producer", sentence })),
  ),
]);

const endRecordSchema = v.object({
  type: v.literal("end"),
  step,
  status: v.picklist(runStatuses),
  reason: known(endReasonSchema),
  elapsedMs: known(v.number()),
});

export const recordSchema = v.variant("type", [
  runRecordSchema,
  populationRecordSchema,
  gapRecordSchema,
  evalRecordSchema,
  segmentRecordSchema,
  checkpointRecordSchema,
  layersRecordSchema,
  passesRecordSchema,
  standingRecordSchema,
  leftOutRecordSchema,
  findingRecordSchema,
  endRecordSchema,
]);

export type RunRecord = v.InferOutput<typeof runRecordSchema>;
export type PopulationRecord = v.InferOutput<typeof populationRecordSchema>;
export type PopulationLayer = v.InferOutput<typeof populationLayerSchema>;
export type GapRecord = v.InferOutput<typeof gapRecordSchema>;
export type GapLayer = v.InferOutput<typeof gapLayerSchema>;
export type EvalRecord = v.InferOutput<typeof evalRecordSchema>;
export type SegmentRecord = v.InferOutput<typeof segmentRecordSchema>;
export type CheckpointRecord = v.InferOutput<typeof checkpointRecordSchema>;
export type LayersRecord = v.InferOutput<typeof layersRecordSchema>;
export type PassesRecord = v.InferOutput<typeof passesRecordSchema>;
export type StandingRecord = v.InferOutput<typeof standingRecordSchema>;
export type StandingLayer = v.InferOutput<typeof standingLayerSchema>;
export type LeftOutRecord = v.InferOutput<typeof leftOutRecordSchema>;
export type EndRecord = v.InferOutput<typeof endRecordSchema>;
/** A record as it is read: everything that may be unknown is there, as null. */
export type AnyRecord = v.InferOutput<typeof recordSchema>;
/** A record as a producer writes it. */
export type WrittenRecord = v.InferInput<typeof recordSchema>;
export type RecordOfType<Type extends AnyRecord["type"]> = Extract<AnyRecord, { type: Type }>;

/** Normalization layers, input to output. */
export const normLayersOf = (run: RunRecord | null): NormLayer[] =>
  (run?.layers ?? []).filter((layer): layer is NormLayer => layer.norm !== null);

/** The layers of a run after a `layers` record: known ones are replaced where they stand, new ones come last. */
export function withLayers(layers: readonly RunLayer[], changed: readonly RunLayer[]): RunLayer[] {
  const byId = new Map([...layers, ...changed].map((layer) => [layer.id, layer]));
  return [...byId.values()];
}

/** The selected layer where the run has it, else its first normalization layer. Host and page agree by asking here. */
export function selectedLayerOf(run: RunRecord | null, selected: string | null): NormLayer | undefined {
  const layers = normLayersOf(run);
  return layers.find(({ id }) => id === selected) ?? layers[0];
}
