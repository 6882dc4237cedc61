// A person's first run: palette, live panel, pause, resume, stop, source lines, compare, a killed process. On the
// packaged extension, in the real VS Code, with pictures in light and dark, wide and narrow.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { inRepo } from "../../scripts/lib/paths.mjs";
import { closeAfterwards, openWorkbench, VIEWPORTS } from "./workbench.mjs";

/** Long enough to be paused; the built-in digits make about a hundred steps an epoch. */
const LONG = { "normlens.training.epochs": 400, "git.enabled": false };

/** Every process that trains for an extension host on this machine: these tests run one after the other. */
function killTrainingProcesses() {
  const pids = fs.readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && /normlens\S*dist\/engine\.js/.test(fs.readFileSync(`/proc/${name}/cmdline`, "utf8"));
    } catch {
      return false;
    }
  });
  assert.equal(pids.length, 1, `${pids.length} processes train`);
  process.kill(Number(pids[0]), "SIGKILL");
}

describe("training a model", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  /** @type {import('playwright-core').FrameLocator} */
  let panel;
  before(async () => {
    workbench = await openWorkbench({ openFile: "mnist_mlp.py", settings: LONG, viewport: VIEWPORTS.wide });
  });
  closeAfterwards(() => workbench);

  const at = (/** @type {string} */ testId) => panel.locator(`[data-testid="${testId}"]`).first();
  const shownStep = async () =>
    Number(
      /step ([\d\s\u2009\u202f]+)/
        .exec((await at("state-position").innerText()).replace(/,/g, ""))?.[1]
        ?.replace(/\D/g, "") ?? 0,
    );
  /** @param {() => Promise<boolean>} holds @param {string} what */
  const until = async (holds, what, timeoutMs = 60_000) => {
    for (const end = Date.now() + timeoutMs; !(await holds().catch(() => false)); ) {
      if (Date.now() > end) assert.fail(`${what}: not within ${timeoutMs} ms`);
      await workbench.page.waitForTimeout(100);
    }
  };

  it("starts from the palette and draws live", async () => {
    await workbench.codeLens("Train").waitFor();
    await workbench.runCommand("NormLens: Train Model");
    panel = workbench.webviewFrame();
    await at("verdict").waitFor();
    await until(async () => (await shownStep()) > 100, "step 100");
    const before = await shownStep();
    await until(async () => (await shownStep()) > before, "a further step");
    assert.equal(await at("state-word").getAttribute("data-state"), "running");
    await workbench.screenshot("run-live-dark");
  });

  it("pauses, resumes and stops from the panel", async () => {
    await at("pause").click();
    await panel.locator('[data-state="paused"]').waitFor();
    // The panel may still have records to draw that were written before the pause.
    let paused = 0;
    await until(async () => {
      paused = await shownStep();
      await workbench.page.waitForTimeout(700);
      return (await shownStep()) === paused;
    }, "a step that stays");
    await workbench.screenshot("run-paused-dark");
    await at("resume").click();
    await until(async () => (await shownStep()) > paused + 20, "steps after resuming");
    await at("stop").click();
    await panel.locator('[data-state="stopped"]').waitFor();
    await workbench.screenshot("run-stopped-dark");
  });

  it("shows drift, convergence and the train-vs-eval gap of the layer that is chosen", async () => {
    for (const view of ["drift", "convergence", "gap"]) {
      await at(`tab-${view}`).click();
      await at("layer-row-bn2").click();
      await until(
        async () => (await panel.locator(".uplot canvas:visible, canvas:visible").count()) > 0,
        `a chart in ${view}`,
      );
      // A click is drawn with the next frame.
      await until(async () => /bn2/.test(await at("layer-title").innerText()), `bn2 in ${view}`, 10_000);
      // Canvases are there without numbers too: the answers beside them say that the numbers have come.
      const answers = await at("answers").innerText();
      assert.match(answers, /\d\.\d+\sσ/);
      assert.doesNotMatch(answers, /not measured|unknown|–/i);
      await workbench.page.waitForTimeout(300);
      await workbench.screenshot(`run-${view}-dark`);
    }
    await at("tab-overview").click();
  });

  it("shows gradients, γ and β, and that nothing was found", async () => {
    await at("tab-health").click();
    await until(async () => /bn1.*\d/.test(await at("answers").innerText()), "gradients", 10_000);
    assert.match(await at("verdict").innerText(), /Gradients reach every layer/);
    await until(async () => (await panel.locator(".block-gamma canvas:visible").count()) > 0, "a chart of γ");
    await workbench.screenshot("run-health-dark");
    await at("tab-findings").click();
    await at("all-findings").waitFor();
    await workbench.screenshot("run-findings-dark");
    assert.equal(await at("tab-ranks").count(), 0);
    await at("tab-overview").click();
  });

  it("shows the statistics after the BN lines and goes to a layer's line", async () => {
    const lines = await workbench.textsAfterLines();
    assert.ok(
      lines.some((text) => /^gap [\d.]+ σ$/.test(text)),
      JSON.stringify(lines),
    );
    await at("tab-drift").click();
    await at("line-link").click();
    await workbench.page.locator(".monaco-editor.focused").first().waitFor();
    await workbench.screenshot("editor-with-statistics-dark");
  });

  it("looks right in light and in high contrast, and when narrow", async () => {
    await workbench.setTheme("light");
    for (const view of ["overview", "drift", "convergence", "gap", "health"]) {
      await at(`tab-${view}`).click();
      await workbench.page.waitForTimeout(400);
      await workbench.screenshot(`run-${view}-light`);
    }
    await workbench.setTheme("hc");
    await at("tab-overview").click();
    await workbench.page.waitForTimeout(400);
    await workbench.screenshot("run-overview-hc");
    await workbench.setTheme("light");
    await workbench.setViewport("narrow");
    await workbench.page.waitForTimeout(600);
    await workbench.screenshot("run-overview-narrow-light");
    await workbench.setViewport("wide");
  });
});

