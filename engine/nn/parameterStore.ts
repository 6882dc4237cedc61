/**
 * All learnable tensors side by side, then all their gradients, then the optimizer's states, each block in the same
 * order: an optimizer step is one call over one range.
 */
import { elementCount } from "../protocol/shape";
import type { Arena } from "./arena";
import type { ParameterSpec } from "./parameterSpec";

/** Which of a tensor's vectors is meant; a number is the optimizer's n-th state. */
export type Block = "weights" | "gradients" | number;

/** Neighbouring tensors with the same value of something. */
export interface ParameterRange {
  /** Bytes from the start of a block. */
  readonly offset: number;
  readonly floats: number;
  readonly value: number;
}

interface StoredParameter {
  readonly spec: ParameterSpec;
  readonly offsetFloats: number;
}

export class ParameterStore {
  readonly totalFloats: number;
  readonly weightsBase: number;
  readonly gradientsBase: number;
  private readonly byName = new Map<string, StoredParameter>();
  private readonly stateBases: readonly number[];

  constructor(
    private readonly arena: Arena,
    specs: readonly ParameterSpec[],
    stateBlocks: number,
  ) {
    let offsetFloats = 0;
    for (const spec of specs) {
      this.byName.set(spec.name, { spec, offsetFloats });
      offsetFloats += Math.ceil(spec.storedFloats / 16) * 16;
    }
    this.totalFloats = offsetFloats;
    const block = (): number => arena.allocateFloats(offsetFloats);
    this.weightsBase = block();
    this.gradientsBase = block();
    this.stateBases = Array.from({ length: stateBlocks }, block);
  }

  get specs(): ParameterSpec[] {
    return [...this.byName.values()].map(({ spec }) => spec);
  }

  /** Address of a tensor's weights, or 0 when the layer has no such tensor (`bias=False`, `affine=False`). */
  weights(name: string): number {
    return this.address(this.weightsBase, name);
  }

  gradients(name: string): number {
    return this.address(this.gradientsBase, name);
  }

  /** Start of the optimizer's n-th state block. */
  state(block: number): number {
    const base = this.stateBases[block];
    if (base === undefined) throw new Error(`there is no optimizer state ${block}`);
    return base;
  }

  /** All tensors in as few ranges as `valueOf` a tensor's name allows. */
  ranges(valueOf: (name: string) => number): ParameterRange[] {
    const stored = [...this.byName.entries()].map(([name, { offsetFloats }]) => ({
      value: valueOf(name),
      offsetFloats,
    }));
    const starts = stored.filter(({ value }, index) => value !== stored[index - 1]?.value);
    return starts.map(({ value, offsetFloats }, index) => ({
      value,
      offset: offsetFloats * 4,
      floats: (starts[index + 1]?.offsetFloats ?? this.totalFloats) - offsetFloats,
    }));
  }

  /** A tensor's values in PyTorch's order. */
  read(name: string, which: Block = "weights"): Float32Array {
    const { spec } = this.stored(name);
    const stored = this.view(name, which);
    return Float32Array.from(
      { length: elementCount(spec.shape) },
      (_, index) => stored[spec.storedIndex(index)] ?? Number.NaN,
    );
  }

  /** Sets a tensor from values in PyTorch's order. */
  write(name: string, values: Float32Array, which: Block = "weights"): void {
    const { spec } = this.stored(name);
    if (values.length !== elementCount(spec.shape))
      throw new Error(`${name} has ${elementCount(spec.shape)} values, not ${values.length}`);
    const stored = this.view(name, which);
    values.forEach((value, index) => (stored[spec.storedIndex(index)] = value));
  }

  /** The tensor as stored, padding included. */
  view(name: string, which: Block): Float32Array {
    return this.arena.floats(this.address(this.blockBase(which), name), this.storedFloats(name));
  }

  /** Floats of a tensor as stored. */
  storedFloats(name: string): number {
    return this.stored(name).spec.storedFloats;
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  private blockBase(which: Block): number {
    if (typeof which === "number") return this.state(which);
    return which === "weights" ? this.weightsBase : this.gradientsBase;
  }

  private address(base: number, name: string): number {
    const stored = this.byName.get(name);
    return stored ? base + stored.offsetFloats * 4 : 0;
  }

  private stored(name: string): StoredParameter {
    const stored = this.byName.get(name);
    if (!stored) throw new Error(`there is no parameter ${name}`);
    return stored;
  }
}
