/**
 * A training session: one model, its memory and its optimizer, stepped from outside. Knows nothing of files, records
 * or time; `trainLoop` drives it and `probes` look into it.
 */
import type { Batch } from "../data/batches";
import type { KernelChoice, KernelTeam } from "../nn/kernels/kernels";
import { type ActivationBuffer, padded, regionOf, wholeBuffer, writeSamples } from "../nn/activationBuffer";
import { joinInputs } from "../graph/joinInputs";
import { runningStatisticsOf } from "../graph/layerKinds";
import { Arena } from "../nn/arena";
import type { MeasuredNorm, NormalizedInput } from "../nn/batchNorm";
import type { ChannelStatistics, NormState } from "../nn/channelNorm";
import { initializeParameters } from "../nn/initialization";
import type { StatisticsMode, TrainingPasses } from "../nn/layer";
import { Network } from "../nn/network";
import { parameterSpecs } from "../nn/networkParameters";
import { ParameterStore } from "../nn/parameterStore";
import { type ModelGraph, batchNormLayers } from "../protocol/modelGraph";
import { clipGradients } from "./clipGradients";
import { MomentumReplay } from "./momentumReplay";
import type { RunningStatistics } from "./runningStatistics";
import { type Optimizer, createOptimizer } from "./optimizers";
import type { TrainConfig } from "../protocol/trainConfig";

type SessionConfig = Pick<
  TrainConfig,
  | "batchSize"
  | "optimizer"
  | "momentum"
  | "nesterov"
  | "weightDecay"
  | "undecayed"
  | "clipNorm"
  | "seed"
  | "loss"
  | "labelSmoothing"
  | "accumulate"
  | "initialize"
>;

export interface SessionOptions extends SessionConfig {
  /** The variant to train; `trainabilityProblems` must have found nothing. */
  readonly graph: ModelGraph;
  readonly kernels: KernelChoice;
  /** Threads that share its work; without one it is done alone. */
  readonly team?: KernelTeam;
  /**
   * All gradients of a step stay until the next one, to be looked at; otherwise their memory is used again within the
   * step.
   */
  readonly keepGradients?: boolean;
  /** Running statistics of other momenta are kept too. */
  readonly withReplay?: boolean;
  /** Bytes that the arena may have; absent, as much as the engine can address. */
  readonly arenaLimit?: number;
}

/** The first value that is not a number or not finite, in forward order. */
export interface NonFinite {
  readonly layer: string;
  /** `input`, `output`, or the parameter's own name (`weight`). */
  readonly tensor: string;
}

export class TrainingSession {
  readonly arena: Arena;
  readonly parameters: ParameterStore;
  /** Trains, and keeps each layer's activations for the backward pass. */
  readonly network: Network;
  /** The same parameters with separate activations, to run the same samples in another mode. */
  readonly observer: Network;
  /** With one input, which all of the model's are cut from. */
  readonly graph: ModelGraph;
  readonly optimizer: Optimizer;
  private readonly clipNorm: number | undefined;
  /** Batches of one optimizer step. */
  readonly accumulate: number;
  /** Sums of the gradients of a step's earlier batches, laid out as the gradients; 0 when a step has one batch. */
  private readonly gradientSums: number;
  /** Scratch per channel: two vectors of 1/σ and one of f64 sums. */
  private readonly scratch: { readonly inverse1: number; readonly inverse2: number; readonly sums: number };
  private stepsDone = 0;
  /** Samples of the batch that the training network saw last. */
  lastCount = 0;
  /** Forward passes in training mode: what dropout draws depends on the seed and on their number. */
  readonly passes: TrainingPasses;
  private readonly normStates: ReadonlyMap<string, NormState>;
  private replayed: MomentumReplay | null;