describe("comparing with and without BN", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  before(async () => {
    workbench = await openWorkbench({
      openFile: "mnist_mlp.py",
      settings: { "normlens.training.epochs": 4 },
      viewport: VIEWPORTS.wide,
    });
  });
  closeAfterwards(() => workbench);

  it("overlays the two runs", async () => {
    await workbench.codeLens("Compare with and without BN").click();
    const panel = workbench.webviewFrame();
    await panel.locator('[data-testid="verdict"]').waitFor();
    await panel.locator('[data-state="completed"]').waitFor({ timeout: 120_000 });
    await workbench.page.waitForTimeout(1500);
    await workbench.screenshot("compare-dark");
    const verdict = await panel.locator('[data-testid="verdict"]').innerText();
    const [, withBn, withoutBn] = /A reaches ([\d.]+)\s%, B ([\d.]+)\s%/.exec(verdict) ?? assert.fail(verdict);
    assert.ok(Number(withBn) > 60 && Number(withoutBn) < 30, verdict);
    assert.match(await panel.locator('[data-testid="run-names"]').innerText(), /with BN[\s\S]*without BN/);
  });
});

describe("a run whose process is killed", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  before(async () => {
    workbench = await openWorkbench({ openFile: "mnist_mlp.py", settings: LONG });
  });
  closeAfterwards(() => workbench);

  it("is shown in the panel and as a notification, with what ended it", async () => {
    await workbench.runCommand("NormLens: Train Model");
    const panel = workbench.webviewFrame();
    await panel.locator('[data-state="running"]').waitFor();
    await workbench.page.waitForTimeout(1000);
    killTrainingProcesses();
    await panel.locator('[data-state="failed"]').waitFor();
    await workbench.toast("SIGKILL").waitFor();
    await workbench.screenshot("run-killed-dark");
  });
});

