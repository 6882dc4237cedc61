// Run the npm-carried VS Code server: start it, learn its address, learn how its extension host ended, stop it.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { dyingWithParent, killGroup, runOrThrow } from "../../scripts/lib/process.mjs";
import { sleep, within } from "../../scripts/lib/timing.mjs";
import { hostNode, hostVsCode } from "./versions.mjs";

const START_TIMEOUT_MS = 180_000;
const STOP_GRACE_MS = 1500;
const KEPT_OUTPUT_CHARACTERS = 8000;

/** The settings of a throw-away profile: a quiet workbench that asks nothing and needs no network. */
export const QUIET_SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "security.workspace.trust.enabled": false,
  "chat.disableAIFeatures": true,
  "git.enabled": false,
};

/**
 * @typedef {object} Profile the folders a server keeps its state in; use fresh ones for every test run
 * @property {string} userData
 * @property {string} extensions
 * @property {string} serverData
 *
 * @typedef {{ code: number | null, signal: string | null }} Exit
 *
 * @typedef {object} Server
 * @property {URL} url where the workbench is served
 * @property {Promise<Exit>} exited
 * @property {Promise<Exit>} extensionHostExited how the first extension host ended; pending while it lives
 * @property {() => Promise<void>} stop ends the server and everything it started
 *
 * @typedef {object} ServerOptions
 * @property {string} host the folder ensureVsCode() returned
 * @property {Profile} profile
 * @property {number} [port] default: a free one
 * @property {boolean} [smokeTestDriver] see startServer()
 * @property {boolean} [stopWithoutClient] end some minutes after the last window closed; default true
 * @property {NodeJS.ProcessEnv} [env] added to ours; the extension host sees it
 * @property {boolean} [askForTrust] folders are untrusted until somebody trusts them; default false
 * @property {string[]} [extraArgs]
 * @property {(chunk: Buffer) => void} [onOutput]
 */

/**
 * A new profile below `folder`.
 * @param {string} folder
 * @param {Record<string, unknown>} [settings] on top of QUIET_SETTINGS
 * @returns {Profile}
 */
export function createProfile(folder, settings = {}) {
  const profile = {
    userData: path.join(folder, "user-data"),
    extensions: path.join(folder, "extensions"),
    serverData: path.join(folder, "server-data"),
  };
  for (const dir of Object.values(profile)) fs.mkdirSync(dir, { recursive: true });
  writeSettings(profile, settings);
  return profile;
}

/**
 * Write the user settings, before the server is started: a running one notices only the first change.
 * @param {Pick<Profile, 'userData'>} profile
 * @param {Record<string, unknown>} settings on top of QUIET_SETTINGS
 */
export function writeSettings(profile, settings) {
  const file = path.join(profile.userData, "User", "settings.json");
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2));
}

/**
 * Install a packaged extension into a profile, before its server is started.
 * @param {string} host
 * @param {Profile} profile
 * @param {string} vsix
 */
export async function installExtension(host, profile, vsix) {
  const args = [
    serverScript(host),
    ...profileArgs(profile),
    "--accept-server-license-terms",
    "--install-extension",
    vsix,
    "--force",
  ];
  const { output } = await runOrThrow(hostNode(host), args, {
    env: serverEnv({}),
    output: "capture",
    timeoutMs: START_TIMEOUT_MS,
  });
  if (!/successfully installed/i.test(output)) throw new Error(`VS Code did not install ${vsix}:\n${output}`);
}

/**
 * Start the server and wait until it answers.
 *
 * `smokeTestDriver` adds --enable-smoke-test-driver: without it a built workbench ignores extensionDevelopmentPath and
 * extensionTestsPath in the page's address; with it notification toasts are never shown. So: on for suites inside the
 * extension host, off for walks through the user interface.
 * @param {ServerOptions} options
 * @returns {Promise<Server>}
 */
