import { strict as assert } from "node:assert";
import { type Batch, BatchReader } from "../../../engine/data/batches";
import { chooseKernels } from "../../../engine/training/chooseKernels";
import { populationPass } from "../../../engine/training/probes";
import { TrainingSession } from "../../../engine/training/session";
import { batchNorm, chain, flatten, linear } from "../support/graphs";
import { stripes } from "../support/smallDataset";

const BATCH = 20;
const { train, shape } = stripes(200);
/** BN on the pixels themselves, so that a naive computation knows what it sees. */
const graph = chain(
  [1, 28, 28],
  [
    { name: "flatten", op: flatten, outputShape: [784] },
    { name: "bn", op: batchNorm(784), outputShape: [784] },
    { name: "out", op: linear(784, 10), outputShape: [10] },
  ],
);

async function measured(batches: readonly Uint32Array[]): Promise<number> {
  const session = new TrainingSession({ graph, batchSize: BATCH, optimizer: "sgd", seed: 1, kernels: chooseKernels() });
  const reader = new BatchReader(train, shape, BATCH, null);
  async function* read(): AsyncGenerator<Batch> {
    for (const batch of batches) yield await Promise.resolve(reader.read(batch));
  }
  const [layer] = (await populationPass(session, read())).record.layers;
  return layer?.batchF ?? NaN;
}

function naive(batches: readonly Uint32Array[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const ratios = Array.from({ length: 784 }, (_, pixel) => {
    const columns = batches.map((batch) => [...batch].map((sample) => (train.values[sample * 784 + pixel] ?? 0) / 255));
    const means = columns.map(mean);
    const variances = columns.map((column, index) => mean(column.map((value) => (value - (means[index] ?? 0)) ** 2)));
    const spread = means.reduce((sum, value) => sum + (value - mean(means)) ** 2, 0) / (means.length - 1);
    return (BATCH * spread) / mean(variances);
  });
  const sorted = ratios.sort((a, b) => a - b);
  return ((sorted[391] ?? 0) + (sorted[392] ?? 0)) / 2;
}

describe("the F statistic of batches", () => {
  // Labels are 0 … 9 in turn: a stride of ten gives one class, neighbours give two of each.
  const ofOneClass = Array.from({ length: 10 }, (_, label) =>
    Uint32Array.from({ length: BATCH }, (_, index) => index * 10 + label),
  );
  const mixed = Array.from({ length: 10 }, (_, batch) =>
    Uint32Array.from({ length: BATCH }, (_, index) => batch * BATCH + index),
  );

  it("is what a naive computation gives", async () => {
    for (const batches of [ofOneClass, mixed]) {
      const expected = naive(batches);
      assert.ok(
        Math.abs((await measured(batches)) - expected) < 1e-3 * expected,
        `${await measured(batches)}, not ${expected}`,
      );
    }
  });
  it("is far above 1 for batches of one class, and not for mixed ones", async () => {
    assert.ok((await measured(ofOneClass)) > 10);
    assert.ok((await measured(mixed)) < 1.5);
  });
});
