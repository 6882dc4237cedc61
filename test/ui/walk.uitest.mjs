// A stranger's walk: from an empty window to a fault that is found and fixed, by what the window says alone.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { existingPythonEnv } from "../../scripts/pythonEnv.mjs";
import { FAULTY, FIXED, training } from "./secondData.mjs";
import { closeAfterwards, openWorkbench, VIEWPORTS } from "./workbench.mjs";

describe("first steps", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  let clicks = 0;
  before(async () => {
    workbench = await openWorkbench({
      noFolder: true,
      settings: { "normlens.training.epochs": 4 },
      viewport: VIEWPORTS.wide,
    });
  });
  closeAfterwards(() => workbench);

  /** @param {import("playwright-core").Locator} target */
  const click = async (target) => {
    await target.click();
    clicks += 1;
  };
  /** @param {RegExp} words */
  const verdict = async (words) => {
    const found = () => workbench.webviewFrame().locator('[data-testid="verdict"]').innerText();
    for (const end = Date.now() + 60_000; !words.test(await found().catch(() => "")); ) {
      if (Date.now() > end) assert.fail(`${words}: ${await found()}`);
      await workbench.page.waitForTimeout(100);
    }
  };
  const answers = () => workbench.webviewFrame().locator('[data-testid="answers"]').innerText();

  it("open an example from the walkthrough", async () => {
    await workbench.runCommand("Welcome: Open Walkthrough...");
    await workbench.page.keyboard.type("First Steps with NormLens");
    await workbench.page.keyboard.press("Enter");
    const start = workbench.page.locator(".gettingStartedContainer");
    await start.getByText("Open an example").first().waitFor();
    // The text beside the steps is a page of its own.
    await workbench.page.waitForTimeout(1500);
    await workbench.screenshot("walkthrough-dark");
    await click(start.getByRole("button", { name: "Open Example" }).first());
    await workbench.codeLens("Train").waitFor();
  });

  it("train it, and read what is wrong and what to do", async () => {
    await click(workbench.codeLens("Train"));
    await verdict(/stale running statistics/);
    assert.match(await answers(), /Set momentum=0\.1 on line 18/);
    await workbench.screenshot("walk-stale-dark");
  });

  it("see what another momentum would have given, and that it is only tried", async () => {
    const frame = workbench.webviewFrame();
    await frame.getByRole("tab", { name: "Convergence" }).click();
    await frame.getByTestId("replay-slider").focus();
    await workbench.page.keyboard.press("End");
    for (let times = 0; times < 4; times++) await workbench.page.keyboard.press("ArrowLeft");
    await frame
      .getByTestId("replay-words")
      .filter({ hasText: /^\s*At momentum 0\.1 the median layer would be .* The weights stay the same\.\s*$/ })
      .waitFor();
    await workbench.screenshot("replay-dark");
    await frame.getByTestId("use-momentum").click();
    await workbench.page.locator(".editor-instance .view-line", { hasText: "MOMENTUM = 0.1" }).first().waitFor();
    await workbench.toast("Wrote momentum=0.1 in 1 place").waitFor();
    await workbench.page.keyboard.press("Control+Z");
    await workbench.page.locator(".editor-instance .view-line", { hasText: "MOMENTUM = 0.001" }).first().waitFor();
  });

  it("do it, train again, and see that it helped", async () => {
    await click(workbench.page.locator(".editor-instance .view-line", { hasText: "MOMENTUM = 0.001" }).first());
    await workbench.page.keyboard.press("End");
    for (let left = "0.001".length; left > 0; left--) await workbench.page.keyboard.press("Backspace");
    await workbench.page.keyboard.type("0.1");
    await click(workbench.codeLens("Train"));
    await verdict(/^Healthy/);
    await workbench.screenshot("walk-fixed-dark");
    console.log(`    from an empty window to the fix: ${clicks} clicks`);
    assert.ok(clicks <= 4, `${clicks} clicks`);
  });
});

const python = await existingPythonEnv();
const SCRIPT = "classify.py";

