// What typing in a large model file costs: how long VS Code's own window stands still, the processor time of the
// extension host's thread after each key, and for how long at most that thread serves nothing else. Without NormLens,
// with it, and with a run on the lines.
import { execFileSync } from "node:child_process";
import { inRepo } from "../../scripts/lib/paths.mjs";
import { openWorkbench } from "../ui/workbench.mjs";
import { extensionHost, mainThreadMs, quantile } from "./processes.mjs";
import { watchTurns } from "./turns.mjs";
import { MIDDLE_LINE, MODEL, TYPED } from "./largeModel.mjs";

const KEYS = 120;
/** Slower than people type, so that every key is read; a pause of NormLens's own is 150 ms. */
const BETWEEN_MS = 220;
const LONG_MS = 50;

await measure("without NormLens", { vsix: null });
await measure("with NormLens", {});
await measure("with a run on its lines", { isTrained: true });

/**
 * @param {string} what
 * @param {{ vsix?: null, isTrained?: boolean }} options
 */
async function measure(what, { isTrained = false, ...extension }) {
  const settings = { "editor.autoIndent": "none", "editor.acceptSuggestionOnEnter": "off" };
  const workbench = await openWorkbench({
    files: { "large.py": `# normlens: model Net() input=3x32x32\n${MODEL}` },
    settings,
    ...extension,
  });
  try {
    const { page } = workbench;
    await workbench.openFile("large.py");
    // The model stands at the end of the file.
    await page.keyboard.press("Control+End");
    if (extension.vsix !== null) await workbench.codeLens(/./).waitFor();
    await page.keyboard.press("Control+g");
    await page.locator(".quick-input-widget:visible input.input").fill(`:${MIDDLE_LINE + 1}`);
    await page.keyboard.press("Enter");
    if (isTrained) {
      const args = [inRepo("dist", "cli.js"), "train", "large.py", "--steps", "2", "--batch", "4", "--data"];
      execFileSync(process.execPath, [...args, "noise:3x32x32"], { cwd: workbench.workspace, stdio: "ignore" });
      while (!(await workbench.textsAfterLines()).some((text) => text.includes("σ"))) await page.waitForTimeout(200);
    }
    await page.waitForTimeout(5000);
    await page.evaluate(observeLongTasks);
    const host = extensionHost();
    const longestTurn = await watchTurns(page, host);
    await page.waitForTimeout(BETWEEN_MS);
    await longestTurn();
    const keys = [];
    const turns = [];
    for (let index = 0; index < KEYS; index++) {
      const before = mainThreadMs(host);
      await page.keyboard.type(TYPED[index % TYPED.length] ?? " ");
      await page.waitForTimeout(BETWEEN_MS);
      keys.push(mainThreadMs(host) - before);
      turns.push(await longestTurn());
    }
    const tasks = await longTasks(page);
    await page.evaluate(standStill);
    if ((await longTasks(page)).length === tasks.length)
      throw new Error("The browser does not report long tasks: nothing was measured.");
    const longest = Math.max(0, ...tasks);
    console.log(
      `typing ${KEYS} keys in ${MODEL.split("\n").length} lines, ${what}: the window stood still longer ` +
        `than ${LONG_MS} ms ${tasks.length} times, ${longest === 0 ? "never" : `longest ${longest.toFixed(0)} ms`}; ` +
        `extension host, all it did after a key: median ${quantile(keys, 0.5).toFixed(1)} ms, ` +
        `95 % below ${quantile(keys, 0.95).toFixed(1)} ms, most ${quantile(keys, 1).toFixed(1)} ms; at a stretch: median ` +
        `${quantile(turns, 0.5).toFixed(1)} ms, 95 % below ${quantile(turns, 0.95).toFixed(1)} ms, most ` +
        `${quantile(turns, 1).toFixed(1)} ms`,
    );
  } finally {
    await workbench.close();
  }
}

/** @param {import('playwright-core').Page} page */
async function longTasks(page) {
  await page.waitForTimeout(500);
  return page.evaluate(() => [...(Reflect.get(globalThis, "longTasks") ?? [])]);
}

/** In the page: what the observer must see. */
function standStill() {
  setTimeout(() => {
    const start = performance.now();
    while (performance.now() - start < 80);
  });
}

/** In the page: the browser reports tasks of 50 ms and more. */
function observeLongTasks() {
  /** @type {number[]} */
  const tasks = [];
  Object.assign(globalThis, { longTasks: tasks });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  }).observe({ type: "longtask" });
}
