/**
 * Where bytes that may still grow come from: a file, or memory. Opened for each look, so that nothing keeps a file from
 * being deleted.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export interface OpenBytes {
  readonly size: number;
  /** Another one means another file of the same name. */
  readonly identity: string;
  /** Fills `target` from `position` on, as far as there are bytes, and returns how many. */
  read(target: Uint8Array, position: number): number;
}

export interface ByteSource {
  /** Calls `use` with what is there now; null when nothing can be opened. */
  open<Result>(use: (bytes: OpenBytes | null) => Result): Result;
}

export class FileSource implements ByteSource {
  /** Why the file could not be opened last time, as the operating system says it. */
  refusal: string | null = null;

  constructor(private readonly path: string) {}

  open<Result>(use: (bytes: OpenBytes | null) => Result): Result {
    let descriptor: number;
    try {
      descriptor = openSync(this.path, "r");
    } catch (error) {
      this.refusal = (error as NodeJS.ErrnoException).code ?? "unknown error";
      return use(null);
    }
    this.refusal = null;
    try {
      const { size, ino, dev } = fstatSync(descriptor);
      return use({ size, identity: `${dev}:${ino}`, read: (target, at) => readFully(descriptor, target, at) });
    } finally {
      closeSync(descriptor);
    }
  }
}

/** A read may give less than was asked for, on network file systems above all. */
function readFully(descriptor: number, target: Uint8Array, position: number): number {
  let done = 0;
  while (done < target.length) {
    const count = readSync(descriptor, target, done, target.length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

export class MemorySource implements ByteSource {
  private bytes = Buffer.alloc(1 << 12);
  private size = 0;

  append(block: Uint8Array): void {
    if (this.size + block.length > this.bytes.length) {
      const larger = Buffer.alloc(2 * (this.size + block.length));
      this.bytes.copy(larger, 0, 0, this.size);
      this.bytes = larger;
    }
    this.bytes.set(block, this.size);
    this.size += block.length;
  }

  open<Result>(use: (bytes: OpenBytes | null) => Result): Result {
    const read = (target: Uint8Array, position: number): number => {
      const part = this.bytes.subarray(position, Math.min(this.size, position + target.length));
      target.set(part);
      return part.length;
    };
    return use({ size: this.size, identity: "memory", read });
  }
}
