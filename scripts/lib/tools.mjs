// How the project's command-line tools are started: with our Node and by file, so that no shell and no PATH is
// involved.
import { inRepo, root } from "./paths.mjs";
import { run } from "./process.mjs";
import { clearResults, readResults, resultsFile } from "./results.mjs";

const TOOL = {
  eslint: "eslint/bin/eslint.js",
  tsc: "typescript/bin/tsc",
  depcruise: "dependency-cruiser/bin/dependency-cruise.mjs",
  mocha: "mocha/bin/mocha.js",
  biome: "@biomejs/biome/bin/biome",
  knip: "knip/bin/knip.js",
  c8: "c8/bin/c8.js",
  vsce: "@vscode/vsce/vsce",
};

/**
 * @param {keyof typeof TOOL} tool
 * @param {readonly string[]} args
 * @param {import('./process.mjs').RunOptions} [options]
 */
export function runTool(tool, args, options = {}) {
  return run(process.execPath, [inRepo("node_modules", TOOL[tool]), ...args], { cwd: root, ...options });
}

/**
 * Run a mocha suite and return its exit code, its output and its counts.
 * @param {string} suite names the results file
 * @param {readonly string[]} args
 * @param {import('./process.mjs').RunOptions} [options]
 */
export async function runMocha(suite, args, options = {}) {
  clearResults(suite);
  const env = { ...(options.env ?? process.env), NORMLENS_TEST_RESULTS: resultsFile(suite) };
  const result = await runTool("mocha", args, { ...options, env });
  return { ...result, counts: readResults(suite, result.code) };
}
