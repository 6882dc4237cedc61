/** One series as the panel keeps it: columns that grow in place, because a delta comes ten times a second. */
import { type SeriesKey, type SeriesKind, seriesColumns } from "../../engine/protocol/seriesColumns";
import type { SeriesSlice } from "../protocol";

export type ColumnName<Kind extends SeriesKind> = (typeof seriesColumns)[Kind][number];

/** Which of a point's three values: the last one, or an end of the envelope of the points merged into it. */
export type Edge = "last" | "minimum" | "maximum";

type Columns = Readonly<Record<Edge, readonly Float32Array[]>>;

const FIRST_CAPACITY = 64;

export class SeriesData {
  private steps: Float64Array = new Float64Array(0);
  private values: Columns = { last: [], minimum: [], maximum: [] };
  /** True while the arrays are the message's own: a snapshot is megabytes, and most series never grow again. */
  private borrowed = false;
  private count = 0;
  private versionNumber = -1;

  constructor(readonly key: SeriesKey) {}

  get length(): number {
    return this.count;
  }

  get version(): number {
    return this.versionNumber;
  }

  get x(): Float64Array {
    return this.steps.subarray(0, this.count);
  }

  column(index: number, edge: Edge = "last"): Float32Array {
    return this.values[edge][index]?.subarray(0, this.count) ?? new Float32Array(0);
  }

  /** Takes a slice in; false when points before it are missing or were changed, and a snapshot is needed. */
  apply(slice: SeriesSlice): boolean {
    const continues = slice.version === this.versionNumber && slice.start <= this.count;
    if (slice.start !== 0 && !continues) return false;
    const parts: Columns = { last: slice.columns, minimum: slice.minima, maximum: slice.maxima };
    if (slice.start === 0) this.adopt(slice.x, parts);
    else this.append(slice.start, slice.x, parts);
    this.count = slice.start + slice.x.length;
    this.versionNumber = slice.version;
    return true;
  }

  private adopt(x: Float64Array, parts: Columns): void {
    this.steps = x;
    this.values = parts;
    this.borrowed = true;
  }

  private append(start: number, x: Float64Array, parts: Columns): void {
    this.reserve(start + x.length, parts.last.length, start);
    this.steps.set(x, start);
    for (const edge of ["last", "minimum", "maximum"] as const) {
      parts[edge].forEach((column, index) => this.values[edge][index]?.set(column, start));
    }
  }

  private reserve(length: number, columns: number, kept: number): void {
    if (!this.borrowed && length <= this.steps.length) return;
    const capacity = Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(Math.max(1, length))));
    const steps = new Float64Array(capacity);
    steps.set(this.steps.subarray(0, kept));
    const grown = (edge: Edge): Float32Array[] =>
      Array.from({ length: columns }, (_, index) => {
        const column = new Float32Array(capacity);
        column.set(this.values[edge][index]?.subarray(0, kept) ?? []);
        return column;
      });
    this.values = { last: grown("last"), minimum: grown("minimum"), maximum: grown("maximum") };
    this.steps = steps;
    this.borrowed = false;
  }
}

/** Index of a column by its name; the series' kind decides which names there are. */
export function columnIndex<Kind extends SeriesKind>(kind: Kind, name: ColumnName<Kind>): number {
  return (seriesColumns[kind] as readonly string[]).indexOf(name);
}
