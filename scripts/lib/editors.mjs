// The three ways `npm start` can open VS Code with the packaged extension, best first: the person's own, the desktop
// download, and the npm-carried one served to a browser. Each returns what the caller prints and how to end it.
//
// What the extension is asked to do comes as NORMLENS_START_RUN, a path relative to the workspace folder: open that
// file, start a training run of it and show its panel. NORMLENS_START_ID is different for every `npm start`, so that
// a window that is reloaded (its extension host sees the same environment) knows that it has already done so.
// The person's own VS Code may have been running before, with its own environment, so it gets a vscode:// address.
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { launchBrowser, remoteUri, workbenchUrl } from "../../test/host/browser.mjs";
import { ensureVsCode } from "../../test/host/install.mjs";
import { createProfile, installExtension, startServer } from "../../test/host/server.mjs";
import { VSCODE_VERSION } from "../../test/host/versions.mjs";
import { downloadDesktop } from "../../test/host/whichVsCode.mjs";
import { dyingWithParent, killGroup, run, runOrThrow, which } from "./process.mjs";
import { sleep } from "./timing.mjs";

const DEFAULT_PORT = 8000;
/** How long a window of the person's own VS Code takes until it can be handed an address. */
const WINDOW_OPENS_MS = 4000;
const CODE_ANSWERS_MS = 60_000;

/**
 * @typedef {object} Wish
 * @property {string} vsix
 * @property {string} folder what to open
 * @property {string} file what to train, relative to `folder`
 * @property {number} [port] for the served one
 * @property {boolean} visit open the served one in a headless browser (nothing else does)
 *
 * @typedef {object} OpenEditor
 * @property {string} description which VS Code, one line
 * @property {string} [url] where to look, when it is served
 * @property {Promise<unknown>} [closed] when the editor went by itself
 * @property {() => Promise<void>} close
 */

/**
 * @param {Wish} wish
 * @returns {Promise<OpenEditor>}
 */
export async function openEditor(wish) {
  if (wish.visit) return openServed(wish);
  const own = which("code");
  // A terminal inside VS Code can open windows although it has no display (Remote-SSH, WSL, containers).
  const opened = own && (hasDisplay() || process.env["VSCODE_IPC_HOOK_CLI"]) && (await tryOwn(own, wish));
  if (opened) return opened;
  const downloaded = hasDisplay() && (await downloadDesktop());
  return downloaded ? openDownloaded(downloaded, wish) : openServed(wish);
}

function hasDisplay() {
  return process.platform !== "linux" || Boolean(process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"]);
}

/** @param {Wish} wish */
const startEnv = ({ file }) => ({ NORMLENS_START_RUN: file, NORMLENS_START_ID: String(Date.now()) });

/**
 * The person's own VS Code, with their profile. It stays open when we end.
 * @param {string} code
 * @param {Wish} wish
 * @returns {Promise<OpenEditor | undefined>} undefined when that `code` does not do it (as root, for example)
 */
async function tryOwn(code, wish) {
  const file = path.join(wish.folder, wish.file);
  const capture = /** @type {const} */ ({ output: "capture", timeoutMs: CODE_ANSWERS_MS });
  try {
    await runOrThrow(code, ["--install-extension", wish.vsix, "--force"], capture);
    await runOrThrow(code, ["--new-window", wish.folder, "--goto", file], capture);
  } catch (error) {
    console.log(`${code} could not open the examples: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
  await sleep(WINDOW_OPENS_MS);
  const asked = await run(
    code,
    ["--open-url", `vscode://normlens.normlens/train?file=${encodeURIComponent(file)}`],
    capture,
  );
  if (asked.code !== 0) console.log('Run "NormLens: Train" in the window that opened.');
  return { description: `your own VS Code (${code})`, close: async () => {} };
}

/**
 * Desktop VS Code from .vscode-test/, with a profile that lasts as long as we do.
 * @param {string} executable
 * @param {Wish} wish
 * @returns {Promise<OpenEditor>}
 */
async function openDownloaded(executable, wish) {
  const { resolveCliPathFromVSCodeExecutablePath } = await import("@vscode/test-electron");
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-start-"));
  const profile = createProfile(scratch);
  const profileArgs = ["--user-data-dir", profile.userData, "--extensions-dir", profile.extensions];
  const rootArgs = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const cli = resolveCliPathFromVSCodeExecutablePath(executable);
  await runOrThrow(cli, [...rootArgs, ...profileArgs, "--install-extension", wish.vsix, "--force"], {
    output: "capture",
  });
  const windowArgs = [
    ...profileArgs,
    ...rootArgs,
    "--disable-workspace-trust",
    "--new-window",
    wish.folder,
    "--goto",
    path.join(wish.folder, wish.file),
  ];
  const [command, args] = dyingWithParent(executable, windowArgs);
  const child = spawn(command, args, { stdio: "ignore", detached: true, env: { ...process.env, ...startEnv(wish) } });
  const closed = new Promise((resolve) => child.once("exit", resolve));
  const close = async () => {
    killGroup(child, "SIGTERM");
    await Promise.race([closed, sleep(3000)]);
    killGroup(child, "SIGKILL");
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
  return { description: `desktop VS Code ${VSCODE_VERSION} (${executable})`, closed, close };
}

/**
 * The npm-carried VS Code, for a browser on this machine.
 * @param {Wish} wish
 * @returns {Promise<OpenEditor>}
 */
async function openServed(wish) {
  const host = await ensureVsCode();
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-start-"));
  const profile = createProfile(scratch);
  await installExtension(host, profile, wish.vsix);
  const port = await freePort(wish.port ?? DEFAULT_PORT);
  const server = await startServer({ host, profile, port, stopWithoutClient: false, env: startEnv(wish) });
  const file = remoteUri(server, path.join(wish.folder, wish.file));
  const url = workbenchUrl(server, { folder: wish.folder, payload: [["openFile", file]] });
  const visitor = wish.visit ? await visit(url) : undefined;
  const close = async () => {
    await visitor?.close();
    await server.stop();
    fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
  return { description: `npm-carried VS Code ${VSCODE_VERSION}`, url, closed: server.exited, close };
}

/** @param {string} url */
async function visit(url) {
  const { browser, page } = await launchBrowser();
  await page.goto(url);
  return browser;
}

/**
 * @param {number} preferred
 * @returns {Promise<number>} the preferred port, or any free one
 */
async function freePort(preferred) {
  for (const port of [preferred, 0]) {
    const found = await tryPort(port);
    if (found !== undefined) return found;
  }
  throw new Error("No port of 127.0.0.1 is free.");
}

/**
 * @param {number} port
 * @returns {Promise<number | undefined>}
 */
function tryPort(port) {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once("error", () => resolve(undefined));
    probe.listen(port, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(address && typeof address === "object" ? address.port : undefined));
    });
  });
}
