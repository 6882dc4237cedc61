import assert from "node:assert/strict";
import { plain, progressOn, styledFor } from "../../../engine/cli/terminal";

describe("What only a terminal gets", () => {
  const check = (isColoured: boolean, isTTY: boolean, env: NodeJS.ProcessEnv): void =>
    assert.equal(styledFor({ isTTY }, env) !== plain, isColoured, JSON.stringify({ isTTY, env }));

  it("is colour, unless the environment says otherwise", () => {
    check(true, true, {});
    check(false, false, {});
    check(false, true, { TERM: "dumb" });
    check(false, true, { NO_COLOR: "1" });
    check(true, true, { NO_COLOR: "" });
    check(true, false, { FORCE_COLOR: "1" });
    check(false, true, { FORCE_COLOR: "0" });
    check(false, false, { FORCE_COLOR: "1", NO_COLOR: "1" });
  });

  const written = (isTTY: boolean): string[] => {
    const lines: string[] = [];
    const times = [0, 500, 1000, 1000, 1200, 2100, 2100];
    const stream = { isTTY, write: (text: string) => lines.push(text) };
    const { show, clear } = progressOn(stream, "Step", () => times.shift() ?? NaN);
    for (const step of [1, 2, 3, 4]) show(step, 100);
    clear();
    return lines.map((line) => line.replace("\r\u001b[2K", "<"));
  };

  it("is one line of progress, at most once a second", () => {
    assert.deepEqual(written(true), ["<Step 2 of 100", "<Step 4 of 100", "<"]);
  });

  it("leaves pipes empty", () => assert.deepEqual(written(false), []));
});
