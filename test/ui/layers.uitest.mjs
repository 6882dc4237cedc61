// The Layers view beside a model file: it follows the cursor, and a layer leads to its line.
import assert from "node:assert/strict";
import { closeAfterwards, openWorkbench } from "./workbench.mjs";

describe("the Layers view", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  before(async () => {
    workbench = await openWorkbench();
  });
  closeAfterwards(() => workbench);

  const rows = () => workbench.page.locator(".pane", { hasText: "Layers" }).locator(".monaco-list-row");

  it("says where each BN layer stands", async () => {
    await workbench.openFile("mnist_mlp.py");
    await workbench.runCommand("View: Show NormLens");
    const norm = rows().filter({ hasText: "bn2" }).first();
    await norm.waitFor();
    assert.match(await norm.innerText(), /BatchNorm1d · 100 · 200 parameters · after fc2, before/);
  });

  it("follows the cursor to the layer its line makes", async () => {
    await workbench.clickLine("mnist_mlp.py", "self.bn3 =");
    await workbench.page.locator(".pane .monaco-list-row.selected", { hasText: "bn3" }).waitFor();
    await workbench.clickLine("mnist_mlp.py", "self.fc2 =");
    await workbench.page.locator(".pane .monaco-list-row.selected", { hasText: "fc2" }).waitFor();
    await workbench.screenshot("layers");
  });

  it("selects the cursor's layer when it is opened again", async () => {
    await workbench.runCommand("View: Show Explorer");
    await workbench.clickLine("mnist_mlp.py", "self.bn1 =");
    await workbench.runCommand("View: Show NormLens");
    await workbench.page.locator(".pane .monaco-list-row.selected", { hasText: "bn1" }).waitFor();
  });
});
