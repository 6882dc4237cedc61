#!/usr/bin/env node
// Stands in for the desktop VS Code executable that @vscode/test-electron starts (`vscodeExecutablePath`): the same
// command line in, the same exit code out. The extension host is VS Code's own; the workbench runs in headless
// Chromium. NORMLENS_CODE_HOST_VERBOSE=1 shows what it does, =2 the page's console as well.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { format } from "node:util";
import { sleep } from "../../scripts/lib/timing.mjs";
import { launchBrowser, remoteUri, workbenchUrl } from "./browser.mjs";
import { parseCommandLine } from "./commandLine.mjs";
import { ensureVsCode } from "./install.mjs";
import { createProfile, startServer, writeSettings } from "./server.mjs";
import { VSCODE_VERSION } from "./versions.mjs";

const TIMEOUT_MS = Number(process.env["NORMLENS_CODE_HOST_TIMEOUT_MS"] ?? 15 * 60_000);
const EXTENSION_HOST_END_MS = 10_000;
const BROWSER_CLOSE_MS = 5000;
/** runTests() drops our pipes as soon as we are gone, so the last lines need a moment to arrive. */
const LAST_WORDS_MS = 150;
const verbosity = Number(process.env["NORMLENS_CODE_HOST_VERBOSE"] ?? 0);

/** What the workbench says of itself down the pipe that also carries the extension host's console. */
const CHATTER = new RegExp(
  "^(Creating a socket|Resol(ving|ved) connection token|\\[reconnection-grace-time\\]|" +
    "Updating additional builtin|\\[AgentHost|\\[AccountPolicyGate\\]|\\[Service Worker\\]|" +
    "ComputeTargetPlatform|Ignoring fetching additional builtin|Creation of workbench contribution)",
);
/** Two native modules that are left uncompiled (see install.mjs); VS Code reports them and continues without them. */
const LEFT_OUT = /spdlog\.node|Release\/watchdog/;
/** The workbench's own errors, for example 'Canceled' when the extension host goes. */
const WORKBENCH_STACK = /^\s+at .*\/static\/out\/vs\/code\/browser\/workbench\/workbench\.js:/m;

const commandLine = parseCommandLine(process.argv.slice(2));
const startedAt = Date.now();
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-code-host-"));
/** @type {import('./server.mjs').Server | undefined} */
let server;
/** @type {import('playwright-core').Browser | undefined} */
let browser;
let finishing = false;

if (commandLine.version) {
  console.log(`${VSCODE_VERSION}\nnpm-carried\n${process.arch}`);
  await finish(0);
}
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
  process.on(signal, () => void finish(130, `got ${signal}`));
process.on("uncaughtException", (error) => void finish(1, error.stack));
process.on("unhandledRejection", (error) => void finish(1, error instanceof Error ? error.stack : String(error)));
setTimeout(() => void finish(124, `no result within ${TIMEOUT_MS} ms`), TIMEOUT_MS);

await serve();
await openWorkbench();

async function serve() {
  const host = await ensureVsCode();
  const profile = createProfile(scratch);
  if (commandLine.userData) profile.userData = path.resolve(commandLine.userData);
  if (commandLine.extensions) profile.extensions = path.resolve(commandLine.extensions);
  fs.mkdirSync(profile.extensions, { recursive: true });
  if (!fs.existsSync(path.join(profile.userData, "User", "settings.json"))) writeSettings(profile, {});
  server = await startServer({
    host,
    profile,
    smokeTestDriver: true,
    askForTrust: !commandLine.disableWorkspaceTrust,
    onOutput: (chunk) => verbosity > 0 && process.stderr.write(chunk),
  });
  void server.exited.then((exit) => finish(1, `the VS Code server ended early (${exit.code ?? exit.signal})`));
  note(`server at ${server.url}`);
}

async function openWorkbench() {
  if (!server) throw new Error("The server is not running.");
  const launched = await launchBrowser();
  browser = launched.browser;
  const { page } = launched;
  browser.on("disconnected", () => void finish(1, "Chromium ended early"));
  page.on("crash", () => void finish(1, "the workbench page crashed"));
  page.on("pageerror", (error) => note(`page error: ${error.message}`));
  if (verbosity > 1) page.on("console", (message) => note(`page ${message.type()}: ${message.text().slice(0, 300)}`));
  // Both have to be there before the workbench loads: it looks for them once.
  await page.exposeFunction("codeAutomationLog", forwardLog);
  await page.exposeFunction("codeAutomationExit", (/** @type {number} */ code) => void believeExit(code));
  await page.goto(
    workbenchUrl(server, { ...(commandLine.folder && { folder: commandLine.folder }), payload: payload(server) }),
  );
  note("page loaded");
}

/**
 * The command line, as the workbench takes it from the page's address.
 * @param {import('./server.mjs').Server} running
 */
function payload(running) {
  /** @type {[string, string][]} */
  const entries = commandLine.developmentPaths.map((folder) => [
    "extensionDevelopmentPath",
    remoteUri(running, folder),
  ]);
  if (commandLine.testsPath) entries.push(["extensionTestsPath", remoteUri(running, commandLine.testsPath)]);
  if (commandLine.skipWelcome) entries.push(["skipWelcome", "true"]);
  if (commandLine.disableExtensions) entries.push(["disableExtensions", "true"]);
  return entries;
}

/**
 * Mocha logs with placeholders ("%s"), so the arguments are formatted as console.log would.
 * @param {string} type
 * @param {unknown[]} args
 */
function forwardLog(type, args) {
  const text = format(...args);
  const own = verbosity === 0 && [CHATTER, LEFT_OUT, WORKBENCH_STACK].some((pattern) => pattern.test(text));
  if (!commandLine.testsPath || finishing || own) return;
  const stream = type === "error" || type === "warn" ? process.stderr : process.stdout;
  stream.write(text + "\n");
}

/**
 * The workbench reports 0 even when the extension host was killed. So 0 counts only when the server, too, saw the
 * extension host end with 0.
 * @param {number} code
 */
async function believeExit(code) {
  note(`the workbench reports ${code}`);
  const exit = await Promise.race([server?.extensionHostExited, sleep(EXTENSION_HOST_END_MS)]);
  if (exit && typeof exit === "object" && exit.code === 0 && exit.signal === null) return finish(code);
  const why =
    exit && typeof exit === "object"
      ? `the extension host ended with ${exit.signal ?? exit.code}`
      : "the extension host did not end";
  return finish(code || 1, why);
}

/** @param {string} message */
function note(message) {
  if (verbosity > 0)
    process.stderr.write(`[code host +${((Date.now() - startedAt) / 1000).toFixed(1)} s] ${message}\n`);
}

/**
 * @param {number} code
 * @param {string} [why]
 * @returns {Promise<never> | undefined} undefined when already on the way out
 */
function finish(code, why) {
  if (finishing) return undefined;
  finishing = true;
  if (why) process.stderr.write(`VS Code for tests: ${why}\n`);
  return cleanUpAndExit(code);
}

/**
 * @param {number} code
 * @returns {Promise<never>}
 */
async function cleanUpAndExit(code) {
  await Promise.race([browser?.close().catch(() => undefined), sleep(BROWSER_CLOSE_MS)]);
  await server?.stop();
  fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  await new Promise((resolve) => process.stdout.write("", resolve));
  await new Promise((resolve) => process.stderr.write("", resolve));
  await sleep(LAST_WORDS_MS);
  process.exit(code);
}
