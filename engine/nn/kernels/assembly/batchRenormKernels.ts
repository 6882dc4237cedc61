/** Batch renormalisation (Ioffe 2017) beside the kernels of batch normalisation: what it corrects, per channel. */

/**
 * r = clip(σ_B/σ, 1/rMax, rMax) and d = clip((μ_B − μ)/σ, −dMax, dMax), with σ = √(variance + ε) and μ_B = mean +
 * residue.
 */
export function renormFactors(
  channels: i32,
  epsilon: f64,
  rMax: f64,
  dMax: f64,
  mean: usize,
  residue: usize,
  variance: usize,
  runningMean: usize,
  runningVariance: usize,
  r: usize,
  d: usize,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const at = (<usize>channel) << 2;
    const sigma = Math.sqrt(<f64>load<f32>(runningVariance + at) + epsilon);
    const ratio = Math.sqrt(<f64>load<f32>(variance + at) + epsilon) / sigma;
    const distance =
      (<f64>load<f32>(mean + at) + <f64>load<f32>(residue + at) - <f64>load<f32>(runningMean + at)) / sigma;
    store<f32>(r + at, <f32>clipped(ratio, 1.0 / rMax, rMax));
    store<f32>(d + at, <f32>clipped(distance, -dMax, dMax));
  }
}

/** NaN stays NaN. */
// @ts-ignore: decorator
@inline
function clipped(value: f64, low: f64, high: f64): f64 {
  return value < low ? low : value > high ? high : value;
}

/** γ·r and β + γ·d; address 0 stands for γ = 1 and β = 0. */
export function renormAffine(
  channels: i32,
  r: usize,
  d: usize,
  gamma: usize,
  beta: usize,
  scaled: usize,
  shifted: usize,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const at = (<usize>channel) << 2;
    const factor = gamma ? <f64>load<f32>(gamma + at) : 1.0;
    store<f32>(scaled + at, <f32>(factor * <f64>load<f32>(r + at)));
    store<f32>(shifted + at, <f32>((beta ? <f64>load<f32>(beta + at) : 0.0) + factor * <f64>load<f32>(d + at)));
  }
}

/** The statistics with which plain normalisation would do the same: μ_B − d·σ_B/r, and (σ_B/r)² − ε. */
export function renormStatistics(
  channels: i32,
  epsilon: f64,
  mean: usize,
  variance: usize,
  r: usize,
  d: usize,
  effectiveMean: usize,
  effectiveVariance: usize,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const at = (<usize>channel) << 2;
    const sigma = Math.sqrt(<f64>load<f32>(variance + at) + epsilon) / <f64>load<f32>(r + at);
    store<f32>(effectiveMean + at, <f32>(<f64>load<f32>(mean + at) - <f64>load<f32>(d + at) * sigma));
    store<f32>(effectiveVariance + at, <f32>(sigma * sigma - epsilon));
  }
}

/** dγ ← r·dγ + d·dβ */
export function renormGammaGradient(channels: i32, r: usize, d: usize, dBeta: usize, dGamma: usize): void {
  for (let channel = 0; channel < channels; channel++) {
    const at = (<usize>channel) << 2;
    store<f32>(
      dGamma + at,
      <f32>(<f64>load<f32>(r + at) * <f64>load<f32>(dGamma + at) + <f64>load<f32>(d + at) * <f64>load<f32>(dBeta + at)),
    );
  }
}
