/** Batches from a sample set, in PyTorch's axis order. Bytes become floats in [0, 1], normalised when asked. */
import { elementCount } from "../protocol/shape";
import type { Normalization, SampleSet } from "./dataset";

/**
 * Samples `[sample, …shape]` with their labels, one a sample or `[sample, y, x]`; the arrays are reused by the next
 * batch.
 */
export interface Batch {
  readonly count: number;
  readonly samples: Float32Array;
  readonly labels: Int32Array;
}

/** Turns sample indices into batches. One instance owns one pair of arrays, so nothing is allocated per batch. */
export class BatchReader {
  private readonly samples: Float32Array;
  private readonly labels: Int32Array;
  private readonly sampleSize: number;
  private readonly labelSize: number;

  /** For bytes: what each becomes, by channel. */
  private readonly floatOf: readonly Float32Array[];

  constructor(
    private readonly set: SampleSet,
    shape: readonly number[],
    capacity: number,
    private readonly normalization: Normalization | null,
  ) {
    this.sampleSize = elementCount(shape);
    this.samples = new Float32Array(capacity * this.sampleSize);
    this.labelSize = set.labels.length / set.count;
    this.labels = new Int32Array(capacity * this.labelSize);
    const channels = normalization?.mean.length ?? 1;
    this.floatOf = Array.from({ length: channels }, (_, channel) =>
      Float32Array.from({ length: 256 }, (_byte, byte) => this.normalized(byte / 255, channel)),
    );
  }

  read(indices: Uint32Array): Batch {
    indices.forEach((index, position) => {
      for (let at = 0; at < this.labelSize; at++)
        this.labels[position * this.labelSize + at] = this.set.labels[index * this.labelSize + at] ?? 0;
      this.copySample(index, position * this.sampleSize);
    });
    return { count: indices.length, samples: this.samples, labels: this.labels };
  }

  private normalized(value: number, channel: number): number {
    if (this.normalization === null) return value;
    return (value - (this.normalization.mean[channel] ?? 0)) * (1 / (this.normalization.std[channel] ?? 1));
  }

  private copySample(index: number, target: number): void {
    const { values } = this.set;
    const start = index * this.sampleSize;
    const channelSize = this.sampleSize / this.floatOf.length;
    this.floatOf.forEach((floats, channel) => {
      const from = start + channel * channelSize;
      const to = target + channel * channelSize;
      if (values instanceof Uint8Array) convertBytes(values, from, floats, this.samples, to, channelSize);
      else if (this.normalization === null) this.samples.set(values.subarray(from, from + channelSize), to);
      else
        for (let at = 0; at < channelSize; at++)
          this.samples[to + at] = this.normalized(values[from + at] ?? 0, channel);
    });
  }
}

/** A table is several times faster than dividing, and as exact. */
function convertBytes(
  bytes: Uint8Array,
  from: number,
  floats: Float32Array,
  target: Float32Array,
  to: number,
  count: number,
): void {
  for (let at = 0; at < count; at++) target[to + at] = floats[bytes[from + at] ?? 0] ?? 0;
}

/** Consecutive index ranges over the first `limit` samples, the last one possibly shorter. */
export function* sequentialBatches(limit: number, batchSize: number): Generator<Uint32Array> {
  for (let first = 0; first < limit; first += batchSize) {
    yield Uint32Array.from({ length: Math.min(batchSize, limit - first) }, (_, index) => first + index);
  }
}
