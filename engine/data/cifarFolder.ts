/**
 * CIFAR-10 in its binary version (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte and
 * 3×32×32 bytes, ten thousand to a file.
 */
import { basename, join } from "node:path";
import { ProblemError } from "../protocol/problems";
import { malformed, readDataFile } from "./dataFiles";
import type { Dataset, SampleSet } from "./dataset";

const SHAPE = [3, 32, 32] as const;
const CLASSES = 10;
const IMAGE_BYTES = 3 * 32 * 32;
const RECORD_BYTES = 1 + IMAGE_BYTES;

export const isCifarFile = (name: string): boolean => /^(data_batch_\d+|test_batch)\.bin$/.test(name);

/** As many of the training files as there are. Throws a ProblemError that names the file and what is wrong with it. */
export function readCifarFolder(folder: string, names: readonly string[]): Dataset {
  const training = names.filter((name) => isCifarFile(name) && name !== "test_batch.bin");
  if (training.length === 0)
    throw new ProblemError({ code: "data-missing", path: folder, detail: "it contains no data_batch_1.bin" });
  if (!names.includes("test_batch.bin"))
    throw new ProblemError({ code: "data-missing", path: folder, detail: "it contains no test_batch.bin" });
  const train = joined(training.map((name) => decodeCifar(join(folder, name), readDataFile(join(folder, name)))));
  return {
    name: basename(folder),
    shape: SHAPE,
    classes: CLASSES,
    train,
    test: decodeCifar(join(folder, "test_batch.bin"), readDataFile(join(folder, "test_batch.bin"))),
  };
}

export function decodeCifar(path: string, bytes: Uint8Array): SampleSet {
  const count = Math.ceil(bytes.length / RECORD_BYTES);
  if (count === 0 || bytes.length % RECORD_BYTES !== 0) {
    throw new ProblemError({
      code: "data-truncated",
      path,
      expectedBytes: Math.max(1, count) * RECORD_BYTES,
      foundBytes: bytes.length,
    });
  }
  const values = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint8Array(count);
  for (let sample = 0; sample < count; sample++) {
    const start = sample * RECORD_BYTES;
    const label = bytes[start] ?? 0;
    if (label >= CLASSES)
      throw malformed(path, `image ${sample + 1} has the label ${label}, but CIFAR-10 has ten classes`);
    labels[sample] = label;
    values.set(bytes.subarray(start + 1, start + RECORD_BYTES), sample * IMAGE_BYTES);
  }
  return { count, values, labels };
}

function joined(parts: readonly SampleSet[]): SampleSet {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const values = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint8Array(count);
  let first = 0;
  for (const part of parts) {
    values.set(part.values, first * IMAGE_BYTES);
    labels.set(part.labels, first);
    first += part.count;
  }
  return { count, values, labels };
}
