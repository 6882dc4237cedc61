/**
 * Convolutions of every channel by itself, over channel-last images; all strides are bytes, `columns` is a multiple of
 * 8.
 */
import { madd } from "./madd";

/** y[position] (+)= Σ over taps of w[tap]·x[position + tap], per channel. */
export function depthwise(
  images: i32,
  rows: i32,
  positions: i32,
  columns: i32,
  tapsY: i32,
  tapsX: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  xTapRow: usize,
  xTap: usize,
  weights: usize,
  weightTapRow: usize,
  weightTap: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
  accumulate: i32,
): void {
  const mask = i32x4.splat(-accumulate);
  const whole = positions & ~3;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      for (let column: usize = 0; column < (<usize>columns) << 2; column += 32) {
        let from = x + xImage * image + xRow * row + column;
        let to = y + yImage * image + yRow * row + column;
        let position = 0;
        for (; position < whole; position += 4) {
          const to1 = to + yPosition,
            to2 = to1 + yPosition,
            to3 = to2 + yPosition;
          let a0 = v128.and(v128.load(to), mask),
            b0 = v128.and(v128.load(to, 16), mask);
          let a1 = v128.and(v128.load(to1), mask),
            b1 = v128.and(v128.load(to1, 16), mask);
          let a2 = v128.and(v128.load(to2), mask),
            b2 = v128.and(v128.load(to2, 16), mask);
          let a3 = v128.and(v128.load(to3), mask),
            b3 = v128.and(v128.load(to3, 16), mask);
          for (let v = 0; v < tapsY; v++) {
            let at = from + xTapRow * v;
            let weight = weights + weightTapRow * v + column;
            for (let u = 0; u < tapsX; u++) {
              const w0 = v128.load(weight),
                w1 = v128.load(weight, 16);
              const at1 = at + xPosition,
                at2 = at1 + xPosition,
                at3 = at2 + xPosition;
              a0 = madd(v128.load(at), w0, a0);
              b0 = madd(v128.load(at, 16), w1, b0);
              a1 = madd(v128.load(at1), w0, a1);
              b1 = madd(v128.load(at1, 16), w1, b1);
              a2 = madd(v128.load(at2), w0, a2);
              b2 = madd(v128.load(at2, 16), w1, b2);
              a3 = madd(v128.load(at3), w0, a3);
              b3 = madd(v128.load(at3, 16), w1, b3);
              at += xTap;
              weight += weightTap;
            }
          }
          v128.store(to, a0);
          v128.store(to, b0, 16);
          v128.store(to1, a1);
          v128.store(to1, b1, 16);
          v128.store(to2, a2);
          v128.store(to2, b2, 16);
          v128.store(to3, a3);
          v128.store(to3, b3, 16);
          from += xPosition * 4;
          to += yPosition * 4;
        }
        for (; position < positions; position++) {
          let a = v128.and(v128.load(to), mask),
            b = v128.and(v128.load(to, 16), mask);
          for (let v = 0; v < tapsY; v++) {
            let at = from + xTapRow * v;
            let weight = weights + weightTapRow * v + column;
            for (let u = 0; u < tapsX; u++) {
              a = madd(v128.load(at), v128.load(weight), a);
              b = madd(v128.load(at, 16), v128.load(weight, 16), b);
              at += xTap;
              weight += weightTap;
            }
          }
          v128.store(to, a);
          v128.store(to, b, 16);
          from += xPosition;
          to += yPosition;
        }
      }
    }
  }
}

/**
 * gradient[tap] += Σ over samples and positions of x[position + tap]·dy[position], per channel; row by row, so that
 * sums stay short.
 */
export function depthwiseWeights(
  images: i32,
  rows: i32,
  positions: i32,
  columns: i32,
  tapsY: i32,
  tapsX: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  xTapRow: usize,
  xTap: usize,
  dy: usize,
  dyImage: usize,
  dyRow: usize,
  dyPosition: usize,
  gradient: usize,
): void {
  const tapBytes = (<usize>columns) << 2;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      for (let column: usize = 0; column < tapBytes; column += 32) {
        let to = gradient + column;
        for (let v = 0; v < tapsY; v++) {
          for (let u = 0; u < tapsX; u++) {
            let at = x + xImage * image + xRow * row + xTapRow * v + xTap * u + column;
            let from = dy + dyImage * image + dyRow * row + column;
            let a = f32x4.splat(0),
              b = f32x4.splat(0);
            for (let position = 0; position < positions; position++) {
              a = madd(v128.load(at), v128.load(from), a);
              b = madd(v128.load(at, 16), v128.load(from, 16), b);
              at += xPosition;
              from += dyPosition;
            }
            v128.store(to, f32x4.add(v128.load(to), a));
            v128.store(to, f32x4.add(v128.load(to, 16), b), 16);
            to += tapBytes;
          }
        }
      }
    }
  }
}
