// A page object for VS Code's workbench: what a person sees and does, in words that tests read well in. It opens the
// packaged extension in a fresh profile on a copy of a folder, so that a walk starts from what a newcomer has.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { inRepo } from "../../scripts/lib/paths.mjs";
import { vsixPath } from "../../scripts/package.mjs";
import { launchBrowser, remoteUri, workbenchUrl } from "../host/browser.mjs";
import { ensureVsCode } from "../host/install.mjs";
import { createProfile, installExtension, startServer } from "../host/server.mjs";
import { VSCODE_VERSION } from "../host/versions.mjs";

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Locator} Locator */

export const SCREENSHOTS = inRepo("test", "ui", "screenshots");
const WORKBENCH_TIMEOUT_MS = 120_000;
const STEP_TIMEOUT_MS = 60_000;

/** The value of the setting, the name in the theme picker, and the class VS Code puts on the workbench. */
const THEMES = /** @type {const} */ ({
  light: { setting: "Light Modern", label: "Light Modern", marker: "vs" },
  dark: { setting: "Dark Modern", label: "Dark Modern", marker: "vs-dark" },
  hc: { setting: "Default High Contrast", label: "Dark High Contrast", marker: "hc-black" },
  "hc-light": { setting: "Default High Contrast Light", label: "Light High Contrast", marker: "hc-light" },
});

/** Window sizes worth looking at. */
export const VIEWPORTS = /** @type {const} */ ({
  wide: { width: 1600, height: 1000 },
  normal: { width: 1280, height: 800 },
  narrow: { width: 800, height: 900 },
});

/**
 * @typedef {keyof typeof THEMES} Theme
 *
 * @typedef {object} OpenOptions
 * @property {string} [folder] copied, then opened; default examples/
 * @property {Record<string, string>} [files] written beside the copied ones: name and text
 * @property {string} [openFile] a file of that folder to open at once
 * @property {string | null} [vsix] the package to install; default the one scripts/package.mjs made, null for none
 * @property {Theme} [theme] default dark
 * @property {{ width: number, height: number }} [viewport]
 * @property {Record<string, unknown>} [settings] user settings
 * @property {NodeJS.ProcessEnv} [env] for the extension host
 * @property {boolean} [trust] false opens the folder as one nobody has trusted yet; default true
 * @property {boolean} [noFolder] an empty window
 * @property {string} [language] of the window, such as de; VS Code's own texts stay English without its language pack
 */

/**
 * Start VS Code with the extension installed and wait until its workbench is there.
 * @param {OpenOptions} [options]
 */
