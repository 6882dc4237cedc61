// No suite passes by saying nothing.
import assert from "node:assert/strict";
import { judge, stepCounts, summary } from "../../../scripts/lib/results.mjs";

const results = (/** @type {object} */ changes) =>
  JSON.stringify({ passed: 2, failed: 0, skipped: 0, failures: [], ...changes });
const check = (
  /** @type {number} */ exitCode,
  /** @type {string | undefined} */ json,
  /** @type {[number, number]} */ expected,
) => {
  const { passed, failed } = judge("suite", exitCode, json);
  assert.deepEqual([passed, failed], expected);
};

describe("results of a suite", () => {
  it("counts what passed and failed", () => check(0, results({}), [2, 0]));
  it("counts failures", () => check(1, results({ failed: 1, failures: [{ title: "a", message: "b" }] }), [2, 1]));
  it("fails without a results file, even with exit code 0", () => check(0, undefined, [0, 1]));
  it("fails without tests", () => check(0, results({ passed: 0 }), [0, 1]));
  it("fails when only skipped tests were found", () => check(0, results({ passed: 0, skipped: 3 }), [0, 1]));
  it("fails when the exit code says so and the counts do not", () => check(1, results({}), [2, 1]));

  it("ends its summary with exactly the totals", () => {
    const lines = summary([judge("unit", 0, results({})), stepCounts("lint", false)]).split("\n");
    assert.equal(lines.at(-1), "2 passed, 1 failed");
  });

  it("says which suites did not run, and why", () => {
    const lines = summary([stepCounts("lint", true)], [{ suite: "python", reason: "there is no network" }]).split("\n");
    assert.deepEqual(lines.slice(1), ["  python         not run: there is no network", "1 passed, 0 failed"]);
  });
});
