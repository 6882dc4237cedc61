import { strict as assert } from "node:assert";
import { recalibrationOf } from "../../../engine/judgement/recalibration";
import { RunSummary } from "../../../engine/judgement/runSummary";
import type { Health, Recalibration } from "../../../engine/protocol/judgement";
import type { WrittenRecord } from "../../../engine/protocol/records";
import { unjudged } from "../../../webview/state/runModel";
import { read, runRecord } from "./makeSummary";

function recalibrated(
  records: readonly WrittenRecord[],
  { at = null, severity = "error" }: { readonly at?: number | null; readonly severity?: Health } = {},
): Recalibration | null {
  const summary = new RunSummary();
  for (const record of [runRecord(), ...records]) summary.record(read(record));
  const reading = { ...unjudged({ id: "bn1", name: "bn1" }), distanceSeverity: severity };
  return recalibrationOf({ summary, readings: [reading], at });
}

const scores = (step: number, running: number, population: number | null): WrittenRecord => ({
  ...{ type: "eval", step, samples: 1000, running: { accuracy: running } },
  ...(population === null ? {} : { population: { accuracy: population } }),
});
const gap = (step: number, flips: number, flipsWithPopulation: number | null): WrittenRecord => ({
  ...{ type: "gap", step, samples: 256, layers: [], output: { flips, flipsWithPopulation } },
});
const population = (step: number, ...distances: (number | null)[]): WrittenRecord => ({
  type: "population",
  step,
  layers: distances.map((meanDistance, index) => ({ layer: `bn${index + 1}`, meanDistance })),
});

describe("what recalibration would give", () => {
  it("is each number before and after, at one step", () => {
    const found = recalibrated([population(400, 0.2, 0.78), scores(400, 0.723, 0.957), gap(400, 71, 2)]);
    assert.deepEqual(found, {
      ...{ step: 400, accuracy: [0.723, 0.957], flips: [71, 2], samples: 256, distance: 0.78, isNeeded: true },
    });
  });

  it("is of the pinned step", () => {
    const records = [gap(100, 90, 5), scores(100, 0.5, 0.9), gap(200, 71, 2), scores(200, 0.7, 0.9)];
    assert.deepEqual(recalibrated(records, { at: 150 })?.flips, [90, 5]);
    assert.equal(recalibrated(records, { at: 50 }), null);
  });

  it("leaves out what a run lacks, and what was measured at another step", () => {
    const withoutScores = recalibrated([gap(400, 71, 2)]);
    assert.deepEqual([withoutScores?.accuracy, withoutScores?.distance], [null, null]);
    const older = recalibrated([scores(100, 0.5, 0.9), gap(400, 71, 2)]);
    assert.deepEqual([older?.step, older?.accuracy], [400, null]);
    assert.equal(recalibrated([scores(400, 0.7, 0.9)])?.flips, null);
  });

  it("is unknown where nothing was measured with population statistics", () => {
    assert.equal(recalibrated([scores(400, 0.7, null), gap(400, 71, null), population(400, 0.5)]), null);
    assert.equal(recalibrated([]), null);
  });

  it("is not offered where no layer is off, and where it does not help", () => {
    const records = [scores(400, 0.957, 0.957), gap(400, 2, 2)];
    assert.equal(recalibrated(records)?.isNeeded, false, "nothing gets better");
    assert.equal(recalibrated([gap(400, 3, 2)], { severity: "ok" })?.isNeeded, false, "no layer is off");
    assert.equal(recalibrated([gap(400, 3, 2)], { severity: "unknown" })?.isNeeded, false, "it is too early");
    assert.equal(recalibrated([gap(400, 3, 2)], { severity: "warning" })?.isNeeded, true);
  });
});
