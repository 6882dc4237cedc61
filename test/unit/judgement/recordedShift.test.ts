/** Shifts of recorded runs: read back exactly, while nobody measured how far batches are apart by chance. */
import { strict as assert } from "node:assert";
import { judge } from "../../../engine/judgement/judge";
import { plainText } from "../../../engine/judgement/parts";
import type { RunSummary } from "../../../engine/judgement/runSummary";
import { plain, runRecord, summaryOf } from "./makeSummary";

function recorded(numbers: Record<string, number>, step = 1000): RunSummary {
  const run = runRecord({ layers: ["bn1"], more: { producer: "normlens-python 0.1.0" } });
  const summary = summaryOf({ run, step, layers: [], running: null, population: null, batch: null });
  const columns = Object.keys(numbers);
  const table = { name: "norms", columns, layers: ["bn1"], values: 1, type: "float64" } as const;
  summary.sample({ step, table, values: Float64Array.from(Object.values(numbers)) });
  return summary;
}

const judged = (summary: RunSummary) => judge({ summary, state: "completed", problem: null });
const drift = (summary: RunSummary): string => plain(plainText(judged(summary).verdicts.drift));

describe("a shift without a measured noise floor", () => {
  it("is what one batch of sixteen samples may have by chance, whatever the error of reading it back", () => {
    const summary = recorded({ mean_shift: 0.24, mean_error: 4e-6 });
    assert.equal(judged(summary).layers[0]?.shiftSeverity, "ok");
    assert.ok(Number.isNaN(judged(summary).layers[0]?.shiftFloor));
    assert.equal(judged(summary).verdicts.drift.tone, "information");
    assert.match(drift(summary), /^How far batches are apart by chance was not measured/);
    assert.match(drift(summary), /Largest shift: bn1 \(mean 0.24 σ away, noise floor not measured\)/);
  });

  it("is a fault where batches can't be so far apart by chance", () => {
    const summary = recorded({ mean_shift: 4, mean_error: 4e-6 });
    assert.match(drift(summary), /^Batch statistics and running statistics disagree in 1 of 1 layer\./);
  });
});

describe("updates that statistics need to settle", () => {
  it("are done in half as many steps where a step makes two", () => {
    const early = (passes: number): boolean => drift(recorded({ mean_shift: 0.1, passes }, 30)).startsWith("Too short");
    assert.deepEqual([1, 2, 3].map(early), [true, false, false]);
  });

  it("are counted by the layer that a step updates least, and not by one that nothing updates", () => {
    const run = runRecord({ more: { producer: "normlens-python 0.1.0" } });
    const from = (passes: readonly number[]): boolean => {
      const summary = summaryOf({ run, step: 30, layers: [], running: null, population: null, batch: null });
      const table = { name: "norms", columns: ["passes"], layers: ["bn1", "bn2"], values: 1, type: "float64" } as const;
      summary.sample({ step: 30, table, values: Float64Array.from(passes) });
      return drift(summary).startsWith("Too short");
    };
    assert.deepEqual([from([2, 1]), from([2, 0]), from([2, 3])], [true, false, false]);
  });
});
