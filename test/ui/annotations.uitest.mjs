// Annotations as a person meets them: asked for, completed, written into the code, and undone.
import assert from "node:assert/strict";
import { closeAfterwards, openWorkbench } from "./workbench.mjs";

const MODEL = `import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)  # normlens: add bn
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        out = F.relu(self.conv1(x))
        return F.relu(x + self.bn2(self.conv2(out)))


class Net(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.stem = nn.Conv2d(1, width, 3, stride=2, padding=1)
        self.blocks = nn.Sequential(Block(width), Block(width))
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.blocks(F.relu(self.stem(x)))
        return self.head(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))
`;

describe("annotations", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  before(async () => {
    workbench = await openWorkbench({ settings: { "normlens.training.epochs": 1 }, files: { "blocks.py": MODEL } });
  });
  closeAfterwards(() => workbench);

  const line = (/** @type {string} */ text) =>
    workbench.page.locator(".editor-instance .view-line", { hasText: text }).first();
  /** Types an answer into the box that is open, once its question is there. */
  const answer = async (/** @type {string} */ question, /** @type {string} */ text) => {
    const box = workbench.page.locator(".quick-input-widget:visible");
    await box.locator(".quick-input-title, .quick-input-message", { hasText: question }).first().waitFor();
    await box.locator("input.input").first().fill(text);
    await workbench.page.keyboard.press("Enter");
  };

  it("ask for the arguments that a model file leaves open, and keep the answers", async () => {
    await workbench.openFile("blocks.py");
    await workbench.codeLens(/width, classes/).click();
    await workbench.pick("Net");
    await answer("Net: width (1/3)", "width?");
    await workbench.page.locator(".quick-input-widget:visible .monaco-inputbox.error").waitFor();
    await workbench.screenshot("arguments-refused");
    await answer("Net: width (1/3)", "16");
    await answer("Net: classes (2/3)", "10");
    await answer("(3/3)", "1x28x28");
    await line("# normlens: model Net(width=16, classes=10) input=1x28x28").waitFor();
    await workbench.codeLens("Train").waitFor();
    await workbench.screenshot("arguments-kept");
  });

  it("say on hover which calls led to a layer", async () => {
    const hover = await workbench.hover("bn2", /blocks\.0\.bn2/);
    assert.match(await hover.innerText(), /output 16×14×14, 32 parameters\s+← Net\.__init__ line \d+/);
    await workbench.screenshot("layer-hover");
  });

  it("are written into the code, and one undo takes that back", async () => {
    await workbench.page.locator(".view-line", { hasText: "class Net" }).first().click();
    await workbench.page.keyboard.press("Control+Home");
    for (let count = 1; count < 9; count++) await workbench.page.keyboard.press("ArrowDown");
    await workbench.runCommand("NormLens: Write Annotation into Code");
    await line("self.conv1_bn = nn.BatchNorm2d(channels)").waitFor();
    await line("out = F.relu(self.conv1_bn(self.conv1(x)))").waitFor();
    await workbench.screenshot("annotation-written");
    await workbench.page.keyboard.press("Control+Z");
    await line("# normlens: add bn").waitFor();
    await line("out = F.relu(self.conv1(x))").waitFor();
  });

  it("are completed while they are typed", async () => {
    await line("self.bn2 =").click();
    await workbench.page.keyboard.press("End");
    await workbench.page.keyboard.type("  # normlens: ");
    const offer = workbench.page
      .locator(".suggest-widget.visible .monaco-list-row", { hasText: "use group(8)" })
      .first();
    await offer.waitFor();
    await workbench.screenshot("annotation-completion");
    await offer.click();
    await line("# normlens: use group(8)").waitFor();
  });

  it("are trained: a residual model with group normalization in the place of one BN", async () => {
    await workbench.codeLens("Train").click();
    const panel = workbench.webviewFrame();
    await panel.locator('[data-state="completed"]').waitFor({ timeout: 120_000 });
    await workbench.screenshot("residual-run");
    const table = await panel.locator("body").innerText();
    assert.match(table, /blocks\.0\.conv1_bn/);
    assert.doesNotMatch(table, /blocks\.0\.bn2/);
  });
});
