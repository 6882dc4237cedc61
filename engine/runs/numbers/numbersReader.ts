/**
 * Follows a binary file of numbers while it grows. Every block is verified once; of a frame its place is remembered,
 * the numbers stay where they are. Damaged parts are reported and skipped, and everything between them is read.
 */
import type { NumbersDamage, Sample } from "../../protocol/numbers";
import type { ByteSource } from "../byteSource";
import { FileTrace } from "../fileTrace";
import { DamageList } from "./damageList";
import {
  DECLARATION_HEAD_BYTES,
  FRAME_HEAD_BYTES,
  type FrameValues,
  HEADER,
  blockKindAt,
  declarationBytes,
  decodeDeclaration,
  isSealed,
  isWholeStep,
  mayBecomeMarker,
  nextMarker,
} from "./numbersFormat";
import { CHUNK_BYTES, ReadWindow } from "./readWindow";
import { type NumbersTable, TableIndex } from "./tableIndex";

/** `values` are written over by the next call. */
export type VisitFrame = (table: NumbersTable, step: number, values: FrameValues) => void;

/** Frames closer together than this are read in one go. */
const BRIDGED_BYTES = 16 << 10;

type Look = "declaration" | "frame" | "unfinished" | "no marker" | "bad checksum" | "undeclared" | "bad length";

const lossKinds = {
  "no marker": "checksum",
  "bad checksum": "checksum",
  undeclared: "undeclared",
  "bad length": "declaration",
} as const;

export class NumbersReader {
  private byNumber = new Map<number, TableIndex>();
  private tableList: TableIndex[] = [];
  private damages = new DamageList();
  private torn: NumbersDamage | null = null;
  private trace = new FileTrace();
  /** Everything before it was read. */
  private offset = 0;
  private isThere = false;
  private isHeaderRead = false;
  // Of the block that was looked at last: its end, and where it lies in the window.
  private blockEnd = 0;
  private blockIndex = 0;
  private blockTable: TableIndex | undefined;

  constructor(private readonly source: ByteSource) {}

  /** Whether there are numbers at all. */
  get exists(): boolean {
    return this.isThere;
  }

  get tables(): readonly NumbersTable[] {
    return this.tableList;
  }

  /** At most a thousand; `damageCount` counts all. */
  get damage(): readonly NumbersDamage[] {
    return this.torn === null ? this.damages.entries : [...this.damages.entries, this.torn];
  }

  get damageCount(): number {
    return this.damages.count + (this.torn === null ? 0 : 1);
  }

  /** Reads what was appended. `replaced`: it is another file now, and was read from its start. */
  readNew(visit: VisitFrame = () => undefined): { frames: number; replaced: boolean } {
    return this.readOn(visit, false);
  }

  /**
   * The run has ended: what is unfinished will stay so, and is reported as torn. If more data comes after all, that is
   * undone.
   */
  finish(visit: VisitFrame = () => undefined): { frames: number; replaced: boolean } {
    return this.readOn(visit, true);
  }

  frame(table: NumbersTable, index: number): Sample {
    let sample: Sample | null = null;
    this.read(table, index, index + 1, (_, values) => {
      sample = { table: table.declaration, step: table.steps[index] ?? Number.NaN, values: values.slice() };
    });
    if (sample === null) throw new Error(`table ${table.number} has no frame ${index}`);
    return sample;
  }

  /**
   * Hands the values of frames `[first, last)` to `visit`, in step order, valid during the call. They are NaN where the
   * file is no longer there.
   */
  read(table: NumbersTable, first: number, last: number, visit: (index: number, values: FrameValues) => void): void {
    const index = this.byNumber.get(table.number);
    if (index !== table) return;
    this.source.open((bytes) => {
      const window = bytes && new ReadWindow(bytes);
      for (let frame = first; frame < Math.min(last, index.count); frame++) {
        const offset = index.offsetAt(frame);
        const isInMemory = window !== null && window.rest(offset) >= index.frameBytes;
        const ahead = isInMemory ? 0 : endOfRun(index, frame, last) - offset;
        const at = window ? window.cover(offset, index.frameBytes, ahead) : -1;
        if (window && at >= 0) copyValues(window, at, index);
        else index.values.fill(Number.NaN);
        visit(frame, index.values);
      }
    });
  }

  private readOn(visit: VisitFrame, isEnded: boolean): { frames: number; replaced: boolean } {
    return this.source.open((bytes) => {
      if (bytes === null) return { frames: 0, replaced: false };
      this.isThere = true;
      const replaced = !this.trace.fits(bytes);
      if (replaced) this.reset();
      this.torn = null;
      const frames = this.scan(new ReadWindow(bytes), bytes.size, visit, isEnded);
      for (const table of this.tableList) table.settle();
      this.trace.remember(bytes, this.offset);
      return { frames, replaced };
    });
  }

  private reset(): void {
    this.byNumber = new Map();
    this.tableList = [];
    this.damages = new DamageList();
    this.trace = new FileTrace();
    this.offset = 0;
    this.isHeaderRead = false;
  }

  private scan(window: ReadWindow, size: number, visit: VisitFrame, isEnded: boolean): number {
    let frames = 0;
    while (this.offset < size) {
      const look = this.isHeaderRead ? this.lookAt(window, this.offset, size) : this.lookAtHeader(window, size);
      if (look === "declaration" || look === "frame" || look === "header") {
        this.damages.close();
        this.isHeaderRead = true;
        if (look === "frame" && this.takeFrame(window, visit)) frames += 1;
        if (look === "declaration") this.takeDeclaration(window);
        this.offset = this.blockEnd;
      } else if (look === "unfinished") {
        if (!this.stepOverUnfinished(window, size, isEnded)) return frames;
      } else this.lose(window, look, size);
    }
    return frames;
  }

