// A stranger's walk: from an empty window to a fault that is found and fixed, by what the window says alone.
import assert from "node:assert/strict";
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
    const words = frame.getByTestId("replay-words");
    assert.match(
      await words.innerText(),
      /^At momentum 0\.1 the median layer would be .* The weights stay the same\.$/,
    );
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
