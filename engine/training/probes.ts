/**
 * The BN instruments: what is measured about normalisation layers between training steps. None of them changes a
 * parameter or a running statistic.
 */
import type { Batch } from "../data/batches";
import type { MeasuredNorm, NormalizedInput, NormalizedPart } from "../nn/batchNorm";
import { type ChannelStatistics, samplesPerChannel } from "../nn/channelNorm";
import type { Network } from "../nn/network";
import { known } from "../nn/step";
import type { PopulationLayer, PopulationRecord, WrittenRecord } from "../protocol/records";
import { finiteOrNull, quantilesOf, rootMeanSquare } from "./channelSummaries";
import { type ChannelVectors, PopulationSums } from "./populationSums";
import { type ProbeAnswers, probeAnswers } from "./probedSamples";
import type { TrainingSession } from "./session";

export interface Population {
  readonly samples: number;
  readonly record: Pick<PopulationRecord, "samples" | "replayedWeights" | "layers">;
  /** One entry per normalization layer in forward order. */
  readonly sums: readonly PopulationSums[];
}

/** Copies of the running statistics, one entry per normalisation layer in forward order. */
export type RunningSnapshot = readonly { readonly mean: Float32Array; readonly variance: Float32Array }[];

export function snapshotRunning(session: TrainingSession): RunningSnapshot {
  return session.norms.map((norm) => ({
    mean: session.channelVector(norm, norm.state.running.mean).slice(),
    variance: session.channelVector(norm, norm.state.running.variance).slice(),
  }));
}

/**
 * Population statistics: forward passes over `batches` with the weights fixed, per channel
 * μ = E[μ_B], σ² = E[μ_B² + σ_B²] − μ² (Wu & Johnson 2021, section 3). They stay in the layers for `population` mode.
 *
 * The noise floor is measured, not computed from B·H·W: √(m/(2 − m)) times the spread of the batch means seen here,
 * plus the error of this pass itself (the spread over √batches), both in σ.
 */
export async function populationPass(session: TrainingSession, batches: AsyncIterable<Batch>): Promise<Population> {
  const sums = session.norms.map((norm) => new PopulationSums(norm.input.channels, norm.op.epsilon, norm.calls));
  let samples = 0;
  let batchCount = 0;
  for await (const batch of batches) {
    session.forwardLoss(session.network, "batch", batch);
    samples += batch.count;
    batchCount += 1;
    session.norms.forEach((norm, index) => {
      // Parts of a batch (ghost batch normalisation) move the running statistics one by one, so they are batches here.
      const parts = norm.parts(batch.count);
      for (const { call, count, own } of parts)
        sums[index]?.add(call, vectorsOf(session, norm, own), count / (parts[0]?.count ?? count));
    });
  }
  const layers = session.norms.map((norm, index) => {
    const population = vectorsOf(session, norm, norm.state.population);
    sums[index]?.writeTo(population);
    return {
      ...populationLayer(session, norm, sums[index]),
      batchF: finiteOrNull(
        sums[index]?.batchF((samples / batchCount) * norm.input.height * norm.input.width) ?? Number.NaN,
      ),
    };
  });
  const replayedWeights = session.replay ? [...session.replay.weights] : null;
  return { samples, record: { samples, replayedWeights, layers }, sums };
}

