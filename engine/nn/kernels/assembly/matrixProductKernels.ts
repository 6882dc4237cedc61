/**
 * C[image, row, position, column] (+)= bias[column] + Σ_k A[…, k] · B[k, column], the one product that linear layers
 * and direct convolutions, their input gradients and their weight gradients all are.
 */
import { tilesOf } from "../build/generated/microKernels";

const MAX_ROWS: i32 = 6;
/** A tile's columns of zeros. */
const ZEROS = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
/**
 * Longer sums are cut, with C in between, so that a tile's columns of B stay in the second-level cache beside A. The
 * bits are the same.
 */
const MAX_DEPTH: i32 = 800;
/**
 * So many values of A stay in the second-level cache while they are gone through for one tile's columns after another.
 */
const MAX_A: i32 = 1 << 17;
/** A larger A goes through in blocks of so many values, for which there is always room, wherever their pages are. */
const BLOCK_A: i32 = 1 << 16;

/**
 * A plain matrix goes through in blocks of rows that stay in the second-level cache while B's columns go by. Arguments
 * as of `productOfBlock`; the bits are the same for any block.
 */
export function matrixProduct(
  images: i32,
  rows: i32,
  positions: i32,
  columns: i32,
  wide: i32,
  a: usize,
  aImage: usize,
  aRow: usize,
  aPosition: usize,
  aK0: usize,
  aK1: usize,
  aK2: usize,
  b: usize,
  bK0: usize,
  bK1: usize,
  bK2: usize,
  k0: i32,
  k1: i32,
  k2: i32,
  c: usize,
  cImage: usize,
  cRow: usize,
  cPosition: usize,
  accumulate: i32,
  bias: usize,
): void {
  const depth = min(k0 * k1 * k2, MAX_DEPTH);
  const together =
    images * rows == 1 && positions * depth > MAX_A ? balanced(positions, max(MAX_ROWS, BLOCK_A / depth)) : positions;
  for (let position = 0; position < positions; position += together) {
    productOfBlock(
      images,
      rows,
      min(together, positions - position),
      columns,
      wide,
      a + aPosition * position,
      aImage,
      aRow,
      aPosition,
      aK0,
      aK1,
      aK2,
      b,
      bK0,
      bK1,
      bK2,
      k0,
      k1,
      k2,
      c + cPosition * position,
      cImage,
      cRow,
      cPosition,
      accumulate,
      bias,
    );
  }
}

/**
 * All strides are bytes. `aK1`, `aK2`, `bK1`, `bK2` are what is added after an inner K loop has run to its end.
 * `columns` is a multiple of 8; `wide` allows 16-column tiles. Sums start from what is in C with `accumulate`, else
 * from a `bias` per column, or from zero where that is 0.
 */
function productOfBlock(
  images: i32,
  rows: i32,
  positions: i32,
  columns: i32,
  wide: i32,
  a: usize,
  aImage: usize,
  aRow: usize,
  aPosition: usize,
  aK0: usize,
  aK1: usize,
  aK2: usize,
  b: usize,
  bK0: usize,
  bK1: usize,
  bK2: usize,
  k0: i32,
  k1: i32,
  k2: i32,
  c: usize,
  cImage: usize,
  cRow: usize,
  cPosition: usize,
  accumulate: i32,
  bias: usize,
): void {
  if (k0 * k1 * k2 <= MAX_DEPTH) {
    for (let image = 0; image < images; image++) {
      for (let column = 0; column < columns; column += tileColumns(columns - column, wide)) {
        const at = (<usize>column) << 2;
        products(
          1,
          rows,
          positions,
          tileColumns(columns - column, wide) >> 2,
          a + aImage * image,
          0,
          aRow,
          aPosition,
          aK0,
          aK1,
          aK2,
          b + at,
          bK0,
          bK1,
          bK2,
          k0,
          k1,
          k2,
          c + at + cImage * image,
          0,
          cRow,
          cPosition,
          accumulate,
          startAt(bias, at),
        );
      }
    }
    return;
  }
  const l0 = balanced(k0, MAX_DEPTH);
  const l1 = l0 < k0 ? 1 : balanced(k1, max(1, MAX_DEPTH / k0));
  const l2 = l1 < k1 ? 1 : balanced(k2, max(1, MAX_DEPTH / (k0 * k1)));
  const a1 = aK0 * k0 + aK1,
    b1 = bK0 * k0 + bK1;
  for (let column = 0; column < columns; column += tileColumns(columns - column, wide)) {
    const at = (<usize>column) << 2;
    let adds = accumulate;
    for (let i2 = 0; i2 < k2; i2 += l2) {
      for (let i1 = 0; i1 < k1; i1 += l1) {
        for (let i0 = 0; i0 < k0; i0 += l0) {
          const aFrom = a + (a1 * k1 + aK2) * i2 + a1 * i1 + aK0 * i0;
          const bFrom = b + at + (b1 * k1 + bK2) * i2 + b1 * i1 + bK0 * i0;
          products(
            images,
            rows,
            positions,
            tileColumns(columns - column, wide) >> 2,
            aFrom,
            aImage,
            aRow,
            aPosition,
            aK0,
            aK1,
            aK2,
            bFrom,
            bK0,
            bK1,
            bK2,
            min(l0, k0 - i0),
            min(l1, k1 - i1),
            min(l2, k2 - i2),
            c + at,
            cImage,
            cRow,
            cPosition,
            adds,
            startAt(bias, at),
          );
          adds = 1;
        }
      }
    }
  }
}

