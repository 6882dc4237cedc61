/** Pooling over channel-last images, forward and backward side by side. */

/** The first place of a window's that is not before the image. */
// @ts-ignore: decorator
@inline
function firstInside(start: i32, step: i32): i32 {
  return start < 0 ? start + ((step - 1 - start) / step) * step : start;
}

/** How much of a window is within the image and its padding: less than all of it where sizes are rounded up. */
// @ts-ignore: decorator
@inline
function paddedLength(start: i32, kernel: i32, size: i32, pad: i32): i32 {
  return min(start + kernel, size + pad) - start;
}

/**
 * Maximum over each window, and where it was (row in the upper, column in the lower 16 bits, for the gradient). As in
 * PyTorch the first maximum wins and NaN beats everything. Windows are cut at the image's edge: padding is −∞.
 */
export function maxPool(
  images: i32,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  columns: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  padY: i32,
  padX: i32,
  dilationY: i32,
  dilationX: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
  winners: usize,
): void {
  for (let image = 0; image < images; image++) {
    const source = x + xImage * image;
    for (let oy = 0; oy < outHeight; oy++) {
      const above = oy * strideY - padY;
      const top = firstInside(above, dilationY),
        bottom = min(above + (kernelHeight - 1) * dilationY + 1, inHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const before = ox * strideX - padX;
        const left = firstInside(before, dilationX),
          right = min(before + (kernelWidth - 1) * dilationX + 1, inWidth);
        const to = y + yImage * image + yRow * oy + yPosition * ox;
        windowMaximum(top, bottom, left, right, dilationY, dilationX, source, xRow, xPosition, columns, to, winners);
        winners += (<usize>columns) << 2;
      }
    }
  }
}

/** The maximum of one window, columns side by side, and where it was. */
// @ts-ignore: decorator
@inline
function windowMaximum(
  top: i32,
  bottom: i32,
  left: i32,
  right: i32,
  stepY: i32,
  stepX: i32,
  source: usize,
  xRow: usize,
  xPosition: usize,
  columns: i32,
  to: usize,
  winners: usize,
): void {
  for (let column: usize = 0; column < (<usize>columns) << 2; column += 16) {
    let best = f32x4.splat(-Infinity);
    let winner = i32x4.splat((top << 16) | left);
    for (let iy = top; iy < bottom; iy += stepY) {
      let from = source + xRow * iy + xPosition * left + column;
      for (let ix = left; ix < right; ix += stepX) {
        const value = v128.load(from);
        // A maximum so far that is NaN is larger than nothing, so it stays.
        const wins = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
        best = v128.bitselect(value, best, wins);
        winner = v128.bitselect(i32x4.splat((iy << 16) | ix), winner, wins);
        from += xPosition * stepX;
      }
    }
    v128.store(to + column, best);
    v128.store(winners + column, winner);
  }
}

/** Maximum over windows that split the image as those of the adaptive mean do. Its gradient is that of `maxPool`. */
export function adaptiveMaxPool(
  images: i32,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  columns: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
  winners: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = (oy * inHeight) / outHeight,
        bottom = ((oy + 1) * inHeight + outHeight - 1) / outHeight;
      for (let ox = 0; ox < outWidth; ox++) {
        const left = (ox * inWidth) / outWidth,
          right = ((ox + 1) * inWidth + outWidth - 1) / outWidth;
        windowMaximum(
          top,
          bottom,
          left,
          right,
          1,
          1,
          x + xImage * image,
          xRow,
          xPosition,
          columns,
          y + yImage * image + yRow * oy + yPosition * ox,
          winners,
        );
        winners += (<usize>columns) << 2;
      }
    }
  }
}

/** Adds each output gradient to the pixel that won; dx must be zero before. */
export function maxPoolGradient(
  images: i32,
  outHeight: i32,
  outWidth: i32,
  columns: i32,
  winners: usize,
  dx: usize,
  dxImage: usize,
  dxRow: usize,
  dxPosition: usize,
  dy: usize,
  dyImage: usize,
  dyRow: usize,
  dyPosition: usize,
): void {
  for (let image = 0; image < images; image++) {
    const target = dx + dxImage * image;
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const from = dy + dyImage * image + dyRow * oy + dyPosition * ox;
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 4) {
          const winner = load<u32>(winners + column);
          const to = target + dxRow * (winner >> 16) + dxPosition * (winner & 0xffff) + column;
          store<f32>(to, load<f32>(to) + load<f32>(from + column));
        }
        winners += (<usize>columns) << 2;
      }
    }
  }
}

/**
 * Mean over windows that split the image into outHeight × outWidth parts: rows ⌊i·H/O⌋ to ⌈(i+1)·H/O⌉, as PyTorch's.
 */