function populationLayer(
  session: TrainingSession,
  norm: MeasuredNorm,
  sums: PopulationSums | undefined,
): Omit<PopulationLayer, "batchF"> {
  if (!sums) throw new Error(`${norm.name} has no population sums`);
  const { mean, variance } = vectorsOf(session, norm, norm.state.population);
  const running = vectorsOf(session, norm, norm.state.running);
  const { epsilon } = norm.op;
  const channels = mean.length;
  const sigma = (c: number): number => Math.sqrt(at(variance, c) + epsilon);
  // An average over all batches varies as the exponential one does whose weight has the same variance.
  const updateWeight = norm.op.runningStatsUpdateWeight ?? 2 / (Number(norm.state.batchesTracked) + 1);
  const share = sums.wanderShare(updateWeight);
  const shiftShare = 1 + updateWeight / (2 - updateWeight);
  const distanceFrom = (runningMean: Float32Array): number | null =>
    finiteOrNull(rootMeanSquare(channels, (c) => (at(runningMean, c) - at(mean, c)) / sigma(c)));
  const replayed = session.replay?.of(norm.state.replays) ?? [];
  return {
    layer: norm.name,
    mean: quantilesOf(mean),
    variance: quantilesOf(variance),
    meanDistance: distanceFrom(running.mean),
    replayedDistance:
      replayed.length === 0 ? null : replayed.map((at) => short(distanceFrom(vectorsOf(session, norm, at).mean))),
    varianceDistance: finiteOrNull(
      rootMeanSquare(channels, (c) => Math.log2((at(running.variance, c) + epsilon) / (at(variance, c) + epsilon))),
    ),
    noiseFloor: finiteOrNull(rootMeanSquare(channels, (c) => Math.sqrt(share * sums.spreadOfMeans(c)) / sigma(c))),
    shiftNoiseFloor: finiteOrNull(
      rootMeanSquare(channels, (c) => Math.sqrt(shiftShare * sums.spreadOfMeans(c)) / sigma(c)),
    ),
    varianceNoiseFloor: finiteOrNull(rootMeanSquare(channels, (c) => Math.sqrt(share * sums.spreadOfLogVariances(c)))),
  };
}

export interface GapProbe {
  readonly record: Extract<WrittenRecord, { type: "gap" }>;
  /** Null where no sample has an answer that could flip. */
  readonly answers: ProbeAnswers | null;
}

/**
 * The train-vs-eval gap on one batch: both modes side by side, and again with population statistics, whose gap is
 * the noise floor. `sums` are those of a population pass before.
 */
export function gapProbe(
  session: TrainingSession,
  { step, batch, sums }: { step: number; batch: Batch; sums: readonly PopulationSums[] },
): GapProbe {
  const { network, observer } = session;
  session.forwardLoss(network, "batch", batch);
  const trained = network.predictions(batch.count);
  session.forwardLoss(observer, "running", batch);
  const evaluated = observer.predictions(batch.count);
  const gaps = layerGaps(session, "running", batch.count);
  const alone = session.norms.map((norm) => gapAlone(session, norm, batch.count));
  session.forwardLoss(observer, "population", batch);
  const withPopulation = observer.predictions(batch.count);
  const floors = layerGaps(session, "population", batch.count).map((floor, index) =>
    floorOf(session, session.norms[index], { floor, sums: sums[index], count: batch.count }),
  );
  // With several calls the population is a mixture that fits none of them: what it does to predictions is no noise.
  const isMixed = session.norms.some(({ calls }) => calls > 1);
  const labels = network.predictedLabels(trained);
  const record: GapProbe["record"] = {
    type: "gap",
    step,
    samples: labels.length,
    layers: session.norms.map((norm, index) => ({
      layer: norm.name,
      gap: finiteOrNull(gaps[index] ?? Number.NaN),
      alone: finiteOrNull(alone[index] ?? Number.NaN),
      noiseFloor: finiteOrNull(floors[index] ?? Number.NaN),
    })),
    output: {
      flips: countDifferent(labels, network.predictedLabels(evaluated)),
      flipsWithPopulation: isMixed ? null : countDifferent(labels, network.predictedLabels(withPopulation)),
      probabilityShift: probabilityShift(network, trained, evaluated),
      probabilityShiftWithPopulation: isMixed ? null : probabilityShift(network, trained, withPopulation),
      distance: null,
    },
  };
  return { record, answers: probeAnswers(network, trained, evaluated) };
}

/**
 * Per layer: root mean square over channels and samples of x̂(batch mode) − x̂(other mode), each network on its own
 * input.
 */
function layerGaps(session: TrainingSession, mode: "running" | "population", count: number): number[] {
  return session.norms.map((norm, place) => {
    const other = session.observer.norms[place];
    if (!other) throw new Error(`the observer lacks ${norm.name}`);
    const squares = new Float64Array(norm.input.channels);
    const others = other.parts(count);
    const parts = norm.parts(count);
    for (const [index, part] of parts.entries()) {
      const differences = session.normalizedSquaredDifference(
        inputOf(norm, part),
        part.used,
        inputOf(other, others[index] ?? part),
        other.statisticsFor(mode),
        part.count,
      );
      differences.forEach((square, c) => accumulate(squares, c, square));
    }
    const values = parts.reduce((sum, part) => sum + samplesPerChannel(part.input, part.count), 0);
    return rootMeanSquare(squares.length, (c) => Math.sqrt(at(squares, c) / values));
  });
}

