/**
 * Run records of version 1, as older versions wrote them: one JSON line each, with every number in them. They are only
 * read any more; convert.ts turns them into what version 2 has.
 */
import * as v from "valibot";
import { findingSchema } from "../../protocol/finding";
import { problemSchema } from "../../protocol/problems";
import { trainConfigSchema } from "../../protocol/trainConfig";

const step = v.pipe(v.number(), v.integer(), v.minValue(0));
/** A measured number; null when it was not finite. */
const measured = v.nullable(v.number());
/** Over channels: minimum, lower quartile, median, upper quartile, maximum. */
const quantiles = v.tuple([measured, measured, measured, measured, measured]);
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const runLayerSchema = v.object({
  /** Layer name, in forward order in the list. */
  name: v.string(),
  className: v.string(),
  line: v.nullable(v.number()),
  endLine: v.nullable(v.number()),
  parameters: v.number(),
  outputShape: v.array(v.number()),
  /** Present on normalisation layers. */
  norm: v.nullable(
    v.object({
      channels: v.number(),
      /** Batch × positions: how many values one channel's batch statistics are taken over. */
      samplesPerChannel: v.number(),
      epsilon: v.number(),
      /** Weight of the new value in the running statistics; null is the cumulative average. */
      updateWeight: v.nullable(v.number()),
      runningVarianceEstimator: v.picklist(["unbiased", "population"]),
    }),
  ),
});

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

const runRecordSchema = v.object({
  type: v.literal("run"),
  schema: v.literal(1),
  /** Who wrote the run: `normlens-engine 0.1.0`. */
  producer: v.string(),
  /** ISO 8601. */
  startedAt: v.string(),
  /** What a person calls the run: `as written`, `without BN`. */
  name: v.string(),
  /** Runs that are compared share this id; null for a single run. */
  comparison: v.nullable(v.string()),
  modelFile: v.object({ path: v.string(), sha256: v.string() }),
  model: v.string(),
  framework: v.picklist(["pytorch", "keras"]),
  parameters: v.number(),
  config: trainConfigSchema,
  data: v.object({ name: v.string(), trainSamples: v.number(), testSamples: v.number(), classes: v.number() }),
  layers: v.array(runLayerSchema),
  /** What the run was expected to take before its first step. */
  prediction: v.optional(predictionSchema),
});

const stepRecordSchema = v.object({
  type: v.literal("step"),
  /** Counts from 1: the loss of step n was measured before the n-th update. */
  step,
  loss: measured,
  lr: v.number(),
  ms: v.number(),
});

const normRecordSchema = v.object({
  type: v.literal("norm"),
  step,
  layer: v.string(),
  batchMean: quantiles,
  batchVariance: quantiles,
  runningMean: v.nullable(quantiles),
  runningVariance: v.nullable(quantiles),
  gamma: v.nullable(quantiles),
  beta: v.nullable(quantiles),
  /**
   * Root mean square over channels of (batch mean − running mean) / batch σ; running as it was before this step's
   * update.
   */
  meanShift: measured,
  /** Median over channels of batch variance / running variance, likewise. */
  varianceRatio: measured,
  /** Euclidean norms of the gradients of γ and β together; null without affine parameters. */
  gradientNorm: measured,
});

const layersRecordSchema = v.object({
  type: v.literal("layers"),
  step,
  layers: v.array(
    v.object({
      layer: v.string(),
      /** Euclidean norm of the gradient of the layer's weight and bias together. */
      gradientNorm: v.optional(measured),
      /** Of a normalisation layer: Euclidean norm of the gradient of its output, over the whole batch. */
      activationGradientNorm: v.optional(measured),
      /** Of ReLU and ReLU6: channels that are zero for the whole batch. */
      deadShare: v.optional(v.nullable(share)),
      /** Of functions with limits: values at one, or within a hundredth of the range of sigmoid and tanh. */
      saturatedShare: v.optional(v.nullable(share)),
    }),
  ),
});

const populationLayerSchema = v.object({
  layer: v.string(),
  mean: quantiles,
  variance: quantiles,
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
  batchF: v.optional(measured),
});

const populationRecordSchema = v.object({
  type: v.literal("population"),
  step,
  /** Training samples the pass went over, weights fixed. */
  samples: v.number(),
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
  samples: v.number(),
  layers: v.array(gapLayerSchema),
  output: v.object({
    /** Predictions that differ between the modes, of `samples`. */
    flips: v.number(),
    flipsWithPopulation: v.nullable(v.number()),
    /** Mean over samples of half the L1 distance between the two class distributions (total variation). */
    probabilityShift: measured,
    probabilityShiftWithPopulation: measured,
  }),
});

const scoreSchema = v.object({ accuracy: share, loss: measured });

const evalRecordSchema = v.object({
  type: v.literal("eval"),
  step,
  samples: v.number(),
  /** Accuracy and loss on test samples by the statistics used; population and batch are null for a model without BN. */
  running: scoreSchema,
  population: v.nullable(scoreSchema),
  batch: v.nullable(scoreSchema),
});

const findingRecordSchema = v.object({ type: v.literal("finding"), step, finding: findingSchema });

const runStatuses = ["completed", "stopped", "diverged", "failed"] as const;

const endRecordSchema = v.object({
  type: v.literal("end"),
  step,
  status: v.picklist(runStatuses),
  reason: v.nullable(problemSchema),
  /** Null in an end that was written for a killed run. */
  elapsedMs: v.nullable(v.number()),
});

export const recordSchema1 = v.variant("type", [
  runRecordSchema,
  stepRecordSchema,
  normRecordSchema,
  layersRecordSchema,
  populationRecordSchema,
  gapRecordSchema,
  evalRecordSchema,
  findingRecordSchema,
  endRecordSchema,
]);

export type RunRecord1 = v.InferOutput<typeof runRecordSchema>;
export type NormRecord1 = v.InferOutput<typeof normRecordSchema>;
export type LayersRecord1 = v.InferOutput<typeof layersRecordSchema>;
export type AnyRecord1 = v.InferOutput<typeof recordSchema1>;
