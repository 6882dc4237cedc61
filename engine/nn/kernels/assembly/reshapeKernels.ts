/**
 * Between channel-last images and PyTorch's feature order (channel, height, width), forward and backward side by side.
 */

/** features[sample, (c, h, w)] = image[sample, h, w, c]. */
export function flatten(
  images: i32,
  rows: i32,
  positions: i32,
  channels: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  y: usize,
  ySample: usize,
): void {
  for (let image = 0; image < images; image++) {
    let to = y + ySample * image;
    for (let channel = 0; channel < channels; channel++) {
      for (let row = 0; row < rows; row++) {
        let from = x + xImage * image + xRow * row + ((<usize>channel) << 2);
        for (let position = 0; position < positions; position++) {
          store<f32>(to, load<f32>(from));
          to += 4;
          from += xPosition;
        }
      }
    }
  }
}

/** The inverse, for gradients: image[sample, h, w, c] = features[sample, (c, h, w)]. */
export function unflatten(
  images: i32,
  rows: i32,
  positions: i32,
  channels: i32,
  features: usize,
  featureSample: usize,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
): void {
  for (let image = 0; image < images; image++) {
    let from = features + featureSample * image;
    for (let channel = 0; channel < channels; channel++) {
      for (let row = 0; row < rows; row++) {
        let to = x + xImage * image + xRow * row + ((<usize>channel) << 2);
        for (let position = 0; position < positions; position++) {
          store<f32>(to, load<f32>(from));
          from += 4;
          to += xPosition;
        }
      }
    }
  }
}
