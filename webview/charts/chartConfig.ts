/** What a time chart looks like, as plain data: equal configs give the same chart. */
import type { DataColor } from "../theme";
import type { Unit } from "../ui/format";
import type { StepAxis } from "./stepScale";

export type LineColor = DataColor | "foreground";

export interface LineConfig {
  readonly name: string;
  readonly color: LineColor;
  readonly width: number;
  readonly alpha?: number;
  readonly dash?: readonly number[];
  /** Draws points, and no line unless `width` is above zero. */
  readonly dots?: boolean;
  readonly label?: "name" | "value" | "none";
  /** Whether it is listed in the tooltip and the table; true by default. */
  readonly listed?: boolean;
}

/** The area between two lines, by their index. */
export interface BandConfig {
  readonly upper: number;
  readonly lower: number;
  readonly color: LineColor;
  readonly alpha: number;
}

export type YAxisConfig =
  | { readonly kind: "fixed"; readonly from: number; readonly to: number; readonly ticks: readonly number[] }
  /** Reaches at least from `least[0]` to `least[1]`, so that small values look small. */
  | { readonly kind: "linear"; readonly least?: readonly [number, number] }
  | {
      readonly kind: "log";
      readonly least?: readonly [number, number];
      readonly lowest?: number;
      readonly highest?: number;
    };

export interface ChartConfig {
  readonly id: string;
  /** What the chart shows, for screen readers and as the table's caption. */
  readonly title: string;
  readonly unit: Unit;
  readonly y: YAxisConfig;
  /** Linear where it is absent. */
  readonly x?: StepAxis;
  readonly lines: readonly LineConfig[];
  readonly bands?: readonly BandConfig[];
  /** Index of the line that is the noise floor. */
  readonly floor?: number;
  /** CSS pixels left of the plot, for the axis. */
  readonly axisWidth: number;
  /** CSS pixels right of the plot, for the labels at line ends. */
  readonly labelWidth: number;
}

/** The other kind of vertical axis for the same values; null where values have fixed limits. */
export function otherAxis(axis: YAxisConfig): YAxisConfig | null {
  if (axis.kind === "fixed") return null;
  if (axis.kind === "log") return { kind: "linear", ...(axis.least ? { least: axis.least } : {}) };
  const canBeLog = axis.least !== undefined && axis.least[0] > 0;
  return { kind: "log", ...(canBeLog ? { least: axis.least } : {}) };
}

/** Points of each line, in the order of `lines`. */
export interface ChartCurve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** Changes whenever the points change. */
  readonly version: number;
}
