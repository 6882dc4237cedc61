import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askForProbe, askToStop, withdrawProbe } from "../../../engine/runs/recorderRequests";
import { RunFiles } from "../../../extension/runs/runFiles";
import { layer, runRecord } from "../webview/makeRun";

const run = runRecord({
  source: { path: "/here/train.py", sha256: null },
  layers: [
    layer("bn1", { source: { path: "/here/models.py", line: 3, endLine: null, cell: null } }),
    layer("bn2", { source: { path: null, line: 9, endLine: null, cell: null } }),
    layer("bn3", { source: null }),
    layer("bn4", { source: { path: "D:\\there\\blocks.py", line: 1, endLine: null, cell: null } }),
  ],
});

describe("the files of a run", () => {
  const asked: string[] = [];
  const files = new RunFiles((path) => {
    asked.push(path);
    return path.startsWith("/here/");
  });

  it("are its script and those of its layers", () =>
    assert.deepEqual([...files.namedBy(run)], ["/here/train.py", "/here/models.py", "D:\\there\\blocks.py"]));

  it("are meant by their paths, and by their names where nothing is at the path", () => {
    assert.ok(files.concern(run, "/here/models.py"));
    assert.ok(files.concern(run, "/elsewhere/blocks.py"));
    assert.ok(!files.concern(run, "/elsewhere/models.py"));
    assert.ok(!files.concern(run, "/here/other.py"));
    assert.ok(!files.concern(runRecord({ source: null, layers: [] }), "/here/other.py"));
  });

  it("are looked for on the disk once", () => {
    files.concern(run, "/elsewhere/models.py");
    files.concern(run, "/elsewhere/models.py");
    assert.deepEqual(asked.length, new Set(asked).size);
  });
});

describe("a request to a recorder", () => {
  it("is a file in the run's folder, and a probe can be withdrawn", () => {
    const folder = mkdtempSync(join(tmpdir(), "normlens-requests-"));
    askForProbe(folder);
    askToStop(folder);
    assert.ok(existsSync(join(folder, "request-probe")) && existsSync(join(folder, "request-stop")));
    withdrawProbe(folder);
    withdrawProbe(folder);
    assert.ok(!existsSync(join(folder, "request-probe")));
    rmSync(folder, { recursive: true });
  });
});
