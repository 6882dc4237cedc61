/** `normlens train --resume RUN|FILE`: the run to continue, and what may be asked of it again. */
import { type Resumed, readResumed } from "../runs/readResumed";
import type { TrainOptions } from "./trainOptions";
import { given, runLength } from "./trainRequest";

/** Throws a ProblemError when there is nothing to resume. */
export function resumeRequest(name: string, options: TrainOptions): Resumed {
  const { checkpointEvery, threads, memoryLimit } = options;
  const resumed = readResumed(name, options.runs);
  const asked = given({ length: runLength(options), checkpointEvery, threads, memoryLimit });
  return { ...resumed, request: { ...resumed.request, ...asked } };
}
