// Run the suites in out/integration/ inside a real VS Code, each kind of window once.
//   node test/integration/runner.mjs     (after `node scripts/build.mjs --test`)
import fs from "node:fs";
import { inRepo } from "../../scripts/lib/paths.mjs";
import { resultsFile } from "../../scripts/lib/results.mjs";
import { formatDuration } from "../../scripts/lib/timing.mjs";
import { runInExtensionHost } from "../host/extensionHost.mjs";
import { chooseVsCode } from "../host/whichVsCode.mjs";

/** What is opened, and the folder below out/integration/ with the tests for it. */
const WINDOWS = [
  { suite: ".", folders: ["examples", "test/integration/fixtures/second"], isTrusted: true },
  { suite: "restricted", folders: ["examples"], isTrusted: false },
];

const started = Date.now();
const { executable, description } = await chooseVsCode();
console.log(`VS Code: ${description}`);

const results = process.env["NORMLENS_TEST_RESULTS"] ?? resultsFile("integration");
let code = 0;
/** @typedef {{ passed: number, failed: number, skipped: number, failures: { title: string, message: string }[] }} Counts */
/** @type {Counts[]} */
const counts = [];
for (const window of WINDOWS) {
  let told = await runWindow(window);
  // It says nothing about NormLens, and no test has run: VS Code gets a second window.
  if (opensNothing(told.counts)) {
    console.log("VS Code opened a window without its folders. Trying once more.");
    told = await runWindow(window);
  }
  if (told.hasFailed) code = 1;
  counts.push(told.counts);
}
const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
  counts.reduce((total, window) => total + window[key], 0);
const all = { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
fs.writeFileSync(results, JSON.stringify({ ...all, failures: counts.flatMap(({ failures }) => failures) }, null, 2));
console.log(`Integration tests took ${formatDuration(Date.now() - started)}`);
process.exit(code);

/**
 * @param {(typeof WINDOWS)[number]} window
 * @returns {Promise<{ hasFailed: boolean, counts: Counts }>}
 */
async function runWindow({ suite, folders, isTrusted }) {
  fs.rmSync(results, { force: true });
  let hasFailed = false;
  try {
    const env = { NORMLENS_TEST_RESULTS: results, NORMLENS_TEST_SUITE: suite };
    await runInExtensionHost({ executable, script: inRepo("out", "integration", "index.js"), folders, isTrusted, env });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    hasFailed = true;
  }
  return { hasFailed, counts: fs.existsSync(results) ? JSON.parse(fs.readFileSync(results, "utf8")) : missing(suite) };
}

/** @param {Counts} counts */
function opensNothing({ passed, failures }) {
  return passed === 0 && failures.some(({ message }) => message.includes("the workspace's folders did not come"));
}

/**
 * A window that told nothing must not count as one without failures.
 * @param {string} suite
 */
function missing(suite) {
  return {
    passed: 0,
    failed: 1,
    skipped: 0,
    failures: [{ title: suite, message: "no results: the window ended early" }],
  };
}
