// What is checked of python/: lint, format, types and tests.
import fs from "node:fs";
import path from "node:path";
import { judgeJUnit } from "./lib/junit.mjs";
import { inRepo, resultsDir } from "./lib/paths.mjs";
import { run } from "./lib/process.mjs";
import { stepCounts } from "./lib/results.mjs";

/** @typedef {import('./lib/results.mjs').SuiteCounts} SuiteCounts */

const TIMEOUT_MS = 30 * 60_000;

/** @type {Readonly<Record<string, readonly string[]>>} */
const STEPS = {
  "python lint": ["ruff", "check", "--quiet"],
  "python format": ["ruff", "format", "--check", "--quiet"],
  "python types": ["mypy", "--no-error-summary"],
};

/**
 * @param {string} python with the packages of requirements-test.txt
 * @returns {Promise<SuiteCounts[]>}
 */
export async function checkPython(python) {
  const options = { cwd: inRepo("python"), timeoutMs: TIMEOUT_MS };
  /** @type {SuiteCounts[]} */
  const all = [];
  for (const [name, args] of Object.entries(STEPS)) {
    const { code } = await run(python, ["-m", ...args], options);
    all.push(stepCounts(name, code === 0));
  }
  const junit = path.join(resultsDir, "python.xml");
  fs.rmSync(junit, { force: true });
  const { code } = await run(
    python,
    ["-m", "pytest", "--quiet", "--numprocesses", "2", `--junit-xml=${junit}`],
    options,
  );
  all.push(judgeJUnit("python", code, fs.existsSync(junit) ? fs.readFileSync(junit, "utf8") : undefined));
  return all;
}
