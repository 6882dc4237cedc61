/** The axes of the charts in Compare. */
import type { PlotLabel } from "../../marks/smallPlot";

/** What all charts share. */
export interface Axes {
  readonly heading: string;
  readonly x: (value: number) => number;
  readonly xTicks: readonly PlotLabel[];
  readonly xText: (value: number) => string;
  readonly y: (value: number) => number;
  readonly yTicks: readonly PlotLabel[];
  readonly yText: (value: number) => string;
}
