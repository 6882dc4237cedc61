/**
 * Activations beyond ReLU and Sigmoid: one pair of kernels for all, with the function as a number (the order of
 * `ACTIVATION_CODES` in engine/nn/activation.ts) and its parameters (slope or α; the bounds of a Hardtanh). Forward and
 * backward side by side; the gradient is taken from the input, because several of these functions are not one-to-one.
 */
import { exp4 } from "./madd";

const LEAKY_RELU: i32 = 0,
  RELU6: i32 = 1,
  TANH: i32 = 2,
  ELU: i32 = 3,
  GELU: i32 = 4,
  SILU: i32 = 5,
  SOFTPLUS: i32 = 6,
  HARDSWISH: i32 = 7,
  HARDSIGMOID: i32 = 8,
  MISH: i32 = 9,
  HARDTANH: i32 = 10;

// @ts-ignore: decorator
@inline
function splat(value: f32): v128 {
  return f32x4.splat(value);
}

// @ts-ignore: decorator
@inline
function sigmoid4(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp4(f32x4.neg(x))));
}

/** erf by Abramowitz & Stegun 7.1.26: absolute error below 1.5e-7. */
// @ts-ignore: decorator
@inline
function erf4(x: v128): v128 {
  const a = f32x4.abs(x);
  const t = f32x4.div(splat(1), f32x4.add(splat(1), f32x4.mul(splat(0.3275911), a)));
  let p = f32x4.add(f32x4.mul(splat(1.061405429), t), splat(-1.453152027));
  p = f32x4.add(f32x4.mul(p, t), splat(1.421413741));
  p = f32x4.add(f32x4.mul(p, t), splat(-0.284496736));
  p = f32x4.add(f32x4.mul(p, t), splat(0.254829592));
  const y = f32x4.sub(splat(1), f32x4.mul(f32x4.mul(p, t), exp4(f32x4.neg(f32x4.mul(a, a)))));
  return v128.or(y, v128.and(x, splat(-0.0)));
}

/** log(1 + e^x) in one lane, through f64; PyTorch's threshold of 20 makes no difference in f32. */
// @ts-ignore: decorator
@inline
function softplusOf(x: f32): f32 {
  return x > 20 ? x : <f32>Math.log1p(Math.exp(<f64>x));
}

// @ts-ignore: decorator
@inline
function softplus4(x: v128): v128 {
  let y = splat(softplusOf(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, softplusOf(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, softplusOf(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, softplusOf(f32x4.extract_lane(x, 3)));
}

// @ts-ignore: decorator
@inline
function tanh4(x: v128): v128 {
  return f32x4.sub(f32x4.mul(splat(2), sigmoid4(f32x4.mul(splat(2), x))), splat(1));
}

/** min(max(x, low), high) that lets NaN through. */
// @ts-ignore: decorator
@inline
function clamp4(x: v128, low: f32, high: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, splat(low)), splat(high));
}

function value4(code: i32, x: v128, parameter: f32, upper: f32): v128 {
  switch (code) {
    case LEAKY_RELU:
      return v128.bitselect(x, f32x4.mul(x, splat(parameter)), f32x4.gt(x, splat(0)));
    case RELU6:
      return clamp4(x, 0, 6);
    case TANH:
      return tanh4(x);
    case ELU:
      return v128.bitselect(x, f32x4.mul(splat(parameter), f32x4.sub(exp4(x), splat(1))), f32x4.gt(x, splat(0)));
    case GELU:
      return f32x4.mul(f32x4.mul(splat(0.5), x), f32x4.add(splat(1), erf4(f32x4.mul(x, splat(0.70710678)))));
    case SILU:
      return f32x4.mul(x, sigmoid4(x));
    case SOFTPLUS:
      return softplus4(x);
    case HARDSWISH:
      return f32x4.mul(x, f32x4.mul(clamp4(f32x4.add(x, splat(3)), 0, 6), splat(<f32>(1.0 / 6.0))));
    case HARDSIGMOID:
      return f32x4.mul(clamp4(f32x4.add(x, splat(3)), 0, 6), splat(<f32>(1.0 / 6.0)));
    case HARDTANH:
      return clamp4(x, parameter, upper);
    default:
      return f32x4.mul(x, tanh4(softplus4(x)));
  }
}

/** 1 where low < x < high, else 0. */
// @ts-ignore: decorator
@inline
function inside4(x: v128, low: f32, high: f32): v128 {
  return v128.and(splat(1), v128.and(f32x4.gt(x, splat(low)), f32x4.lt(x, splat(high))));
}

function slope4(code: i32, x: v128, parameter: f32, upper: f32): v128 {
  const one = splat(1);
  switch (code) {
    case LEAKY_RELU:
      return v128.bitselect(one, splat(parameter), f32x4.gt(x, splat(0)));
    case RELU6:
      return inside4(x, 0, 6);
    case TANH: {
      const y = tanh4(x);
      return f32x4.sub(one, f32x4.mul(y, y));
    }
    case ELU:
      return v128.bitselect(one, f32x4.mul(splat(parameter), exp4(x)), f32x4.gt(x, splat(0)));
    case GELU: {
      const density = f32x4.mul(splat(0.39894228), exp4(f32x4.mul(splat(-0.5), f32x4.mul(x, x))));
      return f32x4.add(
        f32x4.mul(splat(0.5), f32x4.add(one, erf4(f32x4.mul(x, splat(0.70710678))))),
        f32x4.mul(x, density),
      );
    }
    case SILU: {
      const s = sigmoid4(x);
      return f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))));
    }
    case SOFTPLUS:
      return sigmoid4(x);
    case HARDSWISH: {
      const inner = f32x4.add(f32x4.mul(x, splat(<f32>(1.0 / 3.0))), splat(0.5));
      return v128.bitselect(
        inner,
        v128.and(one, f32x4.gt(x, splat(0))),
        v128.and(f32x4.gt(x, splat(-3)), f32x4.lt(x, splat(3))),
      );
    }
    case HARDSIGMOID:
      return f32x4.mul(splat(<f32>(1.0 / 6.0)), inside4(x, -3, 3));
    case HARDTANH:
      return inside4(x, parameter, upper);
    default: {
      const t = tanh4(softplus4(x));
      return f32x4.add(t, f32x4.mul(f32x4.mul(x, sigmoid4(x)), f32x4.sub(one, f32x4.mul(t, t))));
    }
  }
}

/** y = f(x). Padding columns stay 0, also where f(0) is not. */
export function activate(
  code: i32,
  parameter: f32,
  upper: f32,
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
  channels: i32,
): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16)
          v128.store(to + column, value4(code, v128.load(from + column), parameter, upper));
        for (let pad = channels; pad < columns; pad++) store<f32>(to + ((<usize>pad) << 2), 0);
        from += xPosition;
        to += yPosition;
      }
    }
  }
}

/** dx = dy·f′(x). */
export function activateGradient(
  code: i32,
  parameter: f32,
  upper: f32,
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
): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let value = x + xImage * image + xRow * row;
      let gradient = dy + dyImage * image + dyRow * row;
      let to = dx + dxImage * image + dxRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16) {
          v128.store(
            to + column,
            f32x4.mul(v128.load(gradient + column), slope4(code, v128.load(value + column), parameter, upper)),
          );
        }
        value += xPosition;
        gradient += dyPosition;
        to += dxPosition;
      }
    }
  }
}
