/** Where the frames of a table lie in their file, sorted by step: two numbers a frame, whatever a frame contains. */
import type { TableDeclaration } from "../../protocol/numbers";
import { type FrameValues, bytesOf, emptyValues, frameBytes } from "./numbersFormat";

export interface NumbersTable {
  readonly number: number;
  readonly declaration: TableDeclaration;
  readonly count: number;
  /** Of each frame, growing; `count` of them. */
  readonly steps: Float64Array;
}

export class TableIndex implements NumbersTable {
  readonly frameBytes: number;
  /** One frame's values, written over by the next one. */
  readonly values: FrameValues;
  readonly valueBytes: Uint8Array;
  private stepsAndMore: Float64Array = new Float64Array(16);
  private offsets: Float64Array = new Float64Array(16);
  private length = 0;
  /** Frames with a smaller step than one before: offsets by step, until they are sorted in. */
  private readonly late = new Map<number, number>();

  constructor(
    readonly number: number,
    readonly declaration: TableDeclaration,
  ) {
    this.frameBytes = frameBytes(declaration);
    this.values = emptyValues(declaration);
    this.valueBytes = bytesOf(this.values);
  }

  get count(): number {
    return this.length;
  }

  get steps(): Float64Array {
    return this.stepsAndMore.subarray(0, this.length);
  }

  offsetAt(index: number): number {
    return this.offsets[index] ?? Number.NaN;
  }

  stepAt(index: number): number {
    return this.stepsAndMore[index] ?? Number.NaN;
  }

  /** Takes the frame at `offset` in; a doubled one is left out, a late one waits for `settle`. */
  add(step: number, offset: number): "appended" | "late" | "doubled" {
    if (this.length === 0 || step > this.stepAt(this.length - 1)) {
      this.push(step, offset);
      return "appended";
    }
    const at = firstFrom(this.steps, step);
    if (this.stepAt(at) === step || this.late.has(step)) return "doubled";
    this.late.set(step, offset);
    return "late";
  }

  /** Sorts late frames in, all at once. */
  settle(): void {
    if (this.late.size === 0) return;
    const frames = [...this.late].sort(([a], [b]) => a - b);
    this.late.clear();
    let from = this.length - 1;
    for (let count = 0; count < frames.length; count++) this.push(0, 0);
    for (let to = this.length - 1; frames.length > 0; to--) {
      const [step, offset] = frames.at(-1) ?? [0, 0];
      const isLate = from < 0 || step > this.stepAt(from);
      this.stepsAndMore[to] = isLate ? step : this.stepAt(from);
      this.offsets[to] = isLate ? offset : this.offsetAt(from);
      if (isLate) frames.pop();
      else from -= 1;
    }
  }

  private push(step: number, offset: number): void {
    if (this.length === this.offsets.length) {
      this.stepsAndMore = doubled(this.stepsAndMore);
      this.offsets = doubled(this.offsets);
    }
    this.stepsAndMore[this.length] = step;
    this.offsets[this.length] = offset;
    this.length += 1;
  }
}

function doubled(array: Float64Array): Float64Array {
  const larger = new Float64Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** Index of the first of sorted `steps` that is at least `step`. */
export function firstFrom(steps: Float64Array, step: number): number {
  let low = 0;
  for (let high = steps.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
