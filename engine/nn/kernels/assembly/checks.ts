/** Looking at memory: what is not finite, and how large a vector is. */

/** Index of the first NaN or infinity among `count` f32, or −1. */
export function firstNonFinite(values: usize, count: i32): i32 {
  for (let index = 0; index < count; index++) {
    // An exponent of all ones is infinity or NaN.
    if ((load<u32>(values + (<usize>index << 2)) & 0x7f800000) == 0x7f800000) return index;
  }
  return -1;
}

/** Σ x² in f64. */
export function sumOfSquares(values: usize, count: i32): f64 {
  let sum: f64 = 0;
  for (let index = 0; index < count; index++) {
    const value = <f64>load<f32>(values + (<usize>index << 2));
    sum += value * value;
  }
  return sum;
}

/** First byte that static data does not use: the arena begins there. */
export function heapBase(): usize {
  return __heap_base;
}
