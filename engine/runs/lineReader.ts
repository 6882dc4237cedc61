/** Reads a growing text file line by line, on from where it stopped. A last line without its end waits for the rest. */
import type { ByteSource, OpenBytes } from "./byteSource";
import { FileTrace } from "./fileTrace";

const CHUNK_BYTES = 1 << 20;
/** What is longer is no line that anybody wrote on purpose. */
const MAX_LINE_BYTES = 64 << 20;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Null when the line is too long to be read. */
  readonly text: string | null;
}

export class LineReader {
  private trace = new FileTrace();
  /** Where the first line begins that was not read. */
  private offset = 0;
  private lineNumber = 0;

  constructor(private readonly source: ByteSource) {}

  /**
   * Lines that were finished since the last call. `gone`: there is no such file; `replaced`: it is another one, read
   * from its start.
   */
  readNew(): { lines: Line[]; gone: boolean; replaced: boolean } {
    return this.source.open((bytes) => {
      if (bytes === null) return { lines: [], gone: true, replaced: false };
      const replaced = !this.trace.fits(bytes);
      if (replaced) this.reset();
      const lines = this.wholeLines(bytes);
      this.trace.remember(bytes, this.offset);
      return { lines, gone: false, replaced };
    });
  }

  /** The line that has no end yet, as far as it is there. */
  unfinished(): string {
    return this.source.open((bytes) => (bytes === null ? "" : (chunkAt(bytes, this.offset)?.toString("utf8") ?? "")));
  }

  /** Starts again. */
  reset(): void {
    this.trace = new FileTrace();
    this.offset = 0;
    this.lineNumber = 0;
  }

  private wholeLines(bytes: OpenBytes): Line[] {
    const lines: Line[] = [];
    const begun = new LineParts();
    let position = this.offset;
    for (let chunk = chunkAt(bytes, position); chunk !== null; chunk = chunkAt(bytes, position)) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        begun.add(chunk.subarray(start, end));
        lines.push({ number: ++this.lineNumber, text: begun.take() });
        start = end + 1;
        this.offset = position + start;
      }
      begun.add(chunk.subarray(start));
      position += chunk.length;
    }
    return lines;
  }
}

/** A line that spans chunks. */
class LineParts {
  private parts: Buffer[] = [];
  private bytes = 0;

  add(part: Buffer): void {
    this.bytes += part.length;
    if (this.bytes > MAX_LINE_BYTES) this.parts = [];
    else this.parts.push(part);
  }

  take(): string | null {
    const text = this.bytes > MAX_LINE_BYTES ? null : Buffer.concat(this.parts).toString("utf8");
    this.parts = [];
    this.bytes = 0;
    return text;
  }
}

function chunkAt(bytes: OpenBytes, position: number): Buffer | null {
  if (position >= bytes.size) return null;
  const target = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytes.size - position));
  const length = bytes.read(target, position);
  return length === 0 ? null : target.subarray(0, length);
}
