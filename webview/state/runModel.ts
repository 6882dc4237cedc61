/** One run in the panel: what the host said about it, its series, and questions about them that views ask. */
import type { RunLayer } from "../../engine/protocol/records";
import { type SeriesKey, type SeriesKind, kindOfSeries, seriesColumns } from "../../engine/protocol/seriesColumns";
import type { RunView } from "../protocol";
import { type ColumnName, type Edge, type SeriesData, columnIndex } from "./seriesData";

export type NormLayer = RunLayer & { readonly norm: NonNullable<RunLayer["norm"]> };

/** A column over steps; `x` and `y` have the same length, NaN where nothing was measured. */
export interface Curve {
  readonly x: Float64Array;
  readonly y: Float32Array;
}

const nothing: Curve = { x: new Float64Array(0), y: new Float32Array(0) };

export class RunModel {
  readonly series = new Map<SeriesKey, SeriesData>();

  constructor(public view: RunView) {}

  get id(): string {
    return this.view.id;
  }

  /** BN layers, input to output. */
  get normLayers(): NormLayer[] {
    return (this.view.run?.layers ?? []).filter((layer): layer is NormLayer => layer.norm !== null);
  }

  get hasBatchNorm(): boolean {
    return this.normLayers.length > 0;
  }

  get isLive(): boolean {
    return this.view.state === "running" || this.view.state === "paused" || this.view.state === "starting";
  }

  curve<Kind extends SeriesKind>(kind: Kind, column: ColumnName<Kind>, layer?: string, edge: Edge = "last"): Curve {
    const data = this.series.get((layer === undefined ? kind : `${kind}/${layer}`) as SeriesKey);
    if (!data || kindOfSeries(data.key) !== kind) return nothing;
    return { x: data.x, y: data.column(columnIndex(kind, column), edge) };
  }

  /** The value at the last point not after `step` (null: the last point); NaN when there is none. */
  valueAt<Kind extends SeriesKind>(step: number | null, kind: Kind, column: ColumnName<Kind>, layer?: string): number {
    const { x, y } = this.curve(kind, column, layer);
    return y[indexAt(x, step)] ?? Number.NaN;
  }

  /** The step of the measurement that `valueAt` reads; −1 when there is none. */
  measuredAt(step: number | null, kind: SeriesKind, layer?: string): number {
    const { x } = this.curve(kind, firstColumn(kind), layer);
    return x[indexAt(x, step)] ?? -1;
  }

  /** True when any envelope was merged, so that a line alone would hide extremes. */
  isThinned(key: SeriesKey): boolean {
    return (this.series.get(key)?.version ?? 0) > 0;
  }
}

const firstColumn = (kind: SeriesKind): ColumnName<SeriesKind> => seriesColumns[kind][0];

/** Index of the last x that is not after `step`; −1 when all are. */
export function indexAt(x: ArrayLike<number>, step: number | null): number {
  if (step === null) return x.length - 1;
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? Number.POSITIVE_INFINITY) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
