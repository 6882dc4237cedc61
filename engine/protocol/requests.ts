/**
 * What the extension host and a run's child process say to each other (vscode-jsonrpc over the fork's channel).
 * One child trains one run. Requests are verbs, notifications are past tense.
 */
import { NotificationType, RequestType, RequestType0 } from "vscode-jsonrpc";
import type { ModelGraph } from "./modelGraph";
import type { Problem } from "./problems";
import type { RunStatus } from "./records";
import type { TrainRequest } from "./trainConfig";

export interface StartRunParams {
  /** The variant: annotations already applied. */
  readonly graph: ModelGraph;
  readonly request: TrainRequest;
  /** Folder that contains all runs; the child makes the run's own folder in it. */
  readonly runsFolder: string;
  readonly name: string;
  readonly comparison: string | null;
}

/** Expected failures are values, so that they cross the process typed. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export type RunPhase = "idle" | "preparing" | "training" | "paused" | "ended";

/** Full per-channel vectors of one normalisation layer, as of the last step. Each has `channels` entries. */
export interface LayerVectors {
  readonly layer: string;
  readonly batchMean: Float32Array;
  readonly batchVariance: Float32Array;
  readonly runningMean: Float32Array;
  readonly runningVariance: Float32Array;
}

export interface RunInspection {
  readonly phase: RunPhase;
  readonly step: number;
  readonly steps: number;
  readonly kernel: string;
  /** That share the work now. */
  readonly threads: number;
  readonly arenaBytes: number;
  readonly layers: readonly LayerVectors[];
}

export interface RecordsAppended {
  readonly step: number;
  readonly steps: number;
}

export interface RunEnded {
  readonly status: RunStatus;
  readonly problem: Problem | null;
}

export const StartRun = new RequestType<StartRunParams, Outcome<{ runFolder: string; steps: number }>, void>(
  "startRun",
);
export const PauseRun = new RequestType0<RunPhase, void>("pauseRun");
export const ResumeRun = new RequestType0<RunPhase, void>("resumeRun");
export const StopRun = new RequestType0<RunPhase, void>("stopRun");
export const InspectRun = new RequestType0<RunInspection, void>("inspectRun");

/** At most ten times a second. */
export const RecordsWereAppended = new NotificationType<RecordsAppended>("recordsAppended");
export const RunHasEnded = new NotificationType<RunEnded>("runEnded");
