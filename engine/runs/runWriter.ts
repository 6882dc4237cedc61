/**
 * Appends events and numbers to a run, and keeps its sign of life. What is written is collected and flushed at most ten
 * times a second.
 */
import { appendFileSync, closeSync, openSync, writeSync } from "node:fs";
import type { TableDeclaration } from "../protocol/numbers";
import type { WrittenSampleLine } from "../protocol/probedSamples";
import type { ProblemError } from "../protocol/problems";
import type { WrittenRecord } from "../protocol/records";
import { fileProblem } from "./fileProblem";
import { HeartbeatWriter } from "./heartbeat";
import { NumbersWriter } from "./numbers/numbersWriter";
import { numbersFile, recordsFile, samplesFile } from "./runFolder";

const FLUSH_INTERVAL_MS = 100;
/** More than this is not kept back, however short the time since the last flush. */
const MAX_PENDING_BYTES = 8 << 20;

export class RunWriter {
  private readonly path: string;
  private readonly descriptor: number;
  private readonly numbers: NumbersWriter;
  private readonly heartbeat: HeartbeatWriter;
  private pending = "";
  private pendingSamples = "";
  private lastFlushMs = Number.NEGATIVE_INFINITY;
  /** Flushes what is kept back when nothing comes after it for a while, as in a run of slow steps. */
  private later: NodeJS.Timeout | null = null;
  /** The error of a flush that no caller waited for; the next call throws it. */
  private failure: ProblemError | null = null;

  /** Opens the run's files for appending. `flushed` is called after every write. Throws a ProblemError. */
  constructor(
    private readonly runFolder: string,
    private readonly flushed: () => void,
  ) {
    this.path = recordsFile(runFolder);
    try {
      this.descriptor = openSync(this.path, "a");
    } catch (error) {
      throw fileProblem(this.path, error);
    }
    this.numbers = new NumbersWriter(numbersFile(runFolder));
    this.heartbeat = new HeartbeatWriter(runFolder);
  }

  /** Adds a record. Throws a ProblemError when its turn to be written came and the disk refused. */
  append(record: WrittenRecord): void {
    this.pending += `${JSON.stringify(record)}\n`;
    this.flushWhenDue();
  }

  /** Adds a line about the samples of the probe batch. It is written with the record that comes after it, before it. */
  appendSample(line: WrittenSampleLine): void {
    this.pendingSamples += `${JSON.stringify(line)}\n`;
  }

  /** Says what a table of numbers holds and returns its number. Throws a ProblemError. */
  declare(declaration: TableDeclaration): number {
    return this.numbers.declare(declaration);
  }

  /** Adds one sample of a table, values in the order `[layer, column, value]`. Throws as `append` does. */
  frame(table: number, step: number, values: ArrayLike<number>): void {
    this.numbers.frame(table, step, values);
    this.flushWhenDue();
  }

  /** Sign of life; cheap at any time. */
  beat(step: number): void {
    this.heartbeat.beat(step);
  }

  /** Writes what is pending, numbers first: a reader that sees an event finds the numbers that led to it. */
  flush(): void {
    if (this.later !== null) clearTimeout(this.later);
    this.later = null;
    if (this.failure !== null) throw this.failure;
    if (this.pending === "" && this.numbers.pendingBytes === 0) return;
    this.numbers.flush();
    this.flushSamples();
    const bytes = Buffer.from(this.pending);
    this.pending = "";
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.descriptor, bytes, written);
    } catch (error) {
      throw fileProblem(this.path, error);
    }
    this.flushed();
  }

  /** Flushes and closes; readers no longer wait for a sign of life. */
  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.descriptor);
      this.numbers.close();
      this.heartbeat.stop();
    }
  }

  /** The file is made when there is something to write: most producers have none. */
  private flushSamples(): void {
    if (this.pendingSamples === "") return;
    const path = samplesFile(this.runFolder);
    const text = this.pendingSamples;
    this.pendingSamples = "";
    try {
      appendFileSync(path, text);
    } catch (error) {
      throw fileProblem(path, error);
    }
  }

  private flushWhenDue(): void {
    const nowMs = performance.now();
    if (nowMs - this.lastFlushMs < FLUSH_INTERVAL_MS && this.numbers.pendingBytes < MAX_PENDING_BYTES) {
      this.later ??= setTimeout(() => this.flushUnattended(), FLUSH_INTERVAL_MS).unref();
      return;
    }
    this.lastFlushMs = nowMs;
    this.flush();
  }

  private flushUnattended(): void {
    this.lastFlushMs = performance.now();
    try {
      this.flush();
    } catch (error) {
      this.failure = fileProblem(this.path, error);
    }
  }
}
