// Everything from a fresh clone: install, build, check, the command line as a process, integration tests inside a real
// VS Code, and a walk through the packaged extension's user interface in a browser. The last line is "N passed, N
// failed".
//   npm test                     everything
//   npm test -- integration ui   only these suites (check, cli, pytorch, python, integration, ui)
import { compareTraining } from "../test/compare/compareTraining.mjs";
import { build } from "./build.mjs";
import { check } from "./check.mjs";
import { installPackages } from "./install.mjs";
import { inRepo } from "./lib/paths.mjs";
import { run } from "./lib/process.mjs";
import { clearResults, readResults, resultsFile, stepCounts, summary } from "./lib/results.mjs";
import { formatDuration } from "./lib/timing.mjs";
import { runMocha } from "./lib/tools.mjs";
import { packageExtension } from "./package.mjs";
import { checkPython } from "./python.mjs";
import { ensurePythonEnv } from "./pythonEnv.mjs";

/** @typedef {import('./lib/results.mjs').SuiteCounts} SuiteCounts */

const SUITE_TIMEOUT_MS = 20 * 60_000;

/** In this order: each needs what the ones before it left in dist/ and out/. */
const SUITES = /** @type {const} */ (["check", "cli", "pytorch", "python", "integration", "ui"]);

/** @type {SuiteCounts[]} */
const results = [];
/** @type {import('./lib/results.mjs').NotRun[]} */
const notRun = [];
const started = Date.now();
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const unknown = chosen.filter((name) => !(/** @type {readonly string[]} */ (SUITES).includes(name)));
if (unknown.length > 0) {
  console.error(`Unknown suite: ${unknown.join(", ")}. There are: ${SUITES.join(", ")}.`);
  process.exit(2);
}
const wants = (/** @type {(typeof SUITES)[number]} */ name) => chosen.length === 0 || chosen.includes(name);

const prepared = await step("prepare", prepare);
if (prepared && wants("check"))
  await step("check", async () => void results.push(...(await check({ coverage: true }))));
if (prepared && wants("cli")) await step("cli", commandLine);
if (prepared && wants("pytorch")) await step("pytorch", pytorch);
if (prepared && wants("python")) await step("python", recorder);
if (prepared && wants("integration")) await step("integration", integration);
if (prepared && wants("ui")) await step("ui", userInterface);

console.log(`\nTook ${formatDuration(Date.now() - started)}`);
console.log(summary(results, notRun));
process.exit(results.some((suite) => suite.failed > 0) ? 1 : 0);

async function prepare() {
  await installPackages();
  await build({ test: true });
}

async function commandLine() {
  const { counts } = await runMocha("cli", ["--config", "test/cli/.mocharc.json"], { timeoutMs: SUITE_TIMEOUT_MS });
  results.push(counts);
}

/** Training compared with PyTorch's, where that is installed: nothing else needs it. */
async function pytorch() {
  const counts = await compareTraining(null);
  if (counts === null) leaveOut("pytorch", "PyTorch is not installed (Debian: python3-torch)");
  else results.push(counts);
}

/** The recorder's Python package. CI must run these; another machine may have no Python, or no network to set it up. */
async function recorder() {
  const env = await ensurePythonEnv();
  if ("python" in env) return void results.push(...(await checkPython(env.python)));
  leaveOut("python", env.reason);
  if (process.env["CI"] === "true") results.push(stepCounts("python", false));
}

/**
 * @param {string} suite
 * @param {string} reason
 */
function leaveOut(suite, reason) {
  console.log(`not run: ${reason}`);
  notRun.push({ suite, reason });
}

/** The tests run against the development build in dist/, with its source maps. */
async function integration() {
  clearResults("integration");
  const env = { ...process.env, NORMLENS_TEST_RESULTS: resultsFile("integration") };
  const { code } = await run(process.execPath, [inRepo("test", "integration", "runner.mjs")], {
    env,
    timeoutMs: SUITE_TIMEOUT_MS,
  });
  results.push(readResults("integration", code));
}

/** The walk uses what a person would install: the packaged production build. */
async function userInterface() {
  await packageExtension();
  const env = { ...process.env, FORCE_COLOR: "0" };
  const { counts } = await runMocha("ui", ["--config", "test/ui/.mocharc.json"], { env, timeoutMs: SUITE_TIMEOUT_MS });
  results.push(counts);
}

/**
 * A step that throws counts as one failure, and the other suites still run.
 * @param {string} name
 * @param {() => Promise<void>} work
 */
async function step(name, work) {
  console.log(`\n── ${name}`);
  try {
    await work();
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    results.push(stepCounts(name, false));
    return false;
  }
}
