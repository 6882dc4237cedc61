/** Pooling over channel-last images, forward beside backward. */

/**
 * Maximum over each window, and where it was (byte offset from the image's first pixel, for the gradient). As in
 * PyTorch the first maximum wins and NaN beats everything. Windows are cut at the image's edge: padding is −∞.
 */
export function maxPool(
  images: i32, inHeight: i32, inWidth: i32, outHeight: i32, outWidth: i32, channels: i32,
  kernelHeight: i32, kernelWidth: i32, strideY: i32, strideX: i32, padY: i32, padX: i32,
  x: usize, xImage: usize, xRow: usize, xPosition: usize, y: usize, yImage: usize, yRow: usize, yPosition: usize, winners: usize,
): void {
  for (let image = 0; image < images; image++) {
    const source = x + xImage * image;
    for (let oy = 0; oy < outHeight; oy++) {
      const top = max(oy * strideY - padY, 0), bottom = min(oy * strideY - padY + kernelHeight, inHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const left = max(ox * strideX - padX, 0), right = min(ox * strideX - padX + kernelWidth, inWidth);
        const to = y + yImage * image + yRow * oy + yPosition * ox;
        for (let channel = 0; channel < channels; channel++) {
          const at = <usize>channel << 2;
          let best: f32 = -Infinity;
          let winner = xRow * top + xPosition * left;
          for (let iy = top; iy < bottom; iy++) {
            let offset = xRow * iy + xPosition * left;
            for (let ix = left; ix < right; ix++) {
              const value = load<f32>(source + offset + at);
              if (value > best || value != value) { best = value; winner = offset; }
              offset += xPosition;
            }
          }
          store<f32>(to + at, best);
          store<i32>(winners + at, <i32>winner);
        }
        winners += <usize>channels << 2;
      }
    }
  }
}

/** Adds each output gradient to the pixel that won; dx (same strides as x) must be zero before. */
export function maxPoolGradient(
  images: i32, outHeight: i32, outWidth: i32, channels: i32, winners: usize,
  xRow: usize, xPosition: usize, dx: usize, dxImage: usize, dxRow: usize, dxPosition: usize,
  dy: usize, dyImage: usize, dyRow: usize, dyPosition: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const from = dy + dyImage * image + dyRow * oy + dyPosition * ox;
        for (let channel = 0; channel < channels; channel++) {
          const at = <usize>channel << 2;
          const winner = <usize>load<i32>(winners + at);
          const row = winner / xRow;
          const column = (winner - row * xRow) / xPosition;
          const to = dx + dxImage * image + dxRow * row + dxPosition * column + at;
          store<f32>(to, load<f32>(to) + load<f32>(from + at));
        }
        winners += <usize>channels << 2;
      }
    }
  }
}

/** Mean over windows that split the image into outHeight × outWidth parts: rows ⌊i·H/O⌋ to ⌈(i+1)·H/O⌉, as PyTorch's. */
export function adaptiveAvgPool(
  images: i32, inHeight: i32, inWidth: i32, outHeight: i32, outWidth: i32, columns: i32,
  x: usize, xImage: usize, xRow: usize, xPosition: usize, y: usize, yImage: usize, yRow: usize, yPosition: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = oy * inHeight / outHeight, bottom = ((oy + 1) * inHeight + outHeight - 1) / outHeight;
      for (let ox = 0; ox < outWidth; ox++) {
        const left = ox * inWidth / outWidth, right = ((ox + 1) * inWidth + outWidth - 1) / outWidth;
        const share = f32x4.splat(<f32>(1.0 / <f64>((bottom - top) * (right - left))));
        const to = y + yImage * image + yRow * oy + yPosition * ox;
        for (let column: usize = 0; column < <usize>columns << 2; column += 16) {
          let sum = f32x4.splat(0);
          for (let iy = top; iy < bottom; iy++) {
            let from = x + xImage * image + xRow * iy + xPosition * left + column;
            for (let ix = left; ix < right; ix++) { sum = f32x4.add(sum, v128.load(from)); from += xPosition; }
          }
          v128.store(to + column, f32x4.mul(sum, share));
        }
      }
    }
  }
}

/** Spreads each output gradient evenly over its window; dx must be zero before (windows may overlap). */
export function adaptiveAvgPoolGradient(
  images: i32, inHeight: i32, inWidth: i32, outHeight: i32, outWidth: i32, columns: i32,
  dx: usize, dxImage: usize, dxRow: usize, dxPosition: usize, dy: usize, dyImage: usize, dyRow: usize, dyPosition: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = oy * inHeight / outHeight, bottom = ((oy + 1) * inHeight + outHeight - 1) / outHeight;
      for (let ox = 0; ox < outWidth; ox++) {
        const left = ox * inWidth / outWidth, right = ((ox + 1) * inWidth + outWidth - 1) / outWidth;
        const share = f32x4.splat(<f32>(1.0 / <f64>((bottom - top) * (right - left))));
        const from = dy + dyImage * image + dyRow * oy + dyPosition * ox;
        for (let column: usize = 0; column < <usize>columns << 2; column += 16) {
          const part = f32x4.mul(v128.load(from + column), share);
          for (let iy = top; iy < bottom; iy++) {
            let to = dx + dxImage * image + dxRow * iy + dxPosition * left + column;
            for (let ix = left; ix < right; ix++) { v128.store(to, f32x4.add(v128.load(to), part)); to += dxPosition; }
          }
        }
      }
    }
  }
}
