/**
 * Normalisation of channels with one mean and variance for each, over some of a batch's samples:
 * y = γ·(x − μ)/√(σ² + ε) + β, x `[sample, channel, …]`. Batch normalisation is made of it, with one part or with
 * several.
 */
import { type ActivationBuffer, regionOf } from "./activationBuffer";
import type { Operand } from "./kernels/operands";
import type { LayerContext } from "./layer";

/** Addresses of per-channel vectors, each `padded(channels)` f32. */
export interface ChannelStatistics {
  readonly mean: number;
  readonly variance: number;
}

/** Statistics that outlive a forward pass: shared by the networks that share a layer's parameters. */
export interface NormState {
  readonly running: ChannelStatistics;
  readonly population: ChannelStatistics;
  /** Null where nothing is replayed. */
  readonly replays: Replays | null;
  /** PyTorch's `num_batches_tracked`. */
  batchesTracked: bigint;
}

/** Running statistics that other update weights would have made of the same batches. */
export interface Replays {
  readonly count: number;
  /** Address of the update weights, f64. */
  readonly weights: number;
  /** Address of the means and variances, weight by weight, each `bytes` long. */
  readonly statistics: number;
  readonly bytes: number;
}

/** Samples that are normalised together. */
export interface Part {
  readonly first: number;
  readonly count: number;
}

/** `count` samples, `size` at a time. */
export function partsOf(count: number, size: number): Part[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, index) => ({
    first: index * size,
    count: Math.min(size, count - index * size),
  }));
}

/** What a part is normalised with, besides β. */
export interface PartVectors extends ChannelStatistics {
  /** What rounding the mean left over; address 0 where the mean is no batch's. */
  readonly residue: number;
  /** γ/√(σ² + ε), for the way back. */
  readonly scale: number;
}

/** Addresses of γ and β, or of their gradients; 0 where there are none. */
export interface Affine {
  readonly gamma: number;
  readonly beta: number;
}

export interface ChannelNorm {
  allocateVectors(): PartVectors;
  /** Mean and biased variance of the part's own values. */
  takeStatistics(part: Part, into: PartVectors): void;
  /** Writes the output, and `scale`. */
  normalize(part: Part, vectors: PartVectors, affine: Affine): void;
  /**
   * From what `normalize` left: dγ = Σ dy·x̂, dβ = Σ dy and, where something upstream learns, dx. With `isOwn`
   * statistics are functions of x, otherwise constants.
   */
  backward(part: Part, vectors: PartVectors, isOwn: boolean, gradients: Affine): void;
}

/** How many values one channel's statistics are taken over. */
export function samplesPerChannel(buffer: ActivationBuffer, count: number): number {
  return count * buffer.height * buffer.width;
}

/** The samples of a part within a buffer. */
function within({ base, image, row, position }: ActivationBuffer, { first }: Part): Operand {
  return { base: base + first * image, image, row, position };
}

export function createChannelNorm(
  epsilon: number,
  { arena, input: x, output: y, inputGradient: dx, outputGradient: dy }: LayerContext,
): ChannelNorm {
  const { kernels } = arena;
  const { columns, channels } = x;
  const vector = (): number => arena.allocateFloats(columns);
  const sums = arena.allocate(columns * 8);
  const productSums = arena.allocate(columns * 8);
  const [shift, slope, offset] = [vector(), vector(), vector()];

  return {
    allocateVectors: () => ({ mean: vector(), variance: vector(), residue: vector(), scale: vector() }),

    takeStatistics(part, { mean, residue, variance }) {
      const values = within(x, part);
      // The part's first position is a value of the data itself: a good shift whatever the mean is.
      kernels.shiftedSums({
        region: regionOf(part.count, x),
        x: values,
        columns,
        shift: values.base,
        sums,
        squareSums: productSums,
      });
      kernels.finishStatistics({
        channels,
        count: samplesPerChannel(x, part.count),
        shift: values.base,
        sums,
        squareSums: productSums,
        mean,
        residue,
        variance,
      });
    },

    normalize(part, { mean, variance, residue, scale }, { gamma, beta }) {
      kernels.normalizationCoefficients({ channels, epsilon, residue, variance, gamma, beta, scale, shift });
      kernels.normalize({
        region: regionOf(part.count, x, y),
        x: within(x, part),
        y: within(y, part),
        columns,
        mean,
        scale,
        shift,
      });
    },

    backward(part, { mean, variance, residue, scale }, isOwn, { gamma, beta }) {
      if (!dy) return;
      kernels.gradientSums({
        region: regionOf(part.count, x, dy),
        x: within(x, part),
        dy: within(dy, part),
        columns,
        mean,
        sums,
        productSums,
      });
      kernels.finishGradients({
        channels,
        count: samplesPerChannel(x, part.count),
        epsilon,
        batchMode: Number(isOwn),
        residue,
        variance,
        scale,
        sums,
        productSums,
        dGamma: gamma,
        dBeta: beta,
        slope,
        offset,
      });
      if (!dx) return;
      kernels.inputGradient({
        region: regionOf(part.count, x, dy, dx),
        x: within(x, part),
        dy: within(dy, part),
        dx: within(dx, part),
        columns,
        mean,
        scale,
        slope,
        offset,
      });
    },
  };
}
