/**
 * Batch normalisation over channel-last data: every position contains `columns` consecutive channels (padded to 8), so
 * features and images are one kernel without horizontal reductions.
 */
import { foldIntoF64, madd } from "./madd";

/** Positions summed in f32 before folding into f64: keeps sums exact to about 1e-8 at f32 speed. */
const FOLD_EVERY: i32 = 128;

/**
 * Per channel, sums of (x − shift) and (x − shift)² in f64. Shifting by a value of the data itself is what keeps the
 * variance exact when the mean is large against σ.
 */
export function shiftedSums(
  images: i32,
  rows: i32,
  positions: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  columns: i32,
  shift: usize,
  sums: usize,
  squareSums: usize,
): void {
  memory.fill(sums, 0, (<usize>columns) << 3);
  memory.fill(squareSums, 0, (<usize>columns) << 3);
  for (let column: usize = 0; column < (<usize>columns) << 2; column += 32) {
    const shift0 = v128.load(shift + column);
    const shift1 = v128.load(shift + column, 16);
    const sumsAt = sums + (column << 1);
    const squaresAt = squareSums + (column << 1);
    let s0 = f32x4.splat(0),
      s1 = f32x4.splat(0),
      q0 = f32x4.splat(0),
      q1 = f32x4.splat(0);
    let pending = 0;
    for (let image = 0; image < images; image++) {
      for (let row = 0; row < rows; row++) {
        let from = x + xImage * image + xRow * row + column;
        let left = positions;
        while (left > 0) {
          let run = min(left, FOLD_EVERY);
          left -= run;
          pending += run;
          do {
            const d0 = f32x4.sub(v128.load(from), shift0);
            const d1 = f32x4.sub(v128.load(from, 16), shift1);
            s0 = f32x4.add(s0, d0);
            s1 = f32x4.add(s1, d1);
            q0 = madd(d0, d0, q0);
            q1 = madd(d1, d1, q1);
            from += xPosition;
          } while (--run);
          if (pending >= FOLD_EVERY) {
            foldIntoF64(sumsAt, s0);
            foldIntoF64(sumsAt + 32, s1);
            foldIntoF64(squaresAt, q0);
            foldIntoF64(squaresAt + 32, q1);
            s0 = f32x4.splat(0);
            s1 = f32x4.splat(0);
            q0 = f32x4.splat(0);
            q1 = f32x4.splat(0);
            pending = 0;
          }
        }
      }
    }
    foldIntoF64(sumsAt, s0);
    foldIntoF64(sumsAt + 32, s1);
    foldIntoF64(squaresAt, q0);
    foldIntoF64(squaresAt + 32, q1);
  }
}

/**
 * Mean and biased variance per channel from the shifted sums over `count` values. `residue` receives what rounding the
 * mean to f32 left over: with a mean of a thousand σ that is up to 3e-5 σ, too much to forget.
 */
export function finishStatistics(
  channels: i32,
  count: f64,
  shift: usize,
  sums: usize,
  squareSums: usize,
  mean: usize,
  residue: usize,
  variance: usize,
): void {
  const counts = f64x2.splat(count);
  for (let at: usize = 0; at < (<usize>channels) << 2; at += 8) {
    const delta = f64x2.div(v128.load(sums + (at << 1)), counts);
    const spread = f64x2.sub(f64x2.div(v128.load(squareSums + (at << 1)), counts), f64x2.mul(delta, delta));
    const exact = f64x2.add(loadPair(shift + at), delta);
    const rounded = f32x4.demote_f64x2_zero(exact);
    storePair(mean + at, rounded);
    storePair(residue + at, f32x4.demote_f64x2_zero(f64x2.sub(exact, f64x2.promote_low_f32x4(rounded))));
    // NaN must stay NaN, so no max(): only rounding below zero is cut off.
    storePair(variance + at, f32x4.demote_f64x2_zero(v128.andnot(spread, f64x2.lt(spread, f64x2.splat(0)))));
  }
}

