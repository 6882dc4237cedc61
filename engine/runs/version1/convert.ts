/**
 * What a run of version 1 says, as version 2 says it: events become events, everything dense becomes frames of tables
 * in memory.
 */
import * as v from "valibot";
import { type TableDeclaration, quantileNames } from "../../protocol/numbers";
import { type AnyRecord, type WrittenRecord, recordSchema } from "../../protocol/records";
import type { TrainConfig } from "../../protocol/trainConfig";
import { MemorySource } from "../byteSource";
import { HEADER, emptyValues, encodeDeclaration, frameBytes, writeFrame } from "../numbers/numbersFormat";
import type { AnyRecord1, LayersRecord1, NormRecord1, RunRecord1 } from "./records1";

const quantileColumns = (quantity: string): string[] => quantileNames.map((name) => `${quantity}.${name}`);

const normColumns = [
  ...["batch_mean", "batch_variance", "running_mean", "running_variance", "gamma", "beta"].flatMap(quantileColumns),
  "mean_shift",
  "variance_ratio",
  "gradient_norm",
];
const activityColumns = ["gradient_norm", "activation_gradient_norm", "dead_share", "saturated_share"];
const UNKNOWN_QUANTILES = [null, null, null, null, null] as const;

export class Version1Conversion {
  /** The dense numbers that were converted so far, as a binary file would hold them. */
  readonly numbers = new MemorySource();
  private readonly tables = new Map<string, { number: number; declaration: TableDeclaration }>();

  constructor() {
    this.numbers.append(HEADER);
  }

  /** The event a record is now; null for one whose numbers went into `numbers`. */
  take(record: AnyRecord1): AnyRecord | null {
    switch (record.type) {
      case "run":
        return read(convertRun(record));
      case "step": {
        const { step, loss, lr, ms } = record;
        this.add({ name: "steps", layers: [], columns: ["loss", "learning_rate", "seconds"] }, step, [
          loss,
          lr,
          ms / 1000,
        ]);
        return null;
      }
      case "norm":
        this.add({ name: "norms", layers: [record.layer], columns: normColumns }, record.step, normValues(record));
        return null;
      case "layers":
        this.addActivity(record);
        return null;
      case "population":
      case "gap":
      case "eval":
      case "finding":
      case "end":
        return read(record);
    }
  }

  private addActivity({ step, layers }: LayersRecord1): void {
    if (layers.length === 0) return;
    const values = layers.flatMap(({ gradientNorm, activationGradientNorm, deadShare, saturatedShare }) => [
      gradientNorm,
      activationGradientNorm,
      deadShare,
      saturatedShare,
    ]);
    this.add({ name: "activity", layers: layers.map(({ layer }) => layer), columns: activityColumns }, step, values);
  }

  private add(
    what: Pick<TableDeclaration, "name" | "layers" | "columns">,
    step: number,
    values: readonly (number | null | undefined)[],
  ): void {
    const { number, declaration } = this.tableOf(what);
    const block = Buffer.alloc(frameBytes(declaration));
    const numbers = emptyValues(declaration);
    values.forEach((value, index) => (numbers[index] = value ?? Number.NaN));
    writeFrame(block, 0, number, step, numbers);
    this.numbers.append(block);
  }

  private tableOf(what: Pick<TableDeclaration, "name" | "layers" | "columns">): {
    number: number;
    declaration: TableDeclaration;
  } {
    const key = JSON.stringify([what.name, ...what.layers]);
    const known = this.tables.get(key);
    if (known) return known;
    const fresh = { number: this.tables.size, declaration: { ...what, values: 1, type: "float64" as const } };
    this.tables.set(key, fresh);
    this.numbers.append(encodeDeclaration(fresh.number, fresh.declaration));
    return fresh;
  }
}

const read = (record: WrittenRecord): AnyRecord => v.parse(recordSchema, record);

const normValues = (record: NormRecord1): (number | null)[] => [
  ...record.batchMean,
  ...record.batchVariance,
  ...(record.runningMean ?? UNKNOWN_QUANTILES),
  ...(record.runningVariance ?? UNKNOWN_QUANTILES),
  ...(record.gamma ?? UNKNOWN_QUANTILES),
  ...(record.beta ?? UNKNOWN_QUANTILES),
  record.meanShift,
  record.varianceRatio,
  record.gradientNorm,
];

function convertRun({ modelFile, layers, ...run }: RunRecord1): WrittenRecord {
  return {
    ...run,
    schema: 2,
    source: modelFile,
    plannedSteps: run.config.steps,
    settings: settingsOf(run.config),
    layers: layers.map(({ name, className, line, endLine, norm, ...layer }) => ({
      ...layer,
      id: name,
      name,
      kind: className,
      framework: run.framework,
      source: line === null ? null : { line, endLine },
      norm: norm && { ...norm, updateWeight: norm.updateWeight ?? ("cumulative" as const) },
    })),
  };
}

/** What of the request is a plain value, as another producer would have observed it. */
function settingsOf(config: TrainConfig): Record<string, string | number | boolean> {
  const { data: _data, ...settings } = config;
  const isPlain = (value: unknown): value is string | number | boolean =>
    typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (isPlain(value) ? [[name, value]] : [])),
  );
}
