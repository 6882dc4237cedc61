/** The one block of WebAssembly memory a network lives in: planned first, committed once, never grown again. */
import { ProblemError } from "../protocol/problems";
import { type KernelChoice, type KernelTeam, instantiateKernels } from "./kernels/kernels";
import type { Kernels } from "./kernels/signatures";

const PAGE_BYTES = 65536;
/** wasm32's address space. */
export const LIMIT_BYTES = 65535 * PAGE_BYTES;
/** A cache line: vectors never straddle two. */
const ALIGNMENT = 64;

export class Arena {
  readonly kernels: Kernels;
  private readonly memory = reserveMemory();
  private next: number;
  private views: { f32: Float32Array; f64: Float64Array; i32: Int32Array } | undefined;

  /** Throws a ProblemError `engine-unavailable` when no more memory can be reserved. */
  constructor(
    readonly choice: KernelChoice,
    team?: KernelTeam,
  ) {
    this.kernels = instantiateKernels(choice.module, this.memory, team);
    this.next = this.kernels.heapBase();
  }

  /** Reserves zeroed memory and returns its address. Only before `commit`. */
  allocate(bytes: number): number {
    if (this.views) throw new Error("the arena is already committed");
    const address = Math.ceil(this.next / ALIGNMENT) * ALIGNMENT;
    this.next = address + bytes;
    return address;
  }

  /** Reserves `count` f32. */
  allocateFloats(count: number): number {
    return this.allocate(count * 4);
  }

  get bytes(): number {
    return this.next;
  }

  /**
   * Makes the reserved memory real. Throws a ProblemError `out-of-memory` when it is above the limit or the machine has
   * not so much.
   */
  commit(limitBytes = LIMIT_BYTES): void {
    if (this.next > Math.min(limitBytes, LIMIT_BYTES)) throw this.outOfMemory();
    const missing = Math.ceil(this.next / PAGE_BYTES) - this.memory.buffer.byteLength / PAGE_BYTES;
    try {
      if (missing > 0) this.memory.grow(missing);
    } catch {
      throw this.outOfMemory();
    }
    const { buffer } = this.memory;
    this.views = { f32: new Float32Array(buffer), f64: new Float64Array(buffer), i32: new Int32Array(buffer) };
  }

  /** `count` f32 at an address, as a view. */
  floats(address: number, count: number): Float32Array {
    return this.committed.f32.subarray(address >>> 2, (address >>> 2) + count);
  }

  doubles(address: number, count: number): Float64Array {
    return this.committed.f64.subarray(address >>> 3, (address >>> 3) + count);
  }

  integers(address: number, count: number): Int32Array {
    return this.committed.i32.subarray(address >>> 2, (address >>> 2) + count);
  }

  private get committed(): { f32: Float32Array; f64: Float64Array; i32: Int32Array } {
    if (!this.views) throw new Error("the arena is not committed yet");
    return this.views;
  }

  private outOfMemory(): ProblemError {
    return new ProblemError({ code: "out-of-memory", neededBytes: this.next, limitBytes: LIMIT_BYTES });
  }
}

/** The whole address space, of which `commit` makes real what is needed. */
function reserveMemory(): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  } catch (error) {
    throw new ProblemError({
      code: "engine-unavailable",
      detail: error instanceof Error ? error.message : String(error),
    });
  }
}
