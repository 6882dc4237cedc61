import assert from "node:assert/strict";
import type { RunState } from "../../../engine/protocol/judgement";
import type { SeriesBlock, SeriesNeed } from "../../../engine/protocol/series";
import { type Look, type PanelUpdate, packUpdate, unpackUpdate } from "../../../webview/protocol";
import { PanelStore } from "../../../webview/state/store";
import {
  block,
  look,
  reading,
  judgement,
  runModel,
  runUpdate,
  runView,
  storeWith,
  update,
  twoVariants,
} from "./makeRun";

const loss = (start: number, x: readonly number[]): SeriesBlock =>
  block(
    "loss",
    "loss",
    start,
    x,
    x.map((step) => 1 / step),
  );
const steps = (store: PanelStore): number[] => Array.from(store.runs[0]?.curve("loss", "loss").x ?? []);
const delta = (sequence: number, ...series: SeriesBlock[]): PanelUpdate =>
  update({ sequence, runs: [runUpdate({}, series)] });

describe("panel store", () => {
  it("appends a delta that follows", () => {
    const store = storeWith({}, [loss(0, [1, 2, 3])]);
    const next = update({ sequence: 8, runs: [runUpdate({ step: 1005 }, [loss(3, [4, 5])])] });
    assert.equal(store.applyDelta(next), "applied");
    assert.deepEqual(steps(store), [1, 2, 3, 4, 5]);
    assert.equal(store.runs[0]?.view.step, 1005);
    assert.equal(store.runs[0]?.view.run?.name, "as written");
  });

  it("grows far beyond its first capacity without losing points", () => {
    const store = storeWith({}, [loss(0, [1])]);
    for (let index = 1; index < 1000; index++)
      assert.equal(store.applyDelta(delta(7 + index, loss(index, [index + 1]))), "applied");
    assert.deepEqual(
      steps(store),
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
    assert.equal(store.runs[0]?.valueAt(500, "loss", "loss"), Math.fround(1 / 500));
  });

  it("overwrites from a start inside the curve, and replaces it from 0", () => {
    const store = storeWith({}, [loss(0, [1, 2, 3])]);
    store.applyDelta(delta(8, loss(2, [30, 40])));
    assert.deepEqual(steps(store), [1, 2, 30, 40]);
    store.applyDelta(delta(9, loss(0, [2, 4])));
    assert.deepEqual(steps(store), [2, 4]);
  });

  it("has another version when its points change", () => {
    const store = storeWith({}, [loss(0, [1, 2])]);
    const before = store.runs[0]?.curve("loss", "loss").version;
    store.applyDelta(update({ sequence: 8, runs: [runUpdate({ step: 3 })] }));
    assert.equal(store.runs[0]?.curve("loss", "loss").version, before);
    store.applyDelta(delta(9, loss(2, [3])));
    assert.notEqual(store.runs[0]?.curve("loss", "loss").version, before);
  });

  const gaps: readonly [string, number, SeriesBlock][] = [
    ["a missing delta", 9, loss(3, [4])],
    ["a repeated delta", 7, loss(3, [4])],
    ["points that are missing in between", 8, loss(8, [9])],
    ["more of a curve that was never sent", 8, block("eval", "samples", 2, [4])],
  ];
  for (const [what, sequence, series] of gaps) {
    it(`asks for a snapshot once after ${what}`, () => {
      const store = storeWith({}, [loss(0, [1, 2, 3])]);
      assert.equal(store.applyDelta(delta(sequence, series)), "gap");
      assert.equal(store.applyDelta(update({ sequence: sequence + 1 })), "ignored");
      assert.deepEqual(steps(store), [1, 2, 3]);
      store.applySnapshot(update({ sequence: 20, runs: [runUpdate(runView(), [loss(0, [1, 2])])] }));
      assert.equal(store.applyDelta(update({ sequence: 21 })), "applied");
      assert.deepEqual(steps(store), [1, 2]);
    });
  }

  it("asks for a snapshot when a delta names a run it does not hold", () => {
    assert.equal(storeWith().applyDelta(update({ sequence: 8, runs: [runUpdate({ id: "other" })] })), "gap");
  });

  it("ignores deltas before the first snapshot", () => {
    assert.equal(new PanelStore().applyDelta(update()), "ignored");
  });

  it("keeps runs that a delta does not mention, and the words of several", () => {
    const store = new PanelStore();
    const comparison = { tone: "information", sentence: "A is ahead.", answers: [] } as const;
    store.applySnapshot(update({ runs: [runUpdate(runView({ id: "a" })), runUpdate(runView({ id: "b" }))] }));
    store.applyDelta(update({ sequence: 2, comparison, runs: [runUpdate({ id: "b", step: 9 })] }));
    const views = store.runs.map(({ id, view }) => [id, view.step]);
    assert.deepEqual(views, [
      ["a", 1000],
      ["b", 9],
    ]);
    assert.equal(store.comparison, comparison);
  });
});

describe("the variants in the panel store", () => {
  it("stay while an update does not mention them", () => {
    const store = new PanelStore();
    store.applySnapshot(update({ variants: twoVariants, runs: [runUpdate(runView())] }));
    store.applyDelta(update({ sequence: 2 }));
    assert.equal(store.variants, twoVariants);
    store.applyDelta(update({ sequence: 3, variants: null }));
    assert.equal(store.variants, null);
  });
});

describe("looks in the panel store", () => {
  it("takes what changed from the answer to an older look, and not its curves", () => {
    const store = storeWith({}, [loss(0, [1, 2, 3])]);
    store.lookSent(look({ id: 2, range: [1, 2] }));
    const late = update({ sequence: 8, look: 1, runs: [runUpdate({ step: 1001 }, [loss(3, [4])])] });
    assert.equal(store.applyDelta(late), "applied");
    assert.deepEqual(steps(store), [1, 2, 3]);
    assert.equal(store.runs[0]?.view.step, 1001);
    assert.equal(store.answered?.id, 1);
  });

  it("keeps the old curves until the new ones come", () => {
    const store = storeWith({}, [loss(0, [1, 2, 3])]);
    store.lookSent(look({ id: 2, range: [1, 2] }));
    assert.deepEqual(steps(store), [1, 2, 3]);
    store.applyDelta(update({ sequence: 8, look: 2, runs: [runUpdate({}, [loss(0, [1, 1.5, 2])])] }));
    assert.deepEqual(steps(store), [1, 1.5, 2]);
    assert.deepEqual(store.answered?.range, [1, 2]);
  });

  it("forgets what was looked at longest ago where there is too much, and then asks for it again", () => {
    const store = storeWith({ state: "completed" }, [loss(0, [1, 2, 3])]);
    const need: SeriesNeed = { kind: "norm", columns: ["mean_shift"], edges: ["last"], layers: "all" };
    for (let id = 2; id < 200; id++) {
      store.lookSent(look({ id, needs: [need] }));
      const series = [block("eval", "samples", 0, [id]), { ...block("gap", "gap", 0, [id]), layers: [`layer ${id}`] }];
      store.applyDelta(update({ sequence: 6 + id, look: id, runs: [runUpdate({}, series)] }));
    }
    assert.deepEqual(steps(store), []);
    assert.equal(store.runs[0]?.valueAt(null, "eval", "samples"), 199);
    assert.deepEqual(store.missing(look({ needs: [need] })), [need]);
  });
});

describe("what has been sent already", () => {
  const shift: SeriesNeed = { kind: "norm", columns: ["mean_shift"], edges: ["last"], layers: "all" };
  const gamma: SeriesNeed = { kind: "norm", columns: ["gamma.median"], edges: ["last"], layers: "selected" };
  /** A store that asked for both and got an answer. */
  const answered = (state: RunState): PanelStore => {
    const store = storeWith({ state }, [loss(0, [1])]);
    store.lookSent(look({ id: 2, needs: [shift, gamma] }));
    store.applyDelta(update({ sequence: 8, look: 2, runs: [runUpdate({}, [])] }));
    return store;
  };
  const missing = (store: PanelStore, change: Partial<Look> = {}): readonly SeriesNeed[] =>
    store.missing(look({ id: 3, needs: [shift, gamma], ...change }));

  it("is not asked for again of a run that has ended", () => assert.deepEqual(missing(answered("completed")), []));

  it("is, of a live one", () => assert.deepEqual(missing(answered("running")), [shift, gamma]));

  it("is, for another range, another resolution or another layer", () => {
    const store = answered("completed");
    assert.deepEqual(missing(store, { range: [1, 5] }), [shift, gamma]);
    assert.deepEqual(missing(store, { points: 777 }), [shift, gamma]);
    assert.deepEqual(missing(store, { selectedLayer: "bn2" }), [gamma]);
  });

  it("is, where other curves took its place", () => {
    const store = answered("completed");
    store.lookSent(look({ id: 4, needs: [{ ...shift, points: 10 }] }));
    store.applyDelta(update({ sequence: 9, look: 4, runs: [runUpdate({}, [])] }));
    assert.deepEqual(missing(store), [shift]);
  });

  it("is, once the run goes on", () => {
    const store = answered("completed");
    store.lookSent(look({ id: 4, needs: [] }));
    store.applyDelta(update({ sequence: 9, look: 4, runs: [runUpdate({ step: 5 }, [])] }));
    assert.deepEqual(missing(store), [shift, gamma]);
  });
});

describe("curves of a run", () => {
  const packed: SeriesBlock = {
    kind: "norm",
    layers: ["bn1", "bn2"],
    columns: ["mean_shift", "variance_ratio"],
    edges: ["last", "maximum"],
    start: 0,
    x: Float64Array.of(10, 20),
    values: Float32Array.from({ length: 16 }, (_, index) => index),
  };

  it("come by layer, column and edge, as long as their steps", () => {
    const run = runModel({}, [packed]);
    assert.deepEqual(Array.from(run.curve("norm", "mean_shift", "bn1").y), [0, 1]);
    assert.deepEqual(Array.from(run.curve("norm", "variance_ratio", "bn1", "maximum").y), [6, 7]);
    assert.deepEqual(Array.from(run.curve("norm", "mean_shift", "bn2").y), [8, 9]);
    const { x, y } = run.curve("norm", "mean_shift", "bn3");
    assert.deepEqual([x.length, y.length], [0, 0]);
    assert.deepEqual(run.layersWith("norm", "mean_shift"), ["bn1", "bn2"]);
    run.applySeries([{ ...block("norm", "mean_shift", 0, [1]), layers: ["bn3"] }], 2);
    assert.deepEqual(run.layersWith("norm", "mean_shift"), ["bn1", "bn2", "bn3"], "what came later is found too");
  });

  it("survive the journey in two arrays, and grow apart from them", () => {
    const store = new PanelStore();
    store.lookSent(look());
    const sent = update({ sequence: 7, runs: [runUpdate(runView(), [packed, loss(0, [1])])] });
    store.applySnapshot(unpackUpdate(packUpdate(sent)));
    const more = { ...packed, start: 2, x: Float64Array.of(30), values: Float32Array.from({ length: 8 }, () => -1) };
    assert.equal(store.applyDelta(delta(8, more)), "applied");
    const [run] = store.runs;
    assert.deepEqual(Array.from(run?.curve("norm", "mean_shift", "bn2").y ?? []), [8, 9, -1]);
    assert.deepEqual(Array.from(run?.curve("norm", "variance_ratio", "bn1", "maximum").y ?? []), [6, 7, -1]);
    assert.deepEqual(steps(store), [1]);
  });

  it("read values at a step, and NaN where nothing is known", () => {
    const run = runModel({}, [loss(0, [10, 20, 30])]);
    assert.equal(run.valueAt(25, "loss", "loss"), Math.fround(1 / 20));
    assert.equal(run.valueAt(null, "loss", "loss"), Math.fround(1 / 30));
    assert.ok(Number.isNaN(run.valueAt(9, "loss", "loss")));
    assert.ok(Number.isNaN(run.valueAt(null, "gap", "gap", "bn1")));
  });

  it("have a reading for every layer, judged or not", () => {
    const run = runModel({ judgement: judgement({ layers: [reading("bn2", { gap: 0.5 })] }) });
    assert.deepEqual(
      run.readings.map(({ id, gap, severity }) => [id, gap, severity]),
      [
        ["bn1", Number.NaN, "unknown"],
        ["bn2", 0.5, "ok"],
      ],
    );
    assert.equal(run.readingOf("bn2")?.gap, 0.5);
  });
});
