/** Dropout with a mask that is a hash of the element's number, so that it need not be kept for the gradient. */

/** A bijection of 32 bits in which every bit of the input moves every bit of the output (Wellons 2018, lowbias32). */
// @ts-ignore: decorator
@inline
function mix4(value: v128): v128 {
  let x = v128.xor(value, i32x4.shr_u(value, 16));
  x = i32x4.mul(x, i32x4.splat(0x7feb352d));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/**
 * y = scale·x where the hash is at least `threshold`, else 0. Elements are counted in PyTorch's order, so that their
 * numbers depend on nothing else; `perChannel` counts channels instead. Also the gradient, from dy to dx.
 */
export function dropout(
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
  perChannel: i32,
  firstKey: i32,
  secondKey: i32,
  threshold: u32,
  scale: f32,
): void {
  const pixels = perChannel ? 1 : rows * positions;
  const lanes = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(pixels));
  const key1 = i32x4.splat(firstKey),
    key2 = i32x4.splat(secondKey),
    least = i32x4.splat(threshold),
    scales = f32x4.splat(scale);
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        let element = image * channels * pixels + (perChannel ? 0 : row * positions + position);
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16) {
          const hash = mix4(i32x4.add(mix4(v128.xor(i32x4.add(i32x4.splat(element), lanes), key1)), key2));
          v128.store(to + column, v128.and(f32x4.mul(scales, v128.load(from + column)), i32x4.ge_u(hash, least)));
          element += 4 * pixels;
        }
        from += xPosition;
        to += yPosition;
      }
    }
  }
}
