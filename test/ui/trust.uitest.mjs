// Where NormLens must hold back: a workspace nobody has trusted, and a window without a folder.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { closeAfterwards, openWorkbench } from "./workbench.mjs";

describe("a workspace that is not trusted", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  before(async () => {
    workbench = await openWorkbench({ openFile: "mnist_mlp.py", trust: false });
  });
  closeAfterwards(() => workbench);

  it("shows the model and trains nothing, saying why", async () => {
    await workbench.codeLens("Train").click();
    await workbench.toast("untrusted workspace").waitFor();
    await workbench.screenshot("untrusted-dark");
    assert.equal(fs.existsSync(path.join(workbench.workspace, ".normlens")), false);
  });
});

describe("a window without a folder", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  before(async () => {
    workbench = await openWorkbench({
      noFolder: true,
      settings: { "normlens.training.epochs": 1, "files.defaultLanguage": "python" },
    });
  });
  closeAfterwards(() => workbench);

  it("trains an unsaved model, keeps the run in its own storage and says so", async () => {
    await workbench.newPythonFile(
      "import torch.nn as nn\n# normlens: model model input=1x28x28\nmodel = nn.Sequential(nn.Flatten(), " +
        "nn.Linear(784, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 10))\n",
    );
    await workbench.runCommand("NormLens: Train Model");
    await workbench.toast("NormLens keeps this run in its own storage").waitFor();
    await workbench.webviewFrame().locator('[data-testid="verdict"]').waitFor();
    await workbench.screenshot("no-folder-dark");
  });
});
