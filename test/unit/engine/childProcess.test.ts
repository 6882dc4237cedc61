// The child process as the extension sees it: typed requests over the fork's channel, and what happens when either end
// dies.
import { strict as assert } from "node:assert";
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MessageConnection, createMessageConnection } from "vscode-jsonrpc";
import { IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import type { AnyRecord } from "../../../engine/protocol/records";
import {
  InspectRun,
  PauseRun,
  type RecordsAppended,
  RecordsWereAppended,
  ResumeRun,
  type RunEnded,
  RunHasEnded,
  StartRun,
  StopRun,
} from "../../../engine/protocol/requests";
import type { ModelGraph } from "../../../engine/protocol/modelGraph";
import { digitsMlp } from "../support/graphs";
import { readAll } from "../support/readAll";

describe("a run's child process", () => {
  let folder: string;
  let child: ChildProcess;
  let connection: MessageConnection;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "normlens-child-"));
    child = fork(join(process.cwd(), "dist", "engine.js"), [], {
      serialization: "advanced",
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
  });
  afterEach(() => {
    connection.dispose();
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (steps: number, graph: ModelGraph = digitsMlp(), data = "digits") =>
    connection.sendRequest(StartRun, {
      graph,
      runsFolder: folder,
      name: "as written",
      comparison: null,
      request: {
        data,
        normalize: null,
        length: { steps },
        batchSize: 60,
        learningRate: 0.1,
        optimizer: "sgd",
        seed: 1,
      },
    });
  const startedFolder = async (steps: number): Promise<string> => {
    const outcome = await start(steps);
    assert.ok(outcome.ok);
    return outcome.value.runFolder;
  };
  const records = (runFolder: string): readonly AnyRecord[] => readAll(runFolder).records;
  const ended = (): Promise<RunEnded> => new Promise((resolve) => connection.onNotification(RunHasEnded, resolve));
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it("trains, reports what it appends, and says how it ended", async () => {
    let told: RecordsAppended | null = null;
    connection.onNotification(RecordsWereAppended, (progress) => {
      told = progress;
    });
    const end = ended();
    const runFolder = await startedFolder(40);
    assert.deepEqual(await end, { status: "completed", problem: null });
    assert.deepEqual(told, { step: 40, steps: 40 });
    assert.equal(records(runFolder).at(-1)?.type, "end");
  });

  it("makes no steps while paused, shows its vectors, resumes, and stops within a step", async () => {
    const end = ended();
    const runFolder = await startedFolder(1_000_000);
    await pause(300);
    assert.equal(await connection.sendRequest(PauseRun), "paused");
    const paused = await connection.sendRequest(InspectRun);
    await pause(200);
    const later = await connection.sendRequest(InspectRun);
    assert.equal(later.step, paused.step);
    assert.ok(later.layers[0]?.runningMean instanceof Float32Array);
    assert.deepEqual([later.layers[0].layer, later.layers[0].runningMean.length, later.steps], ["bn1", 16, 1_000_000]);
    assert.equal(await connection.sendRequest(ResumeRun), "training");
    await pause(200);
    assert.ok((await connection.sendRequest(InspectRun)).step > paused.step);
    await connection.sendRequest(StopRun);
    assert.equal((await end).status, "stopped");
    assert.equal(records(runFolder).at(-1)?.type, "end");
  });

  it("ends its run cleanly and exits when the parent is gone", async () => {
    const runFolder = await startedFolder(1_000_000);
    await pause(200);
    const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.disconnect();
    assert.equal(await exit, 0);
    const last = records(runFolder).at(-1);
    assert.ok(last?.type === "end");
    assert.equal(last.status, "stopped");
  });

  it("refuses what cannot be trained as a typed problem, and a second run in the same process", async () => {
    const missing = await start(10, digitsMlp(), join(folder, "nowhere"));
    assert.ok(!missing.ok);
    assert.equal(missing.problem.code, "data-missing");
    assert.ok((await start(1_000_000)).ok);
    const second = await start(10);
    assert.ok(!second.ok);
    assert.equal(second.problem.code, "internal");
  });
});
