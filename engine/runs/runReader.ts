/**
 * Reads a run on from where it stopped last time, events and numbers together, so that following a run costs what was
 * added. Numbers stay on the disk: what is kept of them is where each frame lies.
 */
import { readdirSync } from "node:fs";
import type { NumbersDamage, Sample } from "../protocol/numbers";
import type { RankSample } from "../protocol/ranks";
import type { AnyRecord, RunRecord } from "../protocol/records";
import { type ByteSource, FileSource } from "./byteSource";
import { type BadLine, EventReader } from "./eventReader";
import type { FrameValues } from "./numbers/numbersFormat";
import { NumbersReader } from "./numbers/numbersReader";
import { type NumbersTable, firstFrom } from "./numbers/tableIndex";
import { isReadableAs } from "./numbers/tableShape";
import { RanksApart } from "./ranks/ranksApart";
import { numbersFile, rankOfFile } from "./runFolder";

/** Receives what a run says: first the run record, then its numbers, then what else happened. */
export interface RunSink {
  record(record: AnyRecord): void;
  /** Of rank 0, in the order of the file; NaN where the producer wrote nothing. */
  step(step: number, loss: number, learningRate: number, seconds: number): void;
  /** The newest frame of a `norms` or `activity` table of rank 0, where it is newer than the last one passed on. */
  sample(sample: Sample): void;
  /** How far ranks are apart at the steps that were compared, by step: replaces what was passed on before. */
  ranks(samples: readonly RankSample[]): void;
  /** Everything passed on before is void, and is passed on again. */
  reset(): void;
}

/** Listens to nothing; for those who listen to little. */
export const deafSink: RunSink = {
  record: () => undefined,
  step: () => undefined,
  sample: () => undefined,
  ranks: () => undefined,
  reset: () => undefined,
};

export interface RunChange {
  readonly changed: boolean;
  readonly replaced: boolean;
}

export class RunReader {
  /** The log was deleted while it was followed. What was read stays; numbers that are read again are NaN. */
  isGone = false;
  private events: EventReader;
  private numbers = new Map<number, NumbersReader>();
  private hasEnded = false;
  /** The step of each table that was passed on last. */
  private told = new Map<NumbersTable, number>();
  private apart = new RanksApart();

  constructor(readonly folder: string) {
    this.events = new EventReader(folder);
  }

  /** Null until the log's first line was read. */
  get run(): RunRecord | null {
    return this.events.run;
  }

  /** The run format, once the first line was read. */
  get version(): 1 | 2 {
    return this.events.numbers === null ? 2 : 1;
  }

  /** Lines that were skipped. */
  get badLines(): readonly BadLine[] {
    return this.events.badLines;
  }

  get damage(): readonly (NumbersDamage & { readonly rank: number })[] {
    return [...this.numbers].flatMap(([rank, reader]) => reader.damage.map((damage) => ({ ...damage, rank })));
  }

  /** Numbers that exist, by rank. */
  get ranks(): ReadonlyMap<number, NumbersReader> {
    return new Map([...this.numbers].filter(([, { exists }]) => exists));
  }

  /**
   * Passes on what is new. `replaced`: the run was written again; the sink was reset and got everything. Throws a
   * ProblemError
   * `run-unreadable` when there is no log, or none that begins with a run record of a known version.
   */
  readNew(sink: RunSink): RunChange {
    const change = this.readOn(sink);
    if (!change.replaced) return change;
    this.events = new EventReader(this.folder);
    this.numbers = new Map();
    this.hasEnded = false;
    this.told = new Map();
    this.apart = new RanksApart();
    sink.reset();
    this.readOn(sink);
    return { changed: true, replaced: true };
  }

  /** The run has ended without saying so: from now on what is unfinished in its numbers is reported as torn. */
  finish(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    for (const reader of this.numbers.values()) reader.finish();
  }

  /** The last samples at or before a step, one of each `norms` and `activity` table that has one. */
  samplesAt(step: number): Sample[] {
    return this.sampledTables().flatMap(([reader, table]) => {
      const after = firstFrom(table.steps, step + 1);
      return after === 0 ? [] : [reader.frame(table, after - 1)];
    });
  }

  /** Steps at which normalization layers were sampled: of the model that was sampled most, where there are several. */
  get sampledSteps(): number {
    const norms = this.sampledTables().filter(([, { declaration }]) => declaration.name === "norms");
    return Math.max(0, ...norms.map(([, { count }]) => count));
  }

