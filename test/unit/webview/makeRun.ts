/** Runs for tests: a judgement and curves with the values that matter, everything else unknown. */
import type { Comparison } from "../../../engine/protocol/comparison";
import type { Judgement, LayerReading, Verdict } from "../../../engine/protocol/judgement";
import type { RunLayer, RunRecord } from "../../../engine/protocol/records";
import type { SeriesBlock, SeriesKind } from "../../../engine/protocol/series";
import type { Look, PanelUpdate, RunUpdate, RunView } from "../../../webview/protocol";
import { type RunModel, unjudged } from "../../../webview/state/runModel";
import { PanelStore } from "../../../webview/state/store";

export const look = (change: Partial<Look> = {}): Look => ({
  id: 1,
  needs: [],
  selectedLayer: null,
  pinnedStep: null,
  range: null,
  points: 100,
  ...change,
});

/** A block of one column with its last values. */
export function block(kind: SeriesKind, column: string, start: number, x: readonly number[], y = x): SeriesBlock {
  return {
    kind,
    layers: null,
    columns: [column],
    edges: ["last"],
    start,
    x: Float64Array.from(x),
    values: Float32Array.from(y),
  };
}

export function layer(id: string, change: Partial<RunLayer> = {}): RunLayer {
  return {
    id,
    name: id,
    kind: "BatchNorm1d",
    framework: "pytorch",
    parameters: 200,
    outputShape: [100],
    inputs: null,
    source: { path: null, line: 10, endLine: null, cell: null },
    model: null,
    owned: null,
    norm: {
      channels: 100,
      samplesPerChannel: 64,
      epsilon: 1e-5,
      updateWeight: 0.1,
      runningVarianceEstimator: "unbiased",
      ...{ dtype: null, trained: null, tracked: null, held: null, updatesBefore: null },
    },
    ...change,
  };
}

export const runRecord = (change: Partial<RunRecord> = {}): RunRecord => ({
  type: "run",
  schema: 2,
  producer: "test",
  startedAt: null,
  name: "as written",
  comparison: null,
  source: { path: "models/net.py", sha256: null },
  model: "Net()",
  framework: "pytorch",
  parameters: 1234,
  plannedSteps: 1000,
  settings: { batchSize: 64, learningRate: 0.1, optimizer: "sgd", seed: 1 },
  config: null,
  data: { name: "digits", trainSamples: 6000, testSamples: 2000, classes: 10, sample: "image" },
  ranks: 1,
  process: null,
  layers: [layer("bn1"), layer("bn2")],
  prediction: null,
  ...change,
});

export const reading = (id: string, change: Partial<LayerReading> = {}): LayerReading => ({
  ...unjudged({ id, name: id }),
  ...{ shiftSeverity: "ok", gapSeverity: "ok", distanceSeverity: "ok", severity: "ok" },
  ...change,
});

export const verdict = (sentence: string): Verdict => ({ tone: "ok", sentence, answers: [] });

/** A comparison that says no more than its sentence. */
export const twoVariants: Comparison = {
  ...{ tone: "busy", sentence: "2 variants.", variants: [], words: [], unsaid: 0, differences: [] },
};

export const judgement = (change: Partial<Judgement> = {}): Judgement => ({
  at: null,
  step: 1000,
  triage: "healthy",
  accuracies: { running: Number.NaN, population: Number.NaN, batch: Number.NaN },
  loss: Number.NaN,
  verdicts: {
    overview: verdict("the whole"),
    drift: verdict("drift"),
    convergence: verdict("convergence"),
    gap: verdict("gap"),
    health: verdict("health"),
    ranks: verdict("ranks"),
    findings: verdict("findings"),
  },
  layers: [reading("bn1"), reading("bn2")],
  recalibration: null,
  findings: [],
  notes: [],
  ...change,
});

export const runView = (change: Partial<RunView> = {}): RunView => ({
  id: "run",
  state: "completed",
  run: runRecord(),
  step: 1000,
  judgement: judgement(),
  replay: null,
  flipped: null,
  problem: null,
  editedLayers: [],
  controllable: false,
  askable: false,
  sampledSteps: 0,
  label: null,
  ...change,
});

export function runUpdate(change: Partial<RunView> = {}, series: readonly SeriesBlock[] = []): RunUpdate {
  const { id, ...changed } = change;
  return { id: id ?? "run", changed, series };
}

export const update = (change: Partial<PanelUpdate> = {}): PanelUpdate => ({
  sequence: 1,
  look: 1,
  runs: [],
  comparison: null,
  ...change,
});

/** A store that has sent its first look and got its snapshot, number 7. */
export function storeWith(view: Partial<RunView> = {}, series: readonly SeriesBlock[] = []): PanelStore {
  const store = new PanelStore();
  store.lookSent(look());
  store.applySnapshot(update({ sequence: 7, runs: [runUpdate(runView(view), series)] }));
  return store;
}

/** A run as the panel holds it. */
export function runModel(view: Partial<RunView> = {}, series: readonly SeriesBlock[] = []): RunModel {
  const [run] = storeWith(view, series).runs;
  if (!run) throw new Error("the snapshot held no run");
  return run;
}
