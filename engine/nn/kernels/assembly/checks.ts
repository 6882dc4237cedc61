/** Looking at memory: what is not finite, and how large a vector is. */

/** Index of the first NaN or infinity among `count` f32, or −1. */
export function firstNonFinite(values: usize, count: i32): i32 {
  for (let index = 0; index < count; index++) {
    // An exponent of all ones is infinity or NaN.
    if ((load<u32>(values + ((<usize>index) << 2)) & 0x7f800000) == 0x7f800000) return index;
  }
  return -1;
}

/** Σ x² in f64: eight partial sums over whole groups of eight, then the rest. */
export function sumOfSquares(values: usize, count: i32): f64 {
  let sum0 = f64x2.splat(0),
    sum1 = f64x2.splat(0),
    sum2 = f64x2.splat(0),
    sum3 = f64x2.splat(0);
  const whole = count & ~7;
  for (let index = 0; index < whole; index += 8) {
    const at = values + ((<usize>index) << 2);
    const x0 = f64x2.promote_low_f32x4(v128.load64_zero(at)),
      x1 = f64x2.promote_low_f32x4(v128.load64_zero(at, 8));
    const x2 = f64x2.promote_low_f32x4(v128.load64_zero(at, 16)),
      x3 = f64x2.promote_low_f32x4(v128.load64_zero(at, 24));
    sum0 = f64x2.add(sum0, f64x2.mul(x0, x0));
    sum1 = f64x2.add(sum1, f64x2.mul(x1, x1));
    sum2 = f64x2.add(sum2, f64x2.mul(x2, x2));
    sum3 = f64x2.add(sum3, f64x2.mul(x3, x3));
  }
  const pair = f64x2.add(f64x2.add(sum0, sum1), f64x2.add(sum2, sum3));
  let sum = f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
  for (let index = whole; index < count; index++) {
    const value = <f64>load<f32>(values + ((<usize>index) << 2));
    sum += value * value;
  }
  return sum;
}

/** First byte that static data does not use: the arena begins there. */
export function heapBase(): usize {
  return __heap_base;
}
