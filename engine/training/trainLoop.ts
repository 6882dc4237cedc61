/**
 * The loop: steps, instruments, records. Lets the event loop in between steps, so that a pause or stop lands within one
 * step, or a few of a fast model, and never looks at who listens.
 */
import { type Batch, BatchReader, sequentialBatches } from "../data/batches";
import type { Dataset } from "../data/dataset";
import { EpochOrder, type EpochOrderState } from "../data/epochOrder";
import type { Finding } from "../protocol/finding";
import type { Problem } from "../protocol/problems";
import type { AnyRecord, EvalRecord, RunStatus } from "../protocol/records";
import type { TrainConfig } from "../protocol/trainConfig";
import { finiteOrNull } from "./channelSummaries";
import { ContractWatch } from "./contractWatch";
import { evaluate } from "./evaluation";
import { layersRecord } from "./layerActivity";
import { learningRateAt } from "./learningRate";
import { populationBatches, shuffledIndices } from "./populationBatches";
import { gapProbe, normRecords, populationPass, snapshotRunning } from "./probes";
import { NormSchedule, ProbeSchedule } from "./probeSchedule";
import type { TrainingSession } from "./session";
import { eventLoopTurn, turnTaker } from "./turnTaker";
import { untrainedOutputs } from "./untrainedOutputs";

/** How the outside steers a loop. */
export interface LoopControl {
  readonly stopRequested: boolean;
  /** Resolves at once, or when a pause ends (by resume or stop). */
  whilePaused(): Promise<void>;
}

export interface LoopOptions {
  readonly session: TrainingSession;
  readonly dataset: Dataset;
  readonly config: TrainConfig;
  readonly control: LoopControl;
  /** Throws a ProblemError when the record cannot be kept; the loop lets it pass. */
  readonly record: (record: AnyRecord) => void;
  /** Called after every step, recorded or not. */
  readonly stepped: (step: number) => void;
  /** Where a resumed run's order of samples stands; the session says how many steps are behind it. */
  readonly order?: EpochOrderState | undefined;
  /** Keeps a checkpoint, every `checkpointEvery` steps. Throws a ProblemError when it cannot be kept; the loop lets it pass. */
  readonly checkpoint?: (step: number, order: EpochOrderState) => void;
}

export interface LoopEnd {
  readonly status: Extract<RunStatus, "completed" | "stopped" | "diverged">;
  readonly reason: Problem | null;
  readonly step: number;
  readonly finalLoss: number | null;
  readonly stepMs: Float64Array;
  readonly lastEval: EvalRecord | null;
  /** Where the order of samples stands. */
  readonly order: EpochOrderState;
}

/** Test samples looked at during the run; the last evaluation takes them all. */
const EVALUATION_SAMPLES = 2000;
/** A model whose first probe takes longer than this is probed on a quarter of the samples, so that it is seen oftener. */
const SLOW_PROBE_MS = 400;
const SLOW_SHARE = 1 / 4;
/** A run that is stopped is looked at once more if that takes no longer than this. */
const STOP_PROBE_MS = 250;
/** Steps and probes let requests in this often, or between any two steps or batches that take longer: a turn of the event loop costs a fast model 4 % of a step. */
const TURN_MS = 10;

export async function runTrainLoop(options: LoopOptions): Promise<LoopEnd> {
  const { session, config, control } = options;
  const loop = new Loop(options);
  loop.start();
  await loop.probe(session.step);
  await eventLoopTurn();
  const takeTurn = turnTaker(TURN_MS);
  for (let step = session.step + 1; step <= config.steps; step++) {
    await takeTurn();
    await control.whilePaused();
    if (control.stopRequested) {
      await loop.probeOnStop(step - 1);
      return loop.end("stopped", null, step - 1);
    }
    if (!loop.step(step)) return loop.end("diverged", divergence(session, config, step), step);
    options.stepped(step);
    loop.keepCheckpoint(step);
    if (!loop.probeIsDue(step)) continue;
    await loop.probe(step);
    await eventLoopTurn();
  }
  const broken = session.findNonFinite(config.batchSize);
  if (broken) return loop.end("diverged", divergence(session, config, config.steps), config.steps);
  return loop.end("completed", null, config.steps);
}

