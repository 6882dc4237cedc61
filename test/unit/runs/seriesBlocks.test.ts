import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { AnyRecord, WrittenRecord } from "../../../engine/protocol/records";
import type { RankSample } from "../../../engine/protocol/ranks";
import type { SeriesBlock, SeriesNeed } from "../../../engine/protocol/series";
import { RunReader } from "../../../engine/runs/runReader";
import { RunWriter } from "../../../engine/runs/runWriter";
import { type BlockRequest, SeriesCursor, type SeriesSource, seriesBlocks } from "../../../engine/runs/seriesBlocks";
import { ToldRun } from "./told";

const run: WrittenRecord = {
  type: "run",
  schema: 2,
  producer: "test",
  layers: [{ id: "fc" }, { id: "bn1", norm: {} }, { id: "bn2", norm: {} }],
};
const lossNeed: SeriesNeed<"loss"> = {
  kind: "loss",
  columns: ["loss"],
  edges: ["last", "minimum", "maximum"],
  layers: "run",
};
const normNeed: SeriesNeed<"norm"> = {
  kind: "norm",
  columns: ["mean_shift", "passes"],
  edges: ["last"],
  layers: "all",
};
const request = (needs: readonly SeriesNeed[], more: Partial<BlockRequest> = {}): BlockRequest => ({
  needs,
  selectedLayer: null,
  range: null,
  points: 100,
  ...more,
});
const plain = ({ kind, layers, start, x, values }: SeriesBlock): unknown[] => [
  kind,
  layers,
  start,
  [...x],
  [...values],
];

