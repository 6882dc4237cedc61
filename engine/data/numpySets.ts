/** Arrays of samples and labels: one .npz, or a folder of .npy files, under the names that people give them. */
import { basename, join } from "node:path";
import { unzipSync } from "fflate";
import { malformed, MAX_VALUES, readDataFile } from "./dataFiles";
import { elementCount, placesOf } from "../protocol/shape";
import type { Dataset, SampleSet } from "./dataset";
import { numberedClasses } from "./labels";
import { decodeNpy, type NumpyArray } from "./npy";
import type { Split } from "./split";

const PARTS = {
  train: [
    ["x_train", "y_train"],
    ["X_train", "y_train"],
    ["train_images", "train_labels"],
    ["train_x", "train_y"],
    ["x", "y"],
    ["X", "y"],
    ["images", "labels"],
    ["data", "labels"],
  ],
  test: [
    ["x_test", "y_test"],
    ["X_test", "y_test"],
    ["test_images", "test_labels"],
    ["test_x", "test_y"],
    ["x_val", "y_val"],
    ["X_val", "y_val"],
  ],
} as const;

/** Throws a ProblemError that names the file, or the array in it, and what is wrong with it. */
export function readNpzFile(path: string, split: Split): Dataset {
  const arrays = decodeNpz(path, readDataFile(path));
  return datasetOf(path, split, new Set(arrays.keys()), (name) =>
    decodeNpy(`${path}/${name}.npy`, arrays.get(name) ?? new Uint8Array()),
  );
}

export function readNpyFolder(folder: string, names: readonly string[], split: Split): Dataset {
  const arrays = new Set(names.filter((name) => name.endsWith(".npy")).map((name) => name.slice(0, -".npy".length)));
  return datasetOf(folder, split, arrays, (name) =>
    decodeNpy(join(folder, `${name}.npy`), readDataFile(join(folder, `${name}.npy`))),
  );
}

/** The arrays' bytes by their names. What claims to be larger than any set is not unpacked. */
export function decodeNpz(path: string, bytes: Uint8Array): Map<string, Uint8Array> {
  let claimed = 0;
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!name.endsWith(".npy")) return false;
        claimed += originalSize;
        if (claimed > MAX_VALUES * 4) throw malformed(path, `its parts claim ${claimed} bytes`);
        return true;
      },
    });
    return new Map(Object.entries(files).map(([name, file]) => [name.slice(0, -".npy".length), file]));
  } catch (error) {
    if (error instanceof Error && error.name === "ProblemError") throw error;
    throw malformed(path, `it is not a valid zip file (${error instanceof Error ? error.message : "unknown error"})`);
  }
}

function datasetOf(
  path: string,
  split: Split,
  names: ReadonlySet<string>,
  array: (name: string) => NumpyArray,
): Dataset {
  const pairOf = (part: keyof typeof PARTS): readonly [string, string] | undefined =>
    PARTS[part].find(([x, y]) => names.has(x) && names.has(y));
  const train = pairOf("train");
  const test = pairOf("test");
  const several = train === undefined ? severalArrays(path, names) : null;
  if (several !== null) return severalOf(path, split, several, array);
  if (train === undefined)
    throw malformed(
      path,
      `it has ${[...names].sort().slice(0, 8).join(", ") || "no arrays"}, but NormLens needs x_train and ` +
        "y_train, or x and y, or the arrays of several inputs and y",
    );
  if (test === undefined)
    refuseHalf(
      path,
      PARTS.test.flat().filter((name) => names.has(name)),
    );
  const first = samplesOf(path, train[0], array(train[0]), array(train[1]));
  if (test === undefined)
    return { name: basename(path), shape: first.shape, classes: first.classes, ...split(path, first.set) };
  const second = samplesOf(path, test[0], array(test[0]), array(test[1]));
  if (second.shape.join() !== first.shape.join())
    throw malformed(
      path,
      `training samples are ${first.shape.join("×")}, but test samples are ${second.shape.join("×")}`,
    );
  return {
    name: basename(path),
    shape: first.shape,
    classes: Math.max(first.classes, second.classes),
    train: first.set,
    test: second.set,
  };
}

/** A test part of which something is missing is not one to leave out without a word. */
function refuseHalf(path: string, found: readonly string[]): void {
  if (found.length > 0) throw malformed(path, `its test set has only ${found.join(", ")}`);
}

/** Arrays of samples by their names, beside the labels'; the test part is null where there is none. */
interface SeveralArrays {
  readonly inputs: readonly string[];
  readonly train: readonly string[];
  readonly test: readonly string[] | null;
  readonly labels: { readonly train: string; readonly test: string };
}

/**
 * `image_train, meta_train, y_train` and the same of `_test`, or `image, meta, y`: an array for each input, named as
 * `forward` names it.
 */
