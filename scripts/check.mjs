// Everything that can be checked without an editor or a browser: lint, types, import rules, unit and golden tests.
// Two lanes side by side; of what passes only a line is shown, of what fails everything.
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { installPackages } from "./install.mjs";
import { countedEnv, coverageLine } from "./lib/coverage.mjs";
import { stepCounts, summary } from "./lib/results.mjs";
import { formatDuration } from "./lib/timing.mjs";
import { runMocha, runTool } from "./lib/tools.mjs";
import { checkTypes } from "./types.mjs";

/** @typedef {import('./lib/results.mjs').SuiteCounts} SuiteCounts */
/** @typedef {{ code: number, output: string, counts?: SuiteCounts }} StepResult */

const capture = /** @type {const} */ ({ output: "capture" });
/** What has not changed since the last check is not checked again; a fresh clone has no cache. */
const ESLINT_ARGS = [".", "--max-warnings", "0", "--cache", "--cache-location", "out/eslint/"];
const IMPORT_RULE_ARGS = ["--config", ".dependency-cruiser.cjs", "engine", "extension", "webview"];

/**
 * Balanced by duration.
 * @param {{ unitArgs: readonly string[], unitEnv: NodeJS.ProcessEnv }} unit
 * @returns {Record<string, () => Promise<StepResult>>[]}
 */
const lanes = ({ unitArgs, unitEnv }) => [
  {
    format: () => runTool("biome", ["format", "."], capture),
    lint: () => runTool("eslint", ESLINT_ARGS, capture),
    "dead code": () => runTool("knip", ["--no-progress"], capture),
    imports: () => runTool("depcruise", IMPORT_RULE_ARGS, capture),
  },
  {
    unit: () => runMocha("unit", unitArgs, { ...capture, env: unitEnv, timeoutMs: 20 * 60_000 }),
    types: () => checkTypes(1),
  },
];

/**
 * Run all checks on a tree that is installed and built with its tests.
 * @param {{ coverage?: boolean }} [options] `coverage` counts what the unit tests run, and prints it
 * @returns {Promise<SuiteCounts[]>}
 */
export async function check({ coverage = false } = {}) {
  /** @type {SuiteCounts[]} */
  const all = [];
  // Counting needs one process that ends by itself.
  const unit = coverage
    ? { unitArgs: [], unitEnv: countedEnv() }
    : { unitArgs: ["--parallel", "--jobs", "2"], unitEnv: process.env };
  await Promise.all(
    lanes(unit).map(async (lane) => {
      for (const [name, step] of Object.entries(lane)) all.push(await report(name, step));
    }),
  );
  if (coverage) console.log(await coverageLine());
  return all;
}

/**
 * @param {string} name
 * @param {() => Promise<StepResult>} step
 */
async function report(name, step) {
  const started = Date.now();
  const result = await step();
  const counts = result.counts ?? stepCounts(name, result.code === 0);
  const ok = counts.failed === 0;
  if (!ok) console.error(`\n${result.output.trimEnd()}\n`);
  const tests = result.counts ? ` ${counts.passed} tests` : "";
  console.log(`${ok ? "✔" : "✖"} ${name}${tests} (${formatDuration(Date.now() - started)})`);
  return counts;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const started = Date.now();
  await installPackages();
  await build({ test: true });
  const suites = await check();
  console.log(`${summary(suites)}\n(${formatDuration(Date.now() - started)})`);
  process.exit(suites.some((suite) => suite.failed > 0) ? 1 : 0);
}
