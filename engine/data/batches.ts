/** Batches from a sample set, in PyTorch's axis order. Bytes become floats in [0, 1], normalised when asked. */
import { elementCount } from "../protocol/shape";
import type { Normalization, SampleSet } from "./dataset";

/** Samples `[sample, …shape]` with their labels, one a sample or `[sample, y, x]`; the arrays are reused by the next batch. */
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

  constructor(private readonly set: SampleSet, shape: readonly number[], capacity: number, private readonly normalization: Normalization | null) {
    this.sampleSize = elementCount(shape);
    this.samples = new Float32Array(capacity * this.sampleSize);
    this.labelSize = set.labels.length / set.count;
    this.labels = new Int32Array(capacity * this.labelSize);
  }

  read(indices: Uint32Array): Batch {
    indices.forEach((index, position) => {
      for (let at = 0; at < this.labelSize; at++) this.labels[position * this.labelSize + at] = this.set.labels[index * this.labelSize + at] ?? 0;
      this.copyImage(index, position * this.sampleSize);
    });
    return { count: indices.length, samples: this.samples, labels: this.labels };
  }

  private copyImage(index: number, target: number): void {
    const { values } = this.set;
    const unit = values instanceof Uint8Array ? 255 : 1;
    const start = index * this.sampleSize;
    const channels = this.normalization?.mean.length ?? 1;
    const channelSize = this.sampleSize / channels;
    for (let channel = 0; channel < channels; channel++) {
      const mean = this.normalization?.mean[channel] ?? 0;
      const scale = 1 / (this.normalization?.std[channel] ?? 1);
      for (let at = channel * channelSize; at < (channel + 1) * channelSize; at++) {
        this.samples[target + at] = ((values[start + at] ?? 0) / unit - mean) * scale;
      }
    }
  }
}

/** Consecutive index ranges over the first `limit` samples, the last one possibly shorter. */
export function* sequentialBatches(limit: number, batchSize: number): Generator<Uint32Array> {
  for (let first = 0; first < limit; first += batchSize) {
    yield Uint32Array.from({ length: Math.min(batchSize, limit - first) }, (_, index) => first + index);
  }
}