function severalArrays(path: string, names: ReadonlySet<string>): SeveralArrays | null {
  const labels = ["y", "labels"].find((name) => names.has(name) || names.has(`${name}_train`));
  if (labels === undefined) return null;
  if (names.has(labels)) {
    const train = [...names].filter((name) => name !== labels);
    return train.length > 1 ? { inputs: train, train, test: null, labels: { train: labels, test: labels } } : null;
  }
  const inputs = [...names].flatMap((name) => /^(.+)_train$/.exec(name)?.[1] ?? []).filter((name) => name !== labels);
  const test = inputs.map((name) => `${name}_test`);
  const hasTest = names.has(`${labels}_test`) && test.every((name) => names.has(name));
  if (inputs.length < 2) return null;
  if (!hasTest)
    refuseHalf(
      path,
      [...test, `${labels}_test`].filter((name) => names.has(name)),
    );
  return {
    inputs,
    train: inputs.map((name) => `${name}_train`),
    test: hasTest ? test : null,
    labels: { train: `${labels}_train`, test: `${labels}_test` },
  };
}

function severalOf(
  path: string,
  split: Split,
  { inputs, train, test, labels }: SeveralArrays,
  array: (name: string) => NumpyArray,
): Dataset {
  const read = (names: readonly string[], labelName: string): LabelledSamples[] => {
    const y = array(labelName);
    return names.map((name) => samplesOf(path, name, array(name), y));
  };
  const first = read(train, labels.train);
  const shapes = first.map(({ shape }) => shape);
  const classes = (sets: readonly LabelledSamples[]): number => Math.max(...sets.map((set) => set.classes));
  const whole = {
    name: basename(path),
    shape: [placesOf(shapes).total],
    parts: shapes.map((shape, index) => ({ name: inputs[index] ?? "", shape })),
  };
  if (test === null) return { ...whole, classes: classes(first), ...split(path, joined(first)) };
  const second = read(test, labels.test);
  const differing = second.findIndex(({ shape }, index) => shape.join() !== shapes[index]?.join());
  if (differing >= 0)
    throw malformed(
      path,
      `training samples of ${train[differing] ?? ""} are ${shapes[differing]?.join("×") ?? ""}, but test ` +
        `samples are ${second[differing]?.shape.join("×") ?? ""}`,
    );
  return { ...whole, classes: Math.max(classes(first), classes(second)), train: joined(first), test: joined(second) };
}

/** The arrays of each sample one after another; bytes beside floats become floats in [0, 1]. */
function joined(parts: readonly LabelledSamples[]): SampleSet {
  const [{ count, labels } = { count: 0, labels: new Int32Array() }] = parts.map(({ set }) => set);
  const { starts, total: size } = placesOf(parts.map(({ shape }) => shape));
  const isBytes = parts.every(({ set }) => set.values instanceof Uint8Array);
  const values = isBytes ? new Uint8Array(count * size) : new Float32Array(count * size);
  for (const [index, { shape, set }] of parts.entries()) {
    const start = starts[index] ?? 0;
    const length = elementCount(shape);
    const unit = !isBytes && set.values instanceof Uint8Array ? 1 / 255 : 1;
    for (let sample = 0; sample < count; sample++) {
      for (let at = 0; at < length; at++)
        values[sample * size + start + at] = (set.values[sample * length + at] ?? 0) * unit;
    }
  }
  return { count, values, labels };
}

interface LabelledSamples {
  readonly shape: readonly number[];
  readonly classes: number;
  readonly set: SampleSet;
}

/** Images `[sample, height, width]` have one channel; `[sample, height, width, 1 or 3]` becomes channel first. */
function samplesOf(path: string, name: string, x: NumpyArray, y: NumpyArray): LabelledSamples {
  const [count = 0, ...shape] = x.shape;
  if (count === 0 || shape.length === 0 || shape.length > 3)
    throw malformed(path, `${name} has the shape ${x.shape.join("×")}, but samples need one to three axes`);
  const labels = y.shape.length === 2 && y.shape[1] === 1 ? y.shape.slice(0, 1) : y.shape;
  if (labels.length !== 1 || labels[0] !== count)
    throw malformed(path, `there are ${y.shape.join("×")} labels for ${count} samples`);
  const { labels: classes, count: classCount } = numberedClasses(
    path,
    y.values,
    (sample) => `sample ${sample + 1} of ${name}`,
  );
  const notFinite = x.values instanceof Float32Array ? x.values.findIndex((value) => !Number.isFinite(value)) : -1;
  if (notFinite >= 0)
    throw malformed(
      path,
      `sample ${Math.floor((notFinite * count) / x.values.length) + 1} of ${name} contains ${x.values[notFinite]}`,
    );
  const [first = 0, second = 0, last = 0] = shape;
  const isChannelLast = shape.length === 3 && (last === 1 || last === 3) && first > 4;
  if (!isChannelLast)
    return {
      shape: shape.length === 2 ? [1, ...shape] : shape,
      classes: classCount,
      set: { count, values: x.values, labels: classes },
    };
  return {
    shape: [last, first, second],
    classes: classCount,
    set: { count, values: channelFirst(x.values, first * second, last), labels: classes },
  };
}

function channelFirst(values: NumpyArray["values"], pixels: number, channels: number): NumpyArray["values"] {
  const moved = values instanceof Uint8Array ? new Uint8Array(values.length) : new Float32Array(values.length);
  const size = pixels * channels;
  for (let index = 0; index < values.length; index++) {
    const within = index % size;
    moved[index - within + (within % channels) * pixels + Math.floor(within / channels)] = values[index] ?? 0;
  }
  return moved;
}
