import assert from "node:assert/strict";
import { resolve } from "node:path";
import { prepended, recordingEnvironment } from "../../../engine/runs/recordingEnvironment";

const RECORDING = { bootstrap: "/ours", directory: "/project", launch: "a1" };

describe("environment of a recording", () => {
  it("has an absolute runs folder, for scripts change their directory", () => {
    assert.deepEqual(recordingEnvironment({ PATH: "/bin" }, RECORDING), {
      PATH: "/bin",
      NORMLENS_RECORD: "1",
      NORMLENS_RUNS: resolve("/project/.normlens/runs"),
      NORMLENS_LAUNCH: "a1",
      PYTHONPATH: "/ours",
    });
  });

  it("keeps what the terminal says, unless an option says otherwise", () => {
    const base = { NORMLENS_RUNS: "/runs", NORMLENS_RUN_NAME: "mine" };
    const kept = recordingEnvironment(base, RECORDING);
    assert.deepEqual([kept["NORMLENS_RUNS"], kept["NORMLENS_RUN_NAME"]], [resolve("/runs"), "mine"]);
    const asked = recordingEnvironment(base, { ...RECORDING, runs: "out", name: "other" });
    assert.deepEqual([asked["NORMLENS_RUNS"], asked["NORMLENS_RUN_NAME"]], [resolve("/project/out"), "other"]);
  });

  it("puts our folder first, once, and adds no entry after it", () => {
    const cases = [
      ["", ":", "/ours"],
      ["/a:/b", ":", "/ours:/a:/b"],
      // An empty entry of the person's own stays one.
      [":/a", ":", "/ours::/a"],
      ["/ours:/a", ":", "/ours:/a"],
      ["C:\\lib;D:\\lib", ";", "/ours;C:\\lib;D:\\lib"],
    ] as const;
    for (const [path, separator, expected] of cases) assert.equal(prepended("/ours", path, separator), expected);
  });
});