  private lookAtHeader(window: ReadWindow, size: number): Look | "header" | "bad header" {
    const length = Math.min(size, HEADER.length);
    const at = window.cover(0, length);
    if (at < 0) return "unfinished";
    if (!window.buffer.subarray(at, at + length).equals(HEADER.subarray(0, length))) return "bad header";
    this.blockEnd = length;
    return length < HEADER.length ? "unfinished" : "header";
  }

  /** What begins at `position`; of a whole block its end and place are kept. */
  private lookAt(window: ReadWindow, position: number, size: number): Look {
    const left = size - position;
    const seen = Math.min(left, FRAME_HEAD_BYTES);
    const head = window.cover(position, seen);
    if (head < 0) return "unfinished";
    if (left < 4) return mayBecomeMarker(window.buffer, head, head + left) ? "unfinished" : "no marker";
    const kind = blockKindAt(window.buffer, head);
    if (kind === null) return "no marker";
    if (left < (kind === "frame" ? FRAME_HEAD_BYTES : DECLARATION_HEAD_BYTES)) return "unfinished";
    const table = kind === "frame" ? this.byNumber.get(window.buffer.readUInt32LE(head + 4)) : undefined;
    if (kind === "frame" && !table) return "undeclared";
    const bytes = table ? table.frameBytes : declarationBytes(window.buffer, head);
    if (bytes === null) return "bad length";
    if (left < bytes) return "unfinished";
    const at = window.cover(position, bytes);
    if (at < 0) return "unfinished";
    if (!isSealed(window.buffer, at, at + bytes)) return "bad checksum";
    this.blockIndex = at;
    this.blockEnd = position + bytes;
    this.blockTable = table;
    return kind;
  }

  private takeDeclaration({ buffer }: ReadWindow): void {
    const bytes = this.blockEnd - this.offset;
    const number = buffer.readUInt32LE(this.blockIndex + 4);
    const declaration = decodeDeclaration(buffer.subarray(this.blockIndex, this.blockIndex + bytes));
    const known = this.byNumber.get(number)?.declaration;
    if (declaration === null || (known && JSON.stringify(known) !== JSON.stringify(declaration))) {
      this.damages.add("declaration", this.offset, bytes, declaration?.name ?? null, null);
      return;
    }
    if (known) return;
    const table = new TableIndex(number, declaration);
    this.byNumber.set(number, table);
    this.tableList.push(table);
  }

  private takeFrame(window: ReadWindow, visit: VisitFrame): boolean {
    const table = this.blockTable;
    if (!table) return false;
    const step = window.buffer.readDoubleLE(this.blockIndex + 8);
    const added = isWholeStep(step) ? table.add(step, this.offset) : "step";
    if (added !== "appended") {
      const kind = added === "late" ? "disordered" : added;
      const toldStep = added === "step" ? null : step;
      this.damages.add(kind, this.offset, table.frameBytes, table.declaration.name, toldStep);
    }
    if (added === "doubled" || added === "step") return false;
    copyValues(window, this.blockIndex, table);
    visit(table, step, table.values);
    return true;
  }

  /**
   * A block that is not all there waits for its rest, unless a whole block is within it: then its length is damaged,
   * and there is nothing to wait for.
   */
  private stepOverUnfinished(window: ReadWindow, size: number, isEnded: boolean): boolean {
    const from = this.offset;
    const limit = isEnded ? size : Math.min(size, from + CHUNK_BYTES);
    for (let at = this.findMarker(window, from + 1, limit); at.found; at = this.findMarker(window, at.at + 1, limit)) {
      const look = this.lookAt(window, at.at, size);
      if (look !== "declaration" && look !== "frame") continue;
      this.damages.add("checksum", from, at.at - from, null, null);
      this.offset = at.at;
      return true;
    }
    if (isEnded) this.torn = { kind: "torn", offset: from, bytes: size - from, table: null, step: null };
    return false;
  }

  private lose(window: ReadWindow, look: keyof typeof lossKinds | "bad header", size: number): void {
    const from = this.offset;
    const isHeader = look === "bad header";
    const { found, at } = this.findMarker(window, isHeader ? from : from + 1, size);
    this.damages.lose(isHeader ? "header" : lossKinds[look], from, at, look === "no marker");
    if (found) this.damages.close();
    this.isHeaderRead = true;
    this.offset = at;
  }

  private findMarker(window: ReadWindow, from: number, limit: number): { found: boolean; at: number } {
    for (let start = from; start < limit; ) {
      const rest = window.rest(start);
      const length = Math.min(limit - start, rest < 4 ? CHUNK_BYTES : rest);
      const index = window.cover(start, length);
      if (index < 0) break;
      const { found, at } = nextMarker(window.buffer.subarray(index, index + length));
      if (found || start + length >= limit) return { found, at: start + at };
      start += at;
    }
    return { found: false, at: Math.max(from, limit) };
  }
}

function copyValues({ buffer }: ReadWindow, at: number, table: TableIndex): void {
  const from = at + FRAME_HEAD_BYTES;
  table.valueBytes.set(buffer.subarray(from, from + table.valueBytes.length));
}

/** How far to read at once from frame `first` on: over gaps that are cheaper to read than to step over. */
function endOfRun(index: TableIndex, first: number, last: number): number {
  const start = index.offsetAt(first);
  let end = start + index.frameBytes;
  for (let next = first + 1; next < Math.min(last, index.count); next++) {
    const offset = index.offsetAt(next);
    if (offset < end || offset - end > BRIDGED_BYTES || offset + index.frameBytes - start > CHUNK_BYTES) break;
    end = offset + index.frameBytes;
  }
  return end;
}
