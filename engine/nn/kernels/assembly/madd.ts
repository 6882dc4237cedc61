/**
 * a·b + c. `RELAXED` is a compile-time constant (see build.mjs), so the plain module contains no relaxed instruction.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  // @ts-ignore: introduced by --use
  if (RELAXED) return f32x4.relaxed_madd(a, b, c);
  else return f32x4.add(f32x4.mul(a, b), c);
}

/** Adds the four f32 lanes of `value` to the four f64 accumulators at `sums`. */
// @ts-ignore: decorator
@inline
export function foldIntoF64(sums: usize, value: v128): void {
  v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(value)));
  v128.store(
    sums,
    f64x2.add(
      v128.load(sums, 16),
      f64x2.promote_low_f32x4(i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)),
    ),
    16,
  );
}

/** The numbers of `exp4`: from memory they take one instruction each, as constants in the code three. */
const EXP_NUMBERS = memory.data<f32>([
  88, -87, 1.44269504088896341, 12582912, -0.693359375, 2.1219444e-4, 1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3,
  4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1,
]);

// @ts-ignore: decorator
@inline
function expNumber(index: usize): v128 {
  return v128.load32_splat(EXP_NUMBERS + (index << 2));
}

/**
 * e^x in four lanes, Cephes' polynomial, 8.2e-8 relative error. NaN passes through (x stands first in pmin and pmax);
 * the result is clamped to e^±87, so callers treat infinities on purpose.
 */
// @ts-ignore: decorator
@inline
export function exp4(value: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(value, expNumber(0)), expNumber(1));
  // Adding 1.5·2²³ rounds to the nearest integer, which then is in the lowest bits.
  const shifted = f32x4.add(f32x4.mul(x, expNumber(2)), expNumber(3));
  const n = f32x4.sub(shifted, expNumber(3));
  let r = madd(n, expNumber(4), x);
  r = madd(n, expNumber(5), r);
  let p = madd(expNumber(6), r, expNumber(7));
  p = madd(p, r, expNumber(8));
  p = madd(p, r, expNumber(9));
  p = madd(p, r, expNumber(10));
  p = madd(p, r, expNumber(11));
  p = f32x4.add(madd(p, f32x4.mul(r, r), r), expNumber(12));
  return f32x4.mul(p, i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23));
}