  /** The first sample of each `norms` table. */
  firstSamples(): Sample[] {
    return this.sampledTables().flatMap(([reader, table]) =>
      table.declaration.name === "norms" && table.count > 0 ? [reader.frame(table, 0)] : [],
    );
  }

  private readOn(sink: RunSink): RunChange {
    const { records, lines, gone, replaced } = this.events.readNew();
    if (replaced) return { changed: true, replaced };
    if (gone) {
      const changed = !this.isGone;
      this.isGone = true;
      return { changed, replaced };
    }
    this.isGone = false;
    const [first, ...others] = records;
    const beginsRun = first?.type === "run";
    if (beginsRun) sink.record(first);
    this.hasEnded ||= records.some(({ type }) => type === "end");
    // Events were read first: their producer wrote the numbers that led to them before them.
    const numbers = this.readNumbers(sink);
    if (numbers.replaced) return numbers;
    this.tellSamples(sink);
    this.tellRanks(sink);
    for (const record of beginsRun ? others : records) sink.record(record);
    return { changed: lines > 0 || numbers.changed, replaced };
  }

  private readNumbers(sink: RunSink): RunChange {
    if (this.run === null) return { changed: false, replaced: false };
    this.openRanks(this.run);
    let changed = false;
    let replaced = false;
    for (const [rank, reader] of this.numbers) {
      const before = reader.damageCount;
      const visit = rank === 0 ? stepTeller(sink) : undefined;
      const read = this.hasEnded ? reader.finish(visit) : reader.readNew(visit);
      changed ||= read.frames > 0 || read.replaced || reader.damageCount !== before;
      replaced ||= read.replaced && rank === 0;
      if (read.replaced) this.apart = new RanksApart();
    }
    return { changed, replaced };
  }

  private openRanks(run: RunRecord): void {
    const open = (rank: number, source: ByteSource): void => {
      if (!this.numbers.has(rank)) this.numbers.set(rank, new NumbersReader(source));
    };
    open(0, this.events.numbers ?? new FileSource(numbersFile(this.folder)));
    if (run.ranks === 1) return;
    for (const rank of otherRanks(this.folder)) open(rank, new FileSource(numbersFile(this.folder, rank)));
  }

  private tellSamples(sink: RunSink): void {
    for (const [reader, table] of this.sampledTables()) {
      const newest = table.steps.at(-1);
      if (newest === undefined || newest <= (this.told.get(table) ?? -1)) continue;
      this.told.set(table, newest);
      sink.sample(reader.frame(table, table.count - 1));
    }
  }

  private tellRanks(sink: RunSink): void {
    if (this.run === null || this.run.ranks === 1) return;
    const samples = this.apart.compare(this.run, this.ranks);
    if (samples !== null) sink.ranks(samples);
  }

  private sampledTables(): (readonly [NumbersReader, NumbersTable])[] {
    const reader = this.numbers.get(0);
    if (!reader) return [];
    const isSampled = ({ declaration }: NumbersTable): boolean =>
      isReadableAs("norms", declaration) || isReadableAs("activity", declaration);
    return reader.tables.filter(isSampled).map((table) => [reader, table]);
  }
}

/** Files of ranks 1 and above. */
function otherRanks(folder: string): number[] {
  try {
    return readdirSync(folder).flatMap((name) => rankOfFile(name) ?? []);
  } catch {
    return [];
  }
}

/** Tells the frames of `steps` tables. */
function stepTeller(sink: RunSink): (table: NumbersTable, step: number, values: FrameValues) => void {
  const places = new Map<NumbersTable, readonly [number, number, number] | null>();
  const placesIn = (table: NumbersTable): readonly [number, number, number] | null => {
    const { columns } = table.declaration;
    if (!isReadableAs("steps", table.declaration)) return null;
    return [columns.indexOf("loss"), columns.indexOf("learning_rate"), columns.indexOf("seconds")];
  };
  return (table, step, values) => {
    let at = places.get(table);
    if (at === undefined) places.set(table, (at = placesIn(table)));
    if (at === null) return;
    sink.step(step, values[at[0]] ?? Number.NaN, values[at[1]] ?? Number.NaN, values[at[2]] ?? Number.NaN);
  };
}
