// How a large run opens: 200 BN layers, 100,000 steps, statistics every 100 steps, in the real VS Code. Time until the
// first picture, memory of the extension host, time to switch views, and frames per second while zooming and scrolling.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { inRepo } from "../../scripts/lib/paths.mjs";
import { openWorkbench, VIEWPORTS } from "../ui/workbench.mjs";
import { extensionHost, memoryMb, quantile, renderersMb } from "./processes.mjs";

const RUNS = inRepo("out", "bench", "runs");
const OPENINGS = 5;
const MOVING_MS = 3000;
const VIEWS = ["drift", "convergence", "gap", "overview"];
const SCRUBBED = {
  overview: "the overview",
  drift: "Drift",
  convergence: "Convergence",
  gap: "Train vs eval",
  health: "Health",
};

/** @typedef {import('../ui/workbench.mjs').Workbench} Workbench */
/** @typedef {import('playwright-core').Frame} Frame */

makeRun();
const openings = [];
for (let index = 0; index < OPENINGS; index++) openings.push(await measure(index === OPENINGS - 1));
/** @type {string[]} */
const rows = [];
const line = (/** @type {string} */ what, /** @type {readonly number[]} */ values, unit = "ms") => {
  const each = values.map((value) => value.toFixed(0)).join(", ");
  rows.push(`| ${what} | ${quantile(values, 0.5).toFixed(0)} ${unit} | ${each} |`);
};
line(
  "first picture after the run was chosen",
  openings.map(({ openMs }) => openMs),
);
line(
  "extension host, more after it was opened",
  openings.map(({ openedMb }) => openedMb),
  "MB",
);
line(
  "extension host, more at its highest",
  openings.map(({ highestMb }) => highestMb),
  "MB",
);
line(
  "pages of the browser, more with every view shown",
  openings.map(({ pagesMb }) => pagesMb),
  "MB",
);
for (const view of VIEWS)
  line(
    `switch to ${view}`,
    openings.map(({ switches }) => Math.max(...(switches[view] ?? [NaN]))),
  );
for (const [what, moved] of Object.entries(openings.at(-1)?.moving ?? {}))
  rows.push(`| ${what} | ${moved.perSecond.toFixed(0)} frames a second | longest ${moved.longestMs.toFixed(0)} ms |`);
const report = `# A large run in the panel

Written by \`npm run bench -- runs\`: 200 BN layers, 100,000 steps, statistics every 100 steps, in the real VS Code
(headless, no GPU), ${OPENINGS} windows one after the other. ${os.cpus()[0]?.model.trim()}, ${os.cpus().length} cores.

| what | median | in each window |
| --- | --- | --- |
${rows.join("\n")}
`;
console.log(report);
fs.writeFileSync(inRepo("docs", "BENCHMARKS-RUNS.md"), report);

function makeRun() {
  fs.rmSync(RUNS, { recursive: true, force: true });
  fs.mkdirSync(RUNS, { recursive: true });
  const args = [inRepo("out", "bench", "makeLargeRun.js"), `${RUNS}/2026-11-29-080000-DeepNet`];
  execFileSync(process.execPath, args, { stdio: "inherit" });
}

/** @param {boolean} moves also measures frames */
async function measure(moves) {
  const workbench = await openWorkbench({
    openFile: "mnist_mlp.py",
    settings: { "normlens.runsFolder": RUNS },
    viewport: VIEWPORTS.wide,
  });
  try {
    await workbench.codeLens("Train").waitFor();
    await workbench.page.waitForTimeout(1500);
    const host = extensionHost();
    const beforeMb = memoryMb(host, "VmRSS");
    const pagesBeforeMb = renderersMb();
    const openMs = await open(workbench);
    const openedMb = memoryMb(host, "VmRSS") - beforeMb;
    const frame = await panelFrame(workbench);
    /** @type {Record<string, number[]>} */
    const switches = {};
    // A person looks at the first picture before clicking on.
    await workbench.page.waitForTimeout(1000);
    for (let round = 0; round < 3; round++)
      for (const view of VIEWS) (switches[view] ??= []).push(await frame.evaluate(switchTo, view));
    const highestMb = memoryMb(host, "VmHWM") - beforeMb;
    const pagesMb = renderersMb() - pagesBeforeMb;
    return { openMs, openedMb, highestMb, pagesMb, switches, moving: moves ? await moving(workbench, frame) : {} };
  } finally {
    await workbench.close();
  }
}

