// The shortest walk: the packaged extension is installed, and the examples open.
import assert from "node:assert/strict";
import fs from "node:fs";
import { inRepo } from "../../scripts/lib/paths.mjs";
import { closeAfterwards, openWorkbench } from "./workbench.mjs";

describe("a newcomer opens the examples", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  const example = fs.readdirSync(inRepo("examples")).find((name) => name.endsWith(".py")) ?? "mnist_mlp.py";
  before(async () => {
    workbench = await openWorkbench();
  });
  closeAfterwards(() => workbench);

  it("sees an example in the explorer and opens it", async () => {
    await workbench.openFile(example);
    const text = await workbench.page.locator(".editor-instance .view-lines").first().innerText();
    assert.notEqual(text.trim(), "");
    await workbench.screenshot("smoke-dark");
  });

  it("finds the extension installed", async () => {
    await workbench.runCommand("Extensions: Show Installed Extensions");
    await workbench.page.locator(".extensions-list .monaco-list-row", { hasText: "NormLens" }).first().waitFor();
    await workbench.screenshot("smoke-installed");
  });

  it("follows the theme", async () => {
    await workbench.setTheme("light");
    await workbench.screenshot("smoke-light");
    await workbench.setTheme("hc");
    await workbench.setViewport("narrow");
    await workbench.screenshot("smoke-hc-narrow");
  });
});
