import { strict as assert } from "node:assert";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkRun } from "../../../engine/runs/checkRun";
import { listRuns } from "../../../engine/runs/listRuns";
import { recoverRun } from "../../../engine/runs/recoverRun";
import { processFile, recordsFile } from "../../../engine/runs/runFolder";
import { RunReader } from "../../../engine/runs/runReader";
import { seriesBlocks } from "../../../engine/runs/seriesBlocks";
import { ToldRun } from "./told";

const config = {
  data: "digits",
  normalize: null,
  steps: 20,
  batchSize: 60,
  learningRate: 0.1,
  optimizer: "sgd",
  seed: 1,
  momentum: 0.9,
};
const norm = (updateWeight: number | null): object => ({
  channels: 2,
  samplesPerChannel: 60,
  epsilon: 1e-5,
  updateWeight,
  runningVarianceEstimator: "unbiased",
});
const layer = (name: string, line: number | null, layerNorm: object | null): object => ({
  name,
  className: "Layer",
  line,
  endLine: line,
  parameters: 4,
  outputShape: [2],
  norm: layerNorm,
});
const run = {
  type: "run",
  schema: 1,
  producer: "normlens-engine 0.0.9",
  startedAt: "2026-11-20T08:00:00.000Z",
  name: "as written",
  comparison: null,
  modelFile: { path: "model.py", sha256: "ab" },
  model: "Net()",
  framework: "pytorch",
  parameters: 12,
  config,
  data: { name: "digits", trainSamples: 10, testSamples: 5, classes: 10 },
  layers: [layer("fc", 3, null), layer("bn1", 4, norm(0.1)), layer("bn2", null, norm(null))],
};
const step = (number: number): object => ({
  type: "step",
  step: number,
  loss: number === 2 ? null : 1 / number,
  lr: 0.1,
  ms: 250,
});
const normAt = (number: number, name: string): object => ({
  type: "norm",
  step: number,
  layer: name,
  batchMean: [-1, -0.5, 0, 0.5, 1],
  batchVariance: [1, 2, 3, 4, 5],
  runningMean: null,
  runningVariance: null,
  gamma: [1, 1, 1, 1, 1],
  beta: null,
  meanShift: number / 10,
  varianceRatio: 1.5,
  gradientNorm: null,
});
const layersAt = (number: number): object => ({
  type: "layers",
  step: number,
  layers: [
    { layer: "fc", gradientNorm: 0.5, deadShare: null },
    { layer: "bn1", activationGradientNorm: 0.25 },
  ],
});
const evaluation = {
  type: "eval",
  step: 3,
  samples: 5,
  running: { accuracy: 0.5, loss: 1 },
  population: null,
  batch: null,
};
const records = [
  run,
  step(1),
  normAt(1, "bn1"),
  normAt(1, "bn2"),
  layersAt(1),
  step(2),
  step(3),
  normAt(3, "bn1"),
  evaluation,
];
const textOf = (list: readonly object[]): string => list.map((record) => `${JSON.stringify(record)}\n`).join("");

describe("a run of version 1", () => {
  let runs: string;
  let folder: string;
  beforeEach(() => {
    runs = mkdtempSync(join(tmpdir(), "normlens-version1-"));
    folder = join(runs, "old");
    mkdirSync(folder);
    writeFileSync(recordsFile(folder), textOf(records));
  });
  afterEach(() => rmSync(runs, { recursive: true, force: true }));

  it("is read as one of today", () => {
    const told = new ToldRun();
    const reader = new RunReader(folder);
    reader.readNew(told);
    assert.deepEqual(told.order, ["run", "step", "step", "step", "sample", "sample", "sample", "eval"]);
    assert.deepEqual(told.steps, [
      [1, 1, 0.1, 0.25],
      [2, NaN, 0.1, 0.25],
      [3, 1 / 3, 0.1, 0.25],
    ]);
    assert.deepEqual(
      told.samples.map(({ table, step: at }) => [table.name, ...table.layers, at]),
      [
        ["norms", "bn1", 3],
        ["norms", "bn2", 1],
        ["activity", "fc", "bn1", 1],
      ],
    );
    assert.deepEqual([reader.version, reader.badLines, reader.damage], [1, [], []]);
  });

  it("has the facts that a run has today", () => {
    const told = new ToldRun();
    new RunReader(folder).readNew(told);
    const [record] = told.records;
    assert.ok(record?.type === "run");
    assert.deepEqual(record.settings, {
      steps: 20,
      batchSize: 60,
      learningRate: 0.1,
      optimizer: "sgd",
      seed: 1,
      momentum: 0.9,
    });
    assert.deepEqual(
      [record.plannedSteps, record.source?.path, record.ranks, record.config?.steps],
      [20, "model.py", 1, 20],
    );
    assert.deepEqual(
      record.layers.map(({ id, kind, source, norm: facts }) => [
        id,
        kind,
        source?.line ?? null,
        facts?.updateWeight ?? null,
      ]),
      [
        ["fc", "Layer", 3, null],
        ["bn1", "Layer", 4, 0.1],
        ["bn2", "Layer", null, "cumulative"],
      ],
    );
  });

  it("is followed while an older version writes it", () => {
    const told = new ToldRun();
    writeFileSync(recordsFile(folder), textOf(records.slice(0, 3)));
    const reader = new RunReader(folder);
    reader.readNew(told);
    appendFileSync(recordsFile(folder), textOf(records.slice(3)));
    reader.readNew(told);
    const whole = new ToldRun();
    new RunReader(folder).readNew(whole);
    assert.deepEqual([told.steps, told.records], [whole.steps, whole.records]);
  });

  it("has curves", () => {
    const reader = new RunReader(folder);
    reader.readNew(new ToldRun());
    const source = { run: reader.run, reader, populations: [], gaps: [], evals: [], rankSamples: [] };
    const needs = [
      {
        kind: "norm" as const,
        columns: ["mean_shift" as const, "running_mean.min" as const],
        edges: ["last" as const],
        layers: "all" as const,
      },
    ];
    const blocks = seriesBlocks(source, { needs, selectedLayer: null, range: null, points: 100 });
    assert.deepEqual(
      blocks.map(({ layers, x, values }) => [layers, [...x], [...values]]),
      [
        [["bn1"], [1, 3], [Math.fround(0.1), Math.fround(0.3), NaN, NaN]],
        [["bn2"], [1], [Math.fround(0.1), NaN]],
      ],
    );
  });

  it("is listed by its process, and gets its end when that is gone", () => {
    assert.deepEqual([listRuns(runs)[0]?.status, listRuns(runs)[0]?.lastStep], ["interrupted", 3]);
    writeFileSync(processFile(folder), String(process.pid));
    assert.equal(listRuns(runs)[0]?.status, "running");
    const end = recoverRun(folder, { code: "process-ended", detail: "it was killed" });
    assert.deepEqual([end?.step, end?.elapsedMs], [3, 750]);
    assert.equal(listRuns(runs)[0]?.status, "failed");
    const told = new ToldRun();
    const reader = new RunReader(folder);
    reader.readNew(told);
    assert.deepEqual([told.records.at(-1)?.type, reader.badLines], ["end", []]);
  });

  it("is checked line by line", () => {
    assert.deepEqual(checkRun(folder).faults, []);
    appendFileSync(recordsFile(folder), '{"type":"step","step":4}\n');
    assert.deepEqual(
      checkRun(folder).faults.map(({ code, line }) => [code, line]),
      [["bad-line", 10]],
    );
  });
});
