/** How the values of options are read: what fits, in words, and the value that a text stands for. */
import * as v from "valibot";
import { SCHEDULE_WORDS, parseSchedule } from "../protocol/scheduleText";
import type { Shape } from "../protocol/shape";
import {
  type Initialization,
  type Schedule,
  type TrainConfig,
  initializationSchema,
  scaledInitializations,
  scheduleSchema,
} from "../protocol/trainConfig";
import { parseShapes } from "../source/annotations/parseAnnotations";

export interface ValueReader<T> {
  /** What fits: the end of the sentence "--batch takes …". */
  readonly takes: string;
  /** All values, where they are few, to suggest the nearest one. */
  readonly choices?: readonly string[];
  /** Undefined for a text that does not fit. */
  readonly read: (text: string) => T | undefined;
}

export const anyText: ValueReader<string> = { takes: "a value", read: (text) => text };

/** One of `choices`. */
export const oneOf = <T extends string>(choices: readonly T[]): ValueReader<T> => ({
  takes: wordList(choices),
  choices,
  read: (text) => choices.find((choice) => choice === text),
});

/** A number that `schema` accepts; `takes` says the same in words. */
export const numberOf = (schema: v.GenericSchema, takes: string): ValueReader<number> => ({
  takes,
  read: (text) => (v.is(schema, numberFrom(text)) ? numberFrom(text) : undefined),
});

export const count = numberOf(v.pipe(v.number(), v.safeInteger(), v.minValue(1)), "a whole number of at least 1");

export const notNegative = numberOf(v.pipe(v.number(), v.finite(), v.minValue(0)), "a number of at least 0");

export const wholeNumber = numberOf(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), "a whole number of at least 0");

/** `1x28x28` → [[1, 28, 28]]. */
export const shapes: ValueReader<readonly Shape[]> = {
  takes: "sizes such as 1x28x28, or 1x28x28,10 for two inputs",
  read: (text) => parseShapes(text) ?? undefined,
};

/** `500MB`, `2GB`: bytes, in powers of ten. */
export const bytes: ValueReader<number> = {
  takes: "a size such as 500MB or 2GB",
  read(text) {
    const [, number, unit] = /^(\d+(?:\.\d+)?) ?(MB|GB)$/i.exec(text) ?? [];
    const value = Math.floor(Number(number) * (unit?.toUpperCase() === "GB" ? 1e9 : 1e6));
    return value >= 1 ? value : undefined;
  },
};

/** `none` → null, or `mean=0.13,std=0.31`; several channels as `mean=0.5:0.4:0.4,std=0.2:0.2:0.2`. */
export const normalization: ValueReader<TrainConfig["normalize"]> = {
  takes: "none, or mean and standard deviation as mean=0.13,std=0.31",
  read(text) {
    if (text === "none") return null;
    const match = /^mean=([^,]+),std=([^,]+)$/.exec(text);
    const [mean, std] = [match?.[1], match?.[2]].map((part = "") => part.split(":").map(numberFrom));
    return mean && std && [...mean, ...std].every(Number.isFinite) ? { mean, std } : undefined;
  },
};

/** `constant` → null. */
export const schedule: ValueReader<Schedule | null> = {
  takes: SCHEDULE_WORDS,
  choices: ["constant", ...scheduleSchema.options.map(({ entries }) => entries.kind.literal)],
  read(text) {
    const parsed = parseSchedule(text);
    return parsed === null ? undefined : (parsed ?? null);
  },
};

const initializations = ["pytorch", ...scaledInitializations, "normal:0.01"];

/** `pytorch`, `he`, `xavier`, `orthogonal`, or `normal:0.01`. */
export const initialization: ValueReader<Initialization> = {
  takes: wordList(initializations),
  choices: initializations,
  read(text) {
    const [kind, deviation, ...rest] = text.split(":");
    const asked = deviation === undefined ? { kind } : { kind, deviation: numberFrom(deviation) };
    const parsed = v.safeParse(initializationSchema, asked);
    const isWhole = rest.length === 0 && (deviation === undefined || kind === "normal");
    return parsed.success && isWhole ? parsed.output : undefined;
  },
};

/** `a, b or c`. */
export function wordList(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

const numberFrom = (text: string): number => (text.trim() === "" ? NaN : Number(text));
