/** Arithmetic of two values, or of one with known numbers, over channel-last positions padded to 8 columns. */

const ADD: i32 = 0;
const SUBTRACT: i32 = 1;
const MULTIPLY: i32 = 2;

/** y = a + b. */
export function add(
  images: i32,
  rows: i32,
  positions: i32,
  a: usize,
  aImage: usize,
  aRow: usize,
  aPosition: usize,
  b: usize,
  bImage: usize,
  bRow: usize,
  bPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
  columns: i32,
): void {
  combine(
    ADD,
    images,
    rows,
    positions,
    a,
    aImage,
    aRow,
    aPosition,
    b,
    bImage,
    bRow,
    bPosition,
    y,
    yImage,
    yRow,
    yPosition,
    columns,
  );
}

/** y = a − b. */
export function subtract(
  images: i32,
  rows: i32,
  positions: i32,
  a: usize,
  aImage: usize,
  aRow: usize,
  aPosition: usize,
  b: usize,
  bImage: usize,
  bRow: usize,
  bPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
  columns: i32,
): void {
  combine(
    SUBTRACT,
    images,
    rows,
    positions,
    a,
    aImage,
    aRow,
    aPosition,
    b,
    bImage,
    bRow,
    bPosition,
    y,
    yImage,
    yRow,
    yPosition,
    columns,
  );
}

/** y = a·b. */
export function multiply(
  images: i32,
  rows: i32,
  positions: i32,
  a: usize,
  aImage: usize,
  aRow: usize,
  aPosition: usize,
  b: usize,
  bImage: usize,
  bRow: usize,
  bPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
  columns: i32,
): void {
  combine(
    MULTIPLY,
    images,
    rows,
    positions,
    a,
    aImage,
    aRow,
    aPosition,
    b,
    bImage,
    bRow,
    bPosition,
    y,
    yImage,
    yRow,
    yPosition,
    columns,
  );
}

/** Inlined with a constant operation, so that no choice is left in the loop. */
// @ts-ignore: decorator
@inline
function combine(
  operation: i32,
  images: i32,
  rows: i32,
  positions: i32,
  a: usize,
  aImage: usize,
  aRow: usize,
  aPosition: usize,
  b: usize,
  bImage: usize,
  bRow: usize,
  bPosition: usize,
  y: usize,
  yImage: usize,
  yRow: usize,
  yPosition: usize,
  columns: i32,
): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let first = a + aImage * image + aRow * row;
      let second = b + bImage * image + bRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16) {
          const left = v128.load(first + column),
            right = v128.load(second + column);
          v128.store(
            to + column,
            operation == ADD
              ? f32x4.add(left, right)
              : operation == SUBTRACT
                ? f32x4.sub(left, right)
                : f32x4.mul(left, right),
          );
        }
        first += aPosition;
        second += bPosition;
        to += yPosition;
      }
    }
  }
}

/** y = scale·x + shift. Padding columns stay 0. */
export function affine(
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
  scale: f32,
  shift: f32,
): void {
  const scales = f32x4.splat(scale),
    shifts = f32x4.splat(shift);
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let from = x + xImage * image + xRow * row;
      let to = y + yImage * image + yRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16)
          v128.store(to + column, f32x4.add(f32x4.mul(scales, v128.load(from + column)), shifts));
        for (let pad = channels; pad < columns; pad++) store<f32>(to + ((<usize>pad) << 2), 0);
        from += xPosition;
        to += yPosition;
      }
    }
  }
}
