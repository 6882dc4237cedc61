import assert from "node:assert/strict";
import { alignCurves } from "../../../webview/charts/alignCurves";
import { binned, heldForward, nearestFilled } from "../../../webview/charts/envelope";
import { pushApart } from "../../../webview/charts/pushApart";
import { smoothed } from "../../../webview/charts/smoothing";
import { linearTicks, logTicks } from "../../../webview/charts/ticks";
import { yRange } from "../../../webview/charts/yRange";
import { RenderSchedule } from "../../../webview/state/renderSchedule";

describe("labels pushed apart", () => {
  function check(wanted: readonly number[], expected: readonly number[]): void {
    assert.deepEqual(
      pushApart(wanted, 10, 0, 100).map((y) => Math.round(y * 10) / 10),
      expected,
    );
  }

  it("leaves labels alone that have room", () => check([10, 50, 90], [10, 50, 90]));
  it("spreads two around their mean", () => check([50, 52], [46, 56]));
  it("keeps their order, whatever order they come in", () => check([52, 50], [56, 46]));
  it("lets a block push its neighbour", () => check([50, 50, 58], [42.7, 52.7, 62.7]));
  it("stays inside the chart", () => {
    check([0, 0, 1], [0, 10, 20]);
    check([100, 100], [90, 100]);
  });
  it("keeps the gap between any labels", () => {
    const wanted = Array.from({ length: 9 }, (_, index) => (index * 37) % 60);
    const placed = pushApart(wanted, 10, 0, 100).sort((a, b) => a - b);
    for (let index = 1; index < placed.length; index++)
      assert.ok((placed[index] ?? 0) - (placed[index - 1] ?? 0) >= 10 - 1e-9);
  });
});