function divergence(session: TrainingSession, config: TrainConfig, step: number): Problem {
  const found = session.findNonFinite(config.batchSize) ?? { layer: "the loss", tensor: "value" };
  const line = session.graph.layers.find((layer) => layer.name === found.layer)?.range.startLine ?? null;
  return { code: "diverged", step, line, ...found };
}

class Loop {
  private readonly order: EpochOrder;
  private readonly trainReader: BatchReader;
  private readonly testReader: BatchReader;
  private readonly probeIndices: Uint32Array;
  private readonly populationIndices: readonly Uint32Array[];
  private readonly contracts: ContractWatch;
  private readonly norms = new NormSchedule();
  private readonly probes: ProbeSchedule;
  private readonly stepMs: Float64Array;
  /** Part of the usual samples that probes before the last one look at. */
  private probeShare = 1;
  private lastProbeMs = 0;
  private lastLoss: number | null = null;
  private lastEval: EvalRecord | null = null;
  private readonly stepsBefore: number;

  constructor(private readonly options: LoopOptions) {
    const { dataset, config } = options;
    const { batchSize, seed } = config;
    this.stepsBefore = options.session.step;
    this.contracts = new ContractWatch(options.session);
    const { labels, count: samples } = dataset.train;
    this.order = new EpochOrder({ labels, samples, batchSize, seed, order: config.order, keepLast: config.keepLast });
    if (options.order) this.order.restore(options.order);
    this.trainReader = new BatchReader(dataset.train, dataset.shape, batchSize, config.normalize);
    this.testReader = new BatchReader(dataset.test, dataset.shape, batchSize, config.normalize);
    this.probeIndices = shuffledIndices(dataset.test.count, seed, "probe").subarray(0, Math.min(batchSize, dataset.test.count));
    this.populationIndices = populationBatches(dataset, config);
    this.probes = new ProbeSchedule(config.steps);
    this.stepMs = new Float64Array(config.steps);
  }

  /** What is to be said before the first step. */
  start(): void {
    const { session, config } = this.options;
    this.recordFindings(0, [...untrainedOutputs(session.graph), ...this.contracts.atStart(config.batchSize)]);
  }

  private recordFindings(step: number, findings: readonly Finding[]): void {
    for (const finding of findings) this.options.record({ type: "finding", step, finding });
  }

  /** One training step with its records; false when the loss is not finite. */
  step(step: number): boolean {
    const { session, config, record } = this.options;
    const lookingMs = performance.now();
    const before = this.norms.isDue(step) ? snapshotRunning(session) : null;
    const startMs = performance.now();
    const learningRate = learningRateAt(config, step);
    const loss = session.trainStepOver(this.nextBatches(), learningRate);
    const stepMs = performance.now() - startMs;
    this.stepMs[step - 1] = stepMs;
    this.lastLoss = finiteOrNull(loss);
    record({ type: "step", step, loss: this.lastLoss, lr: learningRate, ms: Number(stepMs.toFixed(4)) });
    if (!Number.isFinite(loss)) return false;
    if (before) {
      for (const norm of normRecords(session, step, before)) record(norm);
      record(layersRecord(session, step));
      this.recordFindings(step, this.contracts.afterStep(step, before));
      this.norms.recorded(step, performance.now() - lookingMs - stepMs, stepMs);
    }
    return true;
  }

  /** The batches of one optimizer step, each read when its turn comes. */
  private *nextBatches(): Generator<Batch> {
    for (let index = 0; index < this.options.session.accumulate; index++) yield this.trainReader.read(this.order.nextBatch());
  }

  keepCheckpoint(step: number): void {
    const { config, checkpoint } = this.options;
    if (config.checkpointEvery !== undefined && step % config.checkpointEvery === 0 && step < config.steps) checkpoint?.(step, this.order.state());
  }

