/** Appends records to a run's log. Lines are collected and written at most ten times a second. */
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import type { AnyRecord } from "../protocol/records";
import { fileProblem } from "./fileProblem";
import { processFile, recordsFile } from "./runFolder";

const FLUSH_INTERVAL_MS = 100;

export class RunWriter {
  private readonly path: string;
  private readonly descriptor: number;
  private pending = "";
  private writtenBytes = 0;
  private lastFlushMs = Number.NEGATIVE_INFINITY;

  /** Opens the log for appending. `flushed` is told the log's size after every write. Throws a ProblemError. */
  constructor(
    private readonly runFolder: string,
    private readonly flushed: (bytes: number) => void,
  ) {
    this.path = recordsFile(runFolder);
    try {
      this.descriptor = openSync(this.path, "a");
    } catch (error) {
      throw fileProblem(this.path, error);
    }
  }

  /** Adds a record. Throws a ProblemError when its turn to be written came and the disk refused. */
  append(record: AnyRecord): void {
    this.pending += `${JSON.stringify(record)}\n`;
    const nowMs = performance.now();
    if (nowMs - this.lastFlushMs < FLUSH_INTERVAL_MS) return;
    this.lastFlushMs = nowMs;
    this.flush();
  }

  /** Writes what is pending. A line that the disk took only in part is the torn last line readers drop. */
  flush(): void {
    if (this.pending === "") return;
    const bytes = Buffer.from(this.pending);
    this.pending = "";
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.descriptor, bytes, written);
    } catch (error) {
      throw fileProblem(this.path, error);
    }
    this.writtenBytes += bytes.length;
    this.flushed(this.writtenBytes);
  }

  /** Flushes, closes and marks the run as no longer alive. */
  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.descriptor);
      rmSync(processFile(this.runFolder), { force: true });
    }
  }
}
