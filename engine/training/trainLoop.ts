/**
 * The loop: steps, instruments, records. Steps come in bursts, and the event loop is let in between bursts, so that a
 * pause or stop lands within one step, or BURST_MS of a fast model; never looks at who listens.
 */
import { type Batch, BatchReader, sequentialBatches } from "../data/batches";
import type { Dataset } from "../data/dataset";
import { EpochOrder, type EpochOrderState } from "../data/epochOrder";
import type { Finding } from "../protocol/finding";
import type { Problem } from "../protocol/problems";
import type { EvalRecord, RunStatus, WrittenRecord } from "../protocol/records";
import type { WrittenSampleLine } from "../protocol/probedSamples";
import type { TrainConfig } from "../protocol/trainConfig";
import { finiteOrNull } from "./channelSummaries";
import { callsApart } from "./callsApart";
import { ContractWatch } from "./contractWatch";
import { evaluate } from "./evaluation";
import { learningRateAt } from "./learningRate";
import { type FrameSink, NumbersRecorder } from "./numbersRecorder";
import { atEqualDistances, populationBatches, shuffledIndices } from "./populationBatches";
import { ProbedSamples } from "./probedSamples";
import { type RunningSnapshot, gapProbe, populationPass, snapshotRunning } from "./probes";
import { type ProbeSize, probeSize } from "./probeSize";
import { NormSchedule, ProbeSchedule } from "./probeSchedule";
import { replayedScores } from "./replayedScores";
import type { TrainingSession } from "./session";
import { eventLoopTurn, turnTaker } from "./turnTaker";
import { untrainedOutputs } from "./untrainedOutputs";

/** How the outside steers a loop. */
export interface LoopControl {
  readonly stopRequested: boolean;
  /** True when no further step is to be done for now: the loop is paused or is to stop. */
  readonly isHeld: boolean;
  /** Resolves at once, or when a pause ends (by resume or stop). */
  whilePaused(): Promise<void>;
}

export interface LoopOptions {
  readonly session: TrainingSession;
  readonly dataset: Dataset;
  readonly config: TrainConfig;
  readonly control: LoopControl;
  /** Throws a ProblemError when the record cannot be kept; the loop lets it pass. */
  readonly record: (record: WrittenRecord) => void;
  /** Keeps what the samples of the probe batch are and how the model answers them. Throws a ProblemError likewise. */
  readonly samples?: (line: WrittenSampleLine) => void;
  /** Takes the dense numbers. Throws a ProblemError likewise. */
  readonly numbers: FrameSink;
  /** Called after every step, before its record. */
  readonly stepped: (step: number) => void;
  /** Where a resumed run is in its order of samples; the session says how many steps are done. */
  readonly order?: EpochOrderState | undefined;
  /**
   * Keeps a checkpoint, every `checkpointEvery` steps. Throws a ProblemError when it cannot be kept; the loop lets it
   * pass.
   */
  readonly checkpoint?: (step: number, order: EpochOrderState) => void;
}

export interface LoopEnd {
  readonly status: Extract<RunStatus, "completed" | "stopped" | "diverged">;
  readonly reason: Problem | null;
  readonly step: number;
  readonly finalLoss: number | null;
  readonly stepMs: Float64Array;
  readonly lastEval: EvalRecord | null;
  /** How far the order of samples is. */
  readonly order: EpochOrderState;
}

/** A run that is stopped is probed again if that takes no longer than this. */
const STOP_PROBE_MS = 250;
/**
 * How long steps continue before requests are handled; a step that takes longer is a burst by itself. Between the
 * steps of a
 * fast model everything else finds cold caches: a turn of the event loop takes a third of its step, and its line in the
 * log 1 % when it is written by itself.
 */
const BURST_MS = 50;
/** Probes let requests in this often, or between any two batches that take longer. */
const PROBE_TURN_MS = 10;

