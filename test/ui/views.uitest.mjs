// Every view of the panel in the real VS Code, in three themes and two widths: drawn to its end, nothing wider than the
// page, nothing that no person should read, and no error in the console. The screenshots are for looking at.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { inRepo } from "../../scripts/lib/paths.mjs";
import { closeAfterwards, openWorkbench } from "./workbench.mjs";

const THEMES = /** @type {const} */ (["dark", "light", "hc"]);
const WIDTHS = /** @type {const} */ ([1400, 700]);
/** Beside the panel stands the activity bar. */
const BESIDE_PX = 48;
const HEIGHT_PX = 950;
const LAYER_VIEWS = ["overview", "drift", "convergence", "gap", "health", "findings"];

describe("every view", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  /** @type {string[]} */
  const errors = [];
  before(async () => {
    workbench = await openWorkbench({ viewport: { width: WIDTHS[0] + BESIDE_PX, height: HEIGHT_PX } });
    // The workbench has errors of its own.
    workbench.page.on("console", (message) => {
      const isOurs =
        message.location().url.includes("/dist/webview.") || /Content Security Policy/.test(message.text());
      if (message.type() === "error" && isOurs) errors.push(message.text());
    });
    workbench.page.on("pageerror", ({ stack = "" }) => {
      if (stack.includes("/dist/webview.")) errors.push(stack);
    });
    const train = (/** @type {string} */ file) =>
      execFileSync(process.execPath, [inRepo("dist", "cli.js"), "train", file, "--steps", "200"], {
        cwd: workbench.workspace,
        stdio: "ignore",
      });
    train("stale_statistics.py");
    train("small_cnn.py");
    // Of a training with two processes, as the recorder writes it.
    const runs = path.join(workbench.workspace, ".normlens", "runs");
    fs.cpSync(inRepo("test", "conformance", "good", "ranks"), path.join(runs, "2026-01-01-000000-two-processes"), {
      recursive: true,
    });
    await workbench.runCommand("View: Toggle Primary Side Bar Visibility");
  });
  closeAfterwards(() => workbench);

  const frame = () => {
    const frames = workbench.page.frames().filter((one) => one.url().includes("fake.html"));
    return frames.at(-1) ?? assert.fail("No panel is open.");
  };

  /** @param {string} name */
  const open = async (name) => {
    await workbench.runCommand("View: Close All Editors");
    await workbench.runCommand("NormLens: Open Run");
    await workbench.pick(name);
    await workbench.webviewFrame().getByTestId("verdict").waitFor();
  };

  /** The view is drawn with what it asked for last. @param {string} view */
  const drawn = async (view) => {
    await workbench.webviewFrame().getByTestId(`tab-${view}`).click();
    await frame().waitForFunction(
      (wanted) => {
        const { view: shown, sentLook, drawnLook } = document.body.dataset;
        return shown === wanted && sentLook === drawnLook;
      },
      view,
      { timeout: 20_000 },
    );
    await workbench.page.waitForTimeout(150);
  };

  /** @param {string} view */
  const check = async (view) => {
    const { words, wider } = await frame().evaluate(() => ({
      words: document.body.innerText,
      wider: [document.documentElement, document.querySelector(".panel")].some(
        (element) => element !== null && element.scrollWidth > element.clientWidth + 1,
      ),
    }));
    assert.doesNotMatch(words, /undefined|NaN|\[object|null\b/, view);
    assert.ok(words.trim().length > 100, `${view} says nothing`);
    assert.equal(wider, false, `${view} is wider than its page`);
  };

  /** @param {readonly string[]} views @param {string} run */
  const walk = async (views, run) => {
    for (const theme of THEMES) {
      await workbench.setTheme(theme);
      for (const width of WIDTHS) {
        await workbench.page.setViewportSize({ width: width + BESIDE_PX, height: HEIGHT_PX });
        for (const view of views) {
          await drawn(view);
          await check(`${run}, ${view}, ${theme}, ${width}`);
          await workbench.screenshot(`view-${run}-${view}-${theme}-${width}`);
        }
      }
    }
  };

  it("of a run is drawn in every theme and width", async () => {
    await open("StaleStatistics");
    await walk(LAYER_VIEWS, "stale");
  });

  it("of a training with several processes is drawn", async () => {
    await open("two-processes");
    await walk(["ranks"], "ranks");
  });

  it("of several runs is drawn", async () => {
    await workbench.runCommand("View: Close All Editors");
    await workbench.runCommand("NormLens: Compare Runs...");
    const widget = workbench.page.locator(".quick-input-widget:visible");
    for (const name of ["StaleStatistics", "SmallCnn"])
      await widget.locator(".monaco-list-row", { hasText: name }).getByText(name).first().click();
    await widget.getByRole("button", { name: "OK" }).click();
    await workbench.webviewFrame().getByTestId("verdict").waitFor();
    await walk(["compare"], "two");
  });

  it("none of them makes an error in the console", () => assert.deepEqual(errors, []));
});
