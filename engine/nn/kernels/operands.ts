/** How a call of a kernel names what it walks. Addresses and strides are bytes, counted from the start of the arena. */

/** Three loops, outermost first. */
export interface Region {
  readonly images: number;
  readonly rows: number;
  readonly positions: number;
}

/** Where the first value is, and how far it is from one image, row or position to the next. */
export interface Operand {
  readonly base: number;
  readonly image: number;
  readonly row: number;
  readonly position: number;
}

/**
 * Sizes of the axes of a sample, outermost first: those that are kept apart and those that are summed over; 1 for none.
 */
export interface SplitAxes {
  readonly outer0: number;
  readonly outer1: number;
  readonly inner0: number;
  readonly inner1: number;
  readonly inner2: number;
}

/** Where the first value is, and how far it is from one sample and from one place on each of its axes to the next. */
export interface SplitOperand extends SplitAxes {
  readonly base: number;
  readonly image: number;
}

/** An operand that a call goes without: kernels take address 0 for none. */
export const ABSENT: Operand = { base: 0, image: 0, row: 0, position: 0 };

/** Rows of a matrix, so many bytes apart: positions of a single image and row. */
export const matrixAt = (base: number, position: number): Operand => ({ base, image: 0, row: 0, position });

/** The loops over a matrix with so many rows. */
export const overRows = (positions: number): Region => ({ images: 1, rows: 1, positions });
