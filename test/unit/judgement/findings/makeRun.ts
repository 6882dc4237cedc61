/** Recorded runs for rules: facts of layers and where they stood; what is left out is unknown. */
import { findingsOf } from "../../../../engine/judgement/findings/findingsOf";
import { RunSummary } from "../../../../engine/judgement/runSummary";
import type { RunFinding } from "../../../../engine/protocol/finding";
import type { NormColumn } from "../../../../engine/protocol/numbers";
import type { RankSample } from "../../../../engine/protocol/ranks";
import type { WrittenRecord } from "../../../../engine/protocol/records";
import { read } from "../makeSummary";

type Of<Type extends WrittenRecord["type"]> = Extract<WrittenRecord, { type: Type }>;
type WrittenLayer = NonNullable<Of<"run">["layers"]>[number];
type Numbers = Omit<Of<"standing">["layers"][number], "layer">;

export interface RecordedRun {
  readonly records: readonly WrittenRecord[];
  readonly ranks?: readonly RankSample[];
  /** The newest dense numbers of each layer, by column. */
  readonly norms?: Readonly<Record<string, Readonly<Partial<Record<NormColumn, number>>>>>;
}

/** Layers without facts of their own are usual ones: trained from the start at PyTorch's default. */
export function layerOf(id: string, norm: Partial<NonNullable<WrittenLayer["norm"]>> = {}, more = {}): WrittenLayer {
  return {
    id,
    kind: "BatchNorm2d",
    source: { line: 12 },
    owned: true,
    norm: {
      channels: 16,
      epsilon: 1e-5,
      updateWeight: 0.1,
      trained: true,
      updatesBefore: 0,
      dtype: "float32",
      ...norm,
    },
    ...more,
  };
}

export const runOf = (
  layers: readonly WrittenLayer[] = [layerOf("bn1"), layerOf("bn2")],
  more: Partial<Of<"run">> = {},
): WrittenRecord => ({
  type: "run",
  schema: 2,
  producer: "test",
  framework: "pytorch",
  source: { path: "train.py" },
  layers: [...layers],
  ...more,
});

export const standing = (
  step: number,
  when: Of<"standing">["when"],
  numbers: Readonly<Record<string, Numbers>>,
  learningRate: number | null = null,
): WrittenRecord => ({
  type: "standing",
  step,
  when,
  learningRate,
  layers: Object.entries(numbers).map(([layer, entry]) => ({ layer, ...entry })),
});

/** The same numbers at several steps; the model is evaluated at each, and the run ends at the last. */
export const evaluated = (steps: readonly number[], numbers: Readonly<Record<string, Numbers>>): WrittenRecord[] =>
  steps.map((step) => standing(step, "evaluated", numbers));

export const passes = (
  step: number,
  count: number,
  more: Partial<Omit<Of<"passes">, "type" | "step" | "passes">> = {},
): WrittenRecord => ({ type: "passes", step, passes: count, ...more });

export const segment = (step: number, more: Partial<Of<"segment">> = {}): WrittenRecord => ({
  type: "segment",
  step,
  reason: "weights-loaded",
  ...more,
});

export const endAt = (step: number): WrittenRecord => ({ type: "end", step, status: "completed" });

export function summaryOf({ records, ranks = [], norms = {} }: RecordedRun): RunSummary {
  const summary = new RunSummary();
  for (const record of records) summary.record(read(record));
  if (ranks.length > 0) summary.ranks(ranks);
  for (const [layer, numbers] of Object.entries(norms)) {
    const table = {
      name: "norms",
      columns: Object.keys(numbers),
      layers: [layer],
      values: 1,
      type: "float64",
    } as const;
    summary.sample({ step: summary.lastStep, table, values: Float64Array.from(Object.values(numbers)) });
  }
  return summary;
}

export const foundIn = (run: RecordedRun): RunFinding[] => findingsOf(summaryOf(run));
