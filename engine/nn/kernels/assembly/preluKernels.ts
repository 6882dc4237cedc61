/** PReLU over channel-last positions padded to 8 columns; `slopes` contains one slope per column. */
import { foldIntoF64 } from "./madd";

/** y = x where x > 0, else a·x; NaN stays NaN. */
export function prelu(
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
  slopes: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16) {
          const value = v128.load(from + column);
          v128.store(
            to + column,
            v128.bitselect(value, f32x4.mul(v128.load(slopes + column), value), f32x4.gt(value, f32x4.splat(0))),
          );
        }
        from += xPosition;
        to += yPosition;
      }
    }
  }
}

/** dx = dy where x > 0, else a·dy (not when `dx` is 0); `sums` receives Σ dy·x over x ≤ 0 per column, in f64. */
export function preluGradient(
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
  slopes: usize,
  sums: usize,
): void {
  memory.fill(sums, 0, (<usize>columns) << 3);
  const zero = f32x4.splat(0);
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let value = x + xImage * image + xRow * row;
      let gradient = dy + dyImage * image + dyRow * row;
      let to = dx + dxImage * image + dxRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16) {
          const v = v128.load(value + column),
            g = v128.load(gradient + column),
            isPositive = f32x4.gt(v, zero);
          if (dx) v128.store(to + column, v128.bitselect(g, f32x4.mul(v128.load(slopes + column), g), isPositive));
          foldIntoF64(sums + (column << 1), v128.andnot(f32x4.mul(g, v), isPositive));
        }
        value += xPosition;
        gradient += dyPosition;
        to += dxPosition;
      }
    }
  }
}
