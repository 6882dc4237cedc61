// Start VS Code with this extension and run the suite in out/integration/ inside its extension host.
//   node test/integration/runner.mjs     (after `node scripts/build.mjs --test`)
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { inRepo, root } from "../../scripts/lib/paths.mjs";
import { resultsFile } from "../../scripts/lib/results.mjs";
import { formatDuration } from "../../scripts/lib/timing.mjs";
import { chooseVsCode } from "../host/whichVsCode.mjs";

const started = Date.now();
const { executable, description } = await chooseVsCode();
console.log(`VS Code: ${description}`);
const { runTests } = await import("@vscode/test-electron");
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-integration-"));
// A copy, because runs write into the folder that is open.
const workspace = path.join(scratch, "examples");
fs.cpSync(inRepo("examples"), workspace, {
  recursive: true,
  filter: (source) => path.basename(source) !== ".normlens",
});

let code = 0;
try {
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: root,
    extensionTestsPath: inRepo("out", "integration", "index.js"),
    launchArgs: [
      workspace,
      "--disable-extensions",
      `--user-data-dir=${path.join(scratch, "user-data")}`,
      `--extensions-dir=${path.join(scratch, "extensions")}`,
    ],
    extensionTestsEnv: {
      NORMLENS_REPO_ROOT: root,
      NORMLENS_TEST_RESULTS: process.env["NORMLENS_TEST_RESULTS"] ?? resultsFile("integration"),
    },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  code = 1;
} finally {
  fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`Integration tests took ${formatDuration(Date.now() - started)}`);
process.exit(code);
