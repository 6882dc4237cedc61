/** A folder with MNIST's four IDX files, under the names they are distributed with, gzipped or not. */
import { basename, join } from "node:path";
import { ProblemError } from "../protocol/problems";
import { listFolder, readDataFile } from "./dataFiles";
import type { Dataset, SampleSet } from "./dataset";
import { decodeIdx } from "./idx";

/** Reads the folder. Throws a ProblemError that names the file and what is wrong with it. */
export function readIdxFolder(folder: string): Dataset {
  const names = listFolder(folder);
  const find = (part: string, kind: string): string => {
    const wanted = new RegExp(`^${part}[-.](images[-.]idx3|labels[-.]idx1)[-.]ubyte(\\.gz)?$`);
    const found = names.find((name) => wanted.test(name) && name.includes(kind));
    if (!found)
      throw new ProblemError({ code: "data-missing", path: folder, detail: `it contains no ${part}-${kind}-idx file` });
    return join(folder, found);
  };
  const train = readSet(find("train", "images"), find("train", "labels"));
  const test = readSet(find("t10k", "images"), find("t10k", "labels"));
  if (train.height !== test.height || train.width !== test.width) {
    throw new ProblemError({
      code: "data-malformed",
      path: folder,
      detail: `training images are ${train.height}×${train.width}, but test images are ${test.height}×${test.width}`,
    });
  }
  const classes = 1 + Math.max(highest(train.labels), highest(test.labels));
  return { name: basename(folder), shape: [1, train.height, train.width], classes, train, test };
}

interface ImageSet extends SampleSet {
  readonly height: number;
  readonly width: number;
}

function readSet(imagesPath: string, labelsPath: string): ImageSet {
  const images = decodeIdx(imagesPath, readDataFile(imagesPath));
  const labels = decodeIdx(labelsPath, readDataFile(labelsPath));
  const [count = 0, height = 0, width = 0] = images.sizes;
  if (images.sizes.length !== 3)
    throw new ProblemError({
      code: "data-malformed",
      path: imagesPath,
      detail: `it has ${images.sizes.length} axes instead of sample, height and width`,
    });
  if (count === 0 || height === 0 || width === 0)
    throw new ProblemError({
      code: "data-malformed",
      path: imagesPath,
      detail: `it has ${images.sizes.join("×")} values, so it is empty`,
    });
  if (labels.sizes.length !== 1 || labels.sizes[0] !== count) {
    throw new ProblemError({
      code: "data-malformed",
      path: labelsPath,
      detail: `it has ${labels.sizes.join("×")} labels for ${count} images`,
    });
  }
  return { count, height, width, values: images.values, labels: labels.values };
}

function highest(values: SampleSet["labels"]): number {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most;
}
