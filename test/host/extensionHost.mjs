// Start VS Code with this extension on a copy of examples/ and run a bundled script inside its extension host.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { inRepo, root } from "../../scripts/lib/paths.mjs";

/**
 * @param {object} options
 * @param {string} options.executable the VS Code to start
 * @param {string} options.script exports `run()`; rejecting makes this reject
 * @param {Record<string, string>} [options.env] for the extension host
 */
export async function runInExtensionHost({ executable, script, env = {} }) {
  const { runTests } = await import("@vscode/test-electron");
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-host-"));
  // A copy, because runs write into the folder that is open.
  const workspace = path.join(scratch, "examples");
  fs.cpSync(inRepo("examples"), workspace, {
    recursive: true,
    filter: (source) => path.basename(source) !== ".normlens",
  });
  try {
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: root,
      extensionTestsPath: script,
      launchArgs: [
        workspace,
        "--disable-extensions",
        `--user-data-dir=${path.join(scratch, "user-data")}`,
        `--extensions-dir=${path.join(scratch, "extensions")}`,
      ],
      extensionTestsEnv: { NORMLENS_REPO_ROOT: root, ...env },
    });
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}