/** What a layer reads of one part of a batch. */
function inputOf({ op }: MeasuredNorm, { input, first }: NormalizedPart): NormalizedInput {
  return { op, input: { ...input, base: input.base + first * input.image } };
}

/**
 * The gap a layer would have if its own input were the same in both modes. With μ, σ² of the input, μ_u, a = 1/σ_u what
 * batch modes normalize it with (the same, unless that is corrected) and μ_r, b = 1/σ_r the running statistics it is,
 * per channel, √(σ²(a − b)² + (a(μ − μ_u) − b(μ − μ_r))²); of parts of a batch their root mean square.
 */
function gapAlone(session: TrainingSession, norm: MeasuredNorm, count: number): number {
  const running = vectorsOf(session, norm, norm.state.running);
  return gapTo(session, norm, { of: () => running, count });
}

/** Of a layer that is called several times: each call normalized with its own population. */
function floorOf(
  session: TrainingSession,
  norm: MeasuredNorm | undefined,
  { floor, sums, count }: { floor: number; sums: PopulationSums | undefined; count: number },
): number {
  if (norm === undefined || sums === undefined || norm.calls === 1) return floor;
  const ofCalls = Array.from({ length: norm.calls }, (_, call) => sums.ofCall(call));
  return gapTo(session, norm, { of: (call) => known(ofCalls[call]), count });
}

/** The gap to other statistics, call by call, on the inputs that the layer had. */
function gapTo(
  session: TrainingSession,
  norm: MeasuredNorm,
  { of, count }: { of: (call: number) => ChannelVectors; count: number },
): number {
  const { epsilon } = norm.op;
  const squares = new Float64Array(norm.input.channels);
  const parts = norm.parts(count);
  const values = parts.reduce((sum, part) => sum + samplesPerChannel(part.input, part.count), 0);
  for (const part of parts) {
    const share = samplesPerChannel(part.input, part.count) / values;
    const own = vectorsOf(session, norm, part.own);
    const used = vectorsOf(session, norm, part.used);
    const other = of(part.call);
    for (let c = 0; c < squares.length; c++) {
      const a = 1 / Math.sqrt(at(used.variance, c) + epsilon);
      const b = 1 / Math.sqrt(at(other.variance, c) + epsilon);
      const shift = a * (at(own.mean, c) - at(used.mean, c)) - b * (at(own.mean, c) - at(other.mean, c));
      accumulate(squares, c, share * (at(own.variance, c) * (a - b) ** 2 + shift ** 2));
    }
  }
  return rootMeanSquare(squares.length, (c) => Math.sqrt(at(squares, c)));
}

/** Four digits, so that many momenta of many layers stay a short line. */
const short = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(4)));

const accumulate = (sums: Float64Array, index: number, value: number): void => {
  sums[index] = at(sums, index) + value;
};

const countDifferent = (first: Int32Array, second: Int32Array): number =>
  first.reduce((count, label, index) => count + Number(label !== second[index]), 0);

/**
 * Mean total variation between what two passes predict, 0 when they are equal and 1 when they share nothing: ½ Σ|p − q|
 * of a class distribution, |p − q| of each output that is a probability by itself. Null when outputs are not
 * probabilities.
 */
function probabilityShift({ lossName, output }: Network, first: Float32Array, second: Float32Array): number | null {
  if (lossName === "mse") return null;
  const sum = first.reduce((total, value, index) => total + Math.abs(value - at(second, index)), 0);
  return finiteOrNull(lossName === "bce" ? sum / first.length : sum / 2 / (first.length / output.channels));
}

function vectorsOf(session: TrainingSession, norm: MeasuredNorm, statistics: ChannelStatistics): ChannelVectors {
  return {
    mean: session.channelVector(norm, statistics.mean),
    variance: session.channelVector(norm, statistics.variance),
  };
}

function at(values: Float32Array | Float64Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`index ${index} of ${values.length}`);
  return value;
}
