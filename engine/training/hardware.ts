/** What a run may use of the machine that it is on. */
import { availableParallelism } from "node:os";
import type { KernelChoice } from "../nn/kernels/kernels";
import type { TrainConfig } from "../protocol/trainConfig";
import { chooseKernels } from "./chooseKernels";
import { ThreadTeam } from "./threads/threadTeam";

export interface Hardware {
  readonly kernels: KernelChoice;
  /** The bundle of `threads/kernelWorker.ts`, which helper threads run. */
  readonly helperFile: string;
}

/** More threads than this are not taken unasked: models that are debugged are small. */
const MOST_THREADS = 4;

/** Throws a ProblemError `engine-unavailable` where WebAssembly, its memory or SIMD is refused. */
export function thisHardware(helperFile: string): Hardware {
  return { kernels: chooseKernels(), helperFile };
}

/** The threads of a run: as many as were asked for, else one for each core. */
export function teamFor({ helperFile }: Hardware, { threads }: Pick<TrainConfig, "threads">): ThreadTeam {
  return new ThreadTeam(threads ?? Math.min(availableParallelism(), MOST_THREADS), helperFile);
}
