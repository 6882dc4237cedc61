/** What a training run is asked to do. The same object goes through the command line, the child process and the `run` record. */
import * as v from "valibot";

export const optimizerNames = ["sgd", "momentum", "adam"] as const;
export type OptimizerName = (typeof optimizerNames)[number];

const positiveInteger = v.pipe(v.number(), v.integer(), v.minValue(1));

export const trainConfigSchema = v.object({
  /** A folder, a file, or the name of a generated set (`digits`). */
  data: v.string(),
  /** Per-channel `(x − mean) / std` on images in [0, 1]; null leaves them as they are. */
  normalize: v.nullable(v.object({ mean: v.array(v.number()), std: v.array(v.number()) })),
  /** Length of the run in optimizer steps. */
  steps: positiveInteger,
  batchSize: positiveInteger,
  learningRate: v.pipe(v.number(), v.finite(), v.minValue(0)),
  /** `sgd` has no momentum, `momentum` is SGD with 0.9, `adam` has PyTorch's defaults. */
  optimizer: v.picklist(optimizerNames),
  seed: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** A safetensors file with the model's `state_dict`, to begin with; absent for fresh weights. */
  init: v.optional(v.string()),
});

export type TrainConfig = v.InferOutput<typeof trainConfigSchema>;

/** A length is given either in epochs or in steps; epochs become steps once the data's size is known. */
export type RunLength = { readonly epochs: number } | { readonly steps: number };

/** What a person asks for, before the data has been opened. */
export type TrainRequest = Omit<TrainConfig, "steps"> & { readonly length: RunLength };

export const defaultTrainRequest: TrainRequest = {
  data: "digits",
  normalize: null,
  length: { epochs: 10 },
  batchSize: 60,
  learningRate: 0.1,
  optimizer: "sgd",
  seed: 1,
};
