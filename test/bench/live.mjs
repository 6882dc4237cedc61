// What a run that trains costs the editor that shows it, and what being shown costs the run: the same short training
// again and again, by turns with its panel open and with the panel closed at once. Then once more with the training on
// a core of its own, as where there are more cores than two, and a graphics card that draws.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { openWorkbench, VIEWPORTS } from "../ui/workbench.mjs";
import { extensionHost, mainThreadMs, processesWith, quantile, trainingProcess } from "./processes.mjs";

const PAIRS = 6;
/** About ten seconds of the three-layer network, at a thousand steps a second or more. */
const EPOCHS = 100;

const workbench = await openWorkbench({
  openFile: "mnist_mlp.py",
  settings: { "normlens.training.epochs": EPOCHS, "normlens.training.threads": 1 },
  viewport: VIEWPORTS.wide,
});
/** Whether the training has the first core, and all else the other ones. */
let ownCore = false;
try {
  await workbench.codeLens("Train").waitFor();
  // The first run finds everything cold.
  await train(true);
  report("live", await byTurns());
  ownCore = true;
  for (const pid of ["vscode-host", "chromium"].flatMap(processesWith)) pin(pid, `1-${os.cpus().length - 1}`);
  report("live, training on its own core", await byTurns());
} finally {
  await workbench.close();
}

/** @typedef {{ isShown: boolean, stepsPerSecond: number, hostShare: number, stepMs: number }} Trained */

/** @returns {Promise<Trained[]>} */
async function byTurns() {
  const runs = [];
  for (let turn = 0; turn < 2 * PAIRS; turn++) runs.push(await train(turn % 4 === 1 || turn % 4 === 2));
  return runs;
}

/**
 * @param {string} what
 * @param {readonly Trained[]} runs
 */
function report(what, runs) {
  const rows = [true, false].map((isShown) => {
    const own = runs.filter((run) => run.isShown === isShown);
    const speed = quantile(
      own.map(({ stepsPerSecond }) => stepsPerSecond),
      0.5,
    );
    const share = quantile(
      own.map(({ hostShare }) => hostShare),
      0.5,
    );
    console.log(
      `${what}, panel ${isShown ? "open" : "closed"}: ${speed.toFixed(0)} steps a second, ` +
        `${quantile(
          own.map(({ stepMs }) => stepMs),
          0.5,
        ).toFixed(3)} ms of processor time a step, ` +
        `extension host ${(100 * share).toFixed(1)} % of a core (medians of ${own.length} runs)`,
    );
    return speed;
  });
  console.log(`${what}, delay by the panel: ${(100 * ((rows[1] ?? NaN) / (rows[0] ?? NaN) - 1)).toFixed(1)} %`);
}

/**
 * @param {number} pid
 * @param {string} cores
 */
function pin(pid, cores) {
  execFileSync("taskset", ["-acp", cores, String(pid)], { stdio: "ignore" });
}

/**
 * One run from the click to its end.
 * @param {boolean} isShown
 */
async function train(isShown) {
  const before = new Set(runFolders());
  await workbench.codeLens("Train").click();
  await workbench.webviewFrame().locator('[data-state="running"]').waitFor();
  if (!isShown) await closePanel();
  const folder = runFolders().find((name) => !before.has(name));
  if (folder === undefined) throw new Error("The run has no folder.");
  if (ownCore) pin(trainingProcess(), "0");
  const host = extensionHost();
  const startMs = Date.now();
  const usedMs = mainThreadMs(host);
  const end = await ended(folder, trainingProcess());
  const hostShare = (mainThreadMs(host) - usedMs) / (Date.now() - startMs);
  if (isShown) await closePanel();
  return { isShown, stepMs: end.usedMs / end.step, stepsPerSecond: (1000 * end.step) / end.elapsedMs, hostShare };
}

/**
 * The record that ends a run, with the processor time that its process took, start included.
 * @param {string} folder
 * @param {number} training its process
 * @returns {Promise<{ step: number, elapsedMs: number, usedMs: number }>}
 */
async function ended(folder, training) {
  let usedMs = 0;
  for (const limit = Date.now() + 120_000; Date.now() < limit; await workbench.page.waitForTimeout(100)) {
    if (fs.existsSync(`/proc/${training}`)) usedMs = mainThreadMs(training);
    const last = fs.readFileSync(path.join(folder, "run.jsonl"), "utf8").trim().split("\n").at(-1) ?? "";
    const record = JSON.parse(last);
    if (record.type === "end") return { ...record, usedMs };
  }
  throw new Error(`${folder} did not end.`);
}

async function closePanel() {
  await workbench.tab("Run:").click({ button: "middle" });
}

/** @returns {string[]} */
function runFolders() {
  const folder = path.join(workbench.workspace, ".normlens", "runs");
  return fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => path.join(folder, name)) : [];
}
