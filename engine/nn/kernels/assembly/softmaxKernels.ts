/**
 * Softmax over the channels of each position, in f64 against the largest, so that it neither overflows nor loses
 * digits.
 */

/** y = e^x/Σ e^x, or its logarithm. Padding columns stay 0. */
export function softmax(
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
  channels: i32,
  isLogarithm: i32,
): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        let highest: f64 = -Infinity,
          sum: f64 = 0;
        for (let k = 0; k < channels; k++) highest = max(highest, <f64>load<f32>(from + ((<usize>k) << 2)));
        for (let k = 0; k < channels; k++) sum += Math.exp(<f64>load<f32>(from + ((<usize>k) << 2)) - highest);
        const logarithm = Math.log(sum);
        for (let k = 0; k < channels; k++) {
          const distance = <f64>load<f32>(from + ((<usize>k) << 2)) - highest;
          store<f32>(to + ((<usize>k) << 2), <f32>(isLogarithm ? distance - logarithm : Math.exp(distance) / sum));
        }
        from += xPosition;
        to += yPosition;
      }
    }
  }
}

/** dx = y·(dy − Σ dy·y), or dy − e^y·Σ dy for the logarithm. */
export function softmaxGradient(
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
  channels: i32,
  isLogarithm: i32,
): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let value = y + yImage * image + yRow * row;
      let gradient = dy + dyImage * image + dyRow * row;
      let to = dx + dxImage * image + dxRow * row;
      for (let position = 0; position < positions; position++) {
        let sum: f64 = 0;
        for (let k = 0; k < channels; k++) {
          const at = (<usize>k) << 2;
          sum += <f64>load<f32>(gradient + at) * (isLogarithm ? 1.0 : <f64>load<f32>(value + at));
        }
        for (let k = 0; k < channels; k++) {
          const at = (<usize>k) << 2;
          const g = <f64>load<f32>(gradient + at),
            v = <f64>load<f32>(value + at);
          store<f32>(to + at, <f32>(isLogarithm ? g - Math.exp(v) * sum : v * (g - sum)));
        }
        value += yPosition;
        gradient += dyPosition;
        to += dxPosition;
      }
    }
  }
}
