/**
 * One child process that trains one run: fork, typed requests, and exactly one report of how it ended, whether the
 * child sent it or was killed.
 */
import { type ChildProcess, fork } from "node:child_process";
import { type MessageConnection, createMessageConnection } from "vscode-jsonrpc";
import { IPCMessageReader, IPCMessageWriter } from "vscode-jsonrpc/node";
import type { Problem } from "../../engine/protocol/problems";
import {
  InspectRun,
  type Outcome,
  PauseRun,
  type RecordsAppended,
  RecordsWereAppended,
  ResumeRun,
  type RunEnded,
  RunHasEnded,
  type RunInspection,
  type RunPhase,
  StartRun,
  type StartRunParams,
  StopRun,
} from "../../engine/protocol/requests";

/** If reading the data and planning the memory take longer, the start has failed. */
const START_TIMEOUT_MS = 60_000;
/** The child answers between two steps. If a step takes longer than this, the request counts as unanswered. */
export const REQUEST_TIMEOUT_MS = 10_000;
/** A stopped run has this long to write its end before its process is killed. */
const EXIT_GRACE_MS = 10_000;
const KEPT_ERROR_OUTPUT = 2000;

export interface RunProcessListener {
  recordsAppended(progress: RecordsAppended): void;
  /** The child answered a request to pause, resume or stop, in time or late. */
  phaseIs(phase: RunPhase): void;
  /**
   * Called exactly once. A `problem` with code `process-ended` means that the child exited without reporting its end.
   */
  ended(end: RunEnded): void;
}

export class RunProcess {
  private readonly child: ChildProcess;
  private readonly connection: MessageConnection;
  /** Resolves to null when the child is gone. */
  private readonly gone: Promise<null>;
  private errorOutput = "";
  private hasEnded = false;

  private constructor(
    enginePath: string,
    private readonly listener: RunProcessListener,
    private readonly requestTimeoutMs: number,
  ) {
    // ELECTRON_RUN_AS_NODE: in the desktop's extension host, process.execPath is Electron.
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1", NODE_OPTIONS: "" };
    this.child = fork(enginePath, [], {
      serialization: "advanced",
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env,
    });
    this.child.stderr?.on(
      "data",
      (text: Buffer) => (this.errorOutput = (this.errorOutput + text.toString()).slice(-KEPT_ERROR_OUTPUT)),
    );
    this.child.on("error", (error) =>
      this.end({ status: "failed", problem: { code: "process-ended", detail: error.message } }),
    );
    this.gone = new Promise((resolve) => this.child.once("exit", () => resolve(null)));
    this.child.on("exit", (code, signal) => this.exited(code, signal));
    this.connection = createMessageConnection(new IPCMessageReader(this.child), new IPCMessageWriter(this.child));
    this.connection.onNotification(RecordsWereAppended, (progress) => listener.recordsAppended(progress));
    this.connection.onNotification(RunHasEnded, (end) => this.end(end));
    this.connection.listen();
  }

  /** Starts a child and the run in it. A refusal (bad data, no memory) is an outcome, and the child is gone by then. */
  static async start(
    enginePath: string,
    params: StartRunParams,
    listener: RunProcessListener,
    requestTimeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<Outcome<{ process: RunProcess; runFolder: string; steps: number }>> {
    const child = new RunProcess(enginePath, listener, requestTimeoutMs);
    const outcome = await child.request(child.connection.sendRequest(StartRun, params), START_TIMEOUT_MS);
    if (outcome?.ok) return { ok: true, value: { process: child, ...outcome.value } };
    // The outcome reports it, so the listener is not called as well.
    child.hasEnded = true;
    child.dispose();
    return outcome ?? { ok: false, problem: child.silence("it did not answer while starting") };
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The phase afterwards, or null when the child did not answer in time. */
  pause(): Promise<RunPhase | null> {
    return this.steer(this.connection.sendRequest(PauseRun));
  }

  resume(): Promise<RunPhase | null> {
    return this.steer(this.connection.sendRequest(ResumeRun));
  }

  stop(): Promise<RunPhase | null> {
    return this.steer(this.connection.sendRequest(StopRun));
  }

  inspect(): Promise<RunInspection | null> {
    return this.request(this.connection.sendRequest(InspectRun), this.requestTimeoutMs);
  }

  /** Disconnects from the child: it stops its run, writes the end and exits. If it does not, it is killed. */
  dispose(): void {
    this.connection.dispose();
    if (this.child.connected) this.child.disconnect();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const killer = setTimeout(() => this.child.kill("SIGKILL"), EXIT_GRACE_MS);
    killer.unref();
    this.child.once("exit", () => clearTimeout(killer));
  }

  private steer(answer: Promise<RunPhase>): Promise<RunPhase | null> {
    // If the connection is closed, the answer is rejected and there is no phase to report.
    const reported = answer.then((phase) => {
      this.listener.phaseIs(phase);
      return phase;
    });
    return this.request(reported, this.requestTimeoutMs);
  }

  private async request<T>(answer: Promise<T>, timeoutMs: number): Promise<T | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), timeoutMs)));
    try {
      return await Promise.race([answer, late, this.gone]);
    } catch {
      // The connection was closed during the request: the same as no answer.
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  private exited(code: number | null, signal: NodeJS.Signals | null): void {
    const how = signal ? `it was killed by ${signal}` : `it exited with code ${code ?? "unknown"}`;
    this.end({ status: "failed", problem: this.silence(how) });
  }

  private silence(how: string): Problem {
    const lastLine = this.errorOutput.trim().split("\n").at(-1) ?? "";
    return { code: "process-ended", detail: lastLine === "" ? how : `${how} (${lastLine})` };
  }

  private end(end: RunEnded): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.listener.ended(end);
    this.dispose();
  }
}
