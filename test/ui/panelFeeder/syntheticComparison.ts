/** What the host says of several made-up runs: the real comparison of their numbers. */
import { compareRuns } from "../../../engine/judgement/comparison";
import { RunSummary } from "../../../engine/judgement/runSummary";
import type { Comparison } from "../../../engine/protocol/comparison";
import type { AnyRecord } from "../../../engine/protocol/records";
import type { RunView } from "../../../webview/protocol";
import type { SyntheticRun } from "./syntheticRun";

interface ComparedRun {
  readonly run: SyntheticRun;
  readonly view?: Partial<Pick<RunView, "state">>;
}

const MS_PER_STEP = 12;

export const comparisonOf = (runs: readonly ComparedRun[]): Comparison | null =>
  compareRuns(runs.map(({ run, view }) => ({ summary: summaryOf(run), state: view?.state ?? "completed" })));

function summaryOf(run: SyntheticRun): RunSummary {
  const summary = new RunSummary();
  summary.record(run.record);
  for (const step of run.stepsOf("loss", 1, run.step)) summary.step(step, run.value("loss", "loss", null, step));
  for (const step of run.stepsOf("eval", 0, run.step)) for (const record of probes(run, step)) summary.record(record);
  summary.record({ type: "end", step: run.step, status: "completed", reason: null, elapsedMs: MS_PER_STEP * run.step });
  return summary;
}

const populationOf = { mean: null, variance: null, varianceDistance: null, shiftNoiseFloor: null } as const;
const restOfLayer = { varianceNoiseFloor: null, batchF: null, replayedDistance: null } as const;

function probes(run: SyntheticRun, step: number): AnyRecord[] {
  const score = (column: string) => ({ accuracy: run.value("eval", `${column}Accuracy`, null, step), loss: null });
  const scores = { running: score("running"), population: score("population"), batch: score("batch") };
  const distances = run.norms.map((layer) => ({
    ...{ layer, ...populationOf, ...restOfLayer, noiseFloor: 0.03 },
    meanDistance: run.value("population", "meanDistance", layer, step),
  }));
  const gaps = run.norms.map((layer) => ({
    ...{ layer, alone: null, noiseFloor: 0.05, gap: run.value("gap", "gap", layer, step) },
  }));
  return [
    { type: "eval", step, samples: 2000, replayed: null, ...scores },
    { type: "population", step, samples: 6000, replayedWeights: null, layers: distances },
    { type: "gap", step, samples: 256, layers: gaps, output: null, reason: null },
  ];
}