describe("ticks", () => {
  it("linear: round values inside the range", () => {
    assert.deepEqual(linearTicks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
    assert.deepEqual(linearTicks(-2, 0.8, 6), [-2, -1.5, -1, -0.5, 0, 0.5]);
    assert.deepEqual(linearTicks(3, 3, 5), []);
  });

  it("log: powers of ten, with 3 or 2 and 5 where there is room", () => {
    assert.deepEqual(logTicks(0.0005, 2, 4), [0.001, 0.01, 0.1, 1]);
    assert.deepEqual(logTicks(0.02, 2, 6), [0.03, 0.1, 0.3, 1]);
    assert.deepEqual(logTicks(0.02, 2, 7), [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
  });

  it("log: thins many decades", () => {
    const ticks = logTicks(1e-12, 1e12, 6);
    assert.ok(ticks.length <= 6 && ticks.length >= 4, ticks.join());
  });

  it("log: has something to say about a range within a decade", () => {
    for (const [from, to] of [
      [2.1, 2.6],
      [0.4, 0.9],
      [1, 3],
    ] as const) {
      const ticks = logTicks(from, to, 4);
      assert.ok(ticks.length >= 2, `${from} to ${to}: ${ticks.join()}`);
      assert.ok(ticks.every((value) => value >= from && value <= to));
    }
  });

  it("log: refuses what has no logarithm", () => assert.deepEqual(logTicks(0, 1, 5), []));
});

describe("axis ranges", () => {
  it("reach at least as far as asked", () => {
    const [from, to] = yRange({ kind: "linear", least: [0, 0.5] }, 0.02, 0.1);
    assert.equal(from, 0);
    assert.ok(to >= 0.5);
  });
  it("cut off what explodes", () => assert.ok(yRange({ kind: "log", highest: 1e6 }, 2, 1e38)[1] < 1e7));
  it("survive data that is nowhere", () => assert.ok(yRange({ kind: "log" }, null, null).every(Number.isFinite)));
  it("survive a single value", () => {
    const [from, to] = yRange({ kind: "linear" }, 0.3, 0.3);
    assert.ok(from < 0.3 && to > 0.3);
  });
});

describe("smoothing", () => {
  it("starts at the first value instead of at zero", () => assert.equal(smoothed([4, 4, 4], 10)[0], 4));
  it("leaves a constant alone", () =>
    assert.ok(smoothed([2, 2, 2, 2], 3).every((value) => Math.abs(value - 2) < 1e-6)));
  it("with a span of one changes nothing", () => assert.deepEqual(Array.from(smoothed([1, 5, 2], 1)), [1, 5, 2]));
  it("keeps holes and continues after them", () => {
    const result = smoothed([1, Number.NaN, 3], 2);
    assert.ok(Number.isNaN(result[1]));
    assert.ok((result[2] ?? 0) > 1 && (result[2] ?? 0) < 3);
  });
});

describe("bins", () => {
  it("keep extremes", () => {
    const { minima, maxima, last } = binned([0, 1, 2, 3], [5, -7, 9, 1], { from: 0, to: 4, count: 1 });
    assert.deepEqual([minima[0], maxima[0], last[0]], [-7, 9, 1]);
  });

  it("leave out what was not finite or lies outside", () => {
    const { last } = binned([0, 1, 9], [Number.NaN, Number.POSITIVE_INFINITY, 3], { from: 0, to: 4, count: 2 });
    assert.ok(last.every(Number.isNaN));
  });

  it("hold a value until the next, and not beyond the last", () => {
    const nan = Number.NaN;
    assert.deepEqual(Array.from(heldForward(Float64Array.from([nan, 1, nan, 2, nan]))), [nan, 1, 1, 2, nan]);
  });

  it("give each probe the steps around it, and no more", () => {
    const nan = Number.NaN;
    assert.deepEqual(Array.from(nearestFilled(Float64Array.from([1, nan, nan, nan, 2, nan, nan, nan, nan]))), [
      1,
      1,
      2,
      2,
      2,
      2,
      2,
      nan,
      nan,
    ]);
    assert.deepEqual(Array.from(nearestFilled(Float64Array.from([nan, 3, nan]))), [nan, 3, nan]);
  });
});

describe("curves on one x", () => {
  it("distinguish a hole from a step that was never measured", () => {
    const { x, columns } = alignCurves(
      [
        { x: [1, 2, 3], y: [1, Number.NaN, 3] },
        { x: [2], y: [5] },
      ],
      { positiveOnly: false },
    );
    assert.deepEqual(x, [1, 2, 3]);
    assert.deepEqual(columns, [
      [1, null, 3],
      [undefined, 5, undefined],
    ]);
  });

  it("have no place for zero on a logarithmic axis", () => {
    assert.deepEqual(alignCurves([{ x: [1, 2], y: [0, 2] }], { positiveOnly: true }).columns, [[null, 2]]);
  });

  it("share their steps where they come from one block", () => {
    const x = Float64Array.of(1, 2, 3);
    const { x: common, columns } = alignCurves(
      [
        { x: x.subarray(0, 2), y: Float32Array.of(1, 2) },
        { x: x.subarray(0, 2), y: Float32Array.of(3, Number.NaN) },
        { x: Float64Array.of(2, 5), y: Float32Array.of(7, 8) },
      ],
      { positiveOnly: false },
    );
    assert.deepEqual(common, [1, 2, 5]);
    assert.deepEqual(columns, [
      [1, 2, undefined],
      [3, null, undefined],
      [undefined, 7, 8],
    ]);
  });

  it("may all be empty", () =>
    assert.deepEqual(alignCurves([{ x: [], y: [] }], { positiveOnly: false }), { x: [], columns: [[]] }));
});

describe("render schedule", () => {
  it("draws data at most four times a second and a person's wishes at once", () => {
    let now = 0;
    let drawn = 0;
    const frames: (() => void)[] = [];
    const waits: { ms: number; draw: () => void }[] = [];
    const schedule = new RenderSchedule(
      { now: () => now, atNextFrame: (draw) => frames.push(draw), after: (ms, draw) => waits.push({ ms, draw }) },
      () => drawn++,
    );
    const nextFrame = (): void => frames.splice(0).forEach((draw) => draw());
    schedule.requestForData();
    nextFrame();
    assert.equal(drawn, 1);
    now = 30;
    schedule.requestForData();
    schedule.requestForData();
    assert.deepEqual(
      waits.map(({ ms }) => ms),
      [220],
    );
    schedule.request();
    nextFrame();
    assert.equal(drawn, 2);
    waits.splice(0).forEach(({ draw }) => draw());
    nextFrame();
    assert.equal(drawn, 3);
  });
});
