// Start VS Code with this extension on copies of folders and run a bundled script inside its extension host.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { inRepo, root } from "../../scripts/lib/paths.mjs";
import { run } from "../../scripts/lib/process.mjs";
import { writeSettings } from "./server.mjs";

const TIMEOUT_MS = 15 * 60_000;

/**
 * @typedef {object} HostOptions
 * @property {string} executable the VS Code to start
 * @property {string} script exports `run()`; rejecting makes this reject
 * @property {Record<string, string>} [env] for the extension host
 * @property {readonly string[]} [folders] of the repository; the first is examples/ by default. Several make a
 * workspace
 * @property {boolean} [isTrusted] false: the folders are not trusted, as in Restricted Mode
 */

/** @param {HostOptions} options */
export async function runInExtensionHost({ executable, script, env = {}, folders = ["examples"], isTrusted = true }) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-host-"));
  const userData = path.join(scratch, "user-data");
  const launchArgs = [
    openable(scratch, folders),
    "--disable-extensions",
    `--user-data-dir=${userData}`,
    `--extensions-dir=${path.join(scratch, "extensions")}`,
  ];
  const extensionTestsEnv = { NORMLENS_REPO_ROOT: root, ...env };
  try {
    if (isTrusted) await launchTrusted(executable, script, launchArgs, extensionTestsEnv);
    else await launchRestricted(executable, script, launchArgs, { userData, env: extensionTestsEnv });
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * @param {string} executable
 * @param {string} script
 * @param {string[]} launchArgs
 * @param {Record<string, string>} extensionTestsEnv
 */
async function launchTrusted(executable, script, launchArgs, extensionTestsEnv) {
  const { runTests } = await import("@vscode/test-electron");
  const paths = { vscodeExecutablePath: executable, extensionDevelopmentPath: root, extensionTestsPath: script };
  await runTests({ ...paths, launchArgs, extensionTestsEnv });
}

/**
 * runTests() trusts every workspace, so VS Code is started without it.
 * @param {string} executable
 * @param {string} script
 * @param {string[]} launchArgs
 * @param {{ userData: string, env: Record<string, string> }} options
 */
async function launchRestricted(executable, script, launchArgs, { userData, env }) {
  writeSettings(
    { userData },
    { "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never" },
  );
  const args = [
    ...["--no-sandbox", "--disable-gpu-sandbox", "--disable-updates", "--skip-welcome", "--skip-release-notes"],
    `--extensionTestsPath=${script}`,
    `--extensionDevelopmentPath=${root}`,
    ...launchArgs,
  ];
  const { code } = await run(executable, args, { env: { ...process.env, ...env }, timeoutMs: TIMEOUT_MS });
  if (code !== 0) throw new Error(`VS Code in Restricted Mode ended with code ${code}.`);
}

/**
 * Copies, because runs write into the folder that is open.
 * @param {string} scratch
 * @param {readonly string[]} folders
 */
function openable(scratch, folders) {
  const copies = folders.map((folder) => {
    const copy = path.join(scratch, path.basename(folder));
    fs.cpSync(inRepo(folder), copy, { recursive: true, filter: (source) => path.basename(source) !== ".normlens" });
    return copy;
  });
  const [first = scratch, ...others] = copies;
  if (others.length === 0) return first;
  const workspace = path.join(scratch, "tests.code-workspace");
  fs.writeFileSync(workspace, JSON.stringify({ folders: copies.map((copy) => ({ path: copy })), settings: {} }));
  return workspace;
}
