// The animation of the README: the main walk in a real VS Code, from a fault to its fix. About a minute.
//   node scripts/package.mjs && node test/ui/readme/animation.mjs
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { inRepo } from "../../../scripts/lib/paths.mjs";
import { existingPythonEnv } from "../../../scripts/pythonEnv.mjs";
import { openWorkbench } from "../workbench.mjs";

const ANIMATION = inRepo("docs", "images", "walk.webp");
const MARK_PX = 28;

const python = await existingPythonEnv();
if (python === null)
  throw new Error("Frames are joined with Pillow: prepare it with `node scripts/pythonEnv.mjs`, then run this again.");

const frames = fs.mkdtempSync(path.join(os.tmpdir(), "normlens-frames-"));
/** @type {{ file: string, milliseconds: number }[]} */
const shown = [];
const workbench = await openWorkbench({
  openFile: "stale_statistics.py",
  settings: { "normlens.training.epochs": 4, "editor.minimap.enabled": false, "workbench.activityBar.location": "top" },
  viewport: { width: 1200, height: 720 },
});
const { page } = workbench;
const panel = () => workbench.webviewFrame();

/** @param {number} milliseconds how long the frame stands */
async function frame(milliseconds) {
  const file = path.join(frames, `${String(shown.length).padStart(4, "0")}.png`);
  await page.screenshot({ path: file });
  shown.push({ file, milliseconds });
}

/**
 * A click with a ring around where it lands.
 *
 * @param {import("playwright-core").Locator} target
 */
async function click(target) {
  await target.waitFor();
  const box = await target.boundingBox();
  if (box === null) throw new Error("There is nothing to click at.");
  const center = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.evaluate(
    ([x, y, size]) => {
      const ring = document.createElement("div");
      ring.id = "click-mark";
      ring.style.cssText =
        `position:fixed;z-index:99999;pointer-events:none;left:${x - size / 2}px;top:${y - size / 2}px;` +
        `width:${size}px;height:${size}px;border-radius:50%;border:3px solid #ffb000;background:#ffb00033`;
      document.body.append(ring);
    },
    /** @type {const} */ ([center.x, center.y, MARK_PX]),
  );
  await frame(700);
  await page.evaluate(() => document.getElementById("click-mark")?.remove());
  await target.click();
}

/**
 * Frames until the verdict says it.
 *
 * @param {RegExp} words
 */
async function untilVerdict(words) {
  const verdict = panel().locator('[data-testid="verdict"]');
  for (let times = 0; times < 100; times++) {
    await frame(250);
    if (words.test(await verdict.innerText({ timeout: 200 }).catch(() => ""))) return;
    await page.waitForTimeout(250);
  }
  throw new Error(`The verdict never said ${words}.`);
}

try {
  await workbench.codeLens("Train").waitFor();
  await workbench.runCommand("View: Toggle Primary Side Bar Visibility");
  await page.waitForTimeout(500);
  await frame(1600);
  await click(workbench.codeLens("Train"));
  await untilVerdict(/stale running statistics/);
  await frame(2600);
  await click(panel().getByRole("tab", { name: "Train vs eval" }));
  await page.waitForTimeout(500);
  await frame(2200);
  await click(panel().getByRole("tab", { name: "Convergence" }));
  await panel().getByTestId("replay-slider").focus();
  await page.keyboard.press("End");
  for (let times = 0; times < 4; times++) {
    await page.keyboard.press("ArrowLeft");
    await page.waitForTimeout(200);
    await frame(350);
  }
  await frame(2000);
  await click(panel().getByTestId("use-momentum"));
  await page.locator(".editor-instance .view-line", { hasText: "MOMENTUM = 0.1" }).first().waitFor();
  await page.waitForTimeout(500);
  await frame(1600);
  await click(page.getByRole("button", { name: "Train Again" }));
  await untilVerdict(/^Healthy/);
  await page.waitForTimeout(500);
  await frame(3500);
} finally {
  await workbench.close();
}
const list = path.join(frames, "frames.json");
fs.writeFileSync(list, JSON.stringify(shown));
execFileSync(python, [inRepo("test", "ui", "readme", "joinFrames.py"), list, ANIMATION], { stdio: "inherit" });
fs.rmSync(frames, { recursive: true });