// @ts-ignore: decorator
@inline
function loadPair(address: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(address));
}

/** The two low lanes. */
// @ts-ignore: decorator
@inline
function storePair(address: usize, value: v128): void {
  v128.store64_lane(address, value, 0);
}

/** running = (1 − weight)·running + weight·batch; the variance enters times `varianceFactor` (n/(n−1) for PyTorch). */
export function updateRunning(
  channels: i32,
  weight: f64,
  varianceFactor: f64,
  mean: usize,
  variance: usize,
  runningMean: usize,
  runningVariance: usize,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const at = (<usize>channel) << 2;
    store<f32>(
      runningMean + at,
      <f32>(<f64>load<f32>(runningMean + at) * (1 - weight) + weight * <f64>load<f32>(mean + at)),
    );
    store<f32>(
      runningVariance + at,
      <f32>(
        (<f64>load<f32>(runningVariance + at) * (1 - weight) + weight * varianceFactor * <f64>load<f32>(variance + at))
      ),
    );
  }
}

/**
 * What `updateRunning` does, for `count` running statistics at once, each with a weight of its own. `statistics` has a
 * mean and a variance for each, every one `bytes` long; `weights` are f64. Channels are taken in pairs, so a vector's
 * padding is written too.
 */
export function updateReplays(
  channels: i32,
  count: i32,
  weights: usize,
  varianceFactor: f64,
  mean: usize,
  variance: usize,
  statistics: usize,
  bytes: i32,
): void {
  for (let at: usize = 0; at < (<usize>channels) << 2; at += 8) {
    const means = loadPair(mean + at);
    const variances = loadPair(variance + at);
    let target = statistics + at;
    for (let index = 0; index < count; index++) {
      const weight = load<f64>(weights + ((<usize>index) << 3));
      moveTowards(target, weight, f64x2.mul(f64x2.splat(weight), means));
      moveTowards(target + bytes, weight, f64x2.mul(f64x2.splat(weight * varianceFactor), variances));
      target += 2 * <usize>bytes;
    }
  }
}

/** running = running·(1 − weight) + addend, of two channels. */
// @ts-ignore: decorator
@inline
function moveTowards(running: usize, weight: f64, addend: v128): void {
  const kept = f64x2.mul(loadPair(running), f64x2.splat(1 - weight));
  storePair(running, f32x4.demote_f64x2_zero(f64x2.add(kept, addend)));
}

/** scale = γ/√(variance + ε), shift = β − residue·scale. Address 0 stands for γ = 1, β = 0, residue = 0. */
export function normalizationCoefficients(
  channels: i32,
  epsilon: f64,
  residue: usize,
  variance: usize,
  gamma: usize,
  beta: usize,
  scale: usize,
  shift: usize,
): void {
  const one = f64x2.splat(1),
    zero = f64x2.splat(0);
  for (let at: usize = 0; at < (<usize>channels) << 2; at += 8) {
    const factor = f64x2.div(
      gamma ? loadPair(gamma + at) : one,
      f64x2.sqrt(f64x2.add(loadPair(variance + at), f64x2.splat(epsilon))),
    );
    storePair(scale + at, f32x4.demote_f64x2_zero(factor));
    const low = residue ? loadPair(residue + at) : zero;
    storePair(
      shift + at,
      f32x4.demote_f64x2_zero(f64x2.sub(beta ? loadPair(beta + at) : zero, f64x2.mul(low, factor))),
    );
  }
}

/** 1/√(variance + ε) per channel. */
export function inverseDeviation(channels: i32, epsilon: f64, variance: usize, inverse: usize): void {
  for (let channel = 0; channel < channels; channel++) {
    const at = (<usize>channel) << 2;
    store<f32>(inverse + at, <f32>(1.0 / Math.sqrt(<f64>load<f32>(variance + at) + epsilon)));
  }
}

