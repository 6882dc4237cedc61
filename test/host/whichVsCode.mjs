// Decide which VS Code tests and `npm start` use: one named by the person, the desktop download, or the npm-carried
// one.
import fs from "node:fs";
import path from "node:path";
import { inRepo } from "../../scripts/lib/paths.mjs";
import { which } from "../../scripts/lib/process.mjs";
import { within } from "../../scripts/lib/timing.mjs";
import { ensureVsCode } from "./install.mjs";
import { VSCODE_VERSION } from "./versions.mjs";

/** Silence on the line for this long means a closed network. The download itself may take longer. */
const DOWNLOAD_SILENCE_MS = 4000;
const DOWNLOAD_TOTAL_MS = 5 * 60_000;

/**
 * @typedef {object} ChosenVsCode
 * @property {string} executable for `vscodeExecutablePath`
 * @property {string} description one line for the log
 * @property {'given' | 'desktop' | 'npm'} kind
 */

/** @type {Promise<string | undefined> | undefined} the download is tried once per invocation */
let download;

/**
 * The VS Code for integration tests. A missing one is an error, never a reason to skip.
 * @returns {Promise<ChosenVsCode>}
 */
export async function chooseVsCode() {
  const given = process.env["VSCODE_TEST_EXECUTABLE"];
  if (given) return chooseGiven(given);
  const launcher = desktopLauncher();
  const desktop = launcher && (await downloadDesktop());
  if (desktop)
    return {
      kind: "desktop",
      executable: launcher(desktop),
      description: `desktop VS Code ${VSCODE_VERSION} (${desktop})`,
    };
  const host = await ensureVsCode();
  return {
    kind: "npm",
    executable: inRepo("test", "host", "codeHost.mjs"),
    description: `npm-carried VS Code ${VSCODE_VERSION} (${host})`,
  };
}

/**
 * Desktop VS Code from its own site, into .vscode-test/.
 * @returns {Promise<string | undefined>} its executable; undefined where the network refuses
 */
export function downloadDesktop() {
  download ??= tryDownload();
  return download;
}

async function tryDownload() {
  const { downloadAndUnzipVSCode, SilentReporter } = await import("@vscode/test-electron");
  const options = {
    version: VSCODE_VERSION,
    cachePath: inRepo(".vscode-test"),
    timeout: DOWNLOAD_SILENCE_MS,
    reporter: new SilentReporter(),
  };
  try {
    return await within(downloadAndUnzipVSCode(options), DOWNLOAD_TOTAL_MS, "the download took too long");
  } catch (error) {
    console.log(`Desktop VS Code cannot be downloaded here (${oneLine(error)}).`);
    return undefined;
  }
}

/**
 * @param {string} given
 * @returns {ChosenVsCode}
 */
function chooseGiven(given) {
  const executable = path.resolve(given);
  if (!fs.existsSync(executable)) throw new Error(`VSCODE_TEST_EXECUTABLE names ${executable}, which does not exist.`);
  return { kind: "given", executable, description: `${executable} (from VSCODE_TEST_EXECUTABLE)` };
}

/**
 * Desktop VS Code needs a display. Without one it can run under xvfb-run; without that, not at all.
 * @returns {((executable: string) => string) | undefined} turns an executable into one that has a display
 */
function desktopLauncher() {
  const hasDisplay = process.platform !== "linux" || process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"];
  if (hasDisplay) return (executable) => executable;
  const xvfb = which("xvfb-run");
  if (!xvfb) return undefined;
  return (executable) => writeWrapper(`exec '${xvfb}' -a '${executable}' "$@"`);
}

/** @param {string} line */
function writeWrapper(line) {
  const wrapper = inRepo("out", "code-with-display.sh");
  fs.mkdirSync(path.dirname(wrapper), { recursive: true });
  fs.writeFileSync(wrapper, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  return wrapper;
}

/** @param {unknown} error */
const oneLine = (error) => String(error instanceof Error ? error.message : error).split("\n")[0];
