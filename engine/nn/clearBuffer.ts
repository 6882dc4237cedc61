/** Zeroes the first `count` samples of a buffer, halo included. */
import type { ActivationBuffer } from "./activationBuffer";
import type { Arena } from "./arena";

export function clearBuffer(arena: Arena, buffer: ActivationBuffer, count: number): void {
  const start = buffer.base - buffer.halo.top * buffer.row - buffer.halo.left * buffer.position;
  arena.floats(start, (count * buffer.image) / 4).fill(0);
}