export function adaptiveAvgPool(
  images: i32,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  columns: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = (oy * inHeight) / outHeight,
        bottom = ((oy + 1) * inHeight + outHeight - 1) / outHeight;
      for (let ox = 0; ox < outWidth; ox++) {
        const left = (ox * inWidth) / outWidth,
          right = ((ox + 1) * inWidth + outWidth - 1) / outWidth;
        const share = f32x4.splat(<f32>(1.0 / <f64>((bottom - top) * (right - left))));
        const to = y + yImage * image + yRow * oy + yPosition * ox;
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16) {
          let sum = f32x4.splat(0);
          for (let iy = top; iy < bottom; iy++) {
            let from = x + xImage * image + xRow * iy + xPosition * left + column;
            for (let ix = left; ix < right; ix++) {
              sum = f32x4.add(sum, v128.load(from));
              from += xPosition;
            }
          }
          v128.store(to + column, f32x4.mul(sum, share));
        }
      }
    }
  }
}

/** Spreads each output gradient evenly over its window; dx must be zero before (windows may overlap). */
export function adaptiveAvgPoolGradient(
  images: i32,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  columns: i32,
  dx: usize,
  dxImage: usize,
  dxRow: usize,
  dxPosition: usize,
  dy: usize,
  dyImage: usize,
  dyRow: usize,
  dyPosition: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = (oy * inHeight) / outHeight,
        bottom = ((oy + 1) * inHeight + outHeight - 1) / outHeight;
      for (let ox = 0; ox < outWidth; ox++) {
        const left = (ox * inWidth) / outWidth,
          right = ((ox + 1) * inWidth + outWidth - 1) / outWidth;
        const share = f32x4.splat(<f32>(1.0 / <f64>((bottom - top) * (right - left))));
        const from = dy + dyImage * image + dyRow * oy + dyPosition * ox;
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16) {
          const part = f32x4.mul(v128.load(from + column), share);
          for (let iy = top; iy < bottom; iy++) {
            let to = dx + dxImage * image + dxRow * iy + dxPosition * left + column;
            for (let ix = left; ix < right; ix++) {
              v128.store(to, f32x4.add(v128.load(to), part));
              to += dxPosition;
            }
          }
        }
      }
    }
  }
}

/**
 * Mean over each window (torch.nn.AvgPool2d). Windows are cut at the image's edge; `countPadding` is 1 where the zeros
 * beyond it count as values.
 */
export function avgPool(
  images: i32,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  columns: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  padY: i32,
  padX: i32,
  countPadding: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = max(oy * strideY - padY, 0),
        bottom = min(oy * strideY - padY + kernelHeight, inHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const left = max(ox * strideX - padX, 0),
          right = min(ox * strideX - padX + kernelWidth, inWidth);
        const size = countPadding
          ? paddedLength(oy * strideY - padY, kernelHeight, inHeight, padY) *
            paddedLength(ox * strideX - padX, kernelWidth, inWidth, padX)
          : (bottom - top) * (right - left);
        const share = f32x4.splat(<f32>(1.0 / <f64>size));
        const to = y + yImage * image + yRow * oy + yPosition * ox;
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16) {
          let sum = f32x4.splat(0);
          for (let iy = top; iy < bottom; iy++) {
            let from = x + xImage * image + xRow * iy + xPosition * left + column;
            for (let ix = left; ix < right; ix++) {
              sum = f32x4.add(sum, v128.load(from));
              from += xPosition;
            }
          }
          v128.store(to + column, f32x4.mul(sum, share));
        }
      }
    }
  }
}

/** Spreads each output gradient evenly over its window; dx must be zero before. */
export function avgPoolGradient(
  images: i32,
  inHeight: i32,
  inWidth: i32,
  outHeight: i32,
  outWidth: i32,
  columns: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  padY: i32,
  padX: i32,
  countPadding: i32,
  dx: usize,
  dxImage: usize,
  dxRow: usize,
  dxPosition: usize,
  dy: usize,
  dyImage: usize,
  dyRow: usize,
  dyPosition: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = max(oy * strideY - padY, 0),
        bottom = min(oy * strideY - padY + kernelHeight, inHeight);
      for (let ox = 0; ox < outWidth; ox++) {
        const left = max(ox * strideX - padX, 0),
          right = min(ox * strideX - padX + kernelWidth, inWidth);
        const size = countPadding
          ? paddedLength(oy * strideY - padY, kernelHeight, inHeight, padY) *
            paddedLength(ox * strideX - padX, kernelWidth, inWidth, padX)
          : (bottom - top) * (right - left);
        const share = f32x4.splat(<f32>(1.0 / <f64>size));
        const from = dy + dyImage * image + dyRow * oy + dyPosition * ox;
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16) {
          const part = f32x4.mul(v128.load(from + column), share);
          for (let iy = top; iy < bottom; iy++) {
            let to = dx + dxImage * image + dxRow * iy + dxPosition * left + column;
            for (let ix = left; ix < right; ix++) {
              v128.store(to, f32x4.add(v128.load(to), part));
              to += dxPosition;
            }
          }
        }
      }
    }
  }
}
