import { strict as assert } from "node:assert";
import {
  lastRunWords,
  type NamedRun,
  runDescription,
  runTitle,
  stepWords,
  subjectOf,
} from "../../../extension/views/runWords";
import { runRecord } from "../webview/makeRun";

const run = (change: Partial<NamedRun> = {}): NamedRun => ({
  folder: "/project/runs/2026-11-29-120000-python",
  record: runRecord({ model: "Net(16)", name: "as written" }),
  state: "completed",
  isLive: false,
  lastStep: 12,
  lastAccuracy: null,
  ...change,
});

describe("what a run is called", () => {
  it("has the model without its arguments", () => {
    assert.equal(runTitle(run()), "Net, as written");
    assert.equal(subjectOf(run()), "Net");
  });

  it("is the run's name where the model is unknown, and its folder's where it has no name", () => {
    const unknown = runRecord({ model: null, source: null, name: "made up" });
    assert.deepEqual([runTitle(run({ record: unknown })), subjectOf(run({ record: unknown }))], ["made up", "made up"]);
    for (const record of [null, runRecord({ model: null, source: null, name: "" })])
      assert.deepEqual(
        [runTitle(run({ record })), subjectOf(run({ record }))],
        ["2026-11-29-120000-python", "2026-11-29-120000-python"],
      );
  });

  it("has its step, with the planned length where that is known", () => {
    const record = runRecord({ plannedSteps: 100 });
    assert.match(stepWords(run({ record })), /12 .* 100$/);
    assert.match(stepWords(run({ record: runRecord({ plannedSteps: null }) })), / 12$/);
    assert.equal(runDescription(run({ record, isLive: true, state: "running" })), stepWords(run({ record })));
  });

  it("has its accuracy, or its state where no accuracy is known", () => {
    for (const words of [runDescription, lastRunWords]) {
      assert.match(words(run({ lastAccuracy: 0.981 })), /98\.1 %/);
      assert.match(words(run({ state: "failed" })), /failed$/);
    }
  });
});
