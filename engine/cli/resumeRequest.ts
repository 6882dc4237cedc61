/** `normlens train --resume RUN|FILE`: the run that is gone on with, with its own model and settings. */
import type { ModelGraph } from "../protocol/modelGraph";
import type { RunRecord } from "../protocol/records";
import type { TrainRequest } from "../protocol/trainConfig";
import { findCheckpoint } from "../runs/findCheckpoint";
import { readRunEnds } from "../runs/readEnds";
import { readRunGraph } from "../runs/readRunGraph";
import { DEFAULT_RUNS_FOLDER } from "../runs/runFolder";
import { type ParsedOptions, UsageError, bytesOption, countOption, runLength, stringOption } from "./options";

export interface Resumed {
  readonly graph: ModelGraph;
  readonly run: RunRecord;
  readonly request: TrainRequest;
}

/** Anything else would make it another run. */
const allowed = ["resume", "epochs", "steps", "checkpoint-every", "memory-limit", "runs", "json"];

/** Throws a ProblemError when there is nothing to go on from. */
export function resumeRequest(name: string, values: ParsedOptions): Resumed {
  const foreign = Object.keys(values).find((option) => !allowed.includes(option));
  if (foreign !== undefined) throw new UsageError(`--resume goes on with the run's own settings: --${foreign} cannot be given`);
  const { runFolder, path } = findCheckpoint(name, stringOption(values, "runs") ?? DEFAULT_RUNS_FOLDER);
  const { run } = readRunEnds(runFolder);
  const { steps, ...settings } = run.config;
  const checkpointEvery = countOption(values, "checkpoint-every");
  const memoryLimit = bytesOption(values, "memory-limit");
  return {
    graph: readRunGraph(runFolder),
    run,
    request: { ...settings, length: runLength(values) ?? { steps }, resume: path, ...(checkpointEvery === undefined ? {} : { checkpointEvery }), ...(memoryLimit === undefined ? {} : { memoryLimit }) },
  };
}