export async function startServer(options) {
  const [command, args] = dyingWithParent(hostNode(options.host), serverArgs(options));
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: serverEnv(options.env ?? {}),
  });
  /** @type {Promise<Exit>} */
  const exited = new Promise((resolve) => {
    child.once("error", () => resolve({ code: 127, signal: null }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const stop = async () => {
    killGroup(child, "SIGTERM");
    await Promise.race([exited, sleep(STOP_GRACE_MS)]);
    killGroup(child, "SIGKILL");
    await Promise.race([exited, sleep(STOP_GRACE_MS)]);
  };
  const output = watchOutput(child, options.onOutput);
  try {
    const ended = exited.then(() =>
      Promise.reject(new Error(`The VS Code server ended at its start:\n${output.text()}`)),
    );
    const url = await within(
      Promise.race([output.url, ended]),
      START_TIMEOUT_MS,
      "The VS Code server did not start within a minute.",
    );
    return { url, exited, extensionHostExited: output.extensionHostExit, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * What the server says that we act on.
 * @param {string} output
 * @returns {{ url?: URL, extensionHostExit?: Exit }}
 */
export function parseServerOutput(output) {
  const address = /Web UI available at (\S+)/.exec(output)?.[1];
  const exit = /Extension Host Process exited with code: (\S+), signal: (\w+)/.exec(output);
  /** @type {{ url?: URL, extensionHostExit?: Exit }} */
  const said = {};
  if (address) {
    said.url = new URL(address);
    said.url.hostname = "127.0.0.1"; // it prints localhost, which may resolve to ::1, where it does not listen
  }
  if (exit)
    said.extensionHostExit = {
      code: exit[1] === "null" ? null : Number(exit[1]),
      signal: exit[2] === "null" ? null : (exit[2] ?? null),
    };
  return said;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {((chunk: Buffer) => void) | undefined} onOutput
 */
function watchOutput(child, onOutput) {
  let text = "";
  /** @type {(url: URL) => void} */
  let foundUrl = () => {};
  /** @type {(exit: Exit) => void} */
  let foundExit = () => {};
  const url = new Promise((/** @type {(url: URL) => void} */ resolve) => (foundUrl = resolve));
  const extensionHostExit = new Promise((/** @type {(exit: Exit) => void} */ resolve) => (foundExit = resolve));
  const read = (/** @type {Buffer} */ chunk) => {
    text = (text + chunk).slice(-KEPT_OUTPUT_CHARACTERS);
    const said = parseServerOutput(text);
    if (said.url) foundUrl(said.url);
    if (said.extensionHostExit) foundExit(said.extensionHostExit);
    onOutput?.(chunk);
  };
  child.stdout?.on("data", read);
  child.stderr?.on("data", read);
  return { url, extensionHostExit, text: () => text };
}

/** @param {ServerOptions} options */
function serverArgs(options) {
  const { host, profile, port = 0, smokeTestDriver = false, stopWithoutClient = true, askForTrust = false } = options;
  return [
    serverScript(host),
    ...["--host", "127.0.0.1", "--port", String(port), "--without-connection-token", "--accept-server-license-terms"],
    ...["--telemetry-level", "off"],
    ...(askForTrust ? [] : ["--disable-workspace-trust"]),
    ...(smokeTestDriver ? ["--enable-smoke-test-driver"] : []),
    // Not --remote-auto-shutdown-without-delay: it ends the server while the suite's last lines are on their way.
    ...(stopWithoutClient ? ["--enable-remote-auto-shutdown"] : []),
    ...profileArgs(profile),
    ...(options.extraArgs ?? []),
  ];
}

/** @param {Profile} profile */
const profileArgs = (profile) => [
  "--server-data-dir",
  profile.serverData,
  "--user-data-dir",
  profile.userData,
  "--extensions-dir",
  profile.extensions,
];

/** @param {string} host */
const serverScript = (host) => path.join(hostVsCode(host), "out", "server-main.js");

/**
 * NODE_OPTIONS meant for our Node would reach VS Code's; an empty gallery address stops look-ups on the network.
 * @param {NodeJS.ProcessEnv} env
 */
const serverEnv = (env) => ({ ...process.env, NODE_OPTIONS: "", EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...env });
