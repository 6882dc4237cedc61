/** A piece of a file in memory that moves forward over it: many small looks, few large reads. */
import type { OpenBytes } from "../byteSource";

/** Largest piece that is read without being asked for. */
export const CHUNK_BYTES = 4 << 20;

export class ReadWindow {
  /** The bytes from `start` on. */
  buffer = Buffer.alloc(0);
  private start = 0;
  private memory = Buffer.alloc(0);

  constructor(private readonly bytes: OpenBytes) {}

  /** How many bytes from `position` on are in memory. */
  rest(position: number): number {
    const index = position - this.start;
    return index < 0 ? 0 : Math.max(0, this.buffer.length - index);
  }

  /**
   * Where in `buffer` the `length` bytes at `position` of the file are, or −1 when the file does not have them. What is
   * not in memory is read, `ahead` bytes at once.
   */
  cover(position: number, length: number, ahead = CHUNK_BYTES): number {
    const index = position - this.start;
    if (index >= 0 && index + length <= this.buffer.length) return index;
    const wanted = Math.min(this.bytes.size - position, Math.max(length, ahead));
    if (wanted < length) return -1;
    if (this.memory.length < wanted) this.memory = Buffer.allocUnsafeSlow(wanted);
    this.start = position;
    this.buffer = this.memory.subarray(0, wanted);
    this.buffer = this.memory.subarray(0, this.bytes.read(this.buffer, position));
    return this.buffer.length < length ? -1 : 0;
  }
}
