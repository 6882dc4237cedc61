/** One sample as a person looks at it: an image of few bytes, or the first values of a row. */
import type { Dataset, SampleSet } from "./dataset";

/** Of both sides: a larger image is reduced by a whole factor. */
const LONGEST_SIDE = 64;
const LONGEST_ROW = 32;

export interface PictureSize {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
}

type DataShape = Pick<Dataset, "shape" | "parts">;

const isOneArray = ({ parts }: DataShape): boolean => parts === undefined || parts.length === 1;

/** Null where samples are no images. Of other than one or three channels the first is shown. */
export function pictureSize(data: DataShape): PictureSize | null {
  const [channels = 0, height = 0, width = 0] = data.shape;
  if (!isOneArray(data) || data.shape.length !== 3) return null;
  const factor = factorOf(height, width);
  return { channels: channels === 3 ? 3 : 1, height: Math.ceil(height / factor), width: Math.ceil(width / factor) };
}

const factorOf = (height: number, width: number): number => Math.ceil(Math.max(height, width) / LONGEST_SIDE);

/** Bytes `[channel, y, x]`: what a pixel covers is averaged. Numbers that are no bytes are spread over their range. */
export function pictureOf({ shape }: DataShape, set: SampleSet, sample: number, size: PictureSize): Uint8Array {
  const [, height = 0, width = 0] = shape;
  const factor = factorOf(height, width);
  const length = set.values.length / set.count;
  const values = set.values.subarray(sample * length, (sample + 1) * length);
  const byteOf = values instanceof Uint8Array ? (value: number) => value : spread(values);
  if (factor === 1) return Uint8Array.from(values.subarray(0, size.channels * height * width), byteOf);
  return Uint8Array.from({ length: size.channels * size.height * size.width }, (_, at) => {
    const x = (at % size.width) * factor;
    const y = (Math.floor(at / size.width) % size.height) * factor;
    const channel = Math.floor(at / (size.width * size.height));
    return byteOf(meanOver(values, channel * height * width, { x, y, factor, height, width }));
  });
}

interface Block {
  readonly x: number;
  readonly y: number;
  readonly factor: number;
  readonly height: number;
  readonly width: number;
}

function meanOver(values: ArrayLike<number>, start: number, { x, y, factor, height, width }: Block): number {
  const right = Math.min(width, x + factor);
  const bottom = Math.min(height, y + factor);
  let sum = 0;
  for (let row = y; row < bottom; row++)
    for (let column = x; column < right; column++) sum += values[start + row * width + column] ?? 0;
  return sum / ((right - x) * (bottom - y));
}

/** Numbers from 0 to 1 are brightness, as a batch divides bytes by 255; others are spread over their range. */
function spread(values: Float32Array): (value: number) => number {
  let low = 0;
  let high = 1;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return (value) => (255 * (value - low)) / (high - low);
}

/** Null where a sample is no row of numbers. */
export function rowOf(data: DataShape, set: SampleSet, sample: number): number[] | null {
  if (!isOneArray(data) || data.shape.length !== 1) return null;
  const length = set.values.length / set.count;
  return Array.from(set.values.subarray(sample * length, sample * length + Math.min(length, LONGEST_ROW)));
}
