/** Options of `normlens train` that say how is trained: optimizer, learning rate, loss, order of samples, checkpoints. */
import type { ParseArgsConfig } from "node:util";
import * as v from "valibot";
import {
  type Initialization,
  type OptimizerName,
  type Schedule,
  type TrainRequest,
  initializationSchema,
  lossNames,
  orderNames,
  trainConfigSchema,
} from "../protocol/trainConfig";
import { SCHEDULE_WORDS, parseSchedule } from "../protocol/scheduleText";
import {
  type ParsedOptions,
  UsageError,
  bytesOption,
  choiceOption,
  countOption,
  numberOption,
  stringOption,
} from "./options";

const { entries } = trainConfigSchema;

export const trainingOptionTypes: NonNullable<ParseArgsConfig["options"]> = {
  momentum: { type: "string" },
  nesterov: { type: "boolean" },
  "weight-decay": { type: "string" },
  "no-decay-norm": { type: "boolean" },
  "no-decay-bias": { type: "boolean" },
  "clip-norm": { type: "string" },
  schedule: { type: "string" },
  warmup: { type: "string" },
  loss: { type: "string" },
  "label-smoothing": { type: "string" },
  accumulate: { type: "string" },
  order: { type: "string" },
  "drop-last": { type: "boolean" },
  "keep-last": { type: "boolean" },
  "checkpoint-every": { type: "string" },
  initialize: { type: "string" },
  threads: { type: "string" },
  "memory-limit": { type: "string" },
  split: { type: "string" },
};

type TrainingSettings = Pick<
  TrainRequest,
  | "momentum"
  | "nesterov"
  | "weightDecay"
  | "undecayed"
  | "clipNorm"
  | "schedule"
  | "warmupSteps"
  | "loss"
  | "labelSmoothing"
  | "accumulate"
  | "order"
  | "keepLast"
  | "checkpointEvery"
  | "initialize"
  | "threads"
  | "memoryLimit"
  | "split"
>;

/** What was asked for beside `request`, which names the optimizer; options that were not given are absent. */
export function trainingSettings(values: ParsedOptions, request: TrainRequest): TrainingSettings {
  const number = (name: string, schema: v.GenericSchema, what: string): number | undefined =>
    numberOption(values, name, (value) => v.is(schema, value), what);
  const flag = (name: string): true | undefined => (values[name] === true ? true : undefined);
  const undecayed = (["norm", "bias"] as const).filter((what) => values[`no-decay-${what}`] === true);
  const settings = given<TrainingSettings>({
    momentum: number("momentum", entries.momentum, "a number from 0 to less than 1"),
    nesterov: flag("nesterov"),
    weightDecay: number("weight-decay", entries.weightDecay, "a number of at least 0"),
    undecayed: undecayed.length === 0 ? undefined : undecayed,
    clipNorm: number("clip-norm", entries.clipNorm, "a number above 0"),
    schedule: schedule(stringOption(values, "schedule")),
    warmupSteps: countOption(values, "warmup"),
    loss: choiceOption(values, "loss", lossNames),
    labelSmoothing: number("label-smoothing", entries.labelSmoothing, "a number from 0 to less than 1"),
    accumulate: countOption(values, "accumulate"),
    order: choiceOption(values, "order", orderNames),
    keepLast: flag("keep-last"),
    checkpointEvery: countOption(values, "checkpoint-every"),
    threads: number("threads", entries.threads, "a whole number from 1 to 64"),
    split: number("split", entries.split, "a share between 0 and 1"),
    memoryLimit: bytesOption(values, "memory-limit"),
    initialize: initialization(stringOption(values, "initialize")),
  });
  refuseForeign(request, settings);
  if (settings.keepLast && values["drop-last"] === true)
    throw new UsageError("--drop-last and --keep-last exclude each other");
  return settings;
}

/** `settings` without what is undefined. */
const given = <T extends object>(settings: { [Key in keyof T]: T[Key] | undefined }): T =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T;

/** Options that the chosen schedule or loss does not have. */
function refuseForeign({ optimizer }: TrainRequest, settings: TrainingSettings): void {
  const { schedule: chosen, warmupSteps, loss = "cross-entropy", labelSmoothing } = settings;
  if (chosen?.kind === "one-cycle" && warmupSteps !== undefined)
    throw new UsageError("--schedule one-cycle warms up itself, without --warmup");
  if (labelSmoothing !== undefined && loss !== "cross-entropy")
    throw new UsageError(`--loss ${loss} has no --label-smoothing`);
  refuseForeignToOptimizer(optimizer, settings);
}

function refuseForeignToOptimizer(optimizer: OptimizerName, settings: TrainingSettings): void {
  const { momentum = optimizer === "momentum" ? 0.9 : 0, nesterov, weightDecay = 0, undecayed } = settings;
  const isSgd = optimizer === "sgd" || optimizer === "momentum";
  if (settings.momentum !== undefined && !isSgd && optimizer !== "rmsprop")
    throw new UsageError(`--optimizer ${optimizer} has no --momentum`);
  if (nesterov && (!isSgd || momentum === 0))
    throw new UsageError("--nesterov needs --optimizer momentum, or sgd with --momentum");
  if (undecayed && weightDecay === 0 && optimizer !== "adamw")
    throw new UsageError(`--no-decay-${undecayed.join(" and --no-decay-")} without --weight-decay says nothing`);
}

function schedule(text: string | undefined): Schedule | undefined {
  const parsed = parseSchedule(text ?? "constant");
  if (parsed === null) throw new UsageError(`--schedule takes ${SCHEDULE_WORDS}, not ${text ?? ""}`);
  return parsed;
}

/** `pytorch`, `he`, `xavier`, `orthogonal`, or `normal:0.01`. */
function initialization(text: string | undefined): Initialization | undefined {
  if (text === undefined) return undefined;
  const [kind, deviation, ...rest] = text.split(":");
  const parsed = v.safeParse(
    initializationSchema,
    deviation === undefined ? { kind } : { kind, deviation: numberFrom(deviation) },
  );
  const isWhole = rest.length === 0 && (deviation === undefined || kind === "normal");
  if (!parsed.success || !isWhole)
    throw new UsageError(`--initialize takes pytorch, he, xavier, orthogonal or normal:0.01, not ${text}`);
  return parsed.output;
}

const numberFrom = (text: string): number => (text.trim() === "" ? NaN : Number(text));
