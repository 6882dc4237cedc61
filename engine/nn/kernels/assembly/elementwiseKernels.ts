/** Activations, forward and backward side by side, over channel-last positions padded to 8 columns. */
import { exp4 } from "./madd";

/** y = max(x, 0); NaN stays NaN. */
export function relu(
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
): void {
  const zero = f32x4.splat(0);
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 32) {
          const y0 = f32x4.pmax(v128.load(from + column), zero),
            y1 = f32x4.pmax(v128.load(from + column, 16), zero);
          v128.store(to + column, y0);
          v128.store(to + column, y1, 16);
        }
        from += xPosition;
        to += yPosition;
      }
    }
  }
}

/** dx = dy where y > 0, else 0. */
export function reluGradient(
  images: i32,
  rows: i32,
  positions: i32,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
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
  const zero = f32x4.splat(0);
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let value = y + yImage * image + yRow * row;
      let gradient = dy + dyImage * image + dyRow * row;
      let to = dx + dxImage * image + dxRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 32) {
          const dx0 = v128.and(v128.load(gradient + column), f32x4.gt(v128.load(value + column), zero));
          const dx1 = v128.and(v128.load(gradient + column, 16), f32x4.gt(v128.load(value + column, 16), zero));
          v128.store(to + column, dx0);
          v128.store(to + column, dx1, 16);
        }
        value += yPosition;
        gradient += dyPosition;
        to += dxPosition;
      }
    }
  }
}

/** y = 1/(1 + e^−x). Padding columns stay 0 (sigmoid(0) is ½, which would leak into the next layer's weights). */
export function sigmoid(
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
  const one = f32x4.splat(1);
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 32) {
          const y0 = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(v128.load(from + column)))));
          const y1 = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(v128.load(from + column, 16)))));
          v128.store(to + column, y0);
          v128.store(to + column, y1, 16);
        }
        for (let pad = channels; pad < columns; pad++) store<f32>(to + ((<usize>pad) << 2), 0);
        from += xPosition;
        to += yPosition;
      }
    }
  }
}

/** dx = dy·y·(1 − y). */
export function sigmoidGradient(
  images: i32,
  rows: i32,
  positions: i32,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
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
  const one = f32x4.splat(1);
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let value = y + yImage * image + yRow * row;
      let gradient = dy + dyImage * image + dyRow * row;
      let to = dx + dxImage * image + dxRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 32) {
          const s0 = v128.load(value + column),
            s1 = v128.load(value + column, 16);
          const dx0 = f32x4.mul(v128.load(gradient + column), f32x4.mul(s0, f32x4.sub(one, s0)));
          const dx1 = f32x4.mul(v128.load(gradient + column, 16), f32x4.mul(s1, f32x4.sub(one, s1)));
          v128.store(to + column, dx0);
          v128.store(to + column, dx1, 16);
        }
        value += yPosition;
        gradient += dyPosition;
        to += dxPosition;
      }
    }
  }
}

/** y = x. */
export function copy(
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
): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16)
          v128.store(to + column, v128.load(from + column));
        from += xPosition;
        to += yPosition;
      }
    }
  }
}

/** y = x over the first `channels`, which need not begin where four columns do: parts of a concatenation. */
export function copyChannels(
  images: i32,
  rows: i32,
  positions: i32,
  channels: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
): void {
  const whole: usize = (<usize>(channels & ~3)) << 2,
    all: usize = (<usize>channels) << 2;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        let column: usize = 0;
        for (; column < whole; column += 16) v128.store(to + column, v128.load(from + column));
        for (; column < all; column += 4) store<f32>(to + column, load<f32>(from + column));
        from += xPosition;
        to += yPosition;
      }
    }
  }
}

/** Per channel sums over all positions, through f64, into f32: the gradient of a bias. */
export function columnSums(
  images: i32,
  rows: i32,
  positions: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  channels: i32,
  target: usize,
): void {
  for (let channel = 0; channel < channels; channel += 4) {
    const at = (<usize>channel) << 2;
    let low = f64x2.splat(0),
      high = f64x2.splat(0);
    for (let image = 0; image < images; image++) {
      for (let row = 0; row < rows; row++) {
        let from = x + xImage * image + xRow * row + at;
        for (let position = 0; position < positions; position++) {
          const value = v128.load(from);
          low = f64x2.add(low, f64x2.promote_low_f32x4(value));
          high = f64x2.add(
            high,
            f64x2.promote_low_f32x4(
              i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15),
            ),
          );
          from += xPosition;
        }
      }
    }
    store<f32>(target + at, <f32>f64x2.extract_lane(low, 0));
    store<f32>(target + at, <f32>f64x2.extract_lane(low, 1), 4);
    store<f32>(target + at, <f32>f64x2.extract_lane(high, 0), 8);
    store<f32>(target + at, <f32>f64x2.extract_lane(high, 1), 12);
  }
}
