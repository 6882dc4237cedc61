// The extension is there and starts.
import assert from "node:assert/strict";
import * as vscode from "vscode";

const EXTENSION_ID = "normlens.normlens";

describe("activation", () => {
  it("finds the extension and activates it", async () => {
    const extension = vscode.extensions.getExtension(EXTENSION_ID);
    assert.ok(extension, `${EXTENSION_ID} is not installed`);
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});
