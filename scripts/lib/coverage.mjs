// How much of the source the unit tests run: V8 counts while they do, c8 brings the counts back to the TypeScript.
import fs from "node:fs";
import { inRepo } from "./paths.mjs";
import { runTool } from "./tools.mjs";

const COUNTS = inRepo("out", "coverage", "counts");

/** @returns {NodeJS.ProcessEnv} for a process that is to be counted */
export function countedEnv() {
  fs.rmSync(inRepo("out", "coverage"), { recursive: true, force: true });
  return { ...process.env, NODE_V8_COVERAGE: COUNTS };
}

/** @returns {Promise<string>} one line with the figures; the report by file lies in out/coverage */
export async function coverageLine() {
  const args = [
    "report",
    "--temp-directory",
    COUNTS,
    "--reports-dir",
    inRepo("out", "coverage"),
    "--reporter=json-summary",
    "--exclude-after-remap",
    "--exclude",
    "node_modules/**",
    "--exclude",
    "test/**",
  ];
  const { code, output } = await runTool("c8", args, { output: "capture" });
  if (code !== 0) throw new Error(`Coverage could not be worked out:\n${output}`);
  const { total } = JSON.parse(fs.readFileSync(inRepo("out", "coverage", "coverage-summary.json"), "utf8"));
  return `coverage of the unit tests: ${total.lines.pct} % of lines, ${total.branches.pct} % of branches`;
}
