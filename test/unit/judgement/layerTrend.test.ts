import { strict as assert } from "node:assert";
import { layerTrend } from "../../../engine/judgement/layerTrend";
import type { WrittenRecord } from "../../../engine/protocol/records";
import { runRecord, summaryOf } from "./makeSummary";

const gapAt = (step: number, gap: number | null): WrittenRecord => ({
  type: "gap",
  step,
  layers: [{ layer: "bn1", gap }],
});
const standingAt = (step: number, lag: number): WrittenRecord => ({
  type: "standing",
  step,
  when: "rhythm",
  layers: [{ layer: "bn1", lag }],
});

describe("the course of a layer", () => {
  const run = runRecord({ layers: ["bn1"] });

  it("is that of its gap where probes measured it", () => {
    const more = [standingAt(5, 2), gapAt(10, 0.5), gapAt(20, null), gapAt(30, 0.25)];
    assert.deepEqual(layerTrend(summaryOf({ run, layers: [], more }), "bn1"), { what: "gap", values: [0.5, 0.25] });
  });

  it("is how far it is behind in a recording without probes", () => {
    const more = [standingAt(5, 2), standingAt(9, 0.5)];
    assert.deepEqual(layerTrend(summaryOf({ run, layers: [], more }), "bn1"), { what: "lag", values: [2, 0.5] });
  });

  it("keeps the first and the last of many values", () => {
    const more = Array.from({ length: 500 }, (_, index) => gapAt(index + 1, index + 1));
    const values = layerTrend(summaryOf({ run, layers: [], more }), "bn1")?.values ?? [];
    assert.deepEqual([values.length, values[0], values.at(-1)], [32, 1, 500]);
  });

  it("is unknown where nothing was measured", () =>
    assert.equal(layerTrend(summaryOf({ run, layers: [] }), "bn1"), null));
});
