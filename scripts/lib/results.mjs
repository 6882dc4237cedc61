// The counts that every suite writes, and the rule that a suite without counts does not pass.
import fs from "node:fs";
import path from "node:path";
import { resultsDir } from "./paths.mjs";

/**
 * @typedef {{ suite: string, passed: number, failed: number, skipped: number, failures: string[] }} SuiteCounts
 */

/** @param {string} suite */
export const resultsFile = (suite) => path.join(resultsDir, `${suite}.json`);

/**
 * Forget what an earlier run of this suite left.
 * @param {string} suite
 */
export function clearResults(suite) {
  fs.rmSync(resultsFile(suite), { force: true });
}

/**
 * Read what a suite left, after it ended with `exitCode`.
 * @param {string} suite
 * @param {number} exitCode
 * @returns {SuiteCounts}
 */
export function readResults(suite, exitCode) {
  const file = resultsFile(suite);
  return judge(suite, exitCode, fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined);
}

/**
 * A suite without results, without tests, or with an exit code that its counts do not explain counts as one failure.
 * @param {string} suite
 * @param {number} exitCode
 * @param {string | undefined} json
 * @returns {SuiteCounts}
 */
export function judge(suite, exitCode, json) {
  const failure = (/** @type {string} */ message) => ({
    suite,
    passed: 0,
    failed: 1,
    skipped: 0,
    failures: [`${suite}: ${message}`],
  });
  if (json === undefined) return failure(`no results file (exit code ${exitCode})`);
  /** @type {{ passed: number, failed: number, skipped: number, failures: { title: string, message: string }[] }} */
  const results = JSON.parse(json);
  if (results.passed + results.failed === 0) return failure("no tests ran");
  const failures = results.failures.map(({ title, message }) => `${suite}: ${title}: ${message.split("\n")[0]}`);
  const unexplained = exitCode !== 0 && results.failed === 0;
  if (unexplained) failures.push(`${suite}: ended with code ${exitCode} although no test failed`);
  return {
    suite,
    passed: results.passed,
    failed: results.failed + (unexplained ? 1 : 0),
    skipped: results.skipped,
    failures,
  };
}

/**
 * A step that is not made of tests (lint, types) counts as one.
 * @param {string} suite
 * @param {boolean} ok
 * @returns {SuiteCounts}
 */
export function stepCounts(suite, ok) {
  return { suite, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, failures: ok ? [] : [`${suite} failed`] };
}

/** @typedef {{ suite: string, reason: string }} NotRun */

/**
 * @param {readonly SuiteCounts[]} suites
 * @param {readonly NotRun[]} [notRun] suites that this machine can't run
 * @returns {string} the lines that end a test run; the last is exactly "N passed, N failed"
 */
export function summary(suites, notRun = []) {
  const total = (/** @type {'passed' | 'failed'} */ key) => suites.reduce((sum, suite) => sum + suite[key], 0);
  const rows = suites.map(
    (suite) =>
      `  ${suite.suite.padEnd(14)} ${suite.passed} passed, ${suite.failed} ` +
      `failed${suite.skipped > 0 ? `, ${suite.skipped} skipped` : ""}`,
  );
  const failures = suites.flatMap((suite) => suite.failures.map((line) => `  ✖ ${line}`));
  const missing = notRun.map(({ suite, reason }) => `  ${suite.padEnd(14)} not run: ${reason}`);
  return [...rows, ...missing, ...failures, `${total("passed")} passed, ${total("failed")} failed`].join("\n");
}
