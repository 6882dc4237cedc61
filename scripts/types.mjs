// Check the types of every area against that area's own tsconfig.json (a webview has no Node, the engine has no DOM).
import { pathToFileURL } from "node:url";
import { inRepo } from "./lib/paths.mjs";
import { runTool } from "./lib/tools.mjs";
import { formatDuration } from "./lib/timing.mjs";

const AREAS = ["engine", "extension", "webview", "test", "scripts"];
const AT_ONCE = 2;

/**
 * @param {number} [atOnce] how many compilers may run side by side
 * @returns {Promise<{ code: number, output: string }>} only what failed
 */
export async function checkTypes(atOnce = AT_ONCE) {
  const waiting = [...AREAS];
  /** @type {string[]} */
  const problems = [];
  const worker = async () => {
    for (let area = waiting.shift(); area !== undefined; area = waiting.shift()) {
      // What has not changed since the last check is not checked again; the compiler itself keeps the books.
      const buildInfo = inRepo("out", "types", `${area}.tsbuildinfo`);
      const args = ["--noEmit", "--incremental", "--tsBuildInfoFile", buildInfo, "--pretty", "false", "-p", area];
      const { code, output } = await runTool("tsc", args, { output: "capture" });
      if (code !== 0) problems.push(`types of ${area}/:\n${output}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { code: problems.length > 0 ? 1 : 0, output: problems.join("\n") };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const started = Date.now();
  const { code, output } = await checkTypes();
  if (output) console.error(output);
  console.log(`Types ${code === 0 ? "ok" : "failed"} (${formatDuration(Date.now() - started)})`);
  process.exit(code);
}
