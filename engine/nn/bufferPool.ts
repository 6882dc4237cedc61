/**
 * Buffers that are used again once their content is not needed any more. Only for values that are laid out alike, halo
 * included: what must stay zero in a buffer stays zero.
 */
import { type ActivationBuffer, allocateBuffer, type BufferPlan } from "./activationBuffer";
import type { Arena } from "./arena";

export class BufferPool {
  private readonly free = new Map<string, ActivationBuffer[]>();

  constructor(private readonly arena: Arena) {}

  take(plan: BufferPlan): ActivationBuffer {
    return this.free.get(keyOf(plan))?.pop() ?? allocateBuffer(this.arena, plan);
  }

  /** `buffer` is not needed any more, and was taken with this plan. */
  giveBack(plan: BufferPlan, buffer: ActivationBuffer): void {
    const known = this.free.get(keyOf(plan));
    if (known) known.push(buffer);
    else this.free.set(keyOf(plan), [buffer]);
  }
}

const keyOf = ({ shape, batch, halo, pad }: BufferPlan): string =>
  JSON.stringify([shape, batch, halo.top, halo.bottom, halo.left, halo.right, pad]);
