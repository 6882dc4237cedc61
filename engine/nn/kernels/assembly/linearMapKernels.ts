/**
 * Sparse linear maps within a sample, as runs of neighbouring floats: four 32-bit words each, the offsets in bytes of
 * the run in the input and in the output, its length in floats and its weight.
 */

/**
 * For each run y = w·x, or y += w·x where `adds` is 1. `from` and `to` are the offsets (0 or 4) of x's and y's words.
 */
export function mapRuns(
  images: i32,
  runs: i32,
  table: usize,
  from: i32,
  to: i32,
  adds: i32,
  x: usize,
  xImage: usize,
  y: usize,
  yImage: usize,
): void {
  for (let image = 0; image < images; image++) {
    const source = x + xImage * image,
      target = y + yImage * image;
    for (let run = 0; run < runs; run++) {
      const entry = table + ((<usize>run) << 4);
      const read = source + load<u32>(entry + from),
        write = target + load<u32>(entry + to);
      const length: usize = (<usize>load<u32>(entry, 8)) << 2,
        whole = length & ~15;
      const weight = load<f32>(entry, 12),
        weights = f32x4.splat(weight);
      let at: usize = 0;
      if (adds) {
        for (; at < whole; at += 16)
          v128.store(write + at, f32x4.add(v128.load(write + at), f32x4.mul(weights, v128.load(read + at))));
        for (; at < length; at += 4) store<f32>(write + at, load<f32>(write + at) + weight * load<f32>(read + at));
      } else {
        for (; at < whole; at += 16) v128.store(write + at, f32x4.mul(weights, v128.load(read + at)));
        for (; at < length; at += 4) store<f32>(write + at, weight * load<f32>(read + at));
      }
    }
  }
}
