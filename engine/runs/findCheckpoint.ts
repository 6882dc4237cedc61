/** The checkpoint that a run, or a person who names a file, means. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ProblemError } from "../protocol/problems";
import { finalCheckpointFile, recordsFile, trainingStateFile } from "./runFolder";

export interface FoundCheckpoint {
  readonly runFolder: string;
  /** The file of weights; its training state lies beside it. */
  readonly path: string;
}

/**
 * `name` is a run's folder, its name within `runsFolder`, or a checkpoint file in a run's folder. Of a run the final
 * checkpoint is meant, or the latest one; unless weights are enough, one that training can resume from. Throws a
 * ProblemError
 * when there is none.
 */
export function findCheckpoint(
  name: string,
  runsFolder: string,
  needed: "weights" | "training state" = "training state",
): FoundCheckpoint {
  if (isFile(name)) return { runFolder: dirname(name), path: name };
  const runFolder = [name, join(runsFolder, name)].find((folder) => existsSync(recordsFile(folder)));
  if (runFolder === undefined)
    throw new ProblemError({ code: "run-unreadable", path: name, detail: "there is no such run" });
  const path = [finalCheckpointFile(runFolder), ...latestFirst(runFolder)].find(
    (file) => existsSync(file) && (needed === "weights" || existsSync(trainingStateFile(file))),
  );
  if (path === undefined) throw new ProblemError({ code: "checkpoint-missing", path: runFolder });
  return { runFolder, path };
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** The checkpoints that have a step in their name. */
function latestFirst(runFolder: string): string[] {
  const steps = readdirSync(runFolder).flatMap((name) => {
    const step = /^checkpoint-(\d+)\.safetensors$/.exec(name)?.[1];
    return step === undefined ? [] : [{ name, step: Number(step) }];
  });
  return steps.sort((a, b) => b.step - a.step).map(({ name }) => join(runFolder, name));
}
