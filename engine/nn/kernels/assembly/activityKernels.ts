/** What an activation's outputs show: channels without any signal, and values at the function's limits. */

/**
 * Counts the values y ≤ low or y ≥ high, padding columns included, and leaves in `alive` (a vector of `columns`) all
 * bits set for each channel that is not zero everywhere.
 */
export function activity(
  images: i32,
  rows: i32,
  positions: i32,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
  columns: i32,
  low: f32,
  high: f32,
  alive: usize,
): f64 {
  const zero = f32x4.splat(0),
    lowest = f32x4.splat(low),
    highest = f32x4.splat(high);
  const end: usize = (<usize>columns) << 2;
  for (let column: usize = 0; column < end; column += 16) v128.store(alive + column, zero);
  let total: f64 = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = y + yImage * image + yRow * row;
      // Whole rows fit into a lane's 31 bits.
      let counts = i32x4.splat(0);
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < end; column += 16) {
          const value = v128.load(from + column);
          counts = i32x4.sub(counts, v128.or(f32x4.le(value, lowest), f32x4.ge(value, highest)));
          v128.store(alive + column, v128.or(v128.load(alive + column), f32x4.ne(value, zero)));
        }
        from += yPosition;
      }
      total +=
        <f64>i32x4.extract_lane(counts, 0) +
        <f64>i32x4.extract_lane(counts, 1) +
        <f64>i32x4.extract_lane(counts, 2) +
        <f64>i32x4.extract_lane(counts, 3);
    }
  }
  return total;
}