describe("first steps with a script of one's own", function () {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  let clicks = 0;
  before(async function () {
    if (python === null) {
      console.log("    skipped: there is no Python environment with PyTorch (node scripts/pythonEnv.mjs prepares it)");
      this.skip();
    }
    // Without a GPU's canvas a terminal's text can be read from the page.
    const settings = { "git.enabled": false, "terminal.integrated.gpuAcceleration": "off" };
    workbench = await openWorkbench({ files: { [SCRIPT]: training(FAULTY) }, settings, viewport: VIEWPORTS.wide });
    await workbench.openFile(SCRIPT);
  });
  closeAfterwards(() => workbench);

  const panel = () => workbench.webviewFrame();
  /** @param {import("playwright-core").Locator} target */
  const click = async (target) => {
    await target.click();
    clicks += 1;
  };
  /**
   * As the person always did, in a terminal of its own: so many steps on the second data.
   * @param {number} steps
   */
  const run = async (steps) => {
    await workbench.runCommand("Terminal: Create New Terminal");
    const terminal = workbench.page.locator(".terminal-wrapper.active .xterm-rows");
    // Keys go to the terminal that was there until the new one shows its prompt.
    await terminal.filter({ hasText: /[$#]/, hasNotText: SCRIPT }).waitFor();
    await workbench.page.keyboard.type(`"${python}" ${SCRIPT} ${steps} 0`);
    await terminal.filter({ hasText: SCRIPT }).waitFor();
    await workbench.page.keyboard.press("Enter");
  };

  it("turn recording on, run it, and see above the model what is wrong", async () => {
    await workbench.runCommand("NormLens: Record Training in New Terminals");
    clicks += 1;
    await workbench.statusBarItem("NormLens records").waitFor();
    await run(40);
    // The lens stands where the script makes its model, below the training loop.
    await workbench.runCommand("View: Focus Active Editor Group");
    await workbench.page.keyboard.press("Control+End");
    await workbench.codeLens(/behind/).waitFor({ timeout: 120_000 });
    await workbench.screenshot("walk-own-found-dark");
  });

  it("read what to do, and go to the line", async () => {
    await click(workbench.codeLens(/behind/));
    const answers = panel().locator('[data-testid="answers"]');
    await answers
      .getByText(/Set momentum=0\.1/)
      .first()
      .waitFor();
    await click(panel().getByTestId("tab-findings"));
    await click(
      panel()
        .locator(".finding")
        .first()
        .getByText(/^line 14$/),
    );
    await workbench.page.locator(".editor-instance .view-line", { hasText: FAULTY }).first().waitFor();
    await workbench.screenshot("walk-own-line-dark");
  });

  it("fix it, run it again, and see that it helped", async () => {
    fs.writeFileSync(path.join(workbench.workspace, SCRIPT), training(FIXED));
    await run(160);
    await workbench.runCommand("View: Show NormLens");
    const rows = workbench.page.locator(".pane-body .monaco-list-row", { hasText: SCRIPT });
    const good = rows.filter({ hasText: /no fault|healthy|completed/i }).first();
    await good.waitFor({ timeout: 120_000 }).catch(async (error) => {
      const terminal = await workbench.page.locator(".terminal-wrapper.active .xterm-rows").innerText();
      throw new Error(`The runs: ${await rows.allInnerTexts()}. The terminal: ${terminal}`, { cause: error });
    });
    const squiggles = workbench.page.locator(".editor-instance .squiggly-warning, .editor-instance .squiggly-error");
    await squiggles.first().waitFor({ state: "detached", timeout: 120_000 });
    await click(rows.first());
    await panel()
      .locator('[data-testid="verdict"]')
      .filter({ hasText: /Healthy|No fault found/ })
      .waitFor();
    await workbench.screenshot("walk-own-fixed-dark");
    console.log(`    from one's own script to its fix: ${clicks} clicks`);
    assert.ok(clicks <= 5, `${clicks} clicks`);
  });
});