describe("a run of the command line", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  before(async () => {
    // Not by the address: a page that is told which file to open restores nothing else.
    workbench = await openWorkbench();
    await workbench.openFile("mnist_mlp.py");
  });
  closeAfterwards(() => workbench);

  it("opens in the panel with the numbers it recorded, and is there again after a reload", async () => {
    const cli = inRepo("dist", "cli.js");
    const args = ["train", "mnist_mlp.py", "--steps", "100", "--json"];
    const { runFolder } = JSON.parse(
      execFileSync(process.execPath, [cli, ...args], { cwd: workbench.workspace, encoding: "utf8" }),
    );
    await workbench.runCommand("NormLens: Open Run");
    await workbench.pick("MnistMlp");
    const curves = async () => {
      const panel = workbench.webviewFrame();
      // The frame is there before the run's snapshot is: only its state says that the numbers have come.
      await panel.locator('[data-state="completed"]').waitFor();
      await panel.locator('[data-testid="tables"]').click();
      await panel.locator('[data-testid="chart-accuracy"] table tbody th', { hasText: /^100$/ }).waitFor();
      const rows = await panel.locator('[data-testid="chart-accuracy"] table tbody tr').allInnerTexts();
      await panel.locator('[data-testid="tables"]').click();
      return rows.map((row) => row.replace(/\s+/g, " ").trim());
    };
    const recorded = fs
      .readFileSync(path.join(workbench.workspace, runFolder, "run.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === "eval");
    const shown = await curves();
    assert.equal(shown.length, recorded.length);
    recorded.forEach(({ step, running }, index) => {
      assert.ok((shown[index] ?? "").startsWith(`${step} `), shown[index]);
      // One decimal of a float32: 9.15 may read 9.1 or 9.2.
      const numbers = (shown[index] ?? "").match(/[\d.]+/g)?.map(Number) ?? [];
      assert.ok(
        numbers.slice(1).some((number) => Math.abs(number - 100 * running.accuracy) < 0.051),
        `${shown[index]} lacks ${running.accuracy}`,
      );
    });
    // All at once, faster than the page is drawn, as of a key that is held.
    await workbench
      .webviewFrame()
      .getByTestId("scrub")
      .evaluate((scrub) => {
        for (const key of ["PageDown", "PageDown", "ArrowLeft"])
          scrub.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      });
    const step = () => workbench.webviewFrame().getByTestId("step").innerText();
    assert.equal(await step(), "Step 79 of 100, pinned");
    const reloaded = workbench.page.waitForEvent("load");
    await workbench.runCommand("Developer: Reload Window");
    await reloaded;
    await workbench.page.locator(".monaco-workbench").waitFor();
    assert.deepEqual(await curves(), shown);
    assert.equal(await step(), "Step 79 of 100, pinned");
    await workbench.codeLens(/completed, .* %|Healthy|agree/).waitFor();
    await workbench.screenshot("run-after-reload-dark");
  });
});

describe("a run that fifty lines of Python wrote", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  before(async () => {
    workbench = await openWorkbench();
    await workbench.openFile("mnist_mlp.py");
  });
  closeAfterwards(() => workbench);

  it("shows up by itself, and opens in the panel with the numbers that were written", async () => {
    const folder = path.join(workbench.workspace, ".normlens", "runs", "2026-11-29-120000-python");
    execFileSync("python3", [inRepo("test", "conformance", "producer.py"), folder]);
    await workbench.runCommand("NormLens: Open Run");
    await workbench.pick("made up");
    const panel = workbench.webviewFrame();
    const at = (/** @type {string} */ testId) => panel.locator(`[data-testid="${testId}"]`).first();
    await panel.locator('[data-state="completed"]').waitFor();
    // It names no model: the run's name stands in the header, once, and on the tab.
    assert.equal((await panel.locator(".identity").innerText()).match(/made up/g)?.length, 1);
    await workbench.page.locator(".tab", { hasText: "Run: made up" }).first().waitFor();
    assert.match(await at("facts").innerText(), /LAMB/);
    await at("tables").click();
    const losses = panel.locator('[data-testid="chart-loss"] table');
    await losses.locator("tbody th", { hasText: /^200$/ }).waitFor();
    const lastRow = (await losses.locator("tbody tr").last().innerText()).replace(/\s+/g, " ");
    // 2.5 exp(-200 / 50), as producer.py has it.
    assert.match(lastRow, /^200 0\.0[45]/);
    await at("tables").click();
    const rows = await panel.locator('[data-testid^="layer-row-"]').allInnerTexts();
    assert.equal(rows.length, 3);
    // Mean shift of the last sample: (place / 8 + 200 / 256) / 4, with two digits.
    for (const [index, shift] of [0.23, 0.26, 0.29].entries())
      assert.ok((rows[index] ?? "").includes(shift.toFixed(2)), `${rows[index]} lacks ${shift}`);
    await workbench.screenshot("run-by-python-dark");
  });

  it("shows names from a file as text", async () => {
    const runs = path.join(workbench.workspace, ".normlens", "runs");
    fs.cpSync(path.join(runs, "2026-11-29-120000-python"), path.join(runs, "2026-11-29-130000-markup"), {
      recursive: true,
    });
    const log = path.join(runs, "2026-11-29-130000-markup", "run.jsonl");
    const name = "<img src=x onerror=document.body.remove()>";
    const renamed = fs
      .readFileSync(log, "utf8")
      .replace('"id": "head.bn"', `"id": "head.bn", "name": ${JSON.stringify(name)}`)
      .replace('"made up"', '"<b>../../marked up</b>"');
    fs.writeFileSync(log, renamed);
    await workbench.runCommand("NormLens: Open Run");
    await workbench.pick("marked up");
    const panel = workbench.webviewFrame();
    const row = panel.locator(`[data-testid="layer-row-${name}"]`);
    await row.waitFor();
    assert.equal(await row.locator("[role=rowheader]").getAttribute("title"), name);
    assert.match(await panel.locator('[data-testid="run-names"]').first().innerText(), /<b>\.\.\/\.\.\/marked up<\/b>/);
    assert.equal(await panel.locator("img").count(), 0);
  });
});