  /** Throws a ProblemError `out-of-memory` when the arena cannot be had. */
  constructor(options: SessionOptions) {
    const { batchSize, seed, accumulate = 1 } = options;
    const graph = joinInputs(options.graph);
    this.graph = graph;
    this.optimizer = createOptimizer(options, graph);
    this.clipNorm = options.clipNorm;
    this.arena = new Arena(options.kernels, options.team);
    this.parameters = new ParameterStore(this.arena, parameterSpecs(graph), this.optimizer.stateNames.length);
    this.replayed = options.withReplay ? new MomentumReplay(this.arena) : null;
    this.normStates = allocateNormStates(graph, this.arena, this.replayed);
    this.passes = { seed, count: 0 };
    const loss = { name: options.loss ?? "cross-entropy", labelSmoothing: options.labelSmoothing ?? 0 };
    const shared = {
      graph,
      batch: batchSize,
      arena: this.arena,
      parameters: this.parameters,
      normStates: this.normStates,
      passes: this.passes,
      loss,
      keepGradients: options.keepGradients ?? false,
    };
    this.network = new Network({ ...shared, withGradients: true });
    this.observer = new Network({ ...shared, withGradients: false });
    const widest = Math.max(0, ...batchNormLayers(graph).map(({ op }) => padded(op.numFeatures)));
    this.scratch = {
      inverse1: this.arena.allocateFloats(widest),
      inverse2: this.arena.allocateFloats(widest),
      sums: this.arena.allocate(widest * 8),
    };
    this.accumulate = accumulate;
    this.gradientSums = accumulate > 1 ? this.arena.allocateFloats(this.parameters.totalFloats) : 0;
    this.arena.commit(options.arenaLimit);
    for (const { channels, state } of this.runningStatistics)
      this.arena.floats(state.running.variance, channels).fill(1);
    this.beginReplay();
    initializeParameters(this.parameters, graph.layers, seed, options.initialize);
  }

  /** Normalisation layers with running statistics of the training network, in forward order. */
  get norms(): readonly MeasuredNorm[] {
    return this.network.norms;
  }

  /**
   * Every layer that is called and keeps running statistics, those of instance normalization included, in definition
   * order.
   */
  get runningStatistics(): readonly RunningStatistics[] {
    const called = new Set(this.graph.nodes.map(({ layer }) => layer));
    return this.graph.layers.flatMap(({ name, op }) => {
      const state = this.normStates.get(name);
      const statistics = runningStatisticsOf(op);
      const isKept = called.has(name) && statistics?.areTracked;
      return isKept && state !== undefined ? [{ name, channels: statistics.channels, state }] : [];
    });
  }

  get step(): number {
    return this.stepsDone;
  }

  /** Null where no other momentum is replayed. */
  get replay(): MomentumReplay | null {
    return this.replayed;
  }

  /** Replays begin at the running statistics as they are now. */
  beginReplay(): void {
    this.replayed?.begin(this.runningStatistics);
  }

  /** What other momenta would have given is unknown from now on. */
  forgetReplay(): void {
    this.replayed = null;
  }

  /**
   * Counts on from `step` optimizer steps and `passes` in training mode, whose weights and optimizer state have been
   * loaded.
   */
  goOnFrom(step: number, passes: number): void {
    this.stepsDone = step;
    this.passes.count = passes;
  }

  /** One optimizer step on one batch. */
  trainStep(batch: Batch, learningRate: number): number {
    return this.trainStepOver(() => batch, learningRate);
  }

  /**
   * One optimizer step on the mean gradient of `accumulate` batches, each of which is asked for when its turn comes and
   * goes through the network on its own; returns their mean loss before it. When a loss is not finite no weight is
   * changed.
   */
  trainStepOver(nextBatch: () => Batch, learningRate: number): number {
    const share = 1 / this.accumulate;
    let loss = 0;
    for (let index = 0; index < this.accumulate; index++) {
      const batch = nextBatch();
      loss += this.forwardLoss(this.network, "train", batch, share) * share;
      if (!Number.isFinite(loss)) return loss;
      this.lastCount = batch.count;
      this.network.backward(batch.count);
      this.accumulateGradients(index);
    }
    this.stepsDone += 1;
    if (this.clipNorm !== undefined) clipGradients(this.arena, this.parameters, this.clipNorm);
    this.optimizer.update(this.arena, this.parameters, learningRate, this.stepsDone);
    return loss;
  }

  /** Adds up what batch `index` of a step left; after the last one the gradients are the sums. */
  private accumulateGradients(index: number): void {
    if (this.accumulate === 1) return;
    const { kernels } = this.arena;
    const { gradientsBase, totalFloats } = this.parameters;
    if (index === 0)
      this.arena.floats(this.gradientSums, totalFloats).set(this.arena.floats(gradientsBase, totalFloats));
    else if (index < this.accumulate - 1)
      kernels.accumulate({ sums: this.gradientSums, values: gradientsBase, count: totalFloats });
    else kernels.accumulate({ sums: gradientsBase, values: this.gradientSums, count: totalFloats });
  }

