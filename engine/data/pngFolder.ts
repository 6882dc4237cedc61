/**
 * Folders of PNG images, one folder for each class: `cat/1.png`, or `train/cat/1.png` beside `test/cat/2.png` or
 * `val/…`.
 */
import { basename, join } from "node:path";
import { convertIndexedToRgb, decode, type DecodedPng } from "fast-png";
import { ProblemError } from "../protocol/problems";
import { isFolder, listFolder, malformed, MAX_VALUES, readDataFile } from "./dataFiles";
import type { Dataset, SampleSet } from "./dataset";
import type { Split } from "./split";

const isPng = (name: string): boolean => /\.png$/i.test(name) && !name.startsWith(".");
const classFolders = (folder: string): string[] =>
  listFolder(folder).filter((name) => !name.startsWith(".") && isFolder(join(folder, name)));

/** Throws a ProblemError that names the image and what is wrong with it. */
export function readPngFolder(folder: string, split: Split): Dataset {
  const parts = classFolders(folder);
  const testFolder = ["test", "val", "valid", "validation"].find((name) => parts.includes(name));
  const isSplit = parts.includes("train") && testFolder !== undefined;
  const train = readImages(isSplit ? join(folder, "train") : folder, null);
  const rest = { name: basename(folder), shape: train.shape, classes: train.classes.length, classNames: train.classes };
  if (!isSplit) return { ...rest, ...split(folder, train.set) };
  const test = readImages(join(folder, testFolder), train);
  return { ...rest, train: train.set, test: test.set };
}

interface Images {
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly classes: readonly string[];
  readonly set: SampleSet;
}

function readImages(folder: string, like: Images | null): Images {
  const classes = like?.classes ?? classFolders(folder);
  const files = classes.flatMap((name, label) =>
    isFolder(join(folder, name))
      ? listFolder(join(folder, name))
          .filter(isPng)
          .map((file) => ({ path: join(folder, name, file), label }))
      : [],
  );
  const [first] = files;
  if (first === undefined)
    throw new ProblemError({ code: "data-missing", path: folder, detail: "it contains no folders with PNG images" });
  const images = files.map(({ path }) => decodePng(path, readDataFile(path)));
  const isGray = like === null ? images.every(({ channels }) => channels < 3) : like.shape[0] === 1;
  const shape = like?.shape ?? [isGray ? 1 : 3, images[0]?.height ?? 0, images[0]?.width ?? 0];
  const size = shape[0] * shape[1] * shape[2];
  if (size * images.length > MAX_VALUES)
    throw malformed(folder, `it has ${images.length} images of ${shape.join("×")} values, which is too much`);
  const values = new Uint8Array(images.length * size);
  images.forEach((image, index) => {
    const path = files[index]?.path ?? folder;
    if (image.height !== shape[1] || image.width !== shape[2])
      throw malformed(
        path,
        `it has ${image.height}×${image.width} pixels, but the first image has ${shape[1]}×${shape[2]}`,
      );
    if (isGray && image.channels > 2) throw malformed(path, "it has colours, but the training images have none");
    writeChannels(image, values.subarray(index * size, (index + 1) * size), shape[0]);
  });
  return {
    shape,
    classes,
    set: { count: images.length, values, labels: Int32Array.from(files, ({ label }) => label) },
  };
}

export interface DecodedImage {
  readonly height: number;
  readonly width: number;
  /** 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha. */
  readonly channels: number;
  /** `[row, column, channel]` */
  readonly values: Uint8Array;
}

const SIGNATURE_AND_SIZE = 24;

export function decodePng(path: string, bytes: Uint8Array): DecodedImage {
  if (bytes.length < SIGNATURE_AND_SIZE)
    throw new ProblemError({
      code: "data-truncated",
      path,
      expectedBytes: SIGNATURE_AND_SIZE,
      foundBytes: bytes.length,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const claimed = view.getUint32(16) * view.getUint32(20);
  if (claimed === 0 || claimed > MAX_PIXELS)
    throw malformed(path, `its header claims ${view.getUint32(16)}×${view.getUint32(20)} pixels`);
  try {
    const image = decode(bytes);
    const { width, height } = image;
    const channels = image.palette?.[0]?.length ?? image.channels;
    const values = image.palette === undefined ? asBytes(image) : Uint8Array.from(convertIndexedToRgb(image));
    if (values.length !== width * height * channels) throw new Error("it ends too early");
    return { width, height, channels, values };
  } catch (error) {
    throw malformed(path, `it is not a valid PNG image (${error instanceof Error ? error.message : "unknown error"})`);
  }
}

/** Eight bits a value; grays of fewer bits are packed, and each row starts at a new byte. */
function asBytes({ width, height, data, depth }: DecodedPng): Uint8Array {
  if (depth === 8) return Uint8Array.from(data);
  if (depth === 16) return Uint8Array.from(data, (value) => value >> 8);
  const rowBytes = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  return Uint8Array.from({ length: width * height }, (_, pixel) => {
    const bit = (pixel % width) * depth;
    const byte = data[Math.floor(pixel / width) * rowBytes + (bit >> 3)] ?? 0;
    return (((byte >> (8 - depth - (bit & 7))) & most) * 255) / most;
  });
}

/** Larger images are no training samples, and small files can claim them. */
const MAX_PIXELS = 4096 * 4096;

/** Alpha is left out, and gray becomes three equal channels where others have colours. */
function writeChannels({ height, width, channels, values }: DecodedImage, target: Uint8Array, wanted: number): void {
  const pixels = height * width;
  for (let channel = 0; channel < wanted; channel++) {
    const source = channels < 3 ? 0 : channel;
    for (let pixel = 0; pixel < pixels; pixel++)
      target[channel * pixels + pixel] = values[pixel * channels + source] ?? 0;
  }
}
