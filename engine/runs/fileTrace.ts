/** Tells whether a file that is read on from some place is still the file that was read until there. */
import type { OpenBytes } from "./byteSource";

const HEAD_BYTES = 1024;
const TAIL_BYTES = 64;

export class FileTrace {
  private identity: string | null = null;
  private head: Buffer = Buffer.alloc(0);
  private tail: Buffer = Buffer.alloc(0);
  private offset = 0;

  /** False when the file was replaced, cut before what was read, or written again. */
  fits(bytes: OpenBytes): boolean {
    if (this.identity === null) return true;
    if (bytes.identity !== this.identity || bytes.size < this.offset) return false;
    return isAt(bytes, this.head, 0) && isAt(bytes, this.tail, this.offset - this.tail.length);
  }

  /** Remembers what the file is, read as far as `offset`. */
  remember(bytes: OpenBytes, offset: number): void {
    if (this.identity === bytes.identity && offset === this.offset) return;
    this.identity = bytes.identity;
    this.offset = offset;
    if (this.head.length < HEAD_BYTES) this.head = part(bytes, 0, Math.min(HEAD_BYTES, offset));
    this.tail = part(bytes, Math.max(0, offset - TAIL_BYTES), offset);
  }
}

function part(bytes: OpenBytes, from: number, to: number): Buffer {
  const target = Buffer.alloc(to - from);
  return target.subarray(0, bytes.read(target, from));
}

const isAt = (bytes: OpenBytes, expected: Buffer, position: number): boolean =>
  expected.equals(part(bytes, position, position + expected.length));