/** y = (x − mean)·scale + shift per channel. Subtracting first keeps precision where |mean| ≫ σ. */
export function normalize(
  images: i32,
  rows: i32,
  positions: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
  columns: i32,
  mean: usize,
  scale: usize,
  shift: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 32) {
          const y0 = madd(
            f32x4.sub(v128.load(from + column), v128.load(mean + column)),
            v128.load(scale + column),
            v128.load(shift + column),
          );
          const y1 = madd(
            f32x4.sub(v128.load(from + column, 16), v128.load(mean + column, 16)),
            v128.load(scale + column, 16),
            v128.load(shift + column, 16),
          );
          v128.store(to + column, y0);
          v128.store(to + column, y1, 16);
        }
        from += xPosition;
        to += yPosition;
      }
    }
  }
}

/** Per channel, sums of dy and of dy·(x − mean) in f64. */
export function gradientSums(
  images: i32,
  rows: i32,
  positions: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  dy: usize,
  dyImage: usize,
  dyRow: usize,
  dyPosition: usize,
  columns: i32,
  mean: usize,
  sums: usize,
  productSums: usize,
): void {
  memory.fill(sums, 0, (<usize>columns) << 3);
  memory.fill(productSums, 0, (<usize>columns) << 3);
  for (let column: usize = 0; column < (<usize>columns) << 2; column += 32) {
    const mean0 = v128.load(mean + column);
    const mean1 = v128.load(mean + column, 16);
    const sumsAt = sums + (column << 1);
    const productsAt = productSums + (column << 1);
    let s0 = f32x4.splat(0),
      s1 = f32x4.splat(0),
      q0 = f32x4.splat(0),
      q1 = f32x4.splat(0);
    let pending = 0;
    for (let image = 0; image < images; image++) {
      for (let row = 0; row < rows; row++) {
        let from = x + xImage * image + xRow * row + column;
        let gradient = dy + dyImage * image + dyRow * row + column;
        let left = positions;
        while (left > 0) {
          let run = min(left, FOLD_EVERY);
          left -= run;
          pending += run;
          do {
            const g0 = v128.load(gradient);
            const g1 = v128.load(gradient, 16);
            s0 = f32x4.add(s0, g0);
            s1 = f32x4.add(s1, g1);
            q0 = madd(g0, f32x4.sub(v128.load(from), mean0), q0);
            q1 = madd(g1, f32x4.sub(v128.load(from, 16), mean1), q1);
            from += xPosition;
            gradient += dyPosition;
          } while (--run);
          if (pending >= FOLD_EVERY) {
            foldIntoF64(sumsAt, s0);
            foldIntoF64(sumsAt + 32, s1);
            foldIntoF64(productsAt, q0);
            foldIntoF64(productsAt + 32, q1);
            s0 = f32x4.splat(0);
            s1 = f32x4.splat(0);
            q0 = f32x4.splat(0);
            q1 = f32x4.splat(0);
            pending = 0;
          }
        }
      }
    }
    foldIntoF64(sumsAt, s0);
    foldIntoF64(sumsAt + 32, s1);
    foldIntoF64(productsAt, q0);
    foldIntoF64(productsAt + 32, q1);
  }
}

/**
 * dγ = Σ dy·x̂, dβ = Σ dy, and the coefficients of dx = scale·dy + slope·(x − mean) + offset (Ioffe & Szegedy 2015,
 * section 3, regrouped). In evaluation mode the statistics are constants, so slope and offset are 0.
 */
