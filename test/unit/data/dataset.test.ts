import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchReader, sequentialBatches } from "../../../engine/data/batches";
import { EpochOrder, batchesPerEpoch } from "../../../engine/data/epochOrder";
import { generateDigits } from "../../../engine/data/generatedDigits";
import { openDataset } from "../../../engine/data/openDataset";
import { orderNames } from "../../../engine/protocol/trainConfig";
import { type ProblemCode, ProblemError } from "../../../engine/protocol/problems";

function idx(sizes: readonly number[], values: readonly number[]): Uint8Array {
  const header = new Uint8Array(4 + 4 * sizes.length);
  header.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, axis) => new DataView(header.buffer).setUint32(4 + 4 * axis, size));
  return Uint8Array.of(...header, ...values);
}

const zeros = (count: number): number[] => Array<number>(count).fill(0);

describe("data folders", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "normlens-data-"));
    writeFileSync(join(folder, "train-images-idx3-ubyte"), idx([3, 2, 2], zeros(12)));
    writeFileSync(join(folder, "train-labels-idx1-ubyte"), idx([3], [0, 1, 2]));
    writeFileSync(join(folder, "t10k-images.idx3-ubyte"), idx([1, 2, 2], [9, 8, 7, 6]));
    writeFileSync(join(folder, "t10k-labels.idx1-ubyte"), idx([1], [1]));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const checkRefused = (code: ProblemCode, words: RegExp): void =>
    assert.throws(
      () => openDataset(folder),
      (error) => error instanceof ProblemError && error.problem.code === code && words.test(error.message),
    );

  it("reads the four files under both spellings of their names", () => {
    const { shape, classes, train, test } = openDataset(folder);
    assert.deepEqual(
      { shape, classes, train: train.count, test: [...test.values] },
      { shape: [1, 2, 2], classes: 3, train: 3, test: [9, 8, 7, 6] },
    );
  });

  it("names a missing folder", () =>
    assert.throws(() => openDataset(join(folder, "nowhere")), /nowhere: there is no such folder/));
  it("says that a path is a file", () =>
    assert.throws(() => openDataset(join(folder, "train-labels-idx1-ubyte")), /not a \.csv, \.tsv or \.npz file/));
  it("names a missing file", () => {
    rmSync(join(folder, "t10k-labels.idx1-ubyte"));
    checkRefused("data-missing", /no t10k-labels-idx file/);
  });
  it("names a truncated file", () => {
    writeFileSync(join(folder, "train-images-idx3-ubyte"), idx([3, 2, 2], zeros(11)));
    checkRefused("data-truncated", /train-images-idx3-ubyte is truncated: it has 27 of 28 bytes/);
  });
  it("notices labels that do not belong to the images", () => {
    writeFileSync(join(folder, "train-labels-idx1-ubyte"), idx([2], [0, 1]));
    checkRefused("data-malformed", /2 labels for 3 images/);
  });
  it("notices images of two sizes", () => {
    writeFileSync(join(folder, "t10k-images.idx3-ubyte"), idx([1, 1, 2], [1, 2]));
    checkRefused("data-malformed", /training images are 2×2, but test images are 1×2/);
  });
});

describe("generated digits", () => {
  it("are the same on every call, of all classes, and not blank", () => {
    const { train, test, shape } = generateDigits();
    assert.deepEqual(shape, [1, 28, 28]);
    assert.equal(
      createHash("sha256").update(train.values).digest("hex"),
      createHash("sha256").update(generateDigits().train.values).digest("hex"),
    );
    const counts = Array.from({ length: 10 }, (_, digit) => test.labels.filter((label) => label === digit).length);
    assert.ok(
      counts.every((count) => count > test.count / 20),
      counts.join(),
    );
    const mean = Array.from(train.values).reduce((sum, value) => sum + value, 0) / train.values.length / 255;
    assert.ok(mean > 0.05 && mean < 0.3, String(mean));
  });
});