  probeIsDue(step: number): boolean {
    return this.probes.isDue(step);
  }

  /**
   * Population statistics, the gap and the three accuracies, as of `step` steps done. Lets requests in between batches;
   * one that stops the run ends the probe, and what it had not finished is not recorded.
   */
  async probe(step: number): Promise<void> {
    const { config, control } = this.options;
    await this.look(step, { isLast: step === config.steps, isCancelled: () => control.stopRequested });
  }

  /** A last look at a run that was stopped, unless that would keep somebody waiting. */
  async probeOnStop(step: number): Promise<void> {
    if (step !== this.lastEval?.step && this.lastProbeMs <= STOP_PROBE_MS) await this.look(step, { isLast: false, isCancelled: () => false });
  }

  private async look(step: number, { isLast, isCancelled }: { isLast: boolean; isCancelled: () => boolean }): Promise<void> {
    const { session, dataset, record } = this.options;
    const startMs = performance.now();
    const share = (whole: number): number => (isLast ? whole : Math.ceil(whole * this.probeShare));
    const breathe = this.breather(isCancelled);
    const hasNorms = session.norms.length > 0;
    if (hasNorms) {
      const indices = this.populationIndices.slice(0, share(this.populationIndices.length));
      const population = await populationPass(session, batchesOf(this.trainReader, indices, breathe));
      if (isCancelled()) return;
      record({ type: "population", step, ...population });
      record(gapProbe(session, step, this.testReader.read(this.probeIndices)));
    }
    const samples = isLast ? dataset.test.count : share(Math.min(EVALUATION_SAMPLES, dataset.test.count));
    const evaluation = await this.evaluation(step, samples, hasNorms, breathe);
    if (isCancelled()) return;
    this.lastEval = evaluation;
    record(evaluation);
    this.lastProbeMs = performance.now() - startMs;
    const isFirst = step === this.stepsBefore;
    if (isFirst && this.lastProbeMs > SLOW_PROBE_MS) this.probeShare = SLOW_SHARE;
    this.probes.probed(step, this.lastProbeMs * (isFirst ? this.probeShare : 1), isFirst ? null : (this.stepMs[step - 1] ?? null));
  }

  end(status: LoopEnd["status"], reason: Problem | null, step: number): LoopEnd {
    return { status, reason, step, finalLoss: this.lastLoss, stepMs: this.stepMs.subarray(this.stepsBefore, step), lastEval: this.lastEval, order: this.order.state() };
  }

  private async evaluation(step: number, samples: number, hasNorms: boolean, breathe: Breathe): Promise<EvalRecord> {
    const { session, config } = this.options;
    const { batchSize } = config;
    const { observer } = session;
    const batches = batchesOf(this.testReader, sequentialBatches(samples, batchSize), breathe);
    if (!hasNorms) return { type: "eval", step, samples, ...(await evaluate(session, observer, ["running"], batches)), population: null, batch: null };
    // Batch statistics need whole batches: a short last one would be judged by noisier statistics.
    const leastCount = Math.min(batchSize, samples);
    return { type: "eval", step, samples, ...(await evaluate(session, observer, ["running", "population", "batch"], batches, (mode, { count }) => mode !== "batch" || count >= leastCount)) };
  }

  /** Waits for the event loop's turn when it is due, and tells whether to go on. */
  private breather(isCancelled: () => boolean): Breathe {
    const takeTurn = turnTaker(TURN_MS);
    return async () => {
      await takeTurn();
      return !isCancelled();
    };
  }
}

/** Resolves to false when whoever waits should stop. */
type Breathe = () => Promise<boolean>;

async function* batchesOf(reader: BatchReader, indices: Iterable<Uint32Array>, breathe: Breathe): AsyncGenerator<Batch> {
  for (const batch of indices) {
    if (!(await breathe())) return;
    yield reader.read(batch);
  }
}
