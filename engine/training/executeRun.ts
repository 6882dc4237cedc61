/**
 * One whole run: data, memory, run folder, loop, end. The child process and the command line both call this; they
 * differ only in who steers and who listens.
 */
import { basename } from "node:path";
import type { Dataset } from "../data/dataset";
import { type EpochOrderState, batchesPerEpoch } from "../data/epochOrder";
import { type Problem, ProblemError } from "../protocol/problems";
import type { Prediction, RunStatus, WrittenRecord } from "../protocol/records";
import type { StartRunParams } from "../protocol/requests";
import type { TrainConfig, TrainRequest } from "../protocol/trainConfig";
import { fileProblem } from "../runs/fileProblem";
import { checkpointFile, createRunFolder, finalCheckpointFile } from "../runs/runFolder";
import { RunWriter } from "../runs/runWriter";
import { restoreCheckpoint, writeCheckpoint, writeWeights } from "./checkpoint";
import { dataProblem, openDataFor } from "./dataFit";
import { loadWeights } from "./loadWeights";
import { type Hardware, teamFor } from "./hardware";
import { sessionWithin } from "./memory";
import { predict } from "./prediction";
import { firstSegment, runRecord } from "./runRecord";
import type { TrainingSession } from "./session";
import type { ThreadTeam } from "./threads/threadTeam";
import { type LoopControl, type LoopEnd, runTrainLoop } from "./trainLoop";

export interface RunListener {
  stepped(step: number, steps: number): void;
  /** The run folder has more than before. */
  recordsAppended(): void;
}

/** A run that is ready to go: everything that can be refused beforehand has been checked. */
export interface PreparedRun {
  readonly runFolder: string;
  readonly config: TrainConfig;
  readonly session: TrainingSession;
  /** Threads that share its work now: fewer than asked for where they have not started yet or could not. */
  threads(): number;
  readonly prediction: Prediction;
  execute(control: LoopControl): Promise<FinishedRun>;
}

export interface FinishedRun {
  readonly status: RunStatus;
  readonly problem: Problem | null;
  /** Null when the run failed outside the loop. */
  readonly loop: LoopEnd | null;
  /**
   * That shared its work: fewer than asked for where the machine refused some, and 1 where nothing was worth sharing.
   */
  readonly threads: number;
  /** Why a thread could not start or ended early; null when all did what they were asked. */
  readonly threadRefusal: string | null;
}

/** Opens the data, plans the memory and makes the run folder. Throws a ProblemError. */
export function prepareRun(
  params: StartRunParams,
  machine: Hardware,
  producer: string,
  listener: RunListener,
): PreparedRun {
  const { graph, request } = params;
  const dataset = openDataFor(graph, request);
  const problem = dataProblem(graph, dataset, request);
  if (problem) throw new ProblemError(problem);
  const config = configOf(request, dataset);
  const team = teamFor(machine, config);
  const session = sessionWithin(
    { ...config, graph, kernels: machine.kernels, team, withReplay: true },
    dataset,
    config.memoryLimit,
  );
  if (request.init !== undefined && request.resume === undefined) {
    loadWeights(session, request.init);
    session.beginReplay();
  }
  const order = request.resume === undefined ? undefined : goOn(request.resume, session, dataset, config);
  const startedAt = new Date();
  const runFolder = createRunFolder(params.runsFolder, graph, startedAt);
  const writer = new RunWriter(runFolder, () => listener.recordsAppended());
  const prediction = predict(session, dataset, config);
  writer.append(runRecord({ params, dataset, config, session, prediction, producer, startedAt }));
  const segment = firstSegment(config, session.step);
  if (segment) writer.append(segment);
  writer.beat(session.step);
  writer.flush();
  return {
    runFolder,
    config,
    session,
    prediction,
    threads: () => team.size,
    execute: (control) => execute({ runFolder, config, session, team, dataset, order, writer, listener, control }),
  };
}

/** Throws a ProblemError when the checkpoint cannot be gone on from, or nothing is left to do. */
function goOn(path: string, session: TrainingSession, dataset: Dataset, { steps }: TrainConfig): EpochOrderState {
  const order = restoreCheckpoint(path, session, dataset.train.count);
  if (session.step >= steps) throw new ProblemError({ code: "run-already-done", path, steps });
  return order;
}

function configOf(request: TrainRequest, dataset: Dataset): TrainConfig {
  const { length, ...rest } = request;
  return { ...rest, steps: "steps" in length ? length.steps : stepsOf(length.epochs, request, dataset) };
}

/** Optimizer steps of so many epochs; a step may span the border of two. */
function stepsOf(
  epochs: number,
  { batchSize, keepLast, order, accumulate = 1 }: TrainRequest,
  { train }: Dataset,
): number {
  const batches = epochs * batchesPerEpoch({ labels: train.labels, samples: train.count, batchSize, keepLast, order });
  return Math.max(1, Math.floor(batches / accumulate));
}

interface ExecuteParts {
  readonly runFolder: string;
  readonly config: TrainConfig;
  readonly session: TrainingSession;
  readonly team: ThreadTeam;
  readonly dataset: Dataset;
  readonly order: EpochOrderState | undefined;
  readonly writer: RunWriter;
  readonly listener: RunListener;
  readonly control: LoopControl;
}

async function execute(parts: ExecuteParts): Promise<FinishedRun> {
  const { session, team, writer, listener, runFolder } = parts;
  const startMs = performance.now();
  let loop: LoopEnd | null = null;
  let failure: Problem | null = null;
  let threads = 1;
  team.start();
  try {
    loop = await runTrainLoop({
      ...parts,
      record: (record) => writer.append(record),
      samples: (line) => writer.appendSample(line),
      numbers: writer,
      stepped: (step) => {
        writer.beat(step);
        listener.stepped(step, parts.config.steps);
      },
      checkpoint: (step, order) => {
        const path = checkpointFile(runFolder, step);
        writeCheckpoint(path, session, order);
        writer.append(checkpointRecord(path, step));
      },
    });
    // Nothing is to be gone on from where training diverged: the latest checkpoint before is.
    if (loop.status === "diverged") writeWeights(finalCheckpointFile(runFolder), session);
    else writeCheckpoint(finalCheckpointFile(runFolder), session, loop.order);
    writer.append(checkpointRecord(finalCheckpointFile(runFolder), session.step));
  } catch (error) {
    failure =
      error instanceof ProblemError
        ? error.problem
        : { code: "internal", detail: error instanceof Error ? error.message : String(error) };
  } finally {
    if (team.divided > 0) threads = team.size;
    team.stop();
  }
  const status = failure ? "failed" : (loop?.status ?? "failed");
  const problem = failure ?? loop?.reason ?? null;
  try {
    writer.append({
      type: "end",
      step: session.step,
      status,
      reason: problem,
      elapsedMs: Math.round(performance.now() - startMs),
    });
    writer.close();
  } catch (error) {
    // The end record itself could not be written: listeners get it, and a reader closes the log.
    return {
      status: "failed",
      problem: failure ?? fileProblem(runFolder, error).problem,
      loop,
      threads,
      threadRefusal: team.refusal,
    };
  }
  return { status, problem, loop, threads, threadRefusal: team.refusal };
}

const checkpointRecord = (path: string, step: number): WrittenRecord => ({
  type: "checkpoint",
  step,
  path: basename(path),
  statistics: true,
});
