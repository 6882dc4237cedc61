// The pictures of the README, from real runs: trains and records them, and draws them in the panel. About four minutes.
//   node scripts/build.mjs && node test/ui/readme/pictures.mjs [name…]
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { inRepo } from "../../../scripts/lib/paths.mjs";
import { existingPythonEnv } from "../../../scripts/pythonEnv.mjs";
import { launchBrowser } from "../../host/browser.mjs";
import { FAULTY, training } from "../secondData.mjs";
import { loadHost } from "../panelFeeder/realRuns.mjs";
import { buildFeeder, serveFeeder } from "../panelFeeder/server.mjs";

const IMAGES = inRepo("docs", "images");
const CLI = inRepo("dist", "cli.js");
const work = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-pictures-"));
const python = await existingPythonEnv();

/** @typedef {import("playwright-core").Page} Page */

/**
 * The folder of a run of our own engine.
 *
 * @param {string} file
 * @param {...string} options
 */
function trained(file, ...options) {
  const args = [CLI, "train", path.resolve(inRepo("."), file), "--json", "--runs", path.join(work, "runs"), ...options];
  return path.resolve(
    work,
    JSON.parse(execFileSync(process.execPath, args, { cwd: work, encoding: "utf8" })).runFolder,
  );
}

/**
 * The folder of a recorded run; null without PyTorch.
 *
 * @param {readonly string[]} command
 */
function recorded(...command) {
  if (python === null) return null;
  const runs = path.join(work, `recorded-${fs.readdirSync(work).length}`);
  execFileSync(process.execPath, [CLI, "record", "--runs", runs, python, ...command], { cwd: work, stdio: "ignore" });
  return path.join(runs, fs.readdirSync(runs)[0] ?? "");
}

/**
 * The example with another momentum, as a person would change it.
 *
 * @param {string} momentum
 */
function staleWith(momentum) {
  const text = fs.readFileSync(inRepo("examples", "stale_statistics.py"), "utf8");
  const file = path.join(work, "stale_statistics.py");
  fs.writeFileSync(file, text.replace(/^MOMENTUM = .*$/m, `MOMENTUM = ${momentum}`));
  const folder = trained(file, "--steps", "400");
  fs.writeFileSync(path.join(folder, "labels.json"), JSON.stringify({ name: `momentum ${momentum}` }));
  return folder;
}

/** The script that goes on with other data. */
function secondData() {
  const file = path.join(work, "second_data.py");
  fs.writeFileSync(file, training(FAULTY));
  return file;
}

/** Each run is made once, when the first picture needs it. */
const runs = {
  stale: once(() => staleWith("0.001")),
  fixed: once(() => staleWith("0.1")),
  healthy: once(() => trained("examples/small_cnn.py", "--steps", "400")),
  fifty: once(() => trained("test/ui/readme/models/fifty_layers.py", "--steps", "200", "--lr", "0.05")),
  faulty: once(() => recorded(secondData(), "40", "0")),
  ranks: once(() =>
    recorded(
      ...["-m", "torch.distributed.run", "--nproc-per-node", "2"],
      ...[inRepo("examples/two_processes.py"), "--epochs", "6", "--local-buffers"],
    ),
  ),
};

/**
 * @typedef {object} Picture
 * @property {() => (string | null)[]} runs
 * @property {string} [view]
 * @property {string} theme
 * @property {(page: Page) => Promise<void>} [act]
 */

/** @type {Readonly<Record<string, Picture>>} */
const pictures = {
  "overview-stale-dark": { runs: () => [runs.stale()], theme: "dark" },
  "overview-healthy-light": { runs: () => [runs.healthy()], theme: "light" },
  "drift-light": { runs: () => [runs.stale()], view: "drift", theme: "light" },
  "convergence-dark": { runs: () => [runs.stale()], view: "convergence", theme: "dark" },
  "replay-dark": { runs: () => [runs.stale()], view: "convergence", theme: "dark", act: replay },
  "gap-light": { runs: () => [runs.stale()], view: "gap", theme: "light" },
  "health-light": { runs: () => [runs.fifty()], view: "health", theme: "light" },
  "scrubbed-dark": { runs: () => [runs.fifty()], view: "drift", theme: "dark", act: scrub },
  "compare-dark": { runs: () => [runs.stale(), runs.fixed()], theme: "dark" },
  "recorded-light": { runs: () => [runs.faulty()], theme: "light" },
  "findings-dark": { runs: () => [runs.faulty()], view: "findings", theme: "dark" },
  "ranks-dark": { runs: () => [runs.ranks()], view: "ranks", theme: "dark" },
};

/** @param {Page} page */
async function replay(page) {
  await page.getByTestId("replay-slider").press("End");
  for (let times = 0; times < 6; times++) await page.keyboard.press("ArrowLeft");
}

/** @param {Page} page */
async function scrub(page) {
  await page.getByTestId("scrub").focus();
  for (let times = 0; times < 4; times++) await page.keyboard.press("PageDown");
}

/**
 * @template T
 * @param {() => T} make
 */
function once(make) {
  /** @type {{ readonly made: T } | null} */
  let kept = null;
  return () => (kept ??= { made: make() }).made;
}

const wanted = process.argv.slice(2);
const hostOf = await loadHost();
await buildFeeder(inRepo("test", "ui", "readme", "page.ts"));
const server = await serveFeeder();
const { browser, page } = await launchBrowser();
/** @type {import("../panelFeeder/realRuns.mjs").Host} */
let answer = () => null;
await page.exposeFunction("askHost", (/** @type {string} */ method, /** @type {unknown} */ look) =>
  answer(method, look),
);
try {
  for (const [name, { runs: shown, view, theme, act }] of Object.entries(pictures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const folders = shown();
    const known = folders.filter((folder) => folder !== null);
    if (known.length < folders.length) {
      console.log(`${name}: left out, there is no Python environment with PyTorch`);
      continue;
    }
    answer = hostOf(known);
    await page.setViewportSize({ width: 1400, height: 900 });
    await page.goto(`${server.url}?theme=${theme}`);
    await page.locator("[data-state]").first().waitFor();
    if (view) await page.getByTestId(`tab-${view}`).click();
    await page.waitForTimeout(600);
    await act?.(page);
    await page.waitForTimeout(400);
    await page.screenshot({ path: path.join(IMAGES, `${name}.png`) });
    console.log(name);
  }
} finally {
  await browser.close();
  server.close();
  fs.rmSync(work, { recursive: true });
}
