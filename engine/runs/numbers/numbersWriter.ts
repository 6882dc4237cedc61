/**
 * Writes a binary file of numbers. Recording costs a copy and a checksum: frames are put into one buffer until they are
 * flushed.
 */
import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import type { TableDeclaration } from "../../protocol/numbers";
import { FileSource } from "../byteSource";
import { fileProblem } from "../fileProblem";
import { type FrameValues, HEADER, emptyValues, encodeDeclaration, frameBytes, writeFrame } from "./numbersFormat";
import { NumbersReader } from "./numbersReader";

export class NumbersWriter {
  /** Opened when there is something to write: a run without numbers has no such file. */
  private descriptor: number | null = null;
  private firstNumber = 0;
  private readonly scratch: FrameValues[] = [];
  private pending = Buffer.allocUnsafeSlow(1 << 14);
  private pendingLength = 0;

  constructor(private readonly path: string) {}

  get pendingBytes(): number {
    return this.pendingLength;
  }

  /** Says what a table contains and returns the number its frames are written under. Throws a ProblemError. */
  declare(declaration: TableDeclaration): number {
    if (this.descriptor === null) this.open();
    const table = this.firstNumber + this.scratch.length;
    const block = encodeDeclaration(table, declaration);
    this.reserve(block.length);
    this.pending.set(block, this.pendingLength);
    this.pendingLength += block.length;
    this.scratch.push(emptyValues(declaration));
    this.reserve(frameBytes(declaration));
    return table;
  }

  frame(table: number, step: number, values: ArrayLike<number>): void {
    const scratch = this.scratch[table - this.firstNumber];
    if (scratch?.length !== values.length)
      throw new Error(`table ${table} takes ${scratch?.length ?? "no"} values a frame, not ${values.length}`);
    scratch.set(values);
    this.reserve(scratch.byteLength + 32);
    this.pendingLength = writeFrame(this.pending, this.pendingLength, table, step, scratch);
  }

  /**
   * Writes what is pending. Throws a ProblemError; what the disk took only in part is damage that readers step over.
   */
  flush(): void {
    const length = this.pendingLength;
    this.pendingLength = 0;
    if (this.descriptor === null || length === 0) return;
    try {
      for (let done = 0; done < length; ) done += writeSync(this.descriptor, this.pending, done, length - done);
    } catch (error) {
      throw fileProblem(this.path, error);
    }
  }

  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }

  private open(): void {
    try {
      this.descriptor = openSync(this.path, "a");
      if (fstatSync(this.descriptor).size === 0) {
        this.pending.set(HEADER, 0);
        this.pendingLength = HEADER.length;
        return;
      }
    } catch (error) {
      throw fileProblem(this.path, error);
    }
    // Goes on with a file: its table numbers are taken.
    const reader = new NumbersReader(new FileSource(this.path));
    reader.readNew();
    this.firstNumber = Math.max(-1, ...reader.tables.map(({ number }) => number)) + 1;
  }

  private reserve(bytes: number): void {
    const needed = this.pendingLength + bytes;
    if (needed <= this.pending.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * needed);
    this.pending.copy(larger, 0, 0, this.pendingLength);
    this.pending = larger;
  }
}
