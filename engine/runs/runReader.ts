/**
 * Reads a run's log from where it stopped last time, so that following a growing log costs what was added. A torn
 * last line waits for its rest; a line that does not fit the schema is reported with its number and skipped.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ProblemError } from "../protocol/problems";
import type { AnyRecord } from "../protocol/records";
import { parseRecord } from "./parseRecord";
import { recordsFile } from "./runFolder";

export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

export interface ReadResult {
  readonly records: readonly AnyRecord[];
  readonly badLines: readonly BadLine[];
}

/** Bytes taken at once; a long log is read in several calls' worth of memory. */
const CHUNK_BYTES = 1 << 20;

export class RunReader {
  private readonly path: string;
  private offset = 0;
  private line = 0;
  private tail = Buffer.alloc(0);

  constructor(runFolder: string) {
    this.path = recordsFile(runFolder);
  }

  /** Records appended since the last call, of the types to keep. Throws a ProblemError `run-unreadable` when the log cannot be read. */
  readNew(keeps: (type: AnyRecord["type"]) => boolean = () => true): ReadResult {
    const records: AnyRecord[] = [];
    const badLines: BadLine[] = [];
    for (const text of this.newLines()) {
      this.line += 1;
      if (text.trim() === "") continue;
      const parsed = parseRecord(text);
      if (parsed.ok && keeps(parsed.record.type)) records.push(parsed.record);
      if (!parsed.ok) badLines.push({ line: this.line, reason: parsed.reason });
    }
    return { records, badLines };
  }

  private *newLines(): Generator<string> {
    for (const chunk of this.newChunks()) {
      let start = 0;
      const bytes = this.tail.length > 0 ? Buffer.concat([this.tail, chunk]) : chunk;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        const text = bytes.toString("utf8", start, end);
        start = end + 1;
        yield text;
      }
      this.tail = Buffer.from(bytes.subarray(start));
    }
  }

  private *newChunks(): Generator<Buffer> {
    let descriptor: number;
    try {
      descriptor = openSync(this.path, "r");
    } catch (error) {
      throw new ProblemError({
        code: "run-unreadable",
        path: this.path,
        detail: (error as NodeJS.ErrnoException).code ?? "unknown error",
      });
    }
    try {
      const { size } = fstatSync(descriptor);
      while (this.offset < size) {
        const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - this.offset));
        const read = readSync(descriptor, chunk, 0, chunk.length, this.offset);
        if (read === 0) return;
        this.offset += read;
        yield chunk.subarray(0, read);
      }
    } finally {
      closeSync(descriptor);
    }
  }
}
