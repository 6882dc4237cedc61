/** The run that is gone on with: its own model and settings, from its latest checkpoint or a given one. */
import { basename } from "node:path";
import type { ModelGraph } from "../protocol/modelGraph";
import { ProblemError } from "../protocol/problems";
import type { RunRecord } from "../protocol/records";
import type { TrainRequest } from "../protocol/trainConfig";
import { findCheckpoint } from "./findCheckpoint";
import { readRunEnds } from "./readEnds";
import { readRunGraph } from "./readRunGraph";

export interface Resumed {
  readonly graph: ModelGraph;
  readonly run: RunRecord;
  readonly request: TrainRequest;
}

/**
 * `name` is a run's folder, its name within `runsFolder`, or a checkpoint file. Throws a ProblemError when there is
 * nothing to resume from.
 */
export function readResumed(name: string, runsFolder: string): Resumed {
  const { runFolder, path } = findCheckpoint(name, runsFolder);
  const { run } = readRunEnds(runFolder);
  if (run.config === null) throw new ProblemError({ code: "settings-unknown", run: basename(runFolder) });
  const { steps, ...settings } = run.config;
  return { graph: readRunGraph(runFolder), run, request: { ...settings, length: { steps }, resume: path } };
}

/** Whether a run's folder contains a checkpoint with its training state. */
export function hasCheckpoint(runFolder: string): boolean {
  try {
    findCheckpoint(runFolder, "");
    return true;
  } catch {
    return false;
  }
}
