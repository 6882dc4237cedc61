// What pytest leaves is counted like every other suite.
import assert from "node:assert/strict";
import { judgeJUnit } from "../../../scripts/lib/junit.mjs";

const junit = (/** @type {string} */ counts, cases = "") =>
  `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" ${counts} ` +
  `timestamp="2026-01-01T00:00:00">${cases}</testsuite></testsuites>`;

describe("results in a JUnit file", () => {
  it("are counted", () => {
    const xml = junit('errors="0" failures="0" skipped="1" tests="4" time="0.1"');
    const { passed, failed, skipped } = judgeJUnit("python", 0, xml);
    assert.deepEqual([passed, failed, skipped], [3, 0, 1]);
  });

  it("name what failed, with the first line of its message", () => {
    const xml = junit(
      'errors="1" failures="1" skipped="0" tests="4"',
      '<testcase classname="a.b" name="good" time="0.1" />' +
        '<testcase classname="a.b" name="bad" time="0.1">' +
        '<failure message="assert 1 &lt; 0&#10;more">…</failure></testcase>' +
        '<testcase classname="" name="c.d" time="0.1"><error message="collection failure">…</error></testcase>',
    );
    const { passed, failed, failures } = judgeJUnit("python", 1, xml);
    assert.deepEqual([passed, failed], [2, 2]);
    assert.deepEqual(failures, ["python: a.b bad: assert 1 < 0", "python: c.d: collection failure"]);
  });

  it("are a failure where there are none", () => {
    assert.equal(judgeJUnit("python", 0, undefined).failed, 1);
    assert.equal(judgeJUnit("python", 5, junit('errors="0" failures="0" skipped="0" tests="0"')).failed, 1);
  });
});
