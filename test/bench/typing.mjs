// How long VS Code's own window stands still while a person types in a large model file: with NormLens and without it.
import { openWorkbench } from "../ui/workbench.mjs";
import { MIDDLE_LINE, MODEL, TYPED } from "./largeModel.mjs";

const KEYS = 120;
/** Slower than people type, so that every key is read; a pause of NormLens's own is 150 ms. */
const BETWEEN_MS = 220;
const LONG_MS = 50;

await measure("without NormLens", { vsix: null });
await measure("with NormLens", {});

/**
 * @param {string} what
 * @param {{ vsix?: null }} extension
 */
async function measure(what, extension) {
  const settings = { "editor.autoIndent": "none", "editor.acceptSuggestionOnEnter": "off" };
  const workbench = await openWorkbench({
    files: { "large.py": `# normlens: model Net() input=3x32x32\n${MODEL}` },
    settings,
    ...extension,
  });
  try {
    const { page } = workbench;
    await workbench.openFile("large.py");
    await page.keyboard.press("Control+g");
    await page.locator(".quick-input-widget:visible input.input").fill(`:${MIDDLE_LINE + 1}`);
    await page.keyboard.press("Enter");
    if (extension.vsix !== null) await workbench.codeLens(/./).waitFor();
    await page.waitForTimeout(5000);
    await page.evaluate(observeLongTasks);
    for (let index = 0; index < KEYS; index++) {
      await page.keyboard.type(TYPED[index % TYPED.length] ?? " ");
      await page.waitForTimeout(BETWEEN_MS);
    }
    const tasks = await longTasks(page);
    await page.evaluate(standStill);
    if ((await longTasks(page)).length === tasks.length)
      throw new Error("The browser does not report long tasks: nothing was measured.");
    const longest = Math.max(0, ...tasks);
    console.log(
      `typing ${KEYS} keys in ${MODEL.split("\n").length} lines, ${what}: the window stood still longer ` +
        `than ${LONG_MS} ms ${tasks.length} times, ${longest === 0 ? "never" : `longest ${longest.toFixed(0)} ms`}`,
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
