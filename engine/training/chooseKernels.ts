/**
 * Picks the kernels of this process: each candidate's numbers are checked on a small product against plain JavaScript.
 * Which module runs depends only on what the machine can do, never on a stopwatch: fused and unfused multiply-add round
 * differently, and the same seed must give the same bits. Tile widths give the same bits, so the faster one is taken.
 */
import { setFlagsFromString } from "node:v8";
import { type KernelChoice, instantiateKernels } from "../nn/kernels/kernels";
import { plainProduct } from "../nn/kernels/plainProduct";
import type { Kernels } from "../nn/kernels/signatures";
import { ProblemError } from "../protocol/problems";

/** Best module first. */
const candidates: readonly KernelChoice[] = [
  { module: "fma", wide: true },
  { module: "fma", wide: false },
  { module: "plain", wide: true },
  { module: "plain", wide: false },
];

const SIZE = 96;
const REPEATS = 12;
const PAGE_BYTES = 65536;

let chosen: KernelChoice | undefined;

/** Every candidate that compiles and computes right on this machine, for tests and benchmarks. */
export function usableKernels(): KernelChoice[] {
  enableKernelFlags();
  return trials().map(({ candidate }) => candidate);
}

/**
 * The choice for this process. Throws a ProblemError `engine-unavailable` where WebAssembly, its memory or SIMD is
 * refused.
 */
export function chooseKernels(): KernelChoice {
  chosen ??= measureCandidates();
  return chosen;
}

/**
 * Node 20 needs a flag for relaxed SIMD, Node 24 another to fuse vector pairs to 256 bits; neither does harm elsewhere.
 * Without the baseline compiler each kernel is compiled well at its first call: that takes a few milliseconds more at
 * once, the first steps are as fast as the later ones, and candidates are not timed before they are themselves.
 */
function enableKernelFlags(): void {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 22) setFlagsFromString("--experimental-wasm-relaxed-simd");
  setFlagsFromString("--no-liftoff");
  if (major >= 24) setFlagsFromString("--experimental-wasm-revectorize");
}

function measureCandidates(): KernelChoice {
  enableKernelFlags();
  const usable = trials();
  const [first] = usable;
  if (!first) throw new ProblemError({ code: "engine-unavailable", detail: whyNone() });
  const sameBits = usable.filter(({ candidate }) => candidate.module === first.candidate.module);
  return fastestOf(sameBits).candidate;
}

/** Of the last candidate, which asks for the least. */
function whyNone(): string {
  const last = candidates.at(-1);
  try {
    if (last) started(last);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "its WebAssembly computes wrong numbers";
}

/** A candidate, and a small product to time it with. */
interface Trial {
  readonly candidate: KernelChoice;
  readonly multiply: () => void;
}

/** Of every candidate that compiles and computes right. */
function trials(): Trial[] {
  return candidates.map(trialOf).filter((trial): trial is Trial => trial !== null);
}

/** Throws where WebAssembly, its memory or the candidate's instructions are refused. */
function started({ module }: KernelChoice): { memory: WebAssembly.Memory; kernels: Kernels } {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  return { memory, kernels: instantiateKernels(module, memory) };
}

function trialOf(candidate: KernelChoice): Trial | null {
  let trial: ReturnType<typeof started>;
  try {
    trial = started(candidate);
  } catch {
    return null;
  }
  const { memory, kernels } = trial;
  const bytes = SIZE * SIZE * 4;
  const a = PAGE_BYTES;
  const b = a + bytes;
  const c = b + bytes;
  const floats = new Float32Array(memory.buffer);
  for (let index = 0; index < 2 * SIZE * SIZE; index++) floats[a / 4 + index] = ((index * 7919) % 31) / 16 - 1;
  const multiply = (): void => {
    plainProduct(kernels, {
      rows: SIZE,
      columns: SIZE,
      depth: SIZE,
      wide: Number(candidate.wide),
      a: { base: a, row: SIZE * 4, column: 4 },
      b: { base: b, row: SIZE * 4 },
      c: { base: c, row: SIZE * 4 },
      bias: 0,
    });
  };
  multiply();
  return productIsRight(floats, a / 4, b / 4, c / 4) ? { candidate, multiply } : null;
}

function productIsRight(floats: Float32Array, a: number, b: number, c: number): boolean {
  for (let cell = 0; cell < SIZE * SIZE; cell += 37) {
    const row = Math.floor(cell / SIZE);
    const column = cell % SIZE;
    let sum = 0;
    for (let k = 0; k < SIZE; k++) sum += (floats[a + row * SIZE + k] ?? 0) * (floats[b + k * SIZE + column] ?? 0);
    if (Math.abs(sum - (floats[c + cell] ?? 0)) > 1e-4) return false;
  }
  return true;
}

/** The fastest product of each counts. They take turns: a busy moment of the machine hits all alike. */
function fastestOf(usable: readonly Trial[]): Trial {
  const fastest = usable.map(() => Number.POSITIVE_INFINITY);
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [index, { multiply }] of usable.entries()) {
      const start = performance.now();
      multiply();
      fastest[index] = Math.min(fastest[index] ?? 0, performance.now() - start);
    }
  }
  return usable[fastest.indexOf(Math.min(...fastest))]!;
}
