/** Brings the arrays of each sample into the order in which a model takes them, by their names. */
import { elementCount, placesOf } from "../protocol/shape";
import type { Dataset, DatasetPart, SampleSet } from "./dataset";

/** The dataset as it is when its arrays have no names, or others than the inputs. */
export function arrangeParts(dataset: Dataset, inputs: readonly string[]): Dataset {
  const { parts } = dataset;
  if (parts?.length !== inputs.length) return dataset;
  const order = inputs.map((input) => parts.findIndex(({ name }) => name === input));
  if (order.includes(-1) || order.every((part, index) => part === index)) return dataset;
  const arranged = (set: SampleSet): SampleSet => ({ ...set, values: rearranged(set, parts, order) });
  return {
    ...dataset,
    parts: order.flatMap((index) => parts[index] ?? []),
    train: arranged(dataset.train),
    test: arranged(dataset.test),
  };
}

function rearranged(
  { count, values }: SampleSet,
  parts: readonly DatasetPart[],
  order: readonly number[],
): SampleSet["values"] {
  const sizes = parts.map(({ shape }) => elementCount(shape));
  const { starts, total: sampleSize } = placesOf(parts.map(({ shape }) => shape));
  const result = values instanceof Uint8Array ? new Uint8Array(values.length) : new Float32Array(values.length);
  let to = 0;
  for (let sample = 0; sample < count; sample++) {
    for (const part of order) {
      const from = sample * sampleSize + (starts[part] ?? 0);
      result.set(values.subarray(from, from + (sizes[part] ?? 0)), to);
      to += sizes[part] ?? 0;
    }
  }
  return result;
}
