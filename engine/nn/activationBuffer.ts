/**
 * Where the values between layers are stored.
 *
 * Images are `[sample, row, position, channel]` (channel last), features `[sample, feature]`; the last axis is padded
 * to a multiple of 8, and the padding is always zero. A sequence is an image of height 1. An image may carry a zero
 * halo, so that a convolution reads its padding from memory instead of testing for edges.
 */
import type { Shape } from "../protocol/shape";
import type { Arena } from "./arena";
import type { Operand, Region } from "./kernels/operands";

export interface Halo {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export const noHalo: Halo = { top: 0, bottom: 0, left: 0, right: 0 };

/** An operand of kernels: its `base` is the first sample's first value, inside the halo. */
export interface ActivationBuffer extends Operand {
  readonly channels: number;
  /** Channels with padding: the stride of a position, in floats. */
  readonly columns: number;
  readonly height: number;
  readonly width: number;
  readonly halo: Halo;
}

/** Whole groups of eight, which is what kernels compute at a time. */
export const inEights = (channels: number): number => (channels + 7) & ~7;

/**
 * Channels as they are in memory: whole groups of eight. Rows of a multiple of 2 KB would all fall into the same few
 * sets of the first-level cache, so they get a cache line more.
 */
export function padded(channels: number): number {
  const columns = inEights(channels);
  return columns % 512 === 0 ? columns + 16 : columns;
}

export interface BufferPlan {
  readonly shape: Shape;
  readonly batch: number;
  readonly halo: Halo;
  /** False keeps the channels unpadded (a network's input image, which only convolutions read). */
  readonly pad: boolean;
}

/** Height and width of values of this shape. */
export function extentOf([, ...axes]: Shape): { readonly height: number; readonly width: number } {
  return { height: axes.length === 2 ? (axes[0] ?? 1) : 1, width: axes.at(-1) ?? 1 };
}

/** Reserves a buffer for `batch` samples of `shape`. */
export function allocateBuffer(arena: Arena, plan: BufferPlan): ActivationBuffer {
  const [channels = 0] = plan.shape;
  const { height, width } = extentOf(plan.shape);
  const columns = plan.pad ? padded(channels) : channels;
  const { halo } = plan;
  const position = columns * 4;
  const row = position * (width + halo.left + halo.right);
  const image = row * (height + halo.top + halo.bottom);
  const start = arena.allocate(image * plan.batch);
  return {
    channels,
    columns,
    height,
    width,
    halo,
    base: start + halo.top * row + halo.left * position,
    image,
    row,
    position,
  };
}

const isDense = (buffer: ActivationBuffer): boolean => buffer.image === buffer.height * buffer.width * buffer.position;

/** The loops over `count` samples that suit all given buffers; without halos they collapse into one. */
export function regionOf(count: number, ...buffers: readonly [ActivationBuffer, ...ActivationBuffer[]]): Region {
  const [first] = buffers;
  if (buffers.every(isDense)) return { images: 1, rows: 1, positions: count * first.height * first.width };
  return positionsOf(count, first);
}

/** The loops over every row and position of `count` samples. */
export function positionsOf(count: number, { height, width }: Pick<ActivationBuffer, "height" | "width">): Region {
  return { images: count, rows: height, positions: width };
}

/** All memory of the first `count` samples, halos and padding included, which are zero. */
export function wholeBuffer(
  { base, halo, row, position, image }: ActivationBuffer,
  count: number,
): { readonly address: number; readonly floats: number } {
  return { address: base - halo.top * row - halo.left * position, floats: (count * image) / 4 };
}

/** Copies samples in PyTorch's order (`[sample, channel, height, width]`) into a buffer. */
export function writeSamples(arena: Arena, buffer: ActivationBuffer, samples: Float32Array, count: number): void {
  const memory = arena.floats(0, arena.bytes >>> 2);
  const { channels, height, width, columns } = buffer;
  const plane = height * width;
  // Features, and images of a single channel.
  const isAlike = columns === channels && (plane === 1 || channels === 1) && isDense(buffer);
  if (isAlike) {
    memory.set(samples.subarray(0, count * channels * plane), buffer.base / 4);
    return;
  }
  for (let sample = 0; sample < count; sample++) {
    for (let y = 0; y < height; y++) {
      const to = (buffer.base + sample * buffer.image + y * buffer.row) / 4;
      writeRow(memory, to, samples, sample * channels * plane + y * width, buffer);
    }
  }
}

/** One row of an image; the channels of a position are side by side, those of `samples` a plane apart. */
function writeRow(
  memory: Float32Array,
  start: number,
  samples: Float32Array,
  first: number,
  { channels, height, width, columns }: ActivationBuffer,
): void {
  const plane = height * width;
  for (let x = 0; x < width; x++) {
    const to = start + x * columns;
    for (let channel = 0; channel < channels; channel++)
      memory[to + channel] = samples[first + x + channel * plane] ?? 0;
  }
}

/** The inverse of `writeSamples`. */
export function readSamples(arena: Arena, buffer: ActivationBuffer, count: number): Float32Array {
  const memory = arena.floats(0, arena.bytes >>> 2);
  const { channels, height, width } = buffer;
  const samples = new Float32Array(count * channels * height * width);
  let to = 0;
  for (let sample = 0; sample < count; sample++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let y = 0; y < height; y++) {
        let from = (buffer.base + sample * buffer.image + y * buffer.row) / 4 + channel;
        for (let x = 0; x < width; x++) {
          samples[to++] = memory[from] ?? 0;
          from += buffer.columns;
        }
      }
    }
  }
  return samples;
}
