// A person's own training, untouched: recorded in a terminal, live in the Runs view, its fault on the script's line and
// in the Problems view, probed and stopped from the editor; then the fixed script, in which nothing is found.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { existingPythonEnv } from "../../scripts/pythonEnv.mjs";
import { FAULTY, FIXED, training } from "./secondData.mjs";
import { closeAfterwards, openWorkbench, VIEWPORTS } from "./workbench.mjs";

const SCRIPT = "classify.py";
const python = await existingPythonEnv();

describe("a training in a terminal", function () {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  before(async function () {
    if (python === null) {
      console.log("    skipped: there is no Python environment with PyTorch (node scripts/pythonEnv.mjs prepares it)");
      this.skip();
    }
    const settings = { "git.enabled": false, "terminal.integrated.enableMultiLinePasteWarning": "never" };
    const files = { [SCRIPT]: training(FAULTY) };
    workbench = await openWorkbench({ files, settings, viewport: VIEWPORTS.wide });
    await workbench.openFile(SCRIPT);
  });
  closeAfterwards(() => workbench);

  const panel = () => workbench.webviewFrame();
  const at = (/** @type {string} */ testId) => panel().locator(`[data-testid="${testId}"]`).first();
  const rows = () => workbench.page.locator(".pane-body .monaco-list-row", { hasText: SCRIPT });
  const squiggles = () =>
    workbench.page.locator(".editor-instance .squiggly-warning, .editor-instance .squiggly-error");

  /** In a terminal that is new, as a person would. */
  const start = async (/** @type {string} */ command) => {
    await workbench.runCommand("Terminal: Create New Terminal");
    await workbench.page.locator(".terminal-wrapper.active .xterm-screen").waitFor();
    await workbench.page.waitForTimeout(1000);
    await workbench.page.keyboard.type(`${command}\n`);
  };

  const showRuns = () => workbench.runCommand("View: Show NormLens");

  const pictures = async (/** @type {string} */ name) => {
    for (const theme of /** @type {const} */ (["light", "dark"])) {
      await workbench.setTheme(theme);
      for (const size of /** @type {const} */ (["wide", "narrow"])) {
        await workbench.setViewport(size);
        await workbench.page.waitForTimeout(700);
        await workbench.screenshot(`recorded-${name}-${size}-${theme}`);
      }
      await workbench.setViewport("wide");
    }
  };

  it("appears live in the Runs view once recording is turned on", async () => {
    await workbench.runCommand("NormLens: Record Training in New Terminals");
    await workbench.statusBarItem("NormLens records").waitFor();
    await start(`"${python}" ${SCRIPT} 6000 0.8`);
    await showRuns();
    await rows().filter({ hasText: "step" }).first().waitFor({ timeout: 120_000 });
    await workbench.screenshot("recorded-runs-live-dark");
  });

  it("has its finding in the Runs view, on the script's lines and in the Problems view", async () => {
    await rows().filter({ hasText: "behind" }).first().waitFor({ timeout: 120_000 });
    await squiggles().first().waitFor();
    const problem = await workbench.problem("statistics-behind");
    await problem.waitFor();
    assert.match(await problem.innerText(), /NormLens run/);
    await workbench.page.waitForTimeout(600);
    await workbench.screenshot("recorded-finding-dark");
    const texts = await workbench.textsAfterLines();
    assert.ok(
      texts.some((text) => /^(gap|behind) [\d.]+ σ$/.test(text)),
      JSON.stringify(texts),
    );
  });

  it("shows the difference of its outputs when it is probed", async () => {
    await workbench.runCommand("View: Toggle Panel Visibility");
    await workbench.runCommand("NormLens: Probe Now");
    await panel().locator('#tab-gap[aria-selected="true"]').waitFor({ timeout: 90_000 });
    assert.match(await at("answers").innerText(), /Probabilities move by|outputs differ by/i);
    await at("stopRecording").waitFor();
    await pictures("gap");
    await at("tab-overview").click();
    assert.match(await at("recording").innerText(), /PyTorch \d/);
    assert.equal(
      await panel().locator('[data-testid="trainAgain"]:visible, [data-testid="resume"]:visible').count(),
      0,
    );
    await pictures("overview");
    await workbench.setViewport({ width: 2500, height: 1000 });
    await workbench.page.waitForTimeout(700);
    await workbench.screenshot("recorded-overview-widest-dark");
    await workbench.setViewport("wide");
    for (const view of ["drift", "convergence"]) {
      await at(`tab-${view}`).click();
      await workbench.page.waitForTimeout(500);
      await workbench.screenshot(`recorded-${view}-dark`);
    }
  });

  it("is no longer recorded after Stop Recording, and what was found stays", async () => {
    await at("tab-overview").click();
    await at("stopRecording").click();
    await panel().locator('[data-state="stopped"]').waitFor();
    await squiggles().first().waitFor();
    await workbench.screenshot("recorded-stopped-dark");
  });

  it("tells each finding in full, and leads to its step, its charts and its rule", async () => {
    await at("tab-findings").click();
    const finding = panel().locator('[data-testid="all-findings"] .finding').first();
    await finding.waitFor();
    assert.match(await finding.innerText(), /Evidence[\s\S]*Next/);
    await pictures("findings");
    await finding.getByRole("button", { name: /^Pin step/ }).click();
    await panel().locator('[data-testid="step"]', { hasText: "pinned" }).waitFor();
    await finding.getByRole("button", { name: /^Show its charts/ }).click();
    await panel().locator('.tab[aria-selected="true"]:not(#tab-findings)').waitFor();
    await at("tab-findings").click();
    await finding.getByRole("button", { name: /^About the rule/ }).click();
    await workbench.page.locator(".tab.active", { hasText: /^Preview .*\.md/ }).waitFor();
    await workbench.screenshot("recorded-rule-page-dark");
    await workbench.runCommand("View: Close Editor");
  });

  it("has no finding once the script is fixed and has run again", async () => {
    fs.writeFileSync(path.join(workbench.workspace, SCRIPT), training(FIXED));
    await workbench.runCommand("Terminal: Kill All Terminals").catch(() => undefined);
    await start(`"${python}" ${SCRIPT} 160 0`);
    await showRuns();
    await rows().filter({ hasText: "completed" }).first().waitFor({ timeout: 120_000 });
    await squiggles().first().waitFor({ state: "detached" });
    await rows().filter({ hasText: "completed" }).first().click();
    const verdict = panel().locator('[data-testid="verdict"]');
    await panel().locator('[data-state="completed"]').waitFor();
    assert.match(await verdict.innerText(), /Healthy|No fault found/);
    await workbench.screenshot("recorded-fixed-dark");
  });
});
