/** Two and three ranks with a `channels` table each, compared as they grow. */
import { strict as assert } from "node:assert";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TableDeclaration } from "../../../../engine/protocol/numbers";
import type { RankSample } from "../../../../engine/protocol/ranks";
import { encodeDeclaration, HEADER } from "../../../../engine/runs/numbers/numbersFormat";
import { numbersFile, recordsFile } from "../../../../engine/runs/runFolder";
import { RunReader } from "../../../../engine/runs/runReader";
import { frameBlock } from "../smallNumbers";
import { ToldRun } from "../told";

const columns = ["batch_mean", "batch_variance", "running_mean", "running_variance", "gamma", "beta"];
const tableOf = (layer: string): TableDeclaration => ({
  name: "channels",
  columns,
  layers: [layer],
  values: 2,
  type: "float64",
});
const table = tableOf("bn1");

/** Two channels, alike but for the means. */
interface Channels {
  readonly batch?: number;
  readonly batchVariance?: number;
  readonly mean?: number;
  readonly variance?: number;
  readonly gamma?: readonly [number, number];
}

function frame(
  step: number,
  { batch = 0, batchVariance = 4, mean = 0, variance = 4, gamma = [1, 1] }: Channels,
): Buffer {
  const numbers = [batch, batch, batchVariance, batchVariance, mean, mean, variance, variance, ...gamma, 0, 0];
  return frameBlock(0, table, step, numbers);
}

describe("ranks", () => {
  let folder: string;
  let told: ToldRun;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "normlens-ranks-"));
    told = new ToldRun();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(settings: object, ...ranks: readonly (readonly Buffer[])[]): RunReader {
    const norm = { channels: 2, epsilon: 0, updateWeight: 0.1 };
    const run = {
      type: "run",
      schema: 2,
      producer: "test",
      ranks: ranks.length,
      settings,
      layers: [{ id: "bn1", norm }],
    };
    writeFileSync(recordsFile(folder), `${JSON.stringify(run)}\n`);
    ranks.forEach((frames, rank) =>
      writeFileSync(numbersFile(folder, rank), Buffer.concat([HEADER, encodeDeclaration(0, table), ...frames])),
    );
    return new RunReader(folder);
  }
  const rounded = (sample: RankSample): object =>
    Object.fromEntries(
      Object.entries(sample).map(([name, value]) => [
        name,
        typeof value === "number" ? Number(value.toPrecision(6)) : (value as string),
      ]),
    );

  it("are compared at the steps that all have, by the rank that is furthest", () => {
    write(
      {},
      [frame(1, {}), frame(2, {}), frame(3, {})],
      [frame(1, { mean: 1 }), frame(3, { mean: 1, variance: 16 })],
      [frame(1, { mean: 4 }), frame(2, {}), frame(3, { mean: -5 })],
    ).readNew(told);
    assert.deepEqual(
      told.rankSamples.map(({ step, rank, apart, logVarianceRatio }) => [step, rank, apart, logVarianceRatio]),
      [
        [1, 2, 2, 0],
        [3, 2, 2.5, 0],
      ],
    );
  });

  it("show what statistics over all of them would be: mean of variances plus variance of means", () => {
    write({}, [frame(1, {})], [frame(1, { batch: 6, batchVariance: 8, mean: 6 })]).readNew(told);
    assert.deepEqual(told.rankSamples.map(rounded), [
      {
        ...{ layer: "bn1", step: 1, rank: 1, apart: 3, logVarianceRatio: 0, affineApart: 0 },
        // Means 0 and 6, variances 4 and 8: mean 3, variance 6 + 9.
        ...{ pooledShift: 1.5, pooledVarianceRatio: 3.75 },
      },
    ]);
  });

  it("that start from rank 0's statistics and write no batch have theirs read back", () => {
    const none = Number.NaN;
    write(
      { broadcastBuffers: true },
      [frame(1, { batch: 1, mean: 1 })],
      [frame(1, { batch: none, batchVariance: none, mean: 1.6, variance: 4.4 })],
    ).readNew(told);
    const [sample] = told.rankSamples.map(rounded);
    // 0.6 apart after an update with weight 0.1: batches 6 apart, variances 4 apart.
    assert.deepEqual(sample, {
      ...{ layer: "bn1", step: 1, rank: 1, apart: 0.3, logVarianceRatio: 0.0953102, affineApart: 0 },
      ...{ pooledShift: 1.5, pooledVarianceRatio: 3.75 },
    });
  });

  it("have a share of channels whose weights differ at all", () => {
    write({}, [frame(1, {})], [frame(1, { gamma: [1, 1 + Number.EPSILON] })]).readNew(told);
    assert.equal(told.rankSamples[0]?.affineApart, 0.5);
  });

  it("are compared again where something came, and passed on once", () => {
    const reader = write({}, [frame(1, {})], [frame(1, { mean: 2 })]);
    reader.readNew(told);
    told.rankSamples = [];
    reader.readNew(told);
    assert.deepEqual(told.rankSamples, []);
    appendFileSync(numbersFile(folder), frame(5, {}));
    reader.readNew(told);
    assert.deepEqual(told.rankSamples, []);
    appendFileSync(numbersFile(folder, 1), frame(5, { mean: 4 }));
    reader.readNew(told);
    assert.deepEqual(
      told.rankSamples.map(({ step, apart }) => [step, apart]),
      [
        [1, 1],
        [5, 2],
      ],
    );
  });

  it("are compared at a bounded number of steps of a long run, the last one among them", () => {
    const steps = Array.from({ length: 1000 }, (_, index) => index + 1);
    write(
      {},
      steps.map((step) => frame(step, {})),
      steps.map((step) => frame(step, { mean: step })),
    ).readNew(told);
    const compared = told.rankSamples.map(({ step }) => step);
    assert.ok(compared.length > 32 && compared.length <= 65, String(compared.length));
    assert.deepEqual([compared[0], compared.at(-1)], [1, 1000]);
  });

  it("of a run with damage or without other files are not compared", () => {
    write({}, [frame(1, {})], []).readNew(told);
    assert.deepEqual(told.rankSamples, []);
    writeFileSync(numbersFile(folder, 1), "nothing of ours");
    new RunReader(folder).readNew(told);
    assert.deepEqual(told.rankSamples, []);
  });
});
