/** The product of two matrices, as Linear layers are made of it: C = bias + A·B. */
import { matrixAt, overRows } from "./operands";
import type { Kernels } from "./signatures";

/** The address of a matrix's first value, and bytes from one row to the next; the values of a row are adjacent. */
interface Matrix {
  readonly base: number;
  readonly row: number;
}

export interface Matrices {
  readonly rows: number;
  /** Whole groups of eight. */
  readonly columns: number;
  /** Columns of A, rows of B. */
  readonly depth: number;
  /** Whether tiles of 16 columns are allowed: 1 or 0. */
  readonly wide: number;
  /** With bytes from one column to the next: it may be transposed. */
  readonly a: Matrix & { readonly column: number };
  readonly b: Matrix;
  readonly c: Matrix;
  /** Address of a value per column, which the sums start from; 0 for none. */
  readonly bias: number;
}

export function plainProduct(kernels: Kernels, { rows, columns, depth, wide, a, b, c, bias }: Matrices): void {
  kernels.matrixProduct({
    region: overRows(rows),
    columns,
    wide,
    a: matrixAt(a.base, a.row),
    aK0: a.column,
    aK1: 0,
    aK2: 0,
    b: b.base,
    bK0: b.row,
    bK1: 0,
    bK2: 0,
    k0: depth,
    k1: 1,
    k2: 1,
    c: matrixAt(c.base, c.row),
    accumulate: 0,
    bias,
  });
}