  /** Forward pass and mean loss in the given mode, on either network; `share` is the loss's part in a step's. */
  forwardLoss(network: Network, mode: StatisticsMode, batch: Batch, share = 1): number {
    if (mode === "train") this.passes.count += 1;
    this.load(network, batch);
    network.forward(mode, batch.count);
    return network.loss(batch.count, share);
  }

  /** PyTorch's `num_batches_tracked` of a normalisation layer. */
  batchesTracked(name: string): bigint {
    return this.normStates.get(name)?.batchesTracked ?? 0n;
  }

  setBatchesTracked(name: string, count: bigint): void {
    const state = this.normStates.get(name);
    if (state) state.batchesTracked = count;
  }

  /** A per-channel vector of a normalisation layer, as a view. */
  channelVector(norm: MeasuredNorm, address: number): Float32Array {
    return this.arena.floats(address, norm.input.channels);
  }

  /**
   * Per channel, Σ over samples and positions of (x̂₁ − x̂₂)², where x̂ = (x − mean)/√(variance + ε) is each layer's
   * input under the given statistics. The result is a view that the next call overwrites.
   */
  normalizedSquaredDifference(
    first: NormalizedInput,
    statistics1: ChannelStatistics,
    second: NormalizedInput,
    statistics2: ChannelStatistics,
    count: number,
  ): Float64Array {
    const { kernels } = this.arena;
    const { inverse1, inverse2, sums } = this.scratch;
    const { channels } = first.input;
    kernels.inverseDeviation({
      channels,
      epsilon: first.op.epsilon,
      variance: statistics1.variance,
      inverse: inverse1,
    });
    kernels.inverseDeviation({
      channels,
      epsilon: second.op.epsilon,
      variance: statistics2.variance,
      inverse: inverse2,
    });
    const region = regionOf(count, first.input, second.input);
    kernels.normalizedDifference({
      region,
      x1: first.input,
      x2: second.input,
      channels,
      mean1: statistics1.mean,
      inverse1,
      mean2: statistics2.mean,
      inverse2,
      sums,
    });
    return this.arena.doubles(sums, channels);
  }

  /** Where NaN or infinity first appears, in forward order; null when everything is finite. */
  findNonFinite(count: number): NonFinite | null {
    const { network } = this;
    if (!this.isFinite(network.input, count)) return { layer: "the input", tensor: "input" };
    for (const { layer, output } of network.layers) {
      const parameter = this.parameters.specs.find(
        (spec) => spec.name.startsWith(`${layer.name}.`) && this.hasNonFinite(spec.name, spec.storedFloats),
      );
      if (parameter) return { layer: layer.name, tensor: parameter.name.slice(layer.name.length + 1) };
      if (!this.isFinite(output, count)) return { layer: layer.name, tensor: "output" };
    }
    return null;
  }

  private load(network: Network, batch: Batch): void {
    writeSamples(this.arena, network.input, batch.samples, batch.count);
    const labels = batch.count * network.labelsPerSample;
    this.arena.integers(network.labels, labels).set(batch.labels.subarray(0, labels));
  }

  private hasNonFinite(parameter: string, floats: number): boolean {
    return this.arena.kernels.firstNonFinite({ values: this.parameters.weights(parameter), count: floats }) >= 0;
  }

  private isFinite(buffer: ActivationBuffer, count: number): boolean {
    const { address, floats } = wholeBuffer(buffer, count);
    return this.arena.kernels.firstNonFinite({ values: address, count: floats }) < 0;
  }
}

/** Running and population statistics of every normalisation layer, outside any network. */
function allocateNormStates(
  graph: ModelGraph,
  arena: Arena,
  replay: MomentumReplay | null,
): ReadonlyMap<string, NormState> {
  const vector = (channels: number): number => arena.allocateFloats(padded(channels));
  const statistics = (channels: number): { mean: number; variance: number } => ({
    mean: vector(channels),
    variance: vector(channels),
  });
  return new Map(
    graph.layers.flatMap(({ name, op }): [string, NormState][] => {
      const channels = runningStatisticsOf(op)?.channels;
      if (channels === undefined) return [];
      const replays = replay?.allocate(op, channels) ?? null;
      return [[name, { running: statistics(channels), population: statistics(channels), replays, batchesTracked: 0n }]];
    }),
  );
}
