/** Trains the runs the feeder plays, with the real engine: `node makeRuns.js FOLDER`. Existing runs are kept. */
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { prepareRun } from "../../../engine/training/executeRun";
import { RunControl } from "../../../engine/training/runControl";
import { deepNet, perceptron } from "./graphs";

interface Recipe {
  readonly graph: ModelGraph;
  readonly name: string;
  readonly steps: number;
  readonly learningRate: number;
  readonly comparison?: string;
}

export const recipes: Readonly<Record<string, Recipe>> = {
  healthy: {
    graph: perceptron({ withBatchNorm: true, updateWeight: 0.1 }),
    name: "as written",
    steps: 2000,
    learningRate: 0.5,
    comparison: "pair",
  },
  plain: {
    graph: perceptron({ withBatchNorm: false, updateWeight: 0.1 }),
    name: "without BN",
    steps: 2000,
    learningRate: 0.5,
    comparison: "pair",
  },
  stale: {
    graph: deepNet({ withBatchNorm: true, updateWeight: 0.001 }),
    name: "momentum 0.001",
    steps: 1000,
    learningRate: 0.1,
  },
  settled: {
    graph: deepNet({ withBatchNorm: true, updateWeight: 0.1 }),
    name: "momentum 0.1",
    steps: 1000,
    learningRate: 0.1,
  },
  divergedBn: {
    graph: perceptron({ withBatchNorm: true, updateWeight: 0.1 }),
    name: "learning rate 1e37",
    steps: 500,
    learningRate: 1e37,
  },
  diverged: {
    graph: perceptron({ withBatchNorm: false, updateWeight: 0.1 }),
    name: "learning rate 1e6",
    steps: 500,
    learningRate: 1e38,
  },
};

const folder = process.argv[2];
if (!folder) throw new Error("usage: node makeRuns.js FOLDER");

for (const [key, recipe] of Object.entries(recipes)) {
  const target = join(folder, key);
  if (existsSync(target)) continue;
  mkdirSync(folder, { recursive: true });
  const { graph, name, steps, learningRate, comparison = null } = recipe;
  const request = {
    data: "digits",
    normalize: null,
    length: { steps },
    batchSize: 64,
    learningRate,
    optimizer: "sgd",
    seed: 7,
    threads: 1,
  } as const;
  const runsFolder = join(folder, `${key}.runs`);
  const listener = { stepped: () => undefined, recordsAppended: () => undefined };
  const prepared = prepareRun(
    { graph, request, runsFolder, name, comparison },
    { kernels: chooseKernels(), helperFile: "" },
    "normlens-engine 0.1.0",
    listener,
  );
  const { status } = await prepared.execute(new RunControl());
  renameSync(prepared.runFolder, target);
  console.log(`${key}: ${status}, ${readdirSync(target).join(" ")}`);
}
