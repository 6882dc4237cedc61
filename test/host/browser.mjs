// Open the workbench of a VS Code server in Chromium.
import { ensureChromium } from "./install.mjs";

const CHROMIUM_FLAGS = [
  "--no-sandbox", // Chromium's sandbox does not start as root, which CI is
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * @typedef {object} WorkbenchAddress
 * @property {string} [folder] what to open; nothing gives an empty window
 * @property {readonly (readonly [string, string])[]} [payload] what VS Code's command line would say, see payload()
 */

/**
 * A headless browser with one page. playwright-core is imported late: this file is read before packages are installed.
 * @param {{ width?: number, height?: number }} [viewport]
 */
export async function launchBrowser({ width = 1400, height = 900 } = {}) {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    headless: true,
    args: CHROMIUM_FLAGS,
  });
  const context = await browser.newContext({
    viewport: { width, height },
    permissions: ["clipboard-read", "clipboard-write"],
  });
  return { browser, page: await context.newPage() };
}

/**
 * The address that opens a folder in the workbench.
 * @param {{ url: URL }} server
 * @param {WorkbenchAddress} address
 */
export function workbenchUrl(server, { folder, payload = [] }) {
  const url = new URL(server.url);
  if (folder === undefined) url.searchParams.set("ew", "true");
  else url.searchParams.set(folder.endsWith(".code-workspace") ? "workspace" : "folder", folder);
  if (payload.length > 0) url.searchParams.set("payload", JSON.stringify(payload));
  return url.href;
}

/**
 * How the workbench names a file of the server's machine.
 * @param {{ url: URL }} server
 * @param {string} file an absolute path
 */
export const remoteUri = (server, file) => `vscode-remote://${server.url.host}${encodeURI(file)}`;
