// `npm start` as a newcomer calls it, with and without an editor.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { inRepo, root } from "../../scripts/lib/paths.mjs";

const execute = promisify(execFile);
const start = (/** @type {string[]} */ ...args) =>
  execute(process.execPath, [inRepo("scripts", "start.mjs"), ...args], { cwd: root, timeout: 280_000 });

describe("npm start", () => {
  it("--headless trains and prints a table per layer", async () => {
    const { stdout } = await start("--headless");
    assert.match(stdout, /Run completed after \d+ steps( on \d+ threads)?\. Test accuracy \d+\.\d %/);
    assert.match(stdout, /bn3 +60 /);
  });

  it("opens VS Code with a run going and follows it in the terminal", async () => {
    const { stdout } = await start("--once");
    assert.match(stdout, /http:\/\/127\.0\.0\.1:\d+\/|begins in the window/);
    assert.match(stdout, /step 1000\/1000 +test loss \S+ +accuracy \d+\.\d %/);
    assert.match(stdout, /Run completed after/);
  });
});
