/** Checks run.jsonl line by line: whether each fits the schema, and whether they fit each other. */
import { basename } from "node:path";
import {
  type AnyRecord,
  type LayersRecord,
  type PopulationRecord,
  type Quantiles,
  type RunRecord,
  withLayers,
} from "../../protocol/records";
import { FileSource } from "../byteSource";
import { LineReader } from "../lineReader";
import { parseRecord, parseRecord1, versionOf } from "../parseRecord";
import { recordsFile } from "../runFolder";
import type { Remarks } from "./faults";
import { isDisordered } from "./quantiles";

export interface CheckedEvents {
  /** Null where the run can't be read. */
  readonly version: 1 | 2 | null;
  /** Of version 2. */
  readonly run: RunRecord | null;
  readonly hasEnd: boolean;
  /** How many there are of each type. */
  readonly records: Readonly<Record<string, number>>;
  /** A last line without its end. */
  readonly unfinished: string;
}

export function checkEvents(folder: string, remarks: Remarks): CheckedEvents {
  const path = recordsFile(folder);
  const source = new FileSource(path);
  const reader = new LineReader(source);
  const { lines, gone } = reader.readNew();
  const check = new EventCheck(basename(path), remarks);
  if (gone) remarks.fault("unreadable", basename(path), {}, `it can't be read: ${source.refusal ?? "unknown error"}`);
  else if (lines.length === 0) remarks.fault("no-run-record", basename(path), {}, "it has no complete line");
  for (const { number, text } of lines) check.take(number, text);
  return { ...check.result(), unfinished: gone ? "" : reader.unfinished() };
}

class EventCheck {
  private version: 1 | 2 | null = null;
  private hasBegun = false;
  private isNewer = false;
  private run: RunRecord | null = null;
  private endLine: number | null = null;
  private readonly records: Record<string, number> = {};
  private readonly lastSteps = new Map<string, number>();
  private layers: ReadonlySet<string> | null = null;

  constructor(
    private readonly file: string,
    private readonly remarks: Remarks,
  ) {}

  result(): Omit<CheckedEvents, "unfinished"> {
    const { version, run, records } = this;
    return { version, run, records, hasEnd: this.endLine !== null };
  }

  take(line: number, text: string | null): void {
    if (this.isNewer || text?.trim() === "") return;
    if (text === null) return this.remarks.fault("bad-line", this.file, { line }, "it is longer than any record");
    if (!this.hasBegun && !this.begin(line, text)) return;
    const parsed = this.version === 1 ? parseRecord1(text) : parseRecord(text);
    if (parsed.kind === "bad") this.remarks.fault("bad-line", this.file, { line }, parsed.reason);
    if (parsed.kind === "unknown")
      this.remarks.note(
        this.file,
        { line },
        `NormLens ignores records of the type ${parsed.type}, which it does not know`,
      );
    if (parsed.kind !== "record") return;
    const { record } = parsed;
    this.records[record.type] = (this.records[record.type] ?? 0) + 1;
    if (this.endLine !== null)
      this.remarks.fault("after-end", this.file, { line }, `it comes after the end record on line ${this.endLine}`);
    if (record.type === "end") this.endLine = line;
    if (this.version === 2) this.check(line, text, record as AnyRecord);
  }

  private begin(line: number, text: string): boolean {
    const first = versionOf(text);
    this.hasBegun = true;
    this.version = first.version ?? 2;
    if (first.version !== null) return true;
    if (first.isNewer) this.version = null;
    this.isNewer = first.isNewer;
    this.remarks.fault(first.isNewer ? "newer-version" : "no-run-record", this.file, { line }, first.reason);
    return false;
  }

  private check(line: number, text: string, record: AnyRecord): void {
    if (record.type === "run") return this.checkRun(line, text, record);
    if (record.type === "layers") this.addLayers(record);
    const last = this.lastSteps.get(record.type) ?? 0;
    if (record.step < last)
      this.remarks.fault(
        "steps-decrease",
        this.file,
        { line },
        `its step ${record.step} is before step ${last} of the previous ${record.type} record`,
      );
    this.lastSteps.set(record.type, Math.max(last, record.step));
    for (const layer of layersOf(record))
      if (this.layers && !this.layers.has(layer))
        this.remarks.fault(
          "unknown-layer",
          this.file,
          { line },
          `it names the layer ${layer}, which the run record does not list`,
        );
    if (record.type === "population") this.checkPopulation(line, record);
  }

  private checkRun(line: number, text: string, record: RunRecord): void {
    if (this.run !== null) return this.remarks.fault("bad-line", this.file, { line }, "a second run record");
    this.run = record;
    const ids = record.layers.map(({ id }) => id);
    this.layers = new Set(ids);
    for (const id of new Set(ids.filter((candidate, index) => ids.indexOf(candidate) < index)))
      this.remarks.fault("layer-twice", this.file, { line }, `two layers have the id ${id}`);
    const { config } = JSON.parse(text) as { config?: unknown };
    if (config !== undefined && config !== null && record.config === null)
      this.remarks.fault(
        "bad-line",
        this.file,
        { line },
        "config: it is not a configuration of NormLens's engine; other producers leave it out",
      );
  }

  private addLayers({ layers }: LayersRecord): void {
    if (this.run === null) return;
    this.run = { ...this.run, layers: withLayers(this.run.layers, layers) };
    this.layers = new Set(this.run.layers.map(({ id }) => id));
  }

  private checkPopulation(line: number, { layers }: PopulationRecord): void {
    const say = (layer: string, name: string, quantiles: Quantiles | null): void => {
      if (quantiles !== null && isDisordered(quantiles))
        this.remarks.fault(
          "quantiles-disordered",
          this.file,
          { line },
          `the quantiles of ${name} of ${layer} are not in ascending order`,
        );
    };
    for (const { layer, mean, variance } of layers) {
      say(layer, "mean", mean);
      say(layer, "variance", variance);
      if (variance?.some((value) => value !== null && value < 0))
        this.remarks.fault("negative-variance", this.file, { line }, `a variance of ${layer} is negative`);
    }
  }
}

function layersOf(record: Exclude<AnyRecord, RunRecord>): readonly string[] {
  switch (record.type) {
    case "population":
    case "gap":
      return record.layers.map(({ layer }) => layer);
    case "standing":
      return record.layers.map(({ layer }) => layer);
    case "layers":
      return [];
    case "segment":
      return [...(record.layers ?? []), ...(record.withoutStatistics ?? [])];
    case "checkpoint":
    case "passes":
      return record.layers ?? [];
    case "finding":
      return record.finding.layer === null ? [] : [record.finding.layer];
    case "eval":
    case "left-out":
    case "end":
      return [];
  }
}
