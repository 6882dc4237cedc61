/** From what a person wrote after `--data` or `data=` to a dataset. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { generatedSet, type GeneratedSet, type GeneratedSetName } from "../protocol/generatedSets";
import { ProblemError } from "../protocol/problems";
import { isCifarFile, readCifarFolder } from "./cifarFolder";
import { readCsvFile } from "./csvFile";
import { isFolder, listFolder, malformed } from "./dataFiles";
import type { Dataset } from "./dataset";
import { generateDigits } from "./generatedDigits";
import { generateNoise } from "./generatedNoise";
import { generateBlobs, generateSpirals } from "./generatedPoints";
import { generateShapes } from "./generatedShapes";
import { readIdxFolder } from "./idxFolder";
import { readNpyFolder, readNpzFile } from "./numpySets";
import { readPngFolder } from "./pngFolder";
import { type Split, splitSet, TEST_SHARE } from "./split";

const generators: Readonly<Record<GeneratedSetName, () => Dataset>> = {
  digits: generateDigits,
  shapes: generateShapes,
  blobs: generateBlobs,
  spirals: generateSpirals,
};

/**
 * Opens a generated set by its name, or files of one of the known formats by their path. `testShare` of the samples is
 * kept for testing where the data has no test part; where it has one, it must not be given. Throws a ProblemError.
 */
export function openDataset(specification: string, testShare?: number): Dataset {
  let isSplit = false;
  const dataset = open(specification, (path, all) => {
    isSplit = true;
    return splitSet(path, all, testShare ?? TEST_SHARE);
  });
  if (testShare !== undefined && !isSplit) throw new ProblemError({ code: "data-has-test-part", path: specification });
  return dataset;
}

function open(specification: string, split: Split): Dataset {
  const generated = generatedSet(specification);
  if (generated !== null) return generate(generated);
  if (statSync(specification, { throwIfNoEntry: false })?.isFile() === true) return openFile(specification, split);
  return openFolder(specification, listFolder(specification), split);
}

function generate(set: GeneratedSet): Dataset {
  return set.name === "noise" ? generateNoise(set.shapes) : generators[set.name]();
}

function openFile(path: string, split: Split): Dataset {
  if (/\.(csv|tsv)$/i.test(path)) return readCsvFile(path, split);
  if (/\.npz$/i.test(path)) return readNpzFile(path, split);
  throw malformed(path, "it is not a .csv, .tsv or .npz file; other data must be in a folder");
}

function openFolder(folder: string, names: readonly string[], split: Split): Dataset {
  if (names.some((name) => /idx[13]-ubyte(\.gz)?$/.test(name))) return readIdxFolder(folder);
  if (names.some(isCifarFile)) return readCifarFolder(folder, names);
  if (names.some((name) => name.endsWith(".npy"))) return readNpyFolder(folder, names, split);
  if (names.some((name) => isFolder(join(folder, name)))) return readPngFolder(folder, split);
  throw new ProblemError({
    code: "data-missing",
    path: folder,
    detail: "it contains no IDX files, CIFAR-10 files, .npy files or folders of PNG images",
  });
}
