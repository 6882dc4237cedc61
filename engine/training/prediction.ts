/** What a run will take, before it takes it: memory exactly, time as an estimate. */
import type { Dataset } from "../data/dataset";
import { workOf } from "../graph/multiplyAdds";
import { Arena } from "../nn/arena";
import type { KernelChoice } from "../nn/kernels/kernels";
import { plainProduct } from "../nn/kernels/plainProduct";
import type { ModelGraph } from "../protocol/modelGraph";
import type { Prediction } from "../protocol/records";
import type { TrainConfig } from "../protocol/trainConfig";
import { dataBytes } from "./memory";
import type { TrainingSession } from "./session";

/** Forward, and backward towards the input and towards the weights. */
const PASSES = 3;
/** What a layer's value costs in all its passes, in multiply-adds: memory is what limits there, not arithmetic. */
const VALUE_COST = 20;
/** What an input value costs on its way from the data into the network. */
const INPUT_COST = 20;
/** What calling a layer's kernels takes, however little they have to do. */
const CALLS_MS = 0.005;
/** Products of a real layer reach about so much of the rate of one that fits the cache. */
const EFFICIENCY = 0.9;

export function predict({ graph, arena }: TrainingSession, dataset: Dataset, config: TrainConfig): Prediction {
  const data = dataBytes(dataset, config.batchSize);
  const samples = config.batchSize * (config.accumulate ?? 1);
  const callsMs = graph.nodes.length * (config.accumulate ?? 1) * CALLS_MS;
  const stepMs = callsMs + (samples * costOf(graph)) / (EFFICIENCY * multiplyAddsPerMs(arena.choice));
  return {
    memoryBytes: arena.bytes + data,
    networkBytes: arena.bytes,
    dataBytes: data,
    stepMs: Number(stepMs.toPrecision(2)),
  };
}

/** Of one sample in training, in multiply-adds. */
function costOf(graph: ModelGraph): number {
  const { multiplyAdds, values, inputValues } = workOf(graph);
  return PASSES * multiplyAdds + VALUE_COST * values + INPUT_COST * inputValues;
}

const SIZE = 96;
const REPEATS = 12;

/** The rate of this machine on one thread: the fastest of several products that fit the cache. */
function multiplyAddsPerMs(choice: KernelChoice): number {
  const arena = new Arena(choice);
  const [a, b, c] = [0, 1, 2].map(() => arena.allocateFloats(SIZE * SIZE)) as [number, number, number];
  arena.commit();
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const startMs = performance.now();
    plainProduct(arena.kernels, {
      rows: SIZE,
      columns: SIZE,
      depth: SIZE,
      wide: Number(choice.wide),
      a: { base: a, row: SIZE * 4, column: 4 },
      b: { base: b, row: SIZE * 4 },
      c: { base: c, row: SIZE * 4 },
      bias: 0,
    });
    fastestMs = Math.min(fastestMs, performance.now() - startMs);
  }
  return SIZE ** 3 / fastestMs;
}
