import assert from "node:assert/strict";
import { PanelStore } from "../../../webview/state/store";
import { type SeriesSlice, packUpdate, unpackUpdate } from "../../../webview/protocol";
import { runMessage, slice } from "./makeRun";

const loss = (x: readonly number[], start: number, version = 0): SeriesSlice =>
  slice("loss", x, { loss: x.map((step) => 1 / step) }, { start, version });

function storeWith(...series: SeriesSlice[]): PanelStore {
  const store = new PanelStore();
  store.applySnapshot({ sequence: 7, runs: [runMessage({ state: "running", step: 3 }, series)] });
  return store;
}

const steps = (store: PanelStore): number[] => Array.from(store.runs[0]?.curve("loss", "loss").x ?? []);

describe("panel store", () => {
  it("appends a delta that follows", () => {
    const store = storeWith(loss([1, 2, 3], 0));
    assert.equal(store.applyDelta({ sequence: 8, runs: [runMessage({ step: 5 }, [loss([4, 5], 3)])] }), "applied");
    assert.deepEqual(steps(store), [1, 2, 3, 4, 5]);
    assert.equal(store.runs[0]?.view.step, 5);
  });

  it("grows far beyond its first capacity without losing points", () => {
    const store = storeWith(loss([1], 0));
    for (let index = 1; index < 1000; index++) {
      assert.equal(
        store.applyDelta({ sequence: 7 + index, runs: [runMessage({}, [loss([index + 1], index)])] }),
        "applied",
      );
    }
    assert.deepEqual(
      steps(store),
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
  });

  it("overwrites from a start inside the series", () => {
    const store = storeWith(loss([1, 2, 3], 0));
    store.applyDelta({ sequence: 8, runs: [runMessage({}, [loss([30, 40], 2)])] });
    assert.deepEqual(steps(store), [1, 2, 30, 40]);
  });

  it("replaces the series when a slice starts at 0, whatever its version", () => {
    const store = storeWith(loss([1, 2, 3], 0));
    assert.equal(store.applyDelta({ sequence: 8, runs: [runMessage({}, [loss([2, 4], 0, 5)])] }), "applied");
    assert.deepEqual(steps(store), [2, 4]);
  });

  it("knows a series it hears of for the first time", () => {
    const store = storeWith();
    assert.equal(store.applyDelta({ sequence: 8, runs: [runMessage({}, [loss([1], 0)])] }), "applied");
    assert.deepEqual(steps(store), [1]);
  });

  const gaps: readonly [string, number, SeriesSlice][] = [
    ["a missing delta", 9, loss([4], 3)],
    ["a repeated delta", 7, loss([4], 3)],
    ["points that are missing in between", 8, loss([9], 8)],
    ["another version of the series", 8, loss([4], 3, 1)],
  ];
  for (const [what, sequence, series] of gaps) {
    it(`asks for a snapshot once after ${what}`, () => {
      const store = storeWith(loss([1, 2, 3], 0));
      assert.equal(store.applyDelta({ sequence, runs: [runMessage({}, [series])] }), "gap");
      assert.equal(store.applyDelta({ sequence: sequence + 1, runs: [] }), "ignored");
      assert.deepEqual(steps(store), [1, 2, 3]);
      store.applySnapshot({ sequence: 20, runs: [runMessage({}, [loss([1, 2], 0)])] });
      assert.equal(store.applyDelta({ sequence: 21, runs: [] }), "applied");
    });
  }

  it("asks for a snapshot when a delta names a run it does not hold", () => {
    const store = storeWith();
    assert.equal(store.applyDelta({ sequence: 8, runs: [runMessage({ id: "other" })] }), "gap");
  });

  it("ignores deltas before the first snapshot", () => {
    assert.equal(new PanelStore().applyDelta({ sequence: 1, runs: [] }), "ignored");
  });

  it("keeps runs that a delta does not mention", () => {
    const store = new PanelStore();
    store.applySnapshot({ sequence: 1, runs: [runMessage({ id: "a" }), runMessage({ id: "b" })] });
    store.applyDelta({ sequence: 2, runs: [runMessage({ id: "b", step: 9 })] });
    assert.deepEqual(
      store.runs.map(({ id, view }) => [id, view.step]),
      [
        ["a", 1000],
        ["b", 9],
      ],
    );
  });

  it("takes a series whose envelope is the series itself, and grows it apart", () => {
    const packed = packUpdate({ sequence: 7, runs: [runMessage({}, [loss([1, 2], 0)])] });
    const store = new PanelStore();
    store.applySnapshot(unpackUpdate(packed));
    store.applyDelta({ sequence: 8, runs: [runMessage({}, [{ ...loss([3], 2), minima: [Float32Array.of(-1)] }])] });
    const [run] = store.runs;
    assert.deepEqual(steps(store), [1, 2, 3]);
    assert.deepEqual(Array.from(run?.curve("loss", "loss", undefined, "minimum").y ?? []), [1, 0.5, -1]);
    assert.equal(run?.valueAt(null, "loss", "loss"), Math.fround(1 / 3));
  });

  it("reads values at a step, and NaN where nothing is known", () => {
    const [run] = storeWith(loss([10, 20, 30], 0)).runs;
    assert.equal(run?.valueAt(25, "loss", "loss"), Math.fround(1 / 20));
    assert.equal(run?.valueAt(null, "loss", "loss"), Math.fround(1 / 30));
    assert.ok(Number.isNaN(run?.valueAt(9, "loss", "loss")));
    assert.ok(Number.isNaN(run?.valueAt(null, "gap", "gap", "bn1")));
  });
});
