/** Options of the command line, parsed strictly: an unknown option or a value that does not fit is a usage error. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Shape } from "../protocol/shape";
import { parseShapes } from "../source/annotations/parseAnnotations";
import { type RunLength, type TrainRequest, defaultTrainRequest, optimizerNames } from "../protocol/trainConfig";

/** The person wrote something the command line does not have. Exit code 2. */
export class UsageError extends Error {}

type OptionTypes = NonNullable<ParseArgsConfig["options"]>;
export type ParsedOptions = Readonly<Record<string, string | boolean | undefined>>;

/** Positional arguments and options; exactly `positionals` of the former. */
export function parseOptions(
  args: readonly string[],
  options: OptionTypes,
  positionals: readonly string[],
): { values: ParsedOptions; positionals: string[] } {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const missing = positionals[parsed.positionals.length];
    if (missing) throw new UsageError(`${missing} is missing`);
    const extra = parsed.positionals[positionals.length];
    if (extra !== undefined) throw new UsageError(`${extra} is one argument too many`);
    return { values: parsed.values as ParsedOptions, positionals: parsed.positionals };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError((error as Error).message);
  }
}

export function stringOption(values: ParsedOptions, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** `1x28x28` → [1, 28, 28]. */
export function shapesOption(values: ParsedOptions, name: string): readonly Shape[] | undefined {
  const text = stringOption(values, name);
  if (text === undefined) return undefined;
  const shapes = parseShapes(text);
  if (shapes === null)
    throw new UsageError(`--${name} takes sizes such as 1x28x28, or 1x28x28,10 for two inputs, not ${text}`);
  return shapes;
}

export function numberOption(
  values: ParsedOptions,
  name: string,
  fits: (value: number) => boolean,
  what: string,
): number | undefined {
  const text = stringOption(values, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !fits(value)) throw new UsageError(`--${name} takes ${what}, not ${text}`);
  return value;
}

/** One of `choices`. */
export function choiceOption<T extends string>(
  values: ParsedOptions,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = stringOption(values, name);
  const found = choices.find((choice) => choice === text);
  if (text !== undefined && found === undefined)
    throw new UsageError(`--${name} takes ${choices.join(", ")}, not ${text}`);
  return found;
}

/** `500MB`, `2GB`: in powers of ten, as sizes are told. */
export function bytesOption(values: ParsedOptions, name: string): number | undefined {
  const text = stringOption(values, name);
  if (text === undefined) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?(MB|GB)$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * (unit?.toUpperCase() === "GB" ? 1e9 : 1e6));
  if (!(bytes >= 1)) throw new UsageError(`--${name} takes a size such as 500MB or 2GB, not ${text}`);
  return bytes;
}

/** A whole number of at least 1. */
export const countOption = (values: ParsedOptions, name: string): number | undefined =>
  numberOption(values, name, isCount, "a whole number of at least 1");

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;

export const trainOptionTypes: OptionTypes = {
  model: { type: "string" },
  input: { type: "string" },
  init: { type: "string" },
  data: { type: "string" },
  normalize: { type: "string" },
  epochs: { type: "string" },
  steps: { type: "string" },
  batch: { type: "string" },
  lr: { type: "string" },
  optimizer: { type: "string" },
  seed: { type: "string" },
  runs: { type: "string" },
  json: { type: "boolean" },
};

/** Undefined when neither `--epochs` nor `--steps` was given. */
export function runLength(values: ParsedOptions): RunLength | undefined {
  const epochs = countOption(values, "epochs");
  const steps = countOption(values, "steps");
  if (epochs !== undefined && steps !== undefined) throw new UsageError("--epochs and --steps exclude each other");
  if (epochs !== undefined) return { epochs };
  return steps === undefined ? undefined : { steps };
}

/** What to train with; `annotatedData` is what the model file's annotation names, if anything. */
export function trainRequestOf(values: ParsedOptions, annotatedData: string | null): TrainRequest {
  const init = stringOption(values, "init");
  return {
    data: stringOption(values, "data") ?? annotatedData ?? defaultTrainRequest.data,
    normalize: normalization(stringOption(values, "normalize")),
    length: runLength(values) ?? { epochs: 3 },
    batchSize: countOption(values, "batch") ?? defaultTrainRequest.batchSize,
    learningRate:
      numberOption(values, "lr", (value) => Number.isFinite(value) && value >= 0, "a number of at least 0") ??
      defaultTrainRequest.learningRate,
    optimizer: choiceOption(values, "optimizer", optimizerNames) ?? defaultTrainRequest.optimizer,
    ...(init === undefined ? {} : { init }),
    seed:
      numberOption(
        values,
        "seed",
        (value) => Number.isSafeInteger(value) && value >= 0,
        "a whole number of at least 0",
      ) ?? defaultTrainRequest.seed,
  };
}

/** `none`, or `mean=0.13,std=0.31`; several channels as `mean=0.5:0.4:0.4,std=0.2:0.2:0.2`. */
function normalization(text: string | undefined): TrainRequest["normalize"] {
  if (text === undefined || text === "none") return null;
  const match = /^mean=([^,]+),std=([^,]+)$/.exec(text);
  const numbers = (part: string | undefined): number[] => (part ?? "").split(":").map(Number);
  const mean = numbers(match?.[1]);
  const std = numbers(match?.[2]);
  if (!match || ![...mean, ...std].every(Number.isFinite))
    throw new UsageError(`--normalize takes none or mean=0.13,std=0.31, not ${text}`);
  return { mean, std };
}
