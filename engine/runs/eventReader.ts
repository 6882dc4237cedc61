/**
 * Reads the events of a run, of any version, as records of this one. A line that does not fit is reported and skipped.
 */
import { ProblemError } from "../protocol/problems";
import type { AnyRecord, RunRecord } from "../protocol/records";
import { type ByteSource, FileSource } from "./byteSource";
import { type Line, LineReader } from "./lineReader";
import { type Parsed, parseRecord, parseRecord1, versionOf } from "./parseRecord";
import { recordsFile } from "./runFolder";
import { Version1Conversion } from "./version1/convert";

export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

export interface NewEvents {
  readonly records: readonly AnyRecord[];
  readonly lines: number;
  /** There is no log any more. */
  readonly gone: boolean;
  /** It is another log now, and has to be read by a new reader. */
  readonly replaced: boolean;
}

export class EventReader {
  run: RunRecord | null = null;
  readonly badLines: BadLine[] = [];
  private readonly path: string;
  private readonly source: FileSource;
  private readonly lines: LineReader;
  private conversion: Version1Conversion | null = null;

  constructor(runFolder: string) {
    this.path = recordsFile(runFolder);
    this.source = new FileSource(this.path);
    this.lines = new LineReader(this.source);
  }

  /** The numbers of a run of version 1, which are among its events; null where they have a separate file. */
  get numbers(): ByteSource | null {
    return this.conversion?.numbers ?? null;
  }

  /**
   * Throws a ProblemError `run-unreadable` when there never was a log, or its first line is no run record of a known
   * version.
   */
  readNew(): NewEvents {
    const { lines, gone, replaced } = this.lines.readNew();
    if (gone && this.run === null) throw this.unreadable(this.source.refusal ?? "it was deleted");
    if (gone || replaced) return { records: [], lines: 0, gone, replaced };
    const records: AnyRecord[] = [];
    for (const line of lines) {
      const record = line.text?.trim() === "" ? null : this.recordOf(line);
      if (record !== null) records.push(record);
    }
    return { records, lines: lines.length, gone, replaced };
  }

  private recordOf({ number, text }: Line): AnyRecord | null {
    if (this.run === null) this.beginWith(text ?? "");
    const parsed = text === null ? TOO_LONG : this.parse(text);
    if (parsed.kind === "bad") this.badLines.push({ line: number, reason: parsed.reason });
    if (parsed.kind !== "record" || parsed.record === null) return null;
    if (parsed.record.type === "run") {
      if (this.run !== null) {
        this.badLines.push({ line: number, reason: "a second run record" });
        return null;
      }
      this.run = parsed.record;
    }
    return parsed.record;
  }

  private parse(text: string): Parsed<AnyRecord | null> {
    if (this.conversion === null) return parseRecord(text);
    const parsed = parseRecord1(text);
    return parsed.kind === "record" ? { kind: "record", record: this.conversion.take(parsed.record) } : parsed;
  }

  private beginWith(text: string): void {
    const first = versionOf(text);
    if (first.version === null) {
      this.lines.reset();
      throw this.unreadable(first.reason);
    }
    this.conversion = first.version === 1 ? new Version1Conversion() : null;
  }

  private unreadable(detail: string): ProblemError {
    return new ProblemError({ code: "run-unreadable", path: this.path, detail });
  }
}

const TOO_LONG = { kind: "bad", reason: "it is longer than any record" } as const;
