/**
 * Running statistics as other update weights would have made them: the batches of a training do not depend on its
 * running statistics, so what another weight gives is exact, and needs no second training. It takes the same update in
 * the same precision, beside the layer's own (`updateReplays`).
 */
import { runningStatisticsOf } from "../graph/layerKinds";
import { padded } from "../nn/activationBuffer";
import type { Arena } from "../nn/arena";
import type { ChannelStatistics, Replays } from "../nn/channelNorm";
import type { LayerOp } from "../protocol/layerOps";
import type { NamedTensor } from "../runs/safetensors";
import type { RunningStatistics } from "./runningStatistics";

/** Weights of the new batch, as people write them. */
export const REPLAYED_WEIGHTS: readonly number[] = [
  0.0003, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.2, 0.3, 0.5, 1,
];

/** Batch renormalisation trains with its running statistics: another weight would be another training. */
const isReplayable = (op: LayerOp): boolean =>
  op.kind === "batchNorm" && op.statistics?.rule !== "renorm" && (runningStatisticsOf(op)?.areTracked ?? false);

export class MomentumReplay {
  private readonly weightsAt: number;

  constructor(
    private readonly arena: Arena,
    readonly weights: readonly number[] = REPLAYED_WEIGHTS,
  ) {
    this.weightsAt = arena.allocate(8 * weights.length);
  }

  /** Room for one layer's statistics; null for a layer that cannot be replayed. Only before the arena is committed. */
  allocate(op: LayerOp, channels: number): Replays | null {
    if (!isReplayable(op)) return null;
    const count = this.weights.length;
    const floats = padded(channels);
    return {
      count,
      weights: this.weightsAt,
      statistics: this.arena.allocateFloats(2 * count * floats),
      bytes: 4 * floats,
    };
  }

  /** Every weight begins where the layer's own running statistics are. */
  begin(layers: readonly RunningStatistics[]): void {
    this.arena.doubles(this.weightsAt, this.weights.length).set(this.weights);
    for (const { channels, state } of layers) {
      for (const { mean, variance } of this.of(state.replays)) {
        this.arena.floats(mean, channels).set(this.arena.floats(state.running.mean, channels));
        this.arena.floats(variance, channels).set(this.arena.floats(state.running.variance, channels));
      }
    }
  }

  /** In the order of the weights; none for a layer that is not replayed. */
  of(replays: Replays | null): ChannelStatistics[] {
    if (replays === null) return [];
    const { statistics, bytes } = replays;
    return this.weights.map((_, index) => ({
      mean: statistics + 2 * index * bytes,
      variance: statistics + (2 * index + 1) * bytes,
    }));
  }

  /** For a checkpoint: `[weight, mean or variance, channel]` of each layer. */
  tensors(layers: readonly RunningStatistics[]): NamedTensor[] {
    return layers.flatMap(({ name, channels, state }) => {
      const all = this.of(state.replays);
      if (all.length === 0) return [];
      const values = new Float32Array(2 * all.length * channels);
      all
        .flatMap(({ mean, variance }) => [mean, variance])
        .forEach((address, index) => values.set(this.arena.floats(address, channels), index * channels));
      return [{ name: tensorName(name), shape: [all.length, 2, channels], values }];
    });
  }

  /** Sets what `tensors` gave; false, and nothing is set, when a layer's is missing or has another shape. */
  restore(layers: readonly RunningStatistics[], tensors: ReadonlyMap<string, NamedTensor>): boolean {
    const replayed = layers.filter(({ state }) => state.replays !== null);
    const found = replayed.map(({ name, channels }) => {
      const tensor = tensors.get(tensorName(name));
      const fits = tensor?.shape.join() === [this.weights.length, 2, channels].join();
      return fits && tensor.values instanceof Float32Array ? tensor.values : null;
    });
    if (found.includes(null)) return false;
    replayed.forEach(({ channels, state }, place) => {
      this.of(state.replays)
        .flatMap(({ mean, variance }) => [mean, variance])
        .forEach((address, index) => {
          const from = index * channels;
          this.arena.floats(address, channels).set(found[place]?.subarray(from, from + channels) ?? []);
        });
    });
    return true;
  }
}

/** Of the training state. */
const tensorName = (layer: string): string => `${layer}.replayed`;
