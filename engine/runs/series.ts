/**
 * A growing series at bounded size. Beyond `capacity` points neighbours are merged into an envelope: per bucket the
 * minimum, the maximum and the last value, so that extremes are never dropped (tensorflow/tensorboard#6830 asks for just
 * that). Merging changes points that were already handed out, hence the version.
 */

export interface SeriesPoints {
  /** Grows when points before the last one changed; points of an older version cannot be appended to. */
  readonly version: number;
  readonly x: Float64Array;
  /** One array per column, each as long as `x`; NaN where nothing was measured. */
  readonly columns: readonly Float32Array[];
  readonly minima: readonly Float32Array[];
  readonly maxima: readonly Float32Array[];
}

interface Column {
  readonly last: number[];
  readonly minimum: number[];
  readonly maximum: number[];
}

export class Series {
  private readonly x: number[] = [];
  private readonly columns: readonly Column[];
  private versionNumber = 0;
  private rowCount = 0;
  /** How many appended rows one point stands for. */
  private rowsPerPoint = 1;
  private rowsInLastPoint = 0;

  constructor(
    columnCount: number,
    private readonly capacity = 4096,
  ) {
    this.columns = Array.from({ length: columnCount }, () => ({ last: [], minimum: [], maximum: [] }));
  }

  get length(): number {
    return this.x.length;
  }

  get version(): number {
    return this.versionNumber;
  }

  /** Rows appended so far, merged or not: a reader that saw as many has everything. */
  get rows(): number {
    return this.rowCount;
  }

  /** True once points stand for several rows: the last point may then still change while it fills. */
  get isThinned(): boolean {
    return this.rowsPerPoint > 1;
  }

  /** Adds a row; null stands for a value that was not finite. */
  append(x: number, values: readonly (number | null)[]): void {
    this.rowCount += 1;
    const joinsLast = this.rowsPerPoint > 1 && this.rowsInLastPoint > 0 && this.rowsInLastPoint < this.rowsPerPoint;
    if (joinsLast) this.joinLast(x, values);
    else this.push(x, values);
    if (this.x.length > this.capacity) this.mergePairs();
  }

  /** Copies of the points from `start` on. */
  pointsFrom(start: number): SeriesPoints {
    const slices = (pick: (column: Column) => number[]): Float32Array[] =>
      this.columns.map((column) => Float32Array.from(pick(column).slice(start)));
    return {
      version: this.versionNumber,
      x: Float64Array.from(this.x.slice(start)),
      columns: slices((column) => column.last),
      minima: slices((column) => column.minimum),
      maxima: slices((column) => column.maximum),
    };
  }

  private push(x: number, values: readonly (number | null)[]): void {
    this.x.push(x);
    this.columns.forEach((column, index) => {
      const value = values[index] ?? Number.NaN;
      column.last.push(value);
      column.minimum.push(value);
      column.maximum.push(value);
    });
    this.rowsInLastPoint = 1;
  }

  private joinLast(x: number, values: readonly (number | null)[]): void {
    const end = this.x.length - 1;
    this.x[end] = x;
    this.columns.forEach((column, index) => {
      const value = values[index] ?? Number.NaN;
      column.last[end] = value;
      column.minimum[end] = lower(column.minimum[end], value);
      column.maximum[end] = higher(column.maximum[end], value);
    });
    this.rowsInLastPoint += 1;
  }

  private mergePairs(): void {
    const pairs = Math.ceil(this.x.length / 2);
    const lastIsWhole = this.x.length % 2 === 0;
    for (let pair = 0; pair < pairs; pair++) {
      const first = 2 * pair;
      const second = Math.min(first + 1, this.x.length - 1);
      this.x[pair] = this.x[second] ?? Number.NaN;
      for (const column of this.columns) {
        column.minimum[pair] = lower(column.minimum[first], column.minimum[second] ?? Number.NaN);
        column.maximum[pair] = higher(column.maximum[first], column.maximum[second] ?? Number.NaN);
        column.last[pair] = column.last[second] ?? Number.NaN;
      }
    }
    this.x.length = pairs;
    for (const column of this.columns) column.last.length = column.minimum.length = column.maximum.length = pairs;
    this.rowsInLastPoint = lastIsWhole ? this.rowsPerPoint * 2 : this.rowsInLastPoint;
    this.rowsPerPoint *= 2;
    this.versionNumber += 1;
  }
}

const lower = (a: number | undefined, b: number): number =>
  a === undefined || Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b);
const higher = (a: number | undefined, b: number): number =>
  a === undefined || Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b);
