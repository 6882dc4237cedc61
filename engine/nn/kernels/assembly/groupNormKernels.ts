/**
 * Group normalization (Wu & He 2018) over channel-last samples: each sample's channels in `groups` parts, each part
 * normalized over its channels and positions. One group per channel is instance normalization (Ulyanov et al. 2016).
 * Forward beside backward; sums go through f64.
 */

/** y = γ·(x − μ)/√(σ² + ε) + β; keeps each part's μ and 1/√(σ² + ε) for the gradient. */
export function groupNorm(
  images: i32,
  rows: i32,
  positions: i32,
  channels: i32,
  groups: i32,
  epsilon: f64,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
  gamma: usize,
  beta: usize,
  means: usize,
  inverses: usize,
): void {
  const width = channels / groups,
    count = <f64>(width * rows * positions);
  for (let image = 0; image < images; image++) {
    for (let group = 0; group < groups; group++) {
      const first = (<usize>(group * width)) << 2,
        bytes = (<usize>width) << 2;
      let sum: f64 = 0;
      for (let row = 0; row < rows; row++) {
        let from = x + xImage * image + xRow * row + first;
        for (let position = 0; position < positions; position++, from += xPosition) {
          for (let channel: usize = 0; channel < bytes; channel += 4) sum += load<f32>(from + channel);
        }
      }
      const mean = sum / count;
      let squares: f64 = 0;
      for (let row = 0; row < rows; row++) {
        let from = x + xImage * image + xRow * row + first;
        for (let position = 0; position < positions; position++, from += xPosition) {
          for (let channel: usize = 0; channel < bytes; channel += 4) {
            const difference = <f64>load<f32>(from + channel) - mean;
            squares += difference * difference;
          }
        }
      }
      const inverse = 1.0 / Math.sqrt(squares / count + epsilon);
      store<f64>(means + ((<usize>(image * groups + group)) << 3), mean);
      store<f64>(inverses + ((<usize>(image * groups + group)) << 3), inverse);
      for (let row = 0; row < rows; row++) {
        let from = x + xImage * image + xRow * row + first;
        let to = y + yImage * image + yRow * row + first;
        for (let position = 0; position < positions; position++, from += xPosition, to += yPosition) {
          for (let channel: usize = 0; channel < bytes; channel += 4) {
            const scale = gamma ? <f64>load<f32>(gamma + first + channel) : 1.0,
              shift = beta ? <f64>load<f32>(beta + first + channel) : 0.0;
            store<f32>(to + channel, <f32>((<f64>load<f32>(from + channel) - mean) * inverse * scale + shift));
          }
        }
      }
    }
  }
}

/**
 * With g = γ·dy per part: dx = (g − mean(g) − x̂·mean(g·x̂))/√(σ² + ε). `sums` contains 2·channels f64 for dγ = Σ dy·x̂
 * and dβ = Σ dy; `dx` is 0 where nothing upstream learns.
 */
export function groupNormGradient(
  images: i32,
  rows: i32,
  positions: i32,
  channels: i32,
  groups: i32,
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
  gamma: usize,
  means: usize,
  inverses: usize,
  sums: usize,
  gammaGradient: usize,
  betaGradient: usize,
): void {
  const width = channels / groups,
    count = <f64>(width * rows * positions),
    shifts = sums + ((<usize>channels) << 3);
  memory.fill(sums, 0, (<usize>channels) << 4);
  for (let image = 0; image < images; image++) {
    for (let group = 0; group < groups; group++) {
      const first = (<usize>(group * width)) << 2,
        bytes = (<usize>width) << 2;
      const mean = load<f64>(means + ((<usize>(image * groups + group)) << 3)),
        inverse = load<f64>(inverses + ((<usize>(image * groups + group)) << 3));
      let sum: f64 = 0,
        products: f64 = 0;
      for (let row = 0; row < rows; row++) {
        let from = x + xImage * image + xRow * row + first;
        let gradient = dy + dyImage * image + dyRow * row + first;
        for (let position = 0; position < positions; position++, from += xPosition, gradient += dyPosition) {
          for (let channel: usize = 0; channel < bytes; channel += 4) {
            const d = <f64>load<f32>(gradient + channel),
              normal = (<f64>load<f32>(from + channel) - mean) * inverse;
            const at = (first + channel) << 1;
            store<f64>(sums + at, load<f64>(sums + at) + d * normal);
            store<f64>(shifts + at, load<f64>(shifts + at) + d);
            const g = gamma ? d * <f64>load<f32>(gamma + first + channel) : d;
            sum += g;
            products += g * normal;
          }
        }
      }
      if (!dx) continue;
      const average = sum / count,
        slope = products / count;
      for (let row = 0; row < rows; row++) {
        let from = x + xImage * image + xRow * row + first;
        let gradient = dy + dyImage * image + dyRow * row + first;
        let to = dx + dxImage * image + dxRow * row + first;
        for (
          let position = 0;
          position < positions;
          position++, from += xPosition, gradient += dyPosition, to += dxPosition
        ) {
          for (let channel: usize = 0; channel < bytes; channel += 4) {
            const d = <f64>load<f32>(gradient + channel),
              normal = (<f64>load<f32>(from + channel) - mean) * inverse;
            const g = gamma ? d * <f64>load<f32>(gamma + first + channel) : d;
            store<f32>(to + channel, <f32>((g - average - normal * slope) * inverse));
          }
        }
      }
    }
  }
  if (!gammaGradient) return;
  for (let channel = 0; channel < channels; channel++) {
    store<f32>(gammaGradient + ((<usize>channel) << 2), <f32>load<f64>(sums + ((<usize>channel) << 3)));
    store<f32>(betaGradient + ((<usize>channel) << 2), <f32>load<f64>(shifts + ((<usize>channel) << 3)));
  }
}

/**
 * Running statistics of instance normalization: running = (1 − weight)·running + weight·E[instance] over the samples,
 * the variances as the unbiased estimate of `count` positions. `means` and `inverses` are those of one group per
 * channel.
 */
export function updateInstanceRunning(
  images: i32,
  channels: i32,
  count: f64,
  epsilon: f64,
  weight: f64,
  means: usize,
  inverses: usize,
  runningMean: usize,
  runningVariance: usize,
): void {
  for (let channel = 0; channel < channels; channel++) {
    let mean: f64 = 0,
      variance: f64 = 0;
    for (let image = 0; image < images; image++) {
      const place = (<usize>(image * channels + channel)) << 3;
      const inverse = load<f64>(inverses + place);
      mean += load<f64>(means + place);
      variance += 1.0 / (inverse * inverse) - epsilon;
    }
    const at = (<usize>channel) << 2;
    store<f32>(
      runningMean + at,
      <f32>(<f64>load<f32>(runningMean + at) * (1 - weight) + (weight * mean) / <f64>images),
    );
    store<f32>(
      runningVariance + at,
      <f32>(
        (<f64>load<f32>(runningVariance + at) * (1 - weight) +
          (((weight * variance) / <f64>images) * count) / (count - 1))
      ),
    );
  }
}
