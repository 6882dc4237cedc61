// A bench that does not exist is refused, before anything is built or measured.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chooseBenches } from "../../../scripts/lib/benchNames.mjs";

describe("npm run bench", () => {
  it("measures everything, or what it is asked for in its own order", () => {
    const all = chooseBenches([]);
    assert.equal(all.refusal, null);
    assert.ok(all.chosen.length > 1);
    // Behind lint come folders.
    const others = all.chosen.filter((name) => name !== "lint");
    assert.deepEqual(chooseBenches([...others.reverse(), "lint"]), all);
    assert.deepEqual(chooseBenches(["typing"]), { chosen: ["typing"], folders: [], refusal: null });
    const inFolders = chooseBenches(["typing", "lint", "src", "runs"]);
    assert.deepEqual(inFolders, { chosen: ["typing", "lint"], folders: ["src", "runs"], refusal: null });
  });

  it("ends with 2 for a name that it does not know, and prints the names that it knows", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/bench.mjs", "engine", "trainin"], {
      encoding: "utf8",
    });
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, /^Unknown bench: trainin\. /);
    for (const name of chooseBenches([]).chosen) assert.ok(stderr.includes(name), name);
  });
});
