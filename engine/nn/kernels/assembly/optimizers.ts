/** In-place parameter updates over one contiguous range of `count` f32 (a multiple of 4), PyTorch's formulas. */
import { madd } from "./madd";

/** w ← w − lr·g */
export function sgd(weights: usize, gradients: usize, count: i32, learningRate: f32): void {
  const rate = f32x4.splat(-learningRate);
  for (let at: usize = 0; at < <usize>count << 2; at += 16) v128.store(weights + at, madd(v128.load(gradients + at), rate, v128.load(weights + at)));
}

/** v ← momentum·v + g; w ← w − lr·v (torch.optim.SGD, dampening 0; v starts at 0). */
export function sgdMomentum(weights: usize, gradients: usize, velocities: usize, count: i32, learningRate: f32, momentum: f32): void {
  const rate = f32x4.splat(-learningRate);
  const keep = f32x4.splat(momentum);
  for (let at: usize = 0; at < <usize>count << 2; at += 16) {
    const velocity = madd(v128.load(velocities + at), keep, v128.load(gradients + at));
    v128.store(velocities + at, velocity);
    v128.store(weights + at, madd(velocity, rate, v128.load(weights + at)));
  }
}

/** m ← β₁m + (1−β₁)g; s ← β₂s + (1−β₂)g²; w ← w − stepSize·m / (√s·rootCorrection + ε) (Kingma & Ba 2015, torch.optim.Adam). */
export function adam(
  weights: usize, gradients: usize, means: usize, squares: usize, count: i32,
  beta1: f32, beta2: f32, stepSize: f32, rootCorrection: f32, epsilon: f32,
): void {
  const keep1 = f32x4.splat(beta1), take1 = f32x4.splat(1 - beta1), keep2 = f32x4.splat(beta2), take2 = f32x4.splat(1 - beta2);
  const rate = f32x4.splat(-stepSize), correction = f32x4.splat(rootCorrection), smallest = f32x4.splat(epsilon);
  for (let at: usize = 0; at < <usize>count << 2; at += 16) {
    const g = v128.load(gradients + at);
    const mean = madd(g, take1, f32x4.mul(v128.load(means + at), keep1));
    const square = madd(f32x4.mul(g, g), take2, f32x4.mul(v128.load(squares + at), keep2));
    v128.store(means + at, mean);
    v128.store(squares + at, square);
    const direction = f32x4.div(mean, madd(f32x4.sqrt(square), correction, smallest));
    v128.store(weights + at, madd(direction, rate, v128.load(weights + at)));
  }
}