export function finishGradients(
  channels: i32,
  count: f64,
  epsilon: f64,
  batchMode: i32,
  residue: usize,
  variance: usize,
  scale: usize,
  sums: usize,
  productSums: usize,
  dGamma: usize,
  dBeta: usize,
  slope: usize,
  offset: usize,
): void {
  const one = f64x2.splat(1),
    zero = f64x2.splat(0),
    counts = f64x2.splat(count);
  const mask = i64x2.splat(-(<i64>batchMode));
  for (let at: usize = 0; at < (<usize>channels) << 2; at += 8) {
    const inverse = f64x2.div(one, f64x2.sqrt(f64x2.add(loadPair(variance + at), f64x2.splat(epsilon))));
    const sum = v128.load(sums + (at << 1));
    // The sums were taken against the rounded mean.
    const low = residue ? loadPair(residue + at) : zero;
    const productSum = f64x2.sub(v128.load(productSums + (at << 1)), f64x2.mul(low, sum));
    if (dGamma) storePair(dGamma + at, f32x4.demote_f64x2_zero(f64x2.mul(productSum, inverse)));
    if (dBeta) storePair(dBeta + at, f32x4.demote_f64x2_zero(sum));
    const factor = loadPair(scale + at);
    const steepness = f64x2.div(
      f64x2.mul(f64x2.mul(f64x2.mul(f64x2.neg(factor), inverse), inverse), productSum),
      counts,
    );
    const level = f64x2.sub(f64x2.div(f64x2.mul(f64x2.neg(factor), sum), counts), f64x2.mul(steepness, low));
    storePair(slope + at, f32x4.demote_f64x2_zero(v128.and(steepness, mask)));
    storePair(offset + at, f32x4.demote_f64x2_zero(v128.and(level, mask)));
  }
}

/** dx = scale·dy + slope·(x − mean) + offset. */
export function inputGradient(
  images: i32,
  rows: i32,
  positions: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  dy: usize,
  dyImage: usize,
  dyRow: usize,
  dyPosition: usize,
  dx: usize,
  dxImage: usize,
  dxRow: usize,
  dxPosition: usize,
  columns: i32,
  mean: usize,
  scale: usize,
  slope: usize,
  offset: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let gradient = dy + dyImage * image + dyRow * row;
      let to = dx + dxImage * image + dxRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 32) {
          const centred0 = f32x4.sub(v128.load(from + column), v128.load(mean + column));
          const centred1 = f32x4.sub(v128.load(from + column, 16), v128.load(mean + column, 16));
          const affine0 = madd(centred0, v128.load(slope + column), v128.load(offset + column));
          const affine1 = madd(centred1, v128.load(slope + column, 16), v128.load(offset + column, 16));
          const dx0 = madd(v128.load(gradient + column), v128.load(scale + column), affine0);
          const dx1 = madd(v128.load(gradient + column, 16), v128.load(scale + column, 16), affine1);
          v128.store(to + column, dx0);
          v128.store(to + column, dx1, 16);
        }
        from += xPosition;
        gradient += dyPosition;
        to += dxPosition;
      }
    }
  }
}

/**
 * Per channel, the sum over positions of (x̂₁ − x̂₂)², with x̂ = (x − mean)·inverse: how far two passes over the same
 * samples are apart in units of σ, before γ and β.
 */
export function normalizedDifference(
  images: i32,
  rows: i32,
  positions: i32,
  x1: usize,
  x1Image: usize,
  x1Row: usize,
  x1Position: usize,
  x2: usize,
  x2Image: usize,
  x2Row: usize,
  x2Position: usize,
  channels: i32,
  mean1: usize,
  inverse1: usize,
  mean2: usize,
  inverse2: usize,
  sums: usize,
): void {
  memory.fill(sums, 0, (<usize>channels) << 3);
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from1 = x1 + x1Image * image + x1Row * row;
      let from2 = x2 + x2Image * image + x2Row * row;
      for (let position = 0; position < positions; position++) {
        for (let channel = 0; channel < channels; channel++) {
          const at = (<usize>channel) << 2;
          const first = (<f64>load<f32>(from1 + at) - <f64>load<f32>(mean1 + at)) * <f64>load<f32>(inverse1 + at);
          const second = (<f64>load<f32>(from2 + at) - <f64>load<f32>(mean2 + at)) * <f64>load<f32>(inverse2 + at);
          const difference = first - second;
          store<f64>(sums + (at << 1), load<f64>(sums + (at << 1)) + difference * difference);
        }
        from1 += x1Position;
        from2 += x2Position;
      }
    }
  }
}
