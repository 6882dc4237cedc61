/** `normlens train --resume RUN|FILE`: the run that is gone on with, and what may be asked of it anew. */
import { type Resumed, readResumed } from "../runs/readResumed";
import { DEFAULT_RUNS_FOLDER } from "../runs/runFolder";
import { type ParsedOptions, UsageError, bytesOption, countOption, runLength, stringOption } from "./options";

/** Anything else would make it another run. */
const allowed = ["resume", "epochs", "steps", "checkpoint-every", "threads", "memory-limit", "runs", "json"];

/** Throws a ProblemError when there is nothing to go on from. */
export function resumeRequest(name: string, values: ParsedOptions): Resumed {
  const foreign = Object.keys(values).find((option) => !allowed.includes(option));
  if (foreign !== undefined)
    throw new UsageError(`--resume goes on with the run's own settings: --${foreign} cannot be given`);
  const resumed = readResumed(name, stringOption(values, "runs") ?? DEFAULT_RUNS_FOLDER);
  const length = runLength(values);
  const checkpointEvery = countOption(values, "checkpoint-every");
  const threads = countOption(values, "threads");
  const memoryLimit = bytesOption(values, "memory-limit");
  return {
    ...resumed,
    request: {
      ...resumed.request,
      ...(length === undefined ? {} : { length }),
      ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
      ...(threads === undefined ? {} : { threads }),
      ...(memoryLimit === undefined ? {} : { memoryLimit }),
    },
  };
}
