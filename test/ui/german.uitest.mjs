// The extension in another language: VS Code says which, and every text of ours follows it.
import { closeAfterwards, openWorkbench } from "./workbench.mjs";

describe("in German", () => {
  /** @type {import('./workbench.mjs').Workbench} */
  let workbench;
  before(async () => {
    workbench = await openWorkbench({ language: "de", settings: { "normlens.training.epochs": 1 } });
    await workbench.openFile("stale_statistics.py");
  });
  closeAfterwards(() => workbench);

  it("the lens of a model trains it", async () => {
    await workbench.codeLens("Mit und ohne BN vergleichen").waitFor();
    await workbench.codeLens("Trainieren").click();
    await workbench.webviewFrame().locator('[data-testid="verdict"]').waitFor();
  });

  it("views and commands have German names", async () => {
    await workbench.runCommand("NormLens: Lauf umbenennen...");
    await workbench.page.locator(".quick-input-widget").getByPlaceholder("Wählen Sie einen Lauf").waitFor();
    await workbench.page.keyboard.press("Escape");
    await workbench.runCommand("View: Show NormLens");
    await workbench.page.locator(".pane-header", { hasText: "Läufe" }).waitFor();
    await workbench.screenshot("german-dark");
  });
});
