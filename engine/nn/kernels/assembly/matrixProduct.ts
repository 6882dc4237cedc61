/**
 * C[image, row, position, column] (+)= Σ_k A[…, k] · B[k, column], the one product that linear layers and direct
 * convolutions, their input gradients and their weight gradients all are.
 */
import { tile } from "../build/generated/microKernels";

const MAX_ROWS: i32 = 6;

/**
 * All strides are bytes. `aK1`, `aK2`, `bK1`, `bK2` are what is added after an inner K loop has run to its end.
 * `columns` is a multiple of 8; `wide` allows 16-column tiles.
 */
export function matrixProduct(
  images: i32, rows: i32, positions: i32, columns: i32, wide: i32,
  a: usize, aImage: usize, aRow: usize, aPosition: usize, aK0: usize, aK1: usize, aK2: usize,
  b: usize, bK0: usize, bK1: usize, bK2: usize, k0: i32, k1: i32, k2: i32,
  c: usize, cImage: usize, cRow: usize, cPosition: usize, accumulate: i32,
): void {
  // Tiles of nearly equal height: 7 positions become 4 + 3, not 6 + 1.
  const tiles = (positions + MAX_ROWS - 1) / MAX_ROWS;
  const height = positions / tiles;
  const taller = positions - height * tiles;
  for (let image = 0; image < images; image++) {
    let column = 0;
    while (column < columns) {
      const vectors = wide && columns - column >= 16 ? 4 : 2;
      const bColumn = b + (<usize>column << 2);
      let aLine = a;
      let cLine = c + (<usize>column << 2);
      for (let row = 0; row < rows; row++) {
        let aTile = aLine;
        let cTile = cLine;
        for (let t = 0; t < tiles; t++) {
          const tileRows = t < taller ? height + 1 : height;
          tile(tileRows, vectors, aTile, aPosition, aK0, aK1, aK2, bColumn, bK0, bK1, bK2, k0, k1, k2, cTile, cPosition, accumulate);
          aTile += aPosition * tileRows;
          cTile += cPosition * tileRows;
        }
        aLine += aRow;
        cLine += cRow;
      }
      column += vectors << 2;
    }
    a += aImage;
    c += cImage;
  }
}

/** target[column, row] = source[row, column] for f32; leading dimensions in bytes. */
export function transpose(source: usize, sourceRow: usize, rows: i32, columns: i32, target: usize, targetRow: usize): void {
  for (let row = 0; row < rows; row++) {
    let from = source + sourceRow * row;
    let to = target + (<usize>row << 2);
    for (let column = 0; column < columns; column++) {
      store<f32>(to, load<f32>(from));
      from += 4;
      to += targetRow;
    }
  }
}

/** Writes the same `columns` values (a bias) to every position; `columns` is a multiple of 4. */
export function fillRows(images: i32, rows: i32, positions: i32, target: usize, targetImage: usize, targetRow: usize, targetPosition: usize, columns: i32, values: usize): void {
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let to = target + targetImage * image + targetRow * row;
      for (let position = 0; position < positions; position++) {
        for (let column: usize = 0; column < <usize>columns << 2; column += 16) v128.store(to + column, v128.load(values + column));
        to += targetPosition;
      }
    }
  }
}
