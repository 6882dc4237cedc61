/** The overview's two charts: of one run by the statistics used, of two runs by run. */
import type { ChartConfig, ChartCurve, LineConfig } from "../charts/chartConfig";
import type { ChartInput } from "../charts/timeChart";
import type { PanelModel } from "../state/panelModel";
import type { RunModel } from "../state/runModel";
import { smoothedLoss } from "../state/trainingLoss";

type Input = Pick<ChartInput, "config" | "curves">;

export const statisticLines = {
  batch: { name: "batch", color: "batch", width: 1.5, dash: [2, 3] },
  population: { name: "population", color: "population", width: 1.75, dash: [6, 4] },
  running: { name: "running", color: "running", width: 2.25 },
} as const satisfies Record<string, LineConfig>;

export const runLines = [
  { name: "A", color: "runA", width: 2 },
  { name: "B", color: "runB", width: 2, dash: [6, 4] },
] as const satisfies readonly LineConfig[];

const accuracyAxis = { kind: "fixed", from: 0, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1] } as const;
const frame = (narrow: boolean): { axisWidth: number; labelWidth: number } => ({
  axisWidth: 46,
  labelWidth: narrow ? 112 : 126,
});

export function accuracyInput({ runs }: PanelModel, narrow: boolean): Input {
  const shared = { id: "accuracy", unit: "percent", y: accuracyAxis, ...frame(narrow) } as const;
  const [a, b] = runs;
  if (a && b) {
    return {
      config: {
        ...shared,
        title: "Test accuracy with running statistics, runs A and B",
        lines: runLines.map((line) => ({ ...line, label: "value" })),
      },
      curves: [a.curve("eval", "runningAccuracy"), b.curve("eval", "runningAccuracy")],
    };
  }
  if (!a?.hasBatchNorm) {
    const line: LineConfig = { name: "test", color: "foreground", width: 2, label: "value" };
    return {
      config: { ...shared, title: "Test accuracy", lines: [line] },
      curves: [a?.curve("eval", "runningAccuracy") ?? nothing],
    };
  }
  const { batch, population, running } = statisticLines;
  return {
    config: {
      ...shared,
      title: "Test accuracy by the statistics used",
      lines: [batch, running, population].map((line) => ({ ...line, label: "value" })),
    },
    curves: [
      a.curve("eval", "batchAccuracy"),
      a.curve("eval", "runningAccuracy"),
      a.curve("eval", "populationAccuracy"),
    ],
  };
}

export function lossInput({ runs }: PanelModel, narrow: boolean): Input {
  const shared = {
    id: "loss",
    unit: "loss",
    y: { kind: "log", lowest: 1e-6, highest: 1e6 },
    ...frame(narrow),
  } as const;
  const [a, b] = runs;
  if (a && b) return comparedLoss(shared, a, b);
  if (!a) return { config: { ...shared, title: "Loss", lines: [] }, curves: [] };
  const { lines, bands, curves } = rawLoss(a, "foreground", 0);
  const tests: [LineConfig, ChartCurve][] = a.hasBatchNorm
    ? [
        [
          { ...statisticLines.running, name: "test, running", width: 1.75, label: "value" },
          a.curve("eval", "runningLoss"),
        ],
        [{ ...statisticLines.population, name: "test, popul.", label: "value" }, a.curve("eval", "populationLoss")],
      ]
    : [[{ name: "test", color: "batch", width: 1.75, dash: [6, 4], label: "value" }, a.curve("eval", "runningLoss")]];
  return {
    config: {
      ...shared,
      title: "Loss",
      lines: [
        ...lines,
        { name: "training", color: "foreground", width: 1.75, label: "value" },
        ...tests.map(([line]) => line),
      ],
      bands,
    },
    curves: [...curves, smoothedLoss(a), ...tests.map(([, curve]) => curve)],
  };
}

function comparedLoss(shared: Omit<ChartConfig, "title" | "lines">, a: RunModel, b: RunModel): Input {
  const rawA = rawLoss(a, "runA", 0);
  const rawB = rawLoss(b, "runB", rawA.lines.length);
  return {
    config: {
      ...shared,
      title: "Training loss of runs A and B",
      lines: [...rawA.lines, ...rawB.lines, ...runLines.map((line) => ({ ...line, label: "value" as const }))],
      bands: [...rawA.bands, ...rawB.bands],
    },
    curves: [...rawA.curves, ...rawB.curves, smoothedLoss(a), smoothedLoss(b)],
  };
}

/** Each step as a thin line; once points were merged, the band between the lowest and highest of each. */
function rawLoss(
  run: RunModel,
  color: LineConfig["color"],
  firstIndex: number,
): { lines: LineConfig[]; bands: NonNullable<ChartConfig["bands"]>; curves: ChartCurve[] } {
  const quiet = { color, alpha: 0.4, told: false } as const;
  if (!run.isThinned("loss"))
    return { lines: [{ ...quiet, name: "each step", width: 0.75 }], bands: [], curves: [run.curve("loss", "loss")] };
  return {
    lines: [
      { ...quiet, name: "highest", width: 0.5 },
      { ...quiet, name: "lowest", width: 0.5 },
    ],
    bands: [{ upper: firstIndex, lower: firstIndex + 1, color, alpha: 0.2 }],
    curves: [run.curve("loss", "loss", undefined, "maximum"), run.curve("loss", "loss", undefined, "minimum")],
  };
}

const nothing: ChartCurve = { x: [], y: [] };
