/**
 * Between the thread that trains and one helper: a block of shared memory, through which a call and its end are passed.
 * Both sides first spin, since a call comes every few microseconds, then sleep until the other side wakes them.
 */
import { divisibleKernels } from "../../nn/kernels/division";
import type { PositionalKernels } from "../../nn/kernels/signatures";

/** Places of 32-bit words; the two sides write to different cache lines. */
const ASKED = 0;
const KERNEL = 1;
const ARGUMENT_COUNT = 2;
const HELPER_SLEEPS = 16;
const DONE = 32;
const STATE = 33;
const CALLER_SLEEPS = 48;
const ARGUMENTS_BYTE = 256;
const MAX_ARGUMENTS = 64;

const READY = 1;
const FAILED = 2;
/** Instead of a kernel: the helper ends. */
const END = -1;

/** Some hundred microseconds. */
const SPINS = 100_000;
/** A helper is late that keeps its caller waiting for so much longer: it got no time. In ms. */
const LONG_MS = 0.3;
/** Nobody sleeps longer at a time, in ms. */
const NAP_MS = 1000;
/**
 * Naps in which a caller waits for a helper. Counted rather than timed: a process that was suspended has not waited.
 */
const MOST_NAPS = 10;

export class HelperChannel {
  readonly memory: SharedArrayBuffer;
  private readonly words: Int32Array;
  /** Of the next call: the caller writes them before it asks. */
  readonly arguments: Float64Array;
  private asked = 0;

  constructor(memory = new SharedArrayBuffer(ARGUMENTS_BYTE + MAX_ARGUMENTS * 8)) {
    this.memory = memory;
    this.words = new Int32Array(memory, 0, ARGUMENTS_BYTE / 4);
    this.arguments = new Float64Array(memory, ARGUMENTS_BYTE, MAX_ARGUMENTS);
  }

  get isReady(): boolean {
    return Atomics.load(this.words, STATE) === READY;
  }

  /** The caller: asks for the kernel at place `kernel` of `divisibleKernels` with the first `count` of `arguments`. */
  ask(kernel: number, count: number): void {
    const { words } = this;
    words[KERNEL] = kernel;
    words[ARGUMENT_COUNT] = count;
    this.asked += 1;
    Atomics.store(words, ASKED, this.asked);
    if (Atomics.load(words, HELPER_SLEEPS) === 1) Atomics.notify(words, ASKED);
  }

  /**
   * The caller: returns when the helper has done what was asked, and says whether that took long. Throws when it failed
   * or does not answer.
   */
  awaitDone(): boolean {
    const { words, asked } = this;
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, DONE) === asked) return this.finished(false);
    const startMs = performance.now();
    Atomics.store(words, CALLER_SLEEPS, 1);
    let naps = 0;
    for (let done = Atomics.load(words, DONE); done !== asked; done = Atomics.load(words, DONE)) {
      if (naps === MOST_NAPS) throw new Error("a helper thread does not answer");
      if (Atomics.wait(words, DONE, done, NAP_MS) === "timed-out") naps += 1;
    }
    Atomics.store(words, CALLER_SLEEPS, 0);
    return this.finished(performance.now() - startMs > LONG_MS);
  }

  /** The caller: the helper ends once it has done what it does. */
  end(): void {
    this.ask(END, 0);
  }

  /** The helper: runs calls until it is asked to end. */
  serve(kernels: PositionalKernels): void {
    const { words } = this;
    const list: readonly ((...args: number[]) => unknown)[] = divisibleKernels.map((name) => kernels[name]);
    const args: number[] = [];
    let served = 0;
    Atomics.store(words, STATE, READY);
    for (;;) {
      this.awaitAsked(served);
      if (words[KERNEL] === END) return;
      const count = words[ARGUMENT_COUNT] ?? 0;
      args.length = count;
      for (let index = 0; index < count; index++) args[index] = this.arguments[index] ?? 0;
      try {
        list[words[KERNEL] ?? END]?.(...args);
      } catch {
        Atomics.store(words, STATE, FAILED);
      }
      served += 1;
      Atomics.store(words, DONE, served);
      if (Atomics.load(words, CALLER_SLEEPS) === 1) Atomics.notify(words, DONE);
    }
  }

  private awaitAsked(served: number): void {
    const { words } = this;
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, ASKED) !== served) return;
    Atomics.store(words, HELPER_SLEEPS, 1);
    while (Atomics.load(words, ASKED) === served) Atomics.wait(words, ASKED, served, NAP_MS);
    Atomics.store(words, HELPER_SLEEPS, 0);
  }

  private finished(tookLong: boolean): boolean {
    if (Atomics.load(this.words, STATE) === FAILED) throw new Error("a kernel aborted in a helper thread");
    return tookLong;
  }
}

/** How a helper is made: what its worker is started with. */
export interface HelperData {
  readonly module: WebAssembly.Module;
  readonly arena: WebAssembly.Memory;
  readonly channel: SharedArrayBuffer;
}