/** From Enter in the list of runs to curves on the screen. @param {Workbench} workbench */
async function open(workbench) {
  await workbench.runCommand("NormLens: Open Run");
  await workbench.page
    .locator(".quick-input-widget:visible .monaco-list-row.focused", { hasText: "DeepNet" })
    .waitFor();
  await workbench.page.waitForTimeout(500);
  const startMs = Date.now();
  await workbench.page.keyboard.press("Enter");
  // The page notes the time itself: asking it all the while would take the processor that it draws with.
  await workbench.page.waitForTimeout(1500);
  const frame = await panelFrame(workbench);
  await frame.waitForFunction(() => document.body.dataset["firstDrawnMs"] !== undefined);
  return (await frame.evaluate(() => Number(document.body.dataset["firstDrawnMs"]))) - startMs;
}

/** The panel's page itself, inside the webview's frames. @param {Workbench} workbench @returns {Promise<Frame>} */
async function panelFrame({ page }) {
  for (const end = Date.now() + 20_000; Date.now() < end; await page.waitForTimeout(5)) {
    for (const frame of page.frames()) {
      if (!frame.url().includes("fake.html")) continue;
      if (await frame.evaluate(() => document.querySelector(".panel") !== null).catch(() => false)) return frame;
    }
  }
  throw new Error("No panel appeared.");
}

/** In the page: clicks a tab, and waits until its curves are drawn. @param {string} view */
async function switchTo(view) {
  const start = performance.now();
  const tab = document.querySelector(`[data-testid="tab-${view}"]`);
  if (!(tab instanceof HTMLElement)) throw new Error(`There is no tab ${view}.`);
  tab.click();
  const isDrawn = () =>
    document.body.dataset["view"] === view && document.body.dataset["drawnLook"] === document.body.dataset["sentLook"];
  while (!isDrawn()) await new Promise(requestAnimationFrame);
  // The frame after it is on the screen.
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}

/** @param {Workbench} workbench @param {Frame} frame */
async function moving({ page }, frame) {
  await frame.evaluate(switchTo, "overview");
  const chart = await boxOf(frame, '[data-testid="chart-loss"] .u-over');
  const y = chart.y + chart.height / 2;
  const zoom = async () => {
    await page.mouse.move(chart.x + 0.2 * chart.width, y);
    await page.mouse.down();
    for (let part = 2; part <= 8; part++) await page.mouse.move(chart.x + 0.1 * part * chart.width, y);
    await page.mouse.up();
    await page.keyboard.press("Escape");
  };
  const zooming = await frames(page, frame, zoom);
  /** @type {Record<string, Awaited<ReturnType<typeof frames>>>} */
  const scrubbing = {};
  for (const [view, name] of Object.entries(SCRUBBED)) {
    await frame.evaluate(switchTo, view);
    await frame.locator('[data-testid="scrub"]').focus();
    scrubbing[`scrubbing through the run in ${name}`] = await frames(page, frame, async () => {
      for (let press = 0; press < 16; press++) await page.keyboard.press(press < 8 ? "PageDown" : "PageUp");
    });
    await page.keyboard.press("Escape");
  }
  await frame.evaluate(switchTo, "drift");
  const spine = await boxOf(frame, '[data-testid="spine"]');
  await page.mouse.move(spine.x + spine.width / 2, Math.min(spine.y + 200, 900));
  let down = true;
  const scrolling = await frames(page, frame, async () => {
    for (let turn = 0; turn < 6; turn++) {
      await page.mouse.wheel(0, down ? 400 : -400);
      await page.waitForTimeout(16);
    }
    down = !down;
  });
  await page.keyboard.down("Control");
  const wheel = await frames(page, frame, async () => {
    for (let turn = 0; turn < 16; turn++) {
      await page.mouse.wheel(0, turn < 8 ? -120 : 120);
      await page.waitForTimeout(16);
    }
  });
  await page.keyboard.up("Control");
  return {
    "zooming by dragging in the overview": zooming,
    "zooming all layers by the wheel in Drift": wheel,
    ...scrubbing,
    "scrolling through all layers in Drift": scrolling,
  };
}

/** @param {Frame} frame @param {string} selector */
async function boxOf(frame, selector) {
  const box = await frame.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} is not shown.`);
  return box;
}

/**
 * Frames that the page draws while somebody does something over and over.
 * @param {import('playwright-core').Page} page
 * @param {Frame} frame
 * @param {() => Promise<void>} act
 */
async function frames(page, frame, act) {
  await frame.evaluate(() => {
    /** @type {number[]} */
    const times = [];
    Object.assign(globalThis, { frameTimes: times });
    const note = (/** @type {number} */ time) => {
      times.push(time);
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
  for (const end = Date.now() + MOVING_MS; Date.now() < end; ) await act();
  await page.waitForTimeout(50);
  const times = await frame.evaluate(() => /** @type {number[]} */ ([...Reflect.get(globalThis, "frameTimes")]));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const elapsed = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return { perSecond: (1000 * gaps.length) / elapsed, longestMs: Math.max(...gaps) };
}
