/**
 * Layer normalisation (Ba et al. 2016) over the last axes of a sample, wherever they are in memory: up to two axes that
 * are kept apart (`outer`) and up to three that are normalized over (`inner`), each with its size and the bytes between
 * two of its elements; an axis that is not there has size 1. Weights lie in the order of the inner axes. Sums go
 * through f64.
 */

/** y = γ·(x − μ)/√(σ² + ε) + β; keeps each part's μ and 1/√(σ² + ε) for the gradient. */
export function layerNorm(
  images: i32,
  epsilon: f64,
  outer0: i32,
  outer1: i32,
  inner0: i32,
  inner1: i32,
  inner2: i32,
  x: usize,
  xImage: usize,
  xOuter0: usize,
  xOuter1: usize,
  xInner0: usize,
  xInner1: usize,
  xInner2: usize,
  y: usize,
  yImage: usize,
  yOuter0: usize,
  yOuter1: usize,
  yInner0: usize,
  yInner1: usize,
  yInner2: usize,
  gamma: usize,
  beta: usize,
  means: usize,
  inverses: usize,
): void {
  const count = <f64>(inner0 * inner1 * inner2);
  for (let image = 0; image < images; image++) {
    for (let part = 0; part < outer0 * outer1; part++) {
      const from = x + xImage * image + xOuter0 * (part / outer1) + xOuter1 * (part % outer1);
      const to = y + yImage * image + yOuter0 * (part / outer1) + yOuter1 * (part % outer1);
      let sum: f64 = 0;
      for (let a = 0; a < inner0; a++) {
        for (let b = 0; b < inner1; b++) {
          let at = from + xInner0 * a + xInner1 * b;
          for (let c = 0; c < inner2; c++, at += xInner2) sum += load<f32>(at);
        }
      }
      const mean = sum / count;
      let squares: f64 = 0;
      for (let a = 0; a < inner0; a++) {
        for (let b = 0; b < inner1; b++) {
          let at = from + xInner0 * a + xInner1 * b;
          for (let c = 0; c < inner2; c++, at += xInner2) {
            const difference = <f64>load<f32>(at) - mean;
            squares += difference * difference;
          }
        }
      }
      const inverse = 1.0 / Math.sqrt(squares / count + epsilon);
      const place = (<usize>(image * outer0 * outer1 + part)) << 3;
      store<f64>(means + place, mean);
      store<f64>(inverses + place, inverse);
      let weight: usize = 0;
      for (let a = 0; a < inner0; a++) {
        for (let b = 0; b < inner1; b++) {
          let at = from + xInner0 * a + xInner1 * b,
            target = to + yInner0 * a + yInner1 * b;
          for (let c = 0; c < inner2; c++, at += xInner2, target += yInner2, weight += 4) {
            const scale = gamma ? <f64>load<f32>(gamma + weight) : 1.0,
              shift = beta ? <f64>load<f32>(beta + weight) : 0.0;
            store<f32>(target, <f32>((<f64>load<f32>(at) - mean) * inverse * scale + shift));
          }
        }
      }
    }
  }
}

/**
 * With g = γ·dy per part: dx = (g − mean(g) − x̂·mean(g·x̂))/√(σ² + ε). `sums` contains two f64 for each weight, for dγ
 * = Σ dy·x̂ and dβ = Σ dy; `dx` is 0 where nothing upstream learns.
 */
export function layerNormGradient(
  images: i32,
  outer0: i32,
  outer1: i32,
  inner0: i32,
  inner1: i32,
  inner2: i32,
  x: usize,
  xImage: usize,
  xOuter0: usize,
  xOuter1: usize,
  xInner0: usize,
  xInner1: usize,
  xInner2: usize,
  dy: usize,
  dyImage: usize,
  dyOuter0: usize,
  dyOuter1: usize,
  dyInner0: usize,
  dyInner1: usize,
  dyInner2: usize,
  dx: usize,
  dxImage: usize,
  dxOuter0: usize,
  dxOuter1: usize,
  dxInner0: usize,
  dxInner1: usize,
  dxInner2: usize,
  gamma: usize,
  means: usize,
  inverses: usize,
  sums: usize,
  gammaGradient: usize,
  betaGradient: usize,
): void {
  const weights = inner0 * inner1 * inner2,
    count = <f64>weights,
    shifts = sums + ((<usize>weights) << 3);
  memory.fill(sums, 0, (<usize>weights) << 4);
  for (let image = 0; image < images; image++) {
    for (let part = 0; part < outer0 * outer1; part++) {
      const first = part / outer1,
        second = part % outer1;
      const from = x + xImage * image + xOuter0 * first + xOuter1 * second;
      const gradients = dy + dyImage * image + dyOuter0 * first + dyOuter1 * second;
      const place = (<usize>(image * outer0 * outer1 + part)) << 3;
      const mean = load<f64>(means + place),
        inverse = load<f64>(inverses + place);
      let sum: f64 = 0,
        products: f64 = 0;
      let weight: usize = 0;
      for (let a = 0; a < inner0; a++) {
        for (let b = 0; b < inner1; b++) {
          let at = from + xInner0 * a + xInner1 * b,
            gradient = gradients + dyInner0 * a + dyInner1 * b;
          for (let c = 0; c < inner2; c++, at += xInner2, gradient += dyInner2, weight += 4) {
            const d = <f64>load<f32>(gradient),
              normal = (<f64>load<f32>(at) - mean) * inverse;
            store<f64>(sums + (weight << 1), load<f64>(sums + (weight << 1)) + d * normal);
            store<f64>(shifts + (weight << 1), load<f64>(shifts + (weight << 1)) + d);
            const g = gamma ? d * <f64>load<f32>(gamma + weight) : d;
            sum += g;
            products += g * normal;
          }
        }
      }
      if (!dx) continue;
      const average = sum / count,
        slope = products / count;
      const to = dx + dxImage * image + dxOuter0 * first + dxOuter1 * second;
      weight = 0;
      for (let a = 0; a < inner0; a++) {
        for (let b = 0; b < inner1; b++) {
          let at = from + xInner0 * a + xInner1 * b,
            gradient = gradients + dyInner0 * a + dyInner1 * b,
            target = to + dxInner0 * a + dxInner1 * b;
          for (let c = 0; c < inner2; c++, at += xInner2, gradient += dyInner2, target += dxInner2, weight += 4) {
            const d = <f64>load<f32>(gradient),
              normal = (<f64>load<f32>(at) - mean) * inverse;
            const g = gamma ? d * <f64>load<f32>(gamma + weight) : d;
            store<f32>(target, <f32>((g - average - normal * slope) * inverse));
          }
        }
      }
    }
  }
  if (!gammaGradient) return;
  for (let weight = 0; weight < weights; weight++) {
    store<f32>(gammaGradient + ((<usize>weight) << 2), <f32>load<f64>(sums + ((<usize>weight) << 3)));
    store<f32>(betaGradient + ((<usize>weight) << 2), <f32>load<f64>(shifts + ((<usize>weight) << 3)));
  }
}