describe("blocks of curves", () => {
  let folder: string;
  let writer: RunWriter;
  let reader: RunReader;
  let told: ToldRun;
  let steps: number;
  let norms: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "normlens-series-"));
    writer = new RunWriter(folder, () => undefined);
    writer.append(run);
    steps = writer.declare({ name: "steps", columns: ["loss"], layers: [], values: 1, type: "float64" });
    norms = writer.declare({
      name: "norms",
      columns: ["own", "mean_shift"],
      layers: ["bn1", "bn2"],
      values: 1,
      type: "float32",
    });
    reader = new RunReader(folder);
    told = new ToldRun();
  });
  afterEach(() => {
    writer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const rankSamples: RankSample[] = [];

  function source(): SeriesSource {
    writer.flush();
    reader.readNew(told);
    const of = <Type extends AnyRecord["type"]>(type: Type): Extract<AnyRecord, { type: Type }>[] =>
      told.records.filter((record): record is Extract<AnyRecord, { type: Type }> => record.type === type);
    return { run: reader.run, reader, populations: of("population"), gaps: of("gap"), evals: of("eval"), rankSamples };
  }
  const takeSteps = (first: number, last: number): void => {
    for (let step = first; step <= last; step++) writer.frame(steps, step, [step / 2]);
  };

  it("contain layers that were sampled together, and NaN for what a producer leaves out", () => {
    writer.frame(norms, 1, [9, 0.25, 9, 0.5]);
    writer.frame(norms, 2, [9, 0.75, 9, 1]);
    const [block, ...others] = seriesBlocks(source(), request([normNeed]));
    assert.deepEqual(others, []);
    assert.ok(block);
    assert.deepEqual(plain(block), ["norm", ["bn1", "bn2"], 0, [1, 2], [0.25, 0.75, NaN, NaN, 0.5, 1, NaN, NaN]]);
  });

  it("are of the run, of the selected layer, or of the first normalization layer", () => {
    writer.frame(norms, 1, [9, 0.25, 9, 0.5]);
    const activity = writer.declare({
      name: "activity",
      columns: ["dead_share"],
      layers: ["fc"],
      values: 1,
      type: "float32",
    });
    writer.frame(activity, 1, [0.125]);
    takeSteps(1, 1);
    const needs: SeriesNeed[] = [
      { ...normNeed, columns: ["mean_shift"], layers: "selected" },
      { kind: "activity", columns: ["dead_share"], edges: ["last"], layers: "selected" },
      { ...lossNeed, edges: ["last"] },
    ];
    const blocksOf = (selectedLayer: string | null): unknown[] =>
      seriesBlocks(source(), request(needs, { selectedLayer })).map(({ layers, values }) => [layers, [...values]]);
    assert.deepEqual(blocksOf("bn2"), [
      [["bn2"], [0.5]],
      [null, [0.5]],
    ]);
    assert.deepEqual(blocksOf("fc"), [
      [["bn1"], [0.25]],
      [["fc"], [0.125]],
      [null, [0.5]],
    ]);
    assert.deepEqual(blocksOf(null), [
      [["bn1"], [0.25]],
      [null, [0.5]],
    ]);
  });

  it("come from records too", () => {
    writer.append({ type: "eval", step: 2, samples: 10, running: { accuracy: 0.5 } });
    writer.append({
      type: "gap",
      step: 2,
      samples: 4,
      layers: [{ layer: "bn2", gap: 0.25 }],
      output: { flips: 1 },
    });
    writer.append({
      type: "population",
      step: 1,
      layers: [{ layer: "bn1", mean: [0, 1, 2, 3, 4], meanDistance: 0.5 }],
    });
    writer.append({ type: "population", step: 3, layers: [{ layer: "bn2", meanDistance: 1 }] });
    const needs: SeriesNeed[] = [
      { kind: "eval", columns: ["runningAccuracy", "batchAccuracy", "samples"], edges: ["last"], layers: "run" },
      { kind: "outputGap", columns: ["flipShare"], edges: ["last"], layers: "run" },
      { kind: "gap", columns: ["gap", "alone"], edges: ["last"], layers: "all" },
      { kind: "population", columns: ["meanMedian", "meanDistance"], edges: ["last"], layers: "all" },
      { kind: "population", columns: ["meanDistance"], edges: ["maximum"], layers: "selected" },
    ];
    assert.deepEqual(seriesBlocks(source(), request(needs, { selectedLayer: "bn2" })).map(plain), [
      ["eval", null, 0, [2], [0.5, NaN, 10]],
      ["outputGap", null, 0, [2], [0.25]],
      ["gap", ["bn2"], 0, [2], [0.25, NaN]],
      ["population", ["bn1", "bn2"], 0, [1, 3], [2, NaN, 0.5, NaN, NaN, NaN, NaN, 1]],
      ["population", ["bn2"], 0, [1, 3], [NaN, 1]],
    ]);
  });

  it("compare ranks by what they left in the running means, and by their batches where buffers are broadcast", () => {
    const sample = { rank: 1, logVarianceRatio: Math.log(2), affineApart: 0, pooledShift: 0.1, pooledVarianceRatio: 1 };
    const rankSamples = [
      { ...sample, layer: "bn1", step: 4, apart: 0.25 },
      { ...sample, layer: "bn2", step: 4, apart: 0.5 },
      { ...sample, layer: "bn2", step: 8, apart: 0.125 },
    ];
    const needs: SeriesNeed[] = [
      { kind: "ranks", columns: ["distance", "varianceRatio"], edges: ["last"], layers: "all" },
    ];
    const valuesWith = (settings: Record<string, boolean>): number[][] => {
      const known = source();
      if (!known.run) throw new Error("no run record");
      const layers = known.run.layers.map((layer) => ({
        ...layer,
        norm: layer.norm && { ...layer.norm, updateWeight: 0.5 },
      }));
      const blocks = seriesBlocks({ ...known, run: { ...known.run, settings, layers }, rankSamples }, request(needs));
      return blocks.map(({ x, values }) => [...x, ...values]);
    };
    const nan = Number.NaN;
    assert.deepEqual(valuesWith({}), [[4, 8, 0.25, nan, 2, nan, 0.5, 0.125, 2, 2]]);
    assert.deepEqual(valuesWith({ broadcastBuffers: true }), [[4, 8, 0.5, nan, 2, nan, 1, 0.25, 2, 2]]);
  });

  it("join tables of the same layers, and keep layers of different tables apart", () => {
    const later = writer.declare({
      name: "norms",
      columns: ["mean_shift"],
      layers: ["bn2", "bn3"],
      values: 1,
      type: "float64",
    });
    writer.frame(norms, 1, [9, 0.25, 9, 0.5]);
    writer.frame(norms, 3, [9, 0.125, 9, 2]);
    writer.frame(later, 2, [0.75, 4]);
    const need: SeriesNeed = { ...normNeed, columns: ["mean_shift"] };
    assert.deepEqual(seriesBlocks(source(), request([need])).map(plain), [
      ["norm", ["bn1"], 0, [1, 3], [0.25, 0.125]],
      ["norm", ["bn2"], 0, [1, 2, 3], [0.5, 0.75, 2]],
      ["norm", ["bn3"], 0, [2], [4]],
    ]);
  });

  it("of a range have a sample more on each side", () => {
    takeSteps(1, 20);
    const xOf = (range: [number, number]): number[] =>
      seriesBlocks(source(), request([lossNeed], { range })).flatMap(({ x }) => [...x]);
    assert.deepEqual(xOf([5, 7]), [4, 5, 6, 7, 8]);
    assert.deepEqual(xOf([0, 1]), [1, 2]);
    assert.deepEqual(xOf([19.5, 99]), [19, 20]);
  });

  it("of many samples lose no extreme", () => {
    for (let step = 1; step <= 5000; step++) writer.frame(steps, step, [step === 1234 ? 99 : step === 4321 ? -99 : 1]);
    const [block] = seriesBlocks(source(), request([lossNeed]));
    assert.ok(block);
    assert.ok(block.x.length <= 100);
    assert.deepEqual([block.x[0], block.x.at(-1)], [1, 5000]);
    assert.deepEqual([Math.max(...block.values), Math.min(...block.values)], [99, -99]);
  });

  it("are continued by what is new, and say nothing when nothing is", () => {
    takeSteps(1, 3);
    const cursor = new SeriesCursor(source(), request([{ ...lossNeed, edges: ["last"] }]));
    assert.deepEqual(cursor.all().map(plain), [["loss", null, 0, [1, 2, 3], [0.5, 1, 1.5]]]);
    assert.deepEqual(cursor.news(), []);
    takeSteps(4, 5);
    source();
    assert.deepEqual(cursor.news().map(plain), [["loss", null, 3, [4, 5], [2, 2.5]]]);
    writer.frame(steps, 0, [7]);
    source();
    assert.deepEqual(cursor.news().map(plain), [["loss", null, 0, [0, 1, 2, 3, 4, 5], [7, 0.5, 1, 1.5, 2, 2.5]]]);
  });

  it("are thinned again when too many points were sent", () => {
    const cursor = new SeriesCursor(source(), request([{ ...lossNeed, edges: ["last"] }], { points: 10 }));
    let sent: number[] = [];
    for (let step = 1; step <= 500; step++) {
      takeSteps(step, step);
      source();
      for (const { start, x } of cursor.news()) sent = [...sent.slice(0, start), ...x];
      assert.ok(sent.length <= 30);
      assert.deepEqual([sent[0], sent.at(-1)], [1, step]);
    }
  });

  it("sent piece by piece are what they are at once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        (bursts, offset) => {
          const first = (told.steps.at(-1)?.[0] ?? 0) + 1;
          const range = [first, first + 10 * offset] as const;
          const cursor = new SeriesCursor(source(), request([lossNeed, normNeed], { range, points: 1000 }));
          const sent = new Map<string, { x: number[]; curves: number[][] }>();
          const take = (blocks: readonly SeriesBlock[]): void => {
            for (const { kind, start, x, values } of blocks) {
              const known = sent.get(kind) ?? { x: [], curves: [] };
              const curves = Array.from({ length: values.length / x.length }, (_, curve) => [
                ...(known.curves[curve] ?? []).slice(0, start),
                ...values.subarray(curve * x.length, (curve + 1) * x.length),
              ]);
              sent.set(kind, { x: [...known.x.slice(0, start), ...x], curves });
            }
          };
          take(cursor.all());
          let step = first;
          for (const burst of bursts) {
            for (let count = 0; count < burst; count++, step++) {
              takeSteps(step, step);
              if (step % 3 === 0) writer.frame(norms, step, [0, step, 0, -step]);
            }
            source();
            take(cursor.news());
          }
          for (const { kind, x, values } of new SeriesCursor(
            source(),
            request([lossNeed, normNeed], { range, points: 1000 }),
          ).all()) {
            assert.deepEqual(sent.get(kind)?.x, [...x]);
            assert.deepEqual(sent.get(kind)?.curves.flat(), [...values]);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