export async function runTrainLoop(options: LoopOptions): Promise<LoopEnd> {
  const { session, config, control } = options;
  const loop = new Loop(options);
  loop.start();
  await loop.probe();
  while (loop.step < config.steps) {
    await eventLoopTurn();
    await control.whilePaused();
    if (control.stopRequested) {
      await loop.probeOnStop();
      return loop.end("stopped", null);
    }
    if (!loop.burst()) return loop.end("diverged", divergence(session, config, loop.step));
    if (loop.probeIsDue) await loop.probe();
  }
  const broken = session.findNonFinite(config.batchSize);
  if (broken) return loop.end("diverged", divergence(session, config, config.steps));
  return loop.end("completed", null);
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
  private readonly populationBatches: readonly Uint32Array[];
  private readonly probedSamples: ProbedSamples | null;
  private readonly contracts: ContractWatch;
  private readonly norms: NormSchedule;
  private readonly probes: ProbeSchedule;
  private readonly recorder: NumbersRecorder;
  private readonly stepMs: Float64Array;
  private readonly nextBatch: () => Batch;
  /** Steps done, a diverged one included. */
  step: number;
  /** Losses of the last steps, which have no record yet. */
  private readonly unrecorded: number[] = [];
  private readonly probeSize: ProbeSize;
  private lastProbeMs = 0;
  private lastLoss: number | null = null;
  private lastEval: EvalRecord | null = null;
  private readonly stepsBefore: number;

  constructor(private readonly options: LoopOptions) {
    const { dataset, config } = options;
    const { batchSize, seed } = config;
    this.step = this.stepsBefore = options.session.step;
    this.contracts = new ContractWatch(options.session);
    this.recorder = new NumbersRecorder(options.session, options.numbers);
    const { labels, count: samples } = dataset.train;
    this.order = new EpochOrder({ labels, samples, batchSize, seed, order: config.order, keepLast: config.keepLast });
    if (options.order) this.order.restore(options.order);
    this.trainReader = new BatchReader(dataset.train, dataset.shape, batchSize, config.normalize);
    this.nextBatch = () => this.trainReader.read(this.order.nextBatch());
    this.testReader = new BatchReader(dataset.test, dataset.shape, batchSize, config.normalize);
    this.probeIndices = shuffledIndices(dataset.test.count, seed, "probe").subarray(
      0,
      Math.min(batchSize, dataset.test.count),
    );
    const { samples: write } = options;
    this.probedSamples = write ? new ProbedSamples(dataset, this.probeIndices, write) : null;
    this.populationBatches = populationBatches(dataset, config);
    this.probeSize = probeSize(options.session.graph, batchSize);
    this.norms = new NormSchedule(config.steps);
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

  /**
   * Steps until BURST_MS have passed, something else is due or the loop is paused, at least one; false when a loss is
   * not finite. Steps are recorded together, before whatever is recorded of the last of them.
   */
  burst(): boolean {
    const { control, stepped } = this.options;
    const startMs = performance.now();
    try {
      do {
        if (!this.trainStep()) return false;
        stepped(this.step);
        this.keepCheckpoint();
      } while (!this.probeIsDue && !control.isHeld && performance.now() - startMs < BURST_MS);
    } finally {
      this.recordSteps();
    }
    return true;
  }

  /** The next training step; false when its loss is not finite. */
  private trainStep(): boolean {
    const { session, config } = this.options;
    const step = this.step + 1;
    const isLast = step === config.steps;
    const isRecorded = isLast || this.norms.isDue(step);
    if (isRecorded) this.recordSteps();
    const lookingMs = isRecorded ? performance.now() : 0;
    const before = isRecorded ? snapshotRunning(session) : null;
    const startMs = performance.now();
    const loss = session.trainStepOver(this.nextBatch, learningRateAt(config, step));
    const stepMs = performance.now() - startMs;
    this.stepMs[step - 1] = stepMs;
    this.unrecorded.push(loss);
    this.step = step;
    if (!Number.isFinite(loss)) return false;
    if (before === null) return true;
    this.recordSteps();
    this.recordSample(before, isLast);
    this.norms.recorded(step, performance.now() - lookingMs - stepMs, stepMs);
    return true;
  }

  /** In one go, which costs a fast model half of what it costs to record each step by itself. */
  private recordSteps(): void {
    const { config } = this.options;
    const losses = this.unrecorded.splice(0);
    losses.forEach((loss, index) => {
      const step = this.step - losses.length + index + 1;
      this.recorder.step(step, loss, learningRateAt(config, step), (this.stepMs[step - 1] ?? 0) / 1000);
    });
    const last = losses.at(-1);
    if (last !== undefined) this.lastLoss = finiteOrNull(last);
  }

  /** `before` is how the running statistics stood before the last step. */
  private recordSample(before: RunningSnapshot, isLast: boolean): void {
    this.recorder.sample(this.step, before, isLast);
    this.recordFindings(this.step, this.contracts.afterStep(this.step, before));
  }

  private keepCheckpoint(): void {
    const { config, checkpoint } = this.options;
    const { step } = this;
    if (config.checkpointEvery !== undefined && step % config.checkpointEvery === 0 && step < config.steps)
      checkpoint?.(step, this.order.state());
  }

  get probeIsDue(): boolean {
    return this.probes.isDue(this.step);
  }

  /**
   * Population statistics, the gap and the three accuracies, as of the steps done. Lets requests in between batches;
   * one that stops the run ends the probe, and what it had not finished is not recorded.
   */
  async probe(): Promise<void> {
    const { config, control } = this.options;
    await this.look({ isLast: this.step === config.steps, isCancelled: () => control.stopRequested });
  }

  /** A last look at a run that was stopped, unless that would keep somebody waiting. */
  async probeOnStop(): Promise<void> {
    if (this.step === this.lastEval?.step) return;
    // Before the probe's own passes overwrite what the last step left.
    if (this.step > this.stepsBefore) this.recorder.channelVectors(this.step);
    if (this.lastProbeMs <= STOP_PROBE_MS) await this.look({ isLast: false, isCancelled: () => false });
  }

  private async look({ isLast, isCancelled }: { isLast: boolean; isCancelled: () => boolean }): Promise<void> {
    const { session, dataset, record } = this.options;
    const { step } = this;
    const startMs = performance.now();
    const breathe = this.breather(isCancelled);
    const hasNorms = session.norms.length > 0;
    if (hasNorms) {
      const batches = isLast
        ? this.populationBatches
        : atEqualDistances(this.populationBatches, this.probeSize.batches);
      const population = await populationPass(session, batchesOf(this.trainReader, batches, breathe));
      if (isCancelled()) return;
      record({ type: "population", step, ...population.record });
      const batch = this.testReader.read(this.probeIndices);
      const gap = gapProbe(session, { step, batch, sums: population.sums });
      if (gap.answers !== null) this.probedSamples?.take(step, gap.answers);
      record(gap.record);
      const learningRate = learningRateAt(this.options.config, step);
      const apart = callsApart(session, { step, count: batch.count, learningRate });
      if (apart !== null) record(apart);
    }
    const samples = isLast ? dataset.test.count : Math.min(this.probeSize.testSamples, dataset.test.count);
    const scores = await this.scores(samples, hasNorms, breathe);
    const replayed = isLast && hasNorms ? await this.replayed(breathe) : null;
    if (isCancelled()) return;
    this.lastEval = { type: "eval", step, samples, ...scores, replayed };
    record(this.lastEval);
    this.lastProbeMs = performance.now() - startMs;
    const isFirst = step === this.stepsBefore;
    this.probes.probed(step, this.lastProbeMs, isFirst ? null : (this.stepMs[step - 1] ?? null));
  }

  end(status: LoopEnd["status"], reason: Problem | null): LoopEnd {
    const { step } = this;
    return {
      status,
      reason,
      step,
      finalLoss: this.lastLoss,
      stepMs: this.stepMs.subarray(this.stepsBefore, step),
      lastEval: this.lastEval,
      order: this.order.state(),
    };
  }

  private async scores(
    samples: number,
    hasNorms: boolean,
    breathe: Breathe,
  ): Promise<Pick<EvalRecord, "running" | "population" | "batch">> {
    const { session, config } = this.options;
    const { batchSize } = config;
    const { observer } = session;
    const batches = batchesOf(this.testReader, sequentialBatches(samples, batchSize), breathe);
    if (!hasNorms)
      return { ...(await evaluate(session, observer, ["running"], batches)), population: null, batch: null };
    // Batch statistics need whole batches: a short last one would be judged by noisier statistics.
    const leastCount = Math.min(batchSize, samples);
    return evaluate(
      session,
      observer,
      ["running", "population", "batch"],
      batches,
      (mode, { count }) => mode !== "batch" || count >= leastCount,
    );
  }

  private async replayed(breathe: Breathe): Promise<EvalRecord["replayed"]> {
    const { session, dataset, config } = this.options;
    const samples = Math.min(this.probeSize.testSamples, dataset.test.count);
    return replayedScores(session, samples, () =>
      batchesOf(this.testReader, sequentialBatches(samples, config.batchSize), breathe),
    );
  }

  /** Waits for the event loop's turn when it is due. False when training should stop. */
  private breather(isCancelled: () => boolean): Breathe {
    const takeTurn = turnTaker(PROBE_TURN_MS);
    return async () => {
      await takeTurn();
      return !isCancelled();
    };
  }
}

/** Resolves to false when the caller should stop. */
type Breathe = () => Promise<boolean>;

async function* batchesOf(
  reader: BatchReader,
  indices: Iterable<Uint32Array>,
  breathe: Breathe,
): AsyncGenerator<Batch> {
  for (const batch of indices) {
    if (!(await breathe())) return;
    yield reader.read(batch);
  }
}
