/** The options of `normlens train`: what each one takes, and the sentence that explains it. */
import {
  type Initialization,
  type LossName,
  type OptimizerName,
  type OrderName,
  type Schedule,
  type TrainConfig,
  defaultTrainRequest,
  lossNames,
  optimizerNames,
  orderNames,
  trainConfigSchema,
} from "../protocol/trainConfig";
import { generatedSetNames } from "../protocol/generatedSets";
import type { CliCommand } from "./cliCommand";
import { type ModelOptions, type RunsOptions, withJsonOption, withModelOptions, withRunsOption } from "./sharedOptions";
import * as read from "./valueReaders";

/** What was given; options that were not given are absent. */
export interface TrainOptions extends ModelOptions, RunsOptions {
  readonly data?: string;
  readonly split?: number;
  readonly normalize?: TrainConfig["normalize"];
  readonly order?: OrderName;
  readonly keepLast?: true;
  readonly init?: string;
  readonly initialize?: Initialization;
  readonly optimizer?: OptimizerName;
  readonly lr?: number;
  readonly batch?: number;
  readonly momentum?: number;
  readonly nesterov?: true;
  readonly weightDecay?: number;
  /** Commander's form of `--no-decay-norm` and `--no-decay-bias`: false when given. */
  readonly decayNorm: boolean;
  readonly decayBias: boolean;
  readonly clipNorm?: number;
  readonly accumulate?: number;
  readonly loss?: LossName;
  readonly labelSmoothing?: number;
  readonly epochs?: number;
  readonly steps?: number;
  /** null for a constant rate. */
  readonly schedule?: Schedule | null;
  readonly warmup?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly memoryLimit?: number;
  readonly checkpointEvery?: number;
  readonly resume?: string;
}

export const DEFAULT_EPOCHS = 3;

/** What a resumed run may be asked for; with anything else it would be another run. */
const RESUMED = new Set(["resume", "epochs", "steps", "checkpointEvery", "threads", "memoryLimit", "runs", "json"]);

const { entries } = trainConfigSchema;
const { batchSize, data, learningRate, optimizer, seed } = defaultTrainRequest;
const share = (schema: typeof entries.momentum): read.ValueReader<number> =>
  read.numberOf(schema, "a number from 0 to less than 1");

export function withTrainOptions(command: CliCommand): CliCommand {
  withDataOptions(command.optionsGroup("Model and data:"));
  withOptimizationOptions(command.optionsGroup("Optimization:"));
  withScheduleOptions(command.optionsGroup("Schedule:"));
  withRunOptions(command.optionsGroup("Run:"));
  const settings = command.options.map((option) => option.attributeName()).filter((name) => !RESUMED.has(name));
  return command
    .value(
      "--resume <RUN>",
      "Continue a run, or one of its checkpoints, as a new run with the same model, data and settings. " +
        "Its length, threads, memory limit and checkpoints can be changed.",
      read.anyText,
    )
    .excluding(...settings);
}

const withDataOptions = (command: CliCommand): CliCommand =>
  withModelOptions(command)
    .value(
      "--data <SPEC>",
      `A folder, a .csv, .tsv or .npz file, or a generated set: ${generatedSetNames.join(", ")}, noise:3x8x8 ` +
        `(default: what the file's "# normlens: model" comment names, or ${data}).`,
      read.anyText,
    )
    .value(
      "--split <SHARE>",
      "The share of the samples to hold out for testing. Without a test set, a fixed fifth is held out.",
      read.numberOf(entries.split, "a share between 0 and 1"),
    )
    .value(
      "--normalize <HOW>",
      "none, or the mean and standard deviation to normalize images in [0, 1] with: mean=0.13,std=0.31; " +
        "several channels as mean=0.5:0.4:0.4,std=0.2:0.2:0.2.",
      read.normalization,
    )
    .value("--order <ORDER>", `The order of samples: ${read.wordList(orderNames)}.`, read.oneOf(orderNames))
    .option("--drop-last", "Leave out the incomplete last batch of an epoch. This is the default.")
    .excluding("keepLast")
    .option("--keep-last", "Train on the incomplete last batch of an epoch, too.")
    .value("--init <FILE>", "Start from the weights in a safetensors file.", read.anyText)
    .value(
      "--initialize <HOW>",
      `How to draw the first weights: ${read.initialization.takes} (default: pytorch). ` +
        "Biases start at 0, except with pytorch.",
      read.initialization,
    );

const withOptimizationOptions = (command: CliCommand): CliCommand =>
  withLossOptions(
    command
      .value(
        "--optimizer <NAME>",
        `${read.wordList(optimizerNames)} (default: ${optimizer}); momentum is sgd with 0.9.`,
        read.oneOf(optimizerNames),
      )
      .value("--lr <X>", `The learning rate (default: ${learningRate}).`, read.notNegative)
      .value("--batch <N>", `Samples in a batch (default: ${batchSize}).`, read.count)
      .value("--accumulate <N>", "Batches in one step, each with its own batch statistics.", read.count)
      .value("--momentum <X>", "The momentum of sgd or rmsprop.", share(entries.momentum))
      .option("--nesterov", "Use Nesterov's momentum.")
      .value(
        "--weight-decay <X>",
        "The weight decay of all parameters, as in PyTorch.",
        read.numberOf(entries.weightDecay, "a number of at least 0"),
      )
      .option("--no-decay-norm", "Apply no weight decay to γ and β.")
      .option("--no-decay-bias", "Apply no weight decay to biases.")
      .value(
        "--clip-norm <X>",
        "The largest norm of all gradients together, as in clip_grad_norm_.",
        read.numberOf(entries.clipNorm, "a number above 0"),
      ),
  );

const withLossOptions = (command: CliCommand): CliCommand =>
  command
    .value("--loss <NAME>", `${read.wordList(lossNames)} (default: ${lossNames[0]}).`, read.oneOf(lossNames))
    .value(
      "--label-smoothing <X>",
      "The share of each target that cross-entropy spreads over all classes.",
      share(entries.labelSmoothing),
    );

const withScheduleOptions = (command: CliCommand): CliCommand =>
  command
    .value("--epochs <N>", `The length of the run in epochs (default: ${DEFAULT_EPOCHS}).`, read.count)
    .excluding("steps")
    .value("--steps <N>", "The length of the run in optimizer steps, instead of epochs.", read.count)
    .value(
      "--schedule <HOW>",
      `The learning-rate schedule: ${read.schedule.takes}. step takes the steps between drops and the factor, ` +
        "cosine the lowest rate, one-cycle the share of the run in which the rate rises.",
      read.schedule,
    )
    .value("--warmup <N>", "Steps in which the rate rises from a third of itself.", read.count);

const withRunOptions = (command: CliCommand): CliCommand =>
  withJsonOption(
    withRunsOption(
      command
        .value("--seed <N>", `The random seed (default: ${seed}).`, read.wholeNumber)
        .value(
          "--threads <N>",
          "Threads that share the work (default: one for each core, at most 4). " +
            "Results do not depend on the number of threads.",
          read.numberOf(entries.threads, "a whole number from 1 to 64"),
        )
        .value("--memory-limit <SIZE>", "Refuse a run that needs more memory, such as 500MB or 2GB.", read.bytes)
        .value("--checkpoint-every <N>", "Write a checkpoint every N steps.", read.count),
    ),
  );
