import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { comparedNeeds, layerNeeds, runNeeds, selectedNeeds } from "../../../../engine/export/report/reportNeeds";
import { reportOf } from "../../../../engine/export/report/reportOf";
import { repeatCommand } from "../../../../engine/export/report/repeatCommand";
import { type ReadRun, readRun } from "../../../../engine/export/readRun";
import { normScalars, quantileNames, quantileQuantities } from "../../../../engine/protocol/numbers";
import type { RunRecord } from "../../../../engine/protocol/records";
import { decodeReport, encodeReport, type Report, type ReportedRun } from "../../../../engine/protocol/report";
import type { SeriesNeed } from "../../../../engine/protocol/series";
import { RunWriter } from "../../../../engine/runs/runWriter";
import { figuresOf } from "../../../../webview/report/figures";
import { modelOf, selectionOf, storeOf } from "../../../../webview/report/reportModel";
import { keyNumbers } from "../../../../webview/report/words";
import { allViews } from "../../../../webview/views/allViews";
import { compare } from "../../../../webview/views/compare";
import { needsOf } from "../../../../webview/views/needs";
import { plain } from "../../judgement/makeSummary";
import { judgement, reading, runRecord } from "../../webview/makeRun";

const MEGABYTE = 1e6;

const reported = (change: Partial<ReportedRun> = {}): ReportedRun => ({
  ...{ run: runRecord(), label: null, state: "completed", problem: null, step: 1000, sampledSteps: 40 },
  ...{ judgement: judgement(), replay: null, flipped: null, series: [], layers: ["bn2"], command: null },
  ...change,
});

const report = (...runs: [ReportedRun, ...ReportedRun[]]): Report => ({
  ...{ madeAt: "2026-11-30T12:00:00Z", madeBy: "NormLens 0.1.0", comparison: null },
  runs,
});

describe("the document of a report", () => {
  it("keeps every number, also those that JSON does not have", () => {
    const numbers = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0));
    fc.assert(
      fc.property(fc.float32Array(), fc.float64Array(), numbers, fc.string(), (values, x, loss, name) => {
        const block = { kind: "loss", layers: null, columns: [name], edges: ["last"], start: 0, x, values } as const;
        const before = report(reported({ series: [block], judgement: judgement({ loss: loss === 0 ? 0 : loss }) }));
        const text = encodeReport(before);
        assert.ok(!text.includes("<"));
        assert.deepEqual(decodeReport(text), before);
      }),
    );
  });
});

const keysOf = (needs: readonly SeriesNeed[]): string[] =>
  needs.flatMap(({ kind, columns, edges, layers }) =>
    columns.flatMap((column) => edges.map((edge) => [layers, kind, column, edge].join(" "))),
  );

