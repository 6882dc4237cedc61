/**
 * Every curve a view can ask for, by name. A series is a set of columns over steps, of the whole run or of each layer;
 * the host reads it from where it is kept (binary tables, records) and sends it at the resolution of the view's pixels.
 */
import type { ActivityColumn, NormColumn } from "./numbers";

/** Columns of each series. */
export interface SeriesColumns {
  /** Of the run, each step. */
  readonly loss: "loss" | "learning_rate" | "seconds";
  /** Of the run, at each evaluation. */
  readonly eval:
    | "runningAccuracy"
    | "populationAccuracy"
    | "batchAccuracy"
    | "runningLoss"
    | "populationLoss"
    | "batchLoss"
    | "samples";
  /** Of the run, at each gap probe. */
  readonly outputGap: "flipShare" | "flipShareWithPopulation" | "probabilityShift" | "probabilityShiftWithPopulation";
  /** Of each normalization layer, at each sample of the dense numbers. */
  readonly norm: NormColumn;
  /** Of each normalization layer, at each population pass. */
  readonly population:
    | "meanMedian"
    | "varianceMedian"
    | "meanDistance"
    | "varianceDistance"
    | "noiseFloor"
    | "varianceNoiseFloor"
    | "shiftNoiseFloor";
  /** Of each normalization layer, at each gap probe. */
  readonly gap: "gap" | "alone" | "noiseFloor";
  /** Of each normalization layer, at steps at which several processes wrote it. */
  readonly ranks: "distance" | "varianceRatio" | "pooledShift" | "pooledVarianceRatio";
  /** Of any layer. */
  readonly activity: ActivityColumn;
}

export type SeriesKind = keyof SeriesColumns;
export type ColumnName<Kind extends SeriesKind> = SeriesColumns[Kind];

/** Which value of a bin: the last one measured in it, or an end of its envelope. */
export type Edge = "last" | "minimum" | "maximum";

/**
 * Curves that a view draws. `layers`: of the run itself, of every layer that has such a curve, or of the selected one.
 */
export interface SeriesNeed<Kind extends SeriesKind = SeriesKind> {
  readonly kind: Kind;
  readonly columns: readonly ColumnName<Kind>[];
  readonly edges: readonly Edge[];
  readonly layers: "run" | "all" | "selected";
  /**
   * Points that can be distinguished, where that is fewer than the look's: two hundred small strips need no more than
   * their pixels.
   */
  readonly points?: number;
}

/**
 * Points of curves that share their steps. Where a range has more points than can be distinguished, one point stands
 * for a
 * bin: `last` is its last value, `minimum` and `maximum` its envelope, so that no extreme is lost.
 */
export interface SeriesBlock {
  readonly kind: SeriesKind;
  /** Layer ids; null in a block of the run itself. */
  readonly layers: readonly string[] | null;
  readonly columns: readonly string[];
  readonly edges: readonly Edge[];
  /**
   * Index of the block's first point. 0 replaces what was there; otherwise it continues what was sent for this look.
   */
  readonly start: number;
  /** Steps. */
  readonly x: Float64Array;
  /** `[layer, column, edge, point]`; NaN where nothing was measured. */
  readonly values: Float32Array;
}
