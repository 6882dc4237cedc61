import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunEnded, RunPhase } from "../../../engine/protocol/requests";
import { RunProcess } from "../../../extension/engine/runProcess";
import { digitsMlp } from "../support/graphs";

/** A child that starts a run at once, and answers what steers it only after a while: one of its steps takes long. */
const SLOW_ENGINE = `
const { createMessageConnection } = require(${JSON.stringify(require.resolve("vscode-jsonrpc"))});
const { IPCMessageReader, IPCMessageWriter } = require(${JSON.stringify(require.resolve("vscode-jsonrpc/node"))});
const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const later = (phase) => new Promise((resolve) => setTimeout(() => resolve(phase), 300));
connection.onRequest("startRun", () => ({ ok: true, value: { runFolder: "/runs/one", steps: 10 } }));
connection.onRequest("pauseRun", () => later("paused"));
connection.onRequest("resumeRun", () => "training");
connection.onRequest("stopRun", () => process.exit(3));
connection.listen();
`;

describe("a run's process, as the extension steers it", () => {
  let folder: string;
  let child: RunProcess;
  let phases: RunPhase[];
  let ended: Promise<RunEnded>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "normlens-process-"));
    const engine = join(folder, "engine.js");
    writeFileSync(engine, SLOW_ENGINE);
    phases = [];
    const params = {
      graph: digitsMlp(),
      runsFolder: folder,
      name: "as written",
      comparison: null,
      request: {
        data: "digits",
        normalize: null,
        length: { steps: 10 },
        batchSize: 60,
        learningRate: 0.1,
        optimizer: "sgd",
        seed: 1,
      },
    } as const;
    let end: (ended: RunEnded) => void = () => undefined;
    ended = new Promise((resolve) => (end = resolve));
    const listener = { recordsAppended: () => undefined, phaseIs: (phase: RunPhase) => phases.push(phase), ended: end };
    const outcome = await RunProcess.start(engine, params, listener, 100);
    assert.ok(outcome.ok);
    child = outcome.value.process;
  });
  afterEach(() => {
    child.dispose();
    rmSync(folder, { recursive: true });
  });

  it("reports a pause only when it is answered, even if that is late", async () => {
    assert.equal(await child.pause(), null);
    assert.deepEqual(phases, []);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(phases, ["paused"]);
    assert.equal(await child.resume(), "training");
    assert.deepEqual(phases, ["paused", "training"]);
  });

  it("keeps no listener for each request", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on("warning", note);
    for (let request = 0; request < 30; request++) await child.resume();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    assert.deepEqual(warnings, []);
  });

  it("says how it ended when the child goes without a word, and answers what waits", async () => {
    assert.equal(await child.stop(), null);
    assert.deepEqual(await ended, {
      status: "failed",
      problem: { code: "process-ended", detail: "it exited with code 3" },
    });
  });
});
