// Run the suite in out/integration/ inside a real VS Code.
//   node test/integration/runner.mjs     (after `node scripts/build.mjs --test`)
import { inRepo } from "../../scripts/lib/paths.mjs";
import { resultsFile } from "../../scripts/lib/results.mjs";
import { formatDuration } from "../../scripts/lib/timing.mjs";
import { runInExtensionHost } from "../host/extensionHost.mjs";
import { chooseVsCode } from "../host/whichVsCode.mjs";

const started = Date.now();
const { executable, description } = await chooseVsCode();
console.log(`VS Code: ${description}`);

let code = 0;
try {
  await runInExtensionHost({
    executable,
    script: inRepo("out", "integration", "index.js"),
    env: { NORMLENS_TEST_RESULTS: process.env["NORMLENS_TEST_RESULTS"] ?? resultsFile("integration") },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  code = 1;
}
console.log(`Integration tests took ${formatDuration(Date.now() - started)}`);
process.exit(code);
