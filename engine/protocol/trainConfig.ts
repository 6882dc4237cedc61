/**
 * What a training run is asked to do. The same object goes through the command line, the child process and the `run`
 * record.
 */
import * as v from "valibot";

export const optimizerNames = ["sgd", "momentum", "adam", "adamw", "rmsprop"] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export const lossNames = ["cross-entropy", "mse", "bce"] as const;
export type LossName = (typeof lossNames)[number];

export const orderNames = ["shuffled", "sequential", "sorted", "one-class"] as const;
export type OrderName = (typeof orderNames)[number];

const positiveInteger = v.pipe(v.number(), v.integer(), v.minValue(1));
const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));
const notNegative = v.pipe(v.number(), v.finite(), v.minValue(0));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
/** At least 0 and less than 1. */
const share = v.pipe(v.number(), v.minValue(0), v.ltValue(1));

/** How the learning rate continues after the warm-up; steps are optimizer steps. */
export const scheduleSchema = v.variant("kind", [
  /** torch.optim.lr_scheduler.StepLR: times `gamma` every `every` steps. */
  v.object({ kind: v.literal("step"), every: positiveInteger, gamma: positive }),
  /** CosineAnnealingLR down to `lowest` at the run's end. */
  v.object({ kind: v.literal("cosine"), lowest: notNegative }),
  /**
   * OneCycleLR with the learning rate as its highest, without its cycle of the momentum: up for `rise` of the run, then
   * down.
   */
  v.object({ kind: v.literal("one-cycle"), rise: v.pipe(v.number(), v.gtValue(0), v.ltValue(1)) }),
]);
export type Schedule = v.InferOutput<typeof scheduleSchema>;

/** How weights begin, each scaled to the size of its layer. */
export const scaledInitializations = ["he", "xavier", "orthogonal"] as const;

export const initializationSchema = v.variant("kind", [
  v.object({ kind: v.literal("pytorch") }),
  v.object({ kind: v.picklist(scaledInitializations) }),
  v.object({ kind: v.literal("normal"), deviation: positive }),
]);
export type Initialization = v.InferOutput<typeof initializationSchema>;

export const trainConfigSchema = v.object({
  /** A folder, a file, or the name of a generated set (`digits`). */
  data: v.string(),
  /** Share of the samples that is kept for testing, of data that comes in one part; a fifth when absent. */
  split: v.optional(v.pipe(v.number(), v.gtValue(0), v.ltValue(1))),
  /** Per-channel `(x − mean) / std` on images in [0, 1]; null leaves them as they are. */
  normalize: v.nullable(v.object({ mean: v.array(v.number()), std: v.array(v.number()) })),
  /** Length of the run in optimizer steps. */
  steps: positiveInteger,
  batchSize: positiveInteger,
  learningRate: notNegative,
  /**
   * `sgd` has no momentum unless `momentum` says so, `momentum` is SGD with 0.9; the others have PyTorch's defaults.
   */
  optimizer: v.picklist(optimizerNames),
  seed: wholeNumber,
  /** Of SGD and RMSprop. */
  momentum: v.optional(share),
  /** SGD looks ahead by its momentum. */
  nesterov: v.optional(v.boolean()),
  /** λ of λ·w added to the gradient (L2); of AdamW the decoupled one, which is 0.01 when absent as in PyTorch. */
  weightDecay: v.optional(notNegative),
  /** What weight decay leaves alone: γ and β of normalization layers, biases of the others. */
  undecayed: v.optional(v.array(v.picklist(["norm", "bias"]))),
  /** Largest Euclidean norm of all gradients together (torch.nn.utils.clip_grad_norm_); absent for no clipping. */
  clipNorm: v.optional(positive),
  /** Absent for a constant learning rate. */
  schedule: v.optional(scheduleSchema),
  /** Steps in which the learning rate rises linearly from a third of itself (torch.optim.lr_scheduler.LinearLR). */
  warmupSteps: v.optional(positiveInteger),
  /**
   * Cross-entropy when absent. Mean squared error and binary cross-entropy with logits take labels as one-hot targets,
   * or as the target of a single output.
   */
  loss: v.optional(v.picklist(lossNames)),
  /** Of cross-entropy: the share of each target that is spread over all classes. */
  labelSmoothing: v.optional(share),
  /** Batches whose mean gradient makes one optimizer step; 1 when absent. */
  accumulate: v.optional(positiveInteger),
  /** Shuffled every epoch when absent; `sorted` is by class, `one-class` gives batches of one class each. */
  order: v.optional(v.picklist(orderNames)),
  /** True trains on the incomplete last batch of an epoch, which is dropped otherwise. */
  keepLast: v.optional(v.boolean()),
  /** Steps between checkpoints; absent for the final one alone. */
  checkpointEvery: v.optional(positiveInteger),
  /** A checkpoint of another run to resume from, with its optimizer and its order of samples. */
  resume: v.optional(v.string()),
  /** Threads that share the work, at most 64; by the machine's cores when absent. The numbers are the same with any. */
  threads: v.optional(v.pipe(positiveInteger, v.maxValue(64))),
  /**
   * Bytes that the network and the data may take together; absent, the network may take what the engine can address.
   */
  memoryLimit: v.optional(positiveInteger),
  /** PyTorch's when absent. */
  initialize: v.optional(initializationSchema),
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
