/**
 * Batch renormalisation (Ioffe 2017, algorithm 1): in training y = γ·x̂ + β with x̂ = (x − μ_B)/σ_B·r + d, where
 * r = clip(σ_B/σ, 1/r_max, r_max) and d = clip((μ_B − μ)/σ, −d_max, d_max) are constants to the gradient, and μ, σ are
 * the running statistics before this batch. Unclipped that is x̂ = (x − μ)/σ, what evaluation computes. So
 * y = (γ·r)·(x − μ_B)/σ_B + (β + γ·d), and dγ = Σ dy·x̂ = r·Σ dy·(x − μ_B)/σ_B + d·Σ dy.
 *
 * The paper averages σ; here it is √(σ² + ε) of the running variance that BN keeps, so that a state_dict is that of a
 * BN.
 */
import type { RenormLimits } from "../protocol/layerOps";
import type { Arena } from "./arena";
import type { Affine, ChannelStatistics, PartVectors } from "./channelNorm";

export interface Renorm {
  /** γ·r and β + γ·d, for the batch that `vectors` are of after `updates` updates of the running statistics. */
  correct(vectors: PartVectors, updates: number): Affine;
  /** Turns dγ as batch normalisation has it into this layer's. */
  correctGradient(gradients: Affine): void;
  /** The mean and variance that a batch is normalised with in effect. */
  readonly effective: ChannelStatistics;
}

interface Parts {
  readonly arena: Arena;
  readonly channels: number;
  readonly columns: number;
  readonly epsilon: number;
  readonly running: ChannelStatistics;
  readonly affine: Affine;
}

export function createRenorm(
  limits: RenormLimits,
  { arena, channels, columns, epsilon, running, affine }: Parts,
): Renorm {
  const { kernels } = arena;
  const vector = (): number => arena.allocateFloats(columns);
  const [r, d] = [vector(), vector()];
  const corrected: Affine = { gamma: vector(), beta: vector() };
  const effective: ChannelStatistics = { mean: vector(), variance: vector() };
  return {
    effective,
    correct({ mean, variance, residue }, updates) {
      const { rMax, dMax } = limitsAfter(limits, updates);
      kernels.renormFactors({
        channels,
        epsilon,
        rMax,
        dMax,
        mean,
        residue,
        variance,
        runningMean: running.mean,
        runningVariance: running.variance,
        r,
        d,
      });
      kernels.renormAffine({
        channels,
        r,
        d,
        gamma: affine.gamma,
        beta: affine.beta,
        scaled: corrected.gamma,
        shifted: corrected.beta,
      });
      kernels.renormStatistics({
        channels,
        epsilon,
        mean,
        variance,
        r,
        d,
        effectiveMean: effective.mean,
        effectiveVariance: effective.variance,
      });
      return corrected;
    },
    correctGradient({ gamma, beta }) {
      if (gamma) kernels.renormGammaGradient({ channels, r, d, dBeta: beta, dGamma: gamma });
    },
  };
}

/**
 * The limits after some updates. As in the paper (section 4.1), which has plain BN for 5,000 steps, d_max = 5 at five
 * times as many and r_max = 3 at eight times as many, with straight lines in between.
 */
export function limitsAfter(
  { rMax, dMax, plainUpdates }: RenormLimits,
  updates: number,
): { readonly rMax: number; readonly dMax: number } {
  const reached = (end: number): number =>
    updates >= end * plainUpdates ? 1 : Math.max(0, (updates - plainUpdates) / ((end - 1) * plainUpdates));
  return { rMax: 1 + (rMax - 1) * reached(8), dMax: dMax * reached(5) };
}
