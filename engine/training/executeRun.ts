/**
 * One whole run: data, memory, run folder, loop, end. The child process and the command line both call this; they
 * differ only in who steers and who listens.
 */
import type { Dataset } from "../data/dataset";
import { type EpochOrderState, batchesPerEpoch } from "../data/epochOrder";
import { samplesPerChannel } from "../nn/channelNorm";
import type { ModelGraph } from "../protocol/modelGraph";
import { type Problem, ProblemError } from "../protocol/problems";
import {
  type Prediction,
  type RunLayer,
  type RunRecord,
  type RunStatus,
  RUN_SCHEMA_VERSION,
} from "../protocol/records";
import type { StartRunParams } from "../protocol/requests";
import type { TrainConfig, TrainRequest } from "../protocol/trainConfig";
import { fileProblem } from "../runs/fileProblem";
import { checkpointFile, createRunFolder, finalCheckpointFile } from "../runs/runFolder";
import { RunWriter } from "../runs/runWriter";
import { restoreCheckpoint, writeCheckpoint, writeWeights } from "./checkpoint";
import { dataProblem, openDataFor } from "./dataFit";
import { loadWeights } from "./loadWeights";
import { type Machine, teamFor } from "./machine";
import { sessionWithin } from "./memory";
import { predict } from "./prediction";
import type { TrainingSession } from "./session";
import type { ThreadTeam } from "./threads/threadTeam";
import { type LoopControl, type LoopEnd, runTrainLoop } from "./trainLoop";

export interface RunListener {
  stepped(step: number, steps: number): void;
  /** The log has `bytes` bytes now. */
  recordsAppended(bytes: number): void;
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
  /** That shared its work: fewer than asked for where the machine refused some, and 1 where nothing was worth sharing. */
  readonly threads: number;
  /** Why a thread could not start or ended early; null when all did what they were asked. */
  readonly threadRefusal: string | null;
}

/** Opens the data, plans the memory and makes the run folder. Throws a ProblemError. */
export function prepareRun(
  params: StartRunParams,
  machine: Machine,
  producer: string,
  listener: RunListener,
): PreparedRun {
  const { graph, request } = params;
  const dataset = openDataFor(graph, request);
  const problem = dataProblem(graph, dataset, request);
  if (problem) throw new ProblemError(problem);
  const config = configOf(request, dataset);
  const team = teamFor(machine, config);
  const session = sessionWithin({ ...config, graph, kernels: machine.kernels, team }, dataset, config.memoryLimit);
  if (request.init !== undefined && request.resume === undefined) loadWeights(session, request.init);
  const order = request.resume === undefined ? undefined : goOn(request.resume, session, dataset, config);
  const startedAt = new Date();
  const runFolder = createRunFolder(params.runsFolder, graph, startedAt);
  const writer = new RunWriter(runFolder, (bytes) => listener.recordsAppended(bytes));
  const prediction = predict(session, dataset, config);
  writer.append(runRecord({ params, dataset, config, session, prediction, producer, startedAt }));
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
      stepped: (step) => listener.stepped(step, parts.config.steps),
      checkpoint: (step, order) => writeCheckpoint(checkpointFile(runFolder, step), session, order),
    });
    // Nothing is to be gone on from where training diverged: the latest checkpoint before is.
    if (loop.status === "diverged") writeWeights(finalCheckpointFile(runFolder), session);
    else writeCheckpoint(finalCheckpointFile(runFolder), session, loop.order);
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
    // The end itself could not be written; whoever listens is told, and the log is closed for it when it is read.
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

interface RunRecordParts {
  readonly params: StartRunParams;
  readonly dataset: Dataset;
  readonly config: TrainConfig;
  readonly session: TrainingSession;
  readonly prediction: Prediction;
  readonly producer: string;
  readonly startedAt: Date;
}

function runRecord({ params, dataset, config, session, prediction, producer, startedAt }: RunRecordParts): RunRecord {
  const { graph } = params;
  return {
    type: "run",
    schema: RUN_SCHEMA_VERSION,
    producer,
    startedAt: startedAt.toISOString(),
    name: params.name,
    comparison: params.comparison,
    modelFile: { ...graph.source },
    model: graph.model,
    framework: graph.framework,
    parameters: graph.parameters ?? 0,
    config,
    data: {
      name: dataset.name,
      trainSamples: dataset.train.count,
      testSamples: dataset.test.count,
      classes: dataset.classes,
    },
    layers: runLayers(graph, session, config.batchSize),
    prediction,
  };
}

/** Layers in forward order, as the run record lists them. */
function runLayers(graph: ModelGraph, session: TrainingSession, batchSize: number): RunLayer[] {
  return graph.nodes.flatMap((node) => {
    const layer = graph.layers.find(({ name }) => name === node.layer);
    if (!layer) return [];
    const norm = session.norms.find(({ name }) => name === layer.name);
    return {
      name: layer.name,
      className: layer.className,
      parameters: layer.parameters ?? 0,
      outputShape: [...(node.outputShape ?? [])],
      line: layer.range.startLine,
      endLine: layer.range.endLine,
      norm: norm
        ? {
            channels: norm.input.channels,
            samplesPerChannel: samplesPerChannel(norm.input, norm.parts(batchSize)[0]?.count ?? batchSize),
            epsilon: norm.op.epsilon,
            updateWeight: norm.op.runningStatsUpdateWeight,
            runningVarianceEstimator: norm.op.runningVarianceEstimator,
          }
        : null,
    };
  });
}