describe("batches", () => {
  const set = {
    count: 4,
    values: Uint8Array.from([0, 255, 51, 102, 153, 204, 255, 0]),
    labels: Uint8Array.from([3, 2, 1, 0]),
  };

  it("scale bytes to [0, 1] and follow the indices", () => {
    const batch = new BatchReader(set, [1, 1, 2], 2, null).read(Uint32Array.of(2, 0));
    assert.deepEqual(
      [...batch.samples].map((value) => Number(value.toFixed(4))),
      [0.6, 0.8, 0, 1],
    );
    assert.deepEqual([...batch.labels], [1, 3]);
  });
  it("normalise per channel", () => {
    const batch = new BatchReader(set, [2, 1, 1], 1, { mean: [0.2, 0.4], std: [0.5, 0.1] }).read(Uint32Array.of(1));
    assert.deepEqual(
      [...batch.samples].map((value) => Number(value.toFixed(4))),
      [0, 0],
    );
  });
  it("come in order, the last one shorter, when evaluating", () =>
    assert.deepEqual(
      [...sequentialBatches(5, 2)].map((batch) => [...batch]),
      [[0, 1], [2, 3], [4]],
    ));
  it("show every sample once an epoch and drop the incomplete last batch when training", () => {
    const order = new EpochOrder({ labels: [], samples: 10, batchSize: 3, seed: 1 });
    const epoch = (): number[] => [0, 1, 2].flatMap(() => [...order.nextBatch()]);
    const [first, second] = [epoch(), epoch()];
    assert.equal(new Set(first).size, 9);
    assert.equal(new Set(second).size, 9);
    assert.notDeepEqual(first, second);
    assert.deepEqual(
      first,
      [0, 1, 2].flatMap(() => [...replay.nextBatch()]),
    );
  });
  it("come in the order of the data when asked to, and with the incomplete last batch", () => {
    const order = new EpochOrder({
      labels: [],
      samples: 7,
      batchSize: 3,
      seed: 1,
      order: "sequential",
      keepLast: true,
    });
    assert.deepEqual(
      Array.from({ length: 4 }, () => [...order.nextBatch()]),
      [[0, 1, 2], [3, 4, 5], [6], [0, 1, 2]],
    );
    const shuffled = new EpochOrder({ labels: [], samples: 7, batchSize: 3, seed: 1, keepLast: true });
    assert.deepEqual([0, 1, 2].flatMap(() => [...shuffled.nextBatch()]).sort(), [0, 1, 2, 3, 4, 5, 6]);
    assert.deepEqual(
      [
        batchesPerEpoch({ labels: [], samples: 7, batchSize: 3 }),
        batchesPerEpoch({ labels: [], samples: 7, batchSize: 3, keepLast: true }),
      ],
      [2, 3],
    );
  });
  it("continue from a state with the samples that would have come", () => {
    for (const name of orderNames) {
      for (const keepLast of [false, true]) {
        const options = {
          labels: [0, 0, 0, 1, 1, 1, 1],
          samples: 7,
          batchSize: 2,
          seed: 5,
          order: name,
          keepLast,
        } as const;
        const [order, later] = [new EpochOrder(options), new EpochOrder({ ...options, seed: 6 })];
        for (let batch = 0; batch < 5; batch++) order.nextBatch();
        later.restore(order.state());
        for (let batch = 0; batch < 9; batch++) assert.deepEqual([...later.nextBatch()], [...order.nextBatch()]);
      }
    }
  });
  it("come sorted by class, and in the order of the data within a class", () => {
    const order = new EpochOrder({ labels: [2, 0, 1, 0, 2, 1], samples: 6, batchSize: 2, seed: 1, order: "sorted" });
    assert.deepEqual(
      [0, 1, 2, 3].map(() => [...order.nextBatch()]),
      [
        [1, 3],
        [2, 5],
        [0, 4],
        [1, 3],
      ],
    );
  });
  it("contain one class each when asked to, every sample once an epoch, in another order each epoch", () => {
    const labels = Uint8Array.from({ length: 50 }, (_, index) => [0, 0, 1, 2, 2, 2][index % 6] ?? 0);
    for (const keepLast of [false, true]) {
      const shape = { labels, samples: 50, batchSize: 4, order: "one-class", keepLast } as const;
      const order = new EpochOrder({ ...shape, seed: 1 });
      // 18 of class 0, 8 of class 1, 24 of class 2.
      const count = batchesPerEpoch(shape);
      assert.equal(count, keepLast ? 5 + 2 + 6 : 4 + 2 + 6);
      const epochs = [0, 1].map(() => Array.from({ length: count }, () => [...order.nextBatch()]));
      for (const epoch of epochs) {
        for (const batch of epoch) assert.equal(new Set(batch.map((sample) => labels[sample])).size, 1);
        const samples = epoch.flat();
        assert.equal(new Set(samples).size, samples.length);
        assert.equal(samples.length, keepLast ? 50 : 48);
        const whole = epoch.slice(0, 12);
        assert.ok(whole.every((batch) => batch.length === 4));
        assert.ok(
          new Set(whole.slice(0, 6).map(([sample = 0]) => labels[sample])).size > 1,
          "batches of the classes are mixed",
        );
      }
      assert.notDeepEqual(epochs[0], epochs[1]);
    }
  });
  it("carry a label for each position where the data has them", () => {
    const perPosition = { ...set, labels: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]) };
    assert.deepEqual(
      [...new BatchReader(perPosition, [1, 1, 2], 2, null).read(Uint32Array.of(3, 1)).labels],
      [7, 8, 3, 4],
    );
  });
  const replay = new EpochOrder({ labels: [], samples: 10, batchSize: 3, seed: 1 });
});
