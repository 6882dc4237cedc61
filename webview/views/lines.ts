/** How statistics are drawn: each has the same colour and dash in every chart. */
import type { LineConfig } from "../charts/chartConfig";

export const batchLine = { name: "batch", color: "batch", width: 1.5, dash: [2, 3] } as const satisfies LineConfig;
export const populationLine = {
  name: "population",
  color: "population",
  width: 1.75,
  dash: [6, 4],
} as const satisfies LineConfig;
export const runningLine = { name: "running", color: "running", width: 2.25 } as const satisfies LineConfig;
/** The line of a run, where several are compared. */
export const runLine = { name: "run", color: "run", width: 2, label: "value" } as const;
/** Drawn as a hatched area, not as a line. */
export const floorLine = { name: "noise floor", color: "batch", width: 0, label: "none" } as const satisfies LineConfig;

/** The edge of a band. It is not drawn or listed, because the band shows it. */
export const edgeLine = (name: string): LineConfig => ({
  name,
  color: "batch",
  width: 0,
  label: "none",
  listed: false,
});
