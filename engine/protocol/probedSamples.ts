/**
 * What the samples of the probe batch are and what the model answers for each: the lines of a run's `samples.jsonl`,
 * beside its events. docs/run-format.md describes the file. A recording of somebody's own training has none: it keeps
 * no data.
 */
import * as v from "valibot";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The first line. */
const batchSchema = v.object({
  type: v.literal("batch"),
  /** Samples of the probe batch. Other lines name one by its place in it, from 0. */
  samples: v.pipe(count, v.minValue(1)),
  classes: count,
  /** The class of each sample. */
  labels: v.array(count),
  /** What the classes are called, where the data say it. */
  classNames: v.nullish(v.array(v.string()), null),
  /** Of rows: what their values are called, where the data say it. */
  columns: v.nullish(v.array(v.string()), null),
  /** Of images: their size here, which is smaller than in the data where those are large. */
  image: v.nullish(v.object({ channels: v.picklist([1, 3]), height: count, width: count }), null),
});

/** One sample as a person looks at it, before the first answers that show it. */
const sampleSchema = v.object({
  type: v.literal("sample"),
  index: count,
  /** Bytes `[channel, y, x]` in base64. */
  image: v.nullish(v.string(), null),
  /** The first values of a row. */
  row: v.nullish(v.array(v.nullable(v.number())), null),
});

const probability = v.nullable(v.number());

/** What the model answers at a step, in train and in eval mode. */
const answersSchema = v.object({
  type: v.literal("answers"),
  step: count,
  /** The class of each sample in train mode, that is with batch statistics. */
  train: v.array(count),
  /** With running statistics. */
  eval: v.array(count),
  /** Samples that flip: one of each kind first, surest first; not all where there are many. */
  shown: v.array(
    v.object({
      index: count,
      /** `[class, in train mode, in eval mode]` of the classes that have any to speak of. */
      probabilities: v.array(v.tuple([count, probability, probability])),
    }),
  ),
});

export const sampleLineSchema = v.variant("type", [batchSchema, sampleSchema, answersSchema]);

export type ProbedBatch = v.InferOutput<typeof batchSchema>;
export type ProbedSample = v.InferOutput<typeof sampleSchema>;
export type ProbedAnswers = v.InferOutput<typeof answersSchema>;
export type SampleLine = v.InferOutput<typeof sampleLineSchema>;
/** The whole file, as far as it is written. */
export interface SampleAnswers {
  readonly batch: ProbedBatch;
  readonly samples: ReadonlyMap<number, ProbedSample>;
  /** In the order of steps. */
  readonly answers: readonly ProbedAnswers[];
}

/** Whether a line says as much as the batch has samples, and names none that it has not. */
export function fitsBatch(line: ProbedSample | ProbedAnswers, { samples }: ProbedBatch): boolean {
  if (line.type === "sample") return line.index < samples;
  const isWhole = line.train.length === samples && line.eval.length === samples;
  return isWhole && line.shown.every(({ index }) => index < samples);
}

/** A line as a producer writes it. */
export type WrittenSampleLine = v.InferInput<typeof sampleLineSchema>;