/** What the sums of a tile of columns start from. */
// @ts-ignore: decorator
@inline
function startAt(bias: usize, at: usize): usize {
  return bias ? bias + at : ZEROS;
}

// @ts-ignore: decorator
@inline
function tileColumns(left: i32, wide: i32): i32 {
  return wide && left >= 16 ? 16 : 8;
}

/** The length of parts as equal as possible, none longer than `limit`. */
// @ts-ignore: decorator
@inline
function balanced(length: i32, limit: i32): i32 {
  const parts = (length + limit - 1) / limit;
  return (length + parts - 1) / parts;
}

/**
 * One tile of columns, over all images, rows and positions. Tiles of nearly equal height: 7 positions become 4 + 3, not
 * 6 + 1.
 */
function products(
  images: i32,
  rows: i32,
  positions: i32,
  vectors: i32,
  a: usize,
  aImage: usize,
  aRow: usize,
  aPosition: usize,
  aK0: usize,
  aK1: usize,
  aK2: usize,
  b: usize,
  bK0: usize,
  bK1: usize,
  bK2: usize,
  k0: i32,
  k1: i32,
  k2: i32,
  c: usize,
  cImage: usize,
  cRow: usize,
  cPosition: usize,
  accumulate: i32,
  start: usize,
): void {
  const tiles = (positions + MAX_ROWS - 1) / MAX_ROWS;
  const height = positions / tiles;
  const taller = positions - height * tiles;
  for (let image = 0; image < images; image++) {
    let aLine = a + aImage * image;
    let cLine = c + cImage * image;
    for (let row = 0; row < rows; row++) {
      const done = (height + 1) * taller;
      const startRow = accumulate ? cPosition : 0,
        first = accumulate ? cLine : start;
      if (taller)
        tilesOf(
          height + 1,
          vectors,
          taller,
          aLine,
          aPosition,
          aK0,
          aK1,
          aK2,
          b,
          bK0,
          bK1,
          bK2,
          k0,
          k1,
          k2,
          cLine,
          cPosition,
          first,
          startRow,
        );
      if (tiles - taller) {
        const aRest = aLine + aPosition * done,
          cRest = cLine + cPosition * done;
        tilesOf(
          height,
          vectors,
          tiles - taller,
          aRest,
          aPosition,
          aK0,
          aK1,
          aK2,
          b,
          bK0,
          bK1,
          bK2,
          k0,
          k1,
          k2,
          cRest,
          cPosition,
          first + startRow * done,
          startRow,
        );
      }
      aLine += aRow;
      cLine += cRow;
    }
  }
}

/** target[column, row] = source[row, column] for f32; leading dimensions in bytes. */
export function transpose(
  source: usize,
  sourceRow: usize,
  rows: i32,
  columns: i32,
  target: usize,
  targetRow: usize,
): void {
  const wholeRows = rows & ~3,
    wholeColumns = columns & ~3;
  for (let row = 0; row < wholeRows; row += 4) {
    let from = source + sourceRow * row;
    let to = target + ((<usize>row) << 2);
    for (let column = 0; column < wholeColumns; column += 4) {
      transposeTile(from, sourceRow, to, targetRow);
      from += 16;
      to += targetRow * 4;
    }
  }
  transposeSlowly(source, sourceRow, wholeRows, rows, 0, columns, target, targetRow);
  transposeSlowly(source, sourceRow, 0, wholeRows, wholeColumns, columns, target, targetRow);
}

// @ts-ignore: decorator
@inline
function transposeTile(source: usize, sourceRow: usize, target: usize, targetRow: usize): void {
  const r0 = v128.load(source),
    r1 = v128.load(source + sourceRow),
    r2 = v128.load(source + sourceRow * 2),
    r3 = v128.load(source + sourceRow * 3);
  const a = i8x16.shuffle(r0, r1, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const b = i8x16.shuffle(r2, r3, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const c = i8x16.shuffle(r0, r1, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  const d = i8x16.shuffle(r2, r3, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  v128.store(target, i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
  v128.store(target + targetRow, i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
  v128.store(target + targetRow * 2, i8x16.shuffle(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
  v128.store(target + targetRow * 3, i8x16.shuffle(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
}

function transposeSlowly(
  source: usize,
  sourceRow: usize,
  firstRow: i32,
  rows: i32,
  firstColumn: i32,
  columns: i32,
  target: usize,
  targetRow: usize,
): void {
  for (let row = firstRow; row < rows; row++) {
    for (let column = firstColumn; column < columns; column++) {
      store<f32>(
        target + targetRow * column + ((<usize>row) << 2),
        load<f32>(source + sourceRow * row + ((<usize>column) << 2)),
      );
    }
  }
}

/** Writes the same `columns` values (a bias) to every position; `columns` is a multiple of 4. */
export function fillRows(
  images: i32,
  rows: i32,
  positions: i32,
  target: usize,
  targetImage: usize,
  targetRow: usize,
  targetPosition: usize,
  columns: i32,
  values: usize,
): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let to = target + targetImage * image + targetRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < (<usize>columns) << 2; column += 16)
          v128.store(to + column, v128.load(values + column));
        to += targetPosition;
      }
    }
  }
}