describe("the curves of a report", () => {
  it("are those that the views draw", () => {
    // One run has nothing to compare it with.
    const views = allViews.filter(({ id }) => id !== "compare");
    const drawn = new Set(views.flatMap((view) => keysOf(needsOf(view, { runs: 1, normRuns: 1 }))));
    const kept = new Set(keysOf([...runNeeds, ...layerNeeds, ...selectedNeeds]));
    assert.deepEqual(
      [...drawn].filter((key) => !kept.has(key)),
      [],
    );
    // What comes for all layers at a lower resolution is there for the selected one in full.
    const unused = [...kept].filter((key) => !drawn.has(key) && !drawn.has(key.replace("selected", "all")));
    assert.deepEqual(unused, []);
  });

  it("of runs side by side are those that Compare draws, and no other view's", () => {
    const kept = new Set(keysOf(comparedNeeds));
    const drawn = keysOf(needsOf(compare, { runs: 2, normRuns: 2 }));
    assert.deepEqual(
      drawn.filter((key) => !kept.has(key)),
      [],
    );
  });

  it("of fifty runs of 200 layers make less than three megabytes", () => {
    const folder = mkdtempSync(join(tmpdir(), "normlens-report-"));
    try {
      const run = large(folder, 200);
      const written = reportOf([run, ...Array.from({ length: 49 }, () => run)]);
      assert.equal(written.comparison?.variants.length, 50);
      const bytes = encodeReport(written).length;
      assert.ok(bytes < 2.6 * MEGABYTE, `${bytes} bytes`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const layers of [20, 200])
    it(`of ${layers} layers and 700 samples make less than three megabytes`, () => {
      const folder = mkdtempSync(join(tmpdir(), "normlens-report-"));
      try {
        const written = reportOf([large(folder, layers)]);
        const bytes = encodeReport(written).length;
        assert.ok(bytes < 2.6 * MEGABYTE, `${bytes} bytes`);
        const shown = written.runs[0].layers.length;
        assert.ok(shown >= 3, `${shown} layers`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
});

/** A run with many layers, each sampled often. */
function large(folder: string, count: number): ReadRun {
  const writer = new RunWriter(folder, () => undefined);
  const ids = Array.from({ length: count }, (_, index) => `layer${index}.bn`);
  writer.append({ type: "run", schema: 2, producer: "test", layers: ids.map((id) => ({ id, norm: {} })) });
  const columns = [
    ...quantileQuantities.flatMap((name) => quantileNames.map((quantile) => `${name}.${quantile}`)),
    ...normScalars,
  ];
  const table = writer.declare({ name: "norms", columns, layers: ids, values: 1, type: "float32" });
  const row = new Float32Array(ids.length * columns.length);
  for (let step = 1; step <= 700; step++) {
    for (let at = 0; at < row.length; at++) row[at] = Math.sin(at + step);
    writer.frame(table, step, row);
  }
  writer.append({ type: "end", step: 700, status: "completed", reason: null, elapsedMs: 1 });
  writer.close();
  return readRun(folder);
}

describe("the command that repeats a run", () => {
  const config = {
    data: "digits",
    normalize: null,
    steps: 40,
    batchSize: 60,
    learningRate: 0.1,
    optimizer: "sgd",
    seed: 1,
  } as const;
  const of = (change: Partial<RunRecord>): string | null => repeatCommand(runRecord({ config, ...change }));

  it("has the options of the settings, as a shell takes them", () => {
    const options = "--steps 40 --batch 60 --lr 0.1 --optimizer sgd --seed 1";
    assert.equal(of({}), `normlens train net.py --data digits ${options}`);
    const named = of({ config: { ...config, data: "my data's" }, source: { path: "/a/the net.py", sha256: null } });
    assert.equal(named, `normlens train 'the net.py' --data 'my data'\\''s' ${options}`);
  });

  it("is unknown where options do not say everything", () => {
    assert.equal(of({ config: { ...config, schedule: { kind: "cosine", lowest: 0 } } }), null);
    assert.equal(of({ comparison: "twins" }), null);
    assert.equal(of({ config: null }), null);
  });

  it("of a recording is what was typed", () => {
    const process = { command: "python train.py --fast", host: null };
    assert.equal(of({ producer: "normlens-python 0.1.0", process }), "normlens record python train.py --fast");
  });
});

describe("a report", () => {
  it("shows the views of which a run has numbers, each with its sentence", () => {
    const layers = [reading("bn1", { shift: 0.1, gap: 0.2 }), reading("bn2")];
    const written = report(reported({ judgement: judgement({ layers }) }));
    const store = storeOf(written);
    const model = modelOf(store, written, selectionOf(written));
    const [run] = model.runs;
    if (!run) throw new Error("no run");
    assert.deepEqual(
      figuresOf(run, written.runs[0].judgement).map(({ title, caption }) => [title, caption]),
      [
        ["Drift", "drift"],
        ["Train vs eval", "gap"],
      ],
    );
    assert.equal(model.selection.selectedLayer, "bn2");
  });

  it("begins with at most four numbers that are known", () => {
    const layers = [reading("bn1", { gap: 0.2, distance: 0.1, shift: 0.3 }), reading("bn2", { gap: 0.9 })];
    const accuracies = { running: 0.458, population: 0.98, batch: 0.97 };
    const values = keyNumbers(judgement({ layers, accuracies })).map(({ value }) => value);
    assert.deepEqual(values.map(plain), ["45.8 %", "98.0 %", "0.20–0.90 σ", "0.10 σ"]);
    assert.deepEqual(
      keyNumbers(judgement()).map(({ value, words }) => `${value} ${words}`),
      ["0 findings"],
    );
  });
});
