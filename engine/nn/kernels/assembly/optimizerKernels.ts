/** In-place parameter updates over one contiguous range of `count` f32 (a multiple of 4), PyTorch's formulas. */
import { madd } from "./madd";

/** g + λ·w: the gradient of the loss with ½λ‖w‖² added (L2 weight decay). */
// @ts-ignore: decorator
@inline
function decayed(gradients: usize, weights: usize, at: usize, decay: f32): v128 {
  const g = v128.load(gradients + at);
  return decay == 0 ? g : madd(v128.load(weights + at), f32x4.splat(decay), g);
}

/** x ← factor·x */
export function scale(values: usize, count: i32, factor: f32): void {
  const by = f32x4.splat(factor);
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16)
    v128.store(values + at, f32x4.mul(v128.load(values + at), by));
}

/** sum ← sum + x */
export function accumulate(sums: usize, values: usize, count: i32): void {
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16)
    v128.store(sums + at, f32x4.add(v128.load(sums + at), v128.load(values + at)));
}

/** w ← w − lr·(g + λw) */
export function sgd(weights: usize, gradients: usize, count: i32, learningRate: f32, decay: f32): void {
  const rate = f32x4.splat(-learningRate);
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16)
    v128.store(weights + at, madd(decayed(gradients, weights, at, decay), rate, v128.load(weights + at)));
}

/**
 * v ← momentum·v + g; w ← w − lr·v, or with Nesterov w − lr·(g + momentum·v) (torch.optim.SGD, dampening 0; v starts at
 * 0).
 */
export function sgdMomentum(
  weights: usize,
  gradients: usize,
  velocities: usize,
  count: i32,
  learningRate: f32,
  momentum: f32,
  nesterov: i32,
  decay: f32,
): void {
  const rate = f32x4.splat(-learningRate);
  const keep = f32x4.splat(momentum);
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16) {
    const g = decayed(gradients, weights, at, decay);
    const velocity = madd(v128.load(velocities + at), keep, g);
    v128.store(velocities + at, velocity);
    v128.store(weights + at, madd(nesterov ? madd(velocity, keep, g) : velocity, rate, v128.load(weights + at)));
  }
}

/**
 * m ← β₁m + (1−β₁)g; s ← β₂s + (1−β₂)g²; w ← w − stepSize·m / (√s·rootCorrection + ε) (Kingma & Ba 2015,
 * torch.optim.Adam). β are f64: 1 − 0.999 has a relative error of 1e-5 in f32.
 */
export function adam(
  weights: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  count: i32,
  beta1: f64,
  beta2: f64,
  stepSize: f32,
  rootCorrection: f32,
  epsilon: f32,
  decay: f32,
): void {
  const keep1 = f32x4.splat(<f32>beta1),
    take1 = f32x4.splat(<f32>(1 - beta1)),
    keep2 = f32x4.splat(<f32>beta2),
    take2 = f32x4.splat(<f32>(1 - beta2));
  const rate = f32x4.splat(-stepSize),
    correction = f32x4.splat(rootCorrection),
    smallest = f32x4.splat(epsilon);
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16) {
    const g = decayed(gradients, weights, at, decay);
    const mean = madd(g, take1, f32x4.mul(v128.load(means + at), keep1));
    const square = madd(f32x4.mul(g, g), take2, f32x4.mul(v128.load(squares + at), keep2));
    v128.store(means + at, mean);
    v128.store(squares + at, square);
    const direction = f32x4.div(mean, madd(f32x4.sqrt(square), correction, smallest));
    v128.store(weights + at, madd(direction, rate, v128.load(weights + at)));
  }
}

/**
 * s ← αs + (1−α)g²; v ← momentum·v + g/(√s + ε); w ← w − lr·v (Hinton's lecture 6e, torch.optim.RMSprop). With
 * `velocities` 0 there is no momentum and v is g/(√s + ε).
 */
export function rmsprop(
  weights: usize,
  gradients: usize,
  squares: usize,
  velocities: usize,
  count: i32,
  learningRate: f32,
  smoothing: f64,
  momentum: f32,
  epsilon: f32,
  decay: f32,
): void {
  const rate = f32x4.splat(-learningRate),
    keep = f32x4.splat(<f32>smoothing),
    take = f32x4.splat(<f32>(1 - smoothing));
  const keepVelocity = f32x4.splat(momentum),
    smallest = f32x4.splat(epsilon);
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16) {
    const g = decayed(gradients, weights, at, decay);
    const square = madd(f32x4.mul(g, g), take, f32x4.mul(v128.load(squares + at), keep));
    v128.store(squares + at, square);
    let velocity = f32x4.div(g, f32x4.add(f32x4.sqrt(square), smallest));
    if (velocities) {
      velocity = madd(v128.load(velocities + at), keepVelocity, velocity);
      v128.store(velocities + at, velocity);
    }
    v128.store(weights + at, madd(velocity, rate, v128.load(weights + at)));
  }
}