export async function openWorkbench(options = {}) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-ui-"));
  /** @type {(() => Promise<unknown> | void)[]} */
  const undo = [() => fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 })];
  const close = async () => {
    for (const step of undo.reverse()) await step();
    undo.length = 0;
  };
  try {
    return await open(options, scratch, undo, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * @param {OpenOptions} options
 * @param {string} scratch
 * @param {(() => Promise<unknown> | void)[]} undo
 * @param {() => Promise<void>} close
 */
async function open(options, scratch, undo, close) {
  const workspace = copyWorkspace(options.folder ?? inRepo("examples"), scratch);
  // Before VS Code starts: a file that comes while its watcher is starting is not shown.
  for (const [name, text] of Object.entries(options.files ?? {})) fs.writeFileSync(path.join(workspace, name), text);
  const vsix = options.vsix === undefined ? vsixPath() : options.vsix;
  if (vsix !== null && !fs.existsSync(vsix))
    throw new Error(`There is no package ${vsix}: run "npm run package" first.`);
  const host = await ensureVsCode();
  sayOnce(`VS Code: npm-carried ${VSCODE_VERSION}, with ${vsix === null ? "no extension" : path.basename(vsix)}`);
  const theme = {
    "workbench.colorTheme": THEMES[options.theme ?? "dark"].setting,
    "window.autoDetectHighContrast": false,
  };
  const askForTrust = options.trust === false;
  const trust = { "security.workspace.trust.enabled": askForTrust, "security.workspace.trust.startupPrompt": "never" };
  const profile = createProfile(scratch, { "editor.hover.delay": 200, ...theme, ...trust, ...options.settings });
  if (vsix !== null) await installExtension(host, profile, vsix);
  const server = await startServer({ host, profile, env: options.env ?? {}, askForTrust });
  undo.push(() => server.stop());
  const { browser, page } = await launchBrowser(options.viewport ?? VIEWPORTS.normal);
  undo.push(() => browser.close());
  if (options.language !== undefined) await speak(page, options.language);
  const payload = options.openFile
    ? [/** @type {const} */ (["openFile", remoteUri(server, path.join(workspace, options.openFile))])]
    : [];
  await page.goto(workbenchUrl(server, options.noFolder ? { payload } : { folder: workspace, payload }));
  const workbench = new Workbench(page, { workspace, close });
  await page.locator(".monaco-workbench").waitFor({ timeout: WORKBENCH_TIMEOUT_MS });
  await workbench.waitForTheme(options.theme ?? "dark");
  return workbench;
}

/**
 * The window's language, which extensions follow: set by VS Code where its language pack is installed.
 * @param {Page} page
 * @param {string} language
 */
async function speak(page, language) {
  await page.addInitScript((value) => {
    // VS Code sets it as well: to English, where its language pack is missing.
    Object.defineProperty(globalThis, "_VSCODE_NLS_LANGUAGE", { get: () => value, set() {} });
  }, language);
}

/** What tests hold. Everything that waits is bounded. */
export class Workbench {
  /**
   * @param {Page} page
   * @param {{ workspace: string, close: () => Promise<void> }} parts
   */
  constructor(page, parts) {
    /** For what this class has no word for. */
    this.page = page;
    /** The folder that is open; a copy that goes with the workbench. */
    this.workspace = parts.workspace;
    /** Ends browser and server and removes every file. */
    this.close = parts.close;
    page.setDefaultTimeout(STEP_TIMEOUT_MS);
  }

  /**
   * A file's row in the explorer.
   * @param {string} name
   */
  explorerRow(name) {
    return this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first();
  }

  /**
   * Open a file from the explorer and wait for its text.
   * @param {string} name
   */
  async openFile(name) {
    await this.explorerRow(name).dblclick({ timeout: WORKBENCH_TIMEOUT_MS });
    await this.tab(name).waitFor();
    await this.page.locator(".editor-instance .view-line").first().waitFor();
  }

  /**
   * Type a file that has no name yet. Needs the setting files.defaultLanguage to be python.
   * @param {string} text without indentation, which the editor would add to
   */
  async newPythonFile(text) {
    await this.runCommand("File: New Untitled Text File");
    await this.page.locator(".monaco-editor.focused").first().waitFor();
    await this.page.keyboard.insertText(text);
  }

  /**
   * Put the cursor on a line of the open file. CodeLenses that appear at that moment move the lines under the pointer,
   * so the status bar says where the cursor is.
   * @param {string} name the file
   * @param {string} text a part of the line
   */
  async clickLine(name, text) {
    const lines = fs.readFileSync(path.join(this.workspace, name), "utf8").split("\n");
    const line = lines.findIndex((candidate) => candidate.includes(text)) + 1;
    const position = this.statusBarItem(new RegExp(`^Ln ${line},`));
    for (let clicks = 1; ; clicks++) {
      await this.page.locator(".editor-instance .view-line", { hasText: text }).first().click();
      if (
        await position.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        )
      )
        return;
      if (clicks === 3) throw new Error(`The cursor did not reach line ${line} of ${name}.`);
    }
  }

  /** @param {string | RegExp} title */
  tab(title) {
    return this.page.locator(".tabs-container .tab", { hasText: title }).first();
  }

  /** @param {string | RegExp} text */
  codeLens(text) {
    return this.page.locator(".codelens-decoration a", { hasText: text }).first();
  }

  /** @returns {Promise<string[]>} every CodeLens on screen, top to bottom */
  async codeLenses() {
    return this.page.locator(".codelens-decoration").allInnerTexts();
  }

  /**
   * Run a command from the palette. The palette closes whenever focus is still settling elsewhere (a tab just clicked,
   * a panel just opened), and lists only the commands that existed when it was opened (VS Code registers some of its
   * own late), so it is opened anew until the row was chosen.
   * @param {string} title as the palette shows it, with its category
   */
  async runCommand(title, { timeoutMs = STEP_TIMEOUT_MS } = {}) {
    const box = this.page.locator(".quick-input-widget:visible");
    const input = box.locator("input.input").first();
    const row = box.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      try {
        if (!(await input.isVisible())) await this.page.keyboard.press("F1");
        await input.fill(`>${title}`, { timeout: 1500 });
        await row.click({ timeout: 3000 });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`The command "${title}" could not be run.`, { cause: error });
        await this.page.keyboard.press("Escape");
        await this.page.waitForTimeout(150);
      }
    }
  }

  /**
   * Choose a row of the quick pick that is open.
   * @param {string | RegExp} text
   */
  async pick(text) {
    await this.page.locator(".quick-input-widget:visible .monaco-list-row", { hasText: text }).first().click();
  }

  /** The document inside the webview that was opened last. */
  webviewFrame() {
    return this.page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  }

  /** @param {string | RegExp} text */
  toast(text) {
    return this.page.locator(".notifications-toasts .notification-toast", { hasText: text }).first();
  }

  /**
   * Move the pointer onto a word of the open editor and return the hover that appears.
   * @param {string | RegExp} word text of one token
   * @param {string | RegExp} [expected] text of the hover
   * @returns {Promise<Locator>}
   */
  async hover(word, expected = /\S/) {
    const hover = this.page.locator(".monaco-hover:not(.hidden)", { hasText: expected }).first();
    await this.page.locator(".view-line span[class*=mtk]", { hasText: word }).first().hover();
    await hover.waitFor();
    return hover;
  }

  /** @returns {Promise<string[]>} the texts that decorations put behind lines of code, in reading order */
  async textsAfterLines() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll(".view-line span")]
        .flatMap((span) => ["::before", "::after"].map((part) => getComputedStyle(span, part).content))
        .filter((content) => content.startsWith('"'))
        .map((content) => /** @type {string} */ (JSON.parse(content))),
    );
  }

  /**
   * A row of the Problems view, which is opened for it.
   * @param {string | RegExp} text
   */
  async problem(text) {
    const view = this.page.locator(".markers-panel");
    if (!(await view.isVisible())) await this.runCommand("Problems: Focus on Problems View");
    return view.locator(".monaco-list-row", { hasText: text }).first();
  }

  /** @param {string | RegExp} text */
  statusBarItem(text) {
    return this.page.locator(".statusbar-item", { hasText: text }).first();
  }

  /**
   * Change the theme as a person does. (This server notices only the first change of its settings file.)
   * @param {Theme} theme
   */
  async setTheme(theme) {
    await this.runCommand("Preferences: Color Theme");
    await this.page.locator(".quick-input-widget:visible input.input").first().fill(THEMES[theme].label);
    await this.pick(THEMES[theme].label);
    await this.waitForTheme(theme);
  }

  /** @param {Theme} theme */
  async waitForTheme(theme) {
    await this.page.locator(`.monaco-workbench.${THEMES[theme].marker}`).waitFor({ timeout: WORKBENCH_TIMEOUT_MS });
  }

  /** @param {keyof typeof VIEWPORTS | { width: number, height: number }} viewport */
  async setViewport(viewport) {
    await this.page.setViewportSize(typeof viewport === "string" ? VIEWPORTS[viewport] : viewport);
  }

  /**
   * @param {string} name the file in test/ui/screenshots/, without ending
   * @returns {Promise<string>} its path
   */
  async screenshot(name) {
    const file = path.join(SCREENSHOTS, `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }
}

/**
 * Registers mocha hooks: on failure a picture of what a person would have seen, and in the end everything is closed.
 * @param {() => Workbench | undefined} current
 */
export function closeAfterwards(current) {
  afterEach(async function () {
    const name = this.currentTest?.fullTitle().replace(/\W+/g, "-");
    if (this.currentTest?.state === "failed") await current()?.screenshot(`failed-${name}`);
  });
  after(async () => current()?.close());
}

/** @type {Set<string>} */
const said = new Set();

/** @param {string} line */
function sayOnce(line) {
  if (!said.has(line)) console.log(`    ${line}`);
  said.add(line);
}

/**
 * @param {string} folder
 * @param {string} scratch
 */
function copyWorkspace(folder, scratch) {
  const workspace = path.join(scratch, path.basename(folder));
  fs.cpSync(folder, workspace, { recursive: true, filter: (source) => path.basename(source) !== ".normlens" });
  return workspace;
}
