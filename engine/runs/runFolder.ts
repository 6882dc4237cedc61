/** Where a run lives: `<runs>/<time>-<model>/` with the files of docs/run-format.md. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ModelGraph } from "../protocol/modelGraph";
import { fileProblem } from "./fileProblem";

export const recordsFile = (runFolder: string): string => join(runFolder, "run.jsonl");
export const graphFile = (runFolder: string): string => join(runFolder, "graph.json");
/** Dense numbers of rank 0, or of another rank. */
export const numbersFile = (runFolder: string, rank = 0): string =>
  join(runFolder, rank === 0 ? "numbers.bin" : `numbers-rank${rank}.bin`);
/** The rank in the name of such a file, from 1; null for another file. */
export function rankOfFile(name: string): number | null {
  const rank = /^numbers-rank([1-9]\d{0,5})\.bin$/.exec(name)?.[1];
  return rank === undefined ? null : Number(rank);
}
/** What the samples of the probe batch are and how the model answers them. */
export const samplesFile = (runFolder: string): string => join(runFolder, "samples.jsonl");
export const heartbeatFile = (runFolder: string): string => join(runFolder, "heartbeat.json");
/** The sign of life in runs of version 1. */
export const processFile = (runFolder: string): string => join(runFolder, "run.pid");
/** What training needs to resume from a checkpoint, in addition to its file of weights. */
export const trainingStateFile = (checkpoint: string): string =>
  `${checkpoint.replace(/\.safetensors$/, "")}.training.safetensors`;
export const checkpointFile = (runFolder: string, step: number): string =>
  join(runFolder, `checkpoint-${step}.safetensors`);
export const finalCheckpointFile = (runFolder: string): string => join(runFolder, "checkpoint-final.safetensors");

/** The folder runs are kept in when nothing else is asked for, relative to the workspace or working folder. */
export const DEFAULT_RUNS_FOLDER = join(".normlens", "runs");

/**
 * Makes the folder of a new run and writes the graph into it. Names come from files, so only letters, digits, `_` and
 * `-` of them reach the disk. Throws a ProblemError when the disk refuses.
 */
export function createRunFolder(runsFolder: string, graph: ModelGraph, startedAt: Date): string {
  const time = startedAt.toISOString().slice(0, 19).replace(/[:]/g, "").replace("T", "-");
  const model =
    graph.model
      .replace(/\(.*$/s, "")
      .replace(/[^A-Za-z0-9_-]+/g, "-")
      .slice(0, 40) || "model";
  try {
    mkdirSync(runsFolder, { recursive: true });
    ignoreInGit(runsFolder);
    const runFolder = firstFree(join(runsFolder, `${time}-${model}`));
    writeFileSync(graphFile(runFolder), JSON.stringify(graph));
    return runFolder;
  } catch (error) {
    throw fileProblem(runsFolder, error);
  }
}

/** Creates and returns `path`, or `path-2`, … when runs started in the same second. */
function firstFree(path: string): string {
  for (let attempt = 1; ; attempt++) {
    const candidate = attempt === 1 ? path : `${path}-${attempt}`;
    if (existsSync(candidate)) continue;
    mkdirSync(candidate);
    return candidate;
  }
}

/** Runs inside a repository should not end up in its commits. */
function ignoreInGit(runsFolder: string): void {
  const parent = dirname(runsFolder);
  const ignoreFile = join(parent, ".gitignore");
  if (parent.endsWith(".normlens") && !existsSync(ignoreFile)) writeFileSync(ignoreFile, "*\n");
}
