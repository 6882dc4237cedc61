/** Answers the requests of one run over a connection. Knows no process and no transport. */
import type { MessageConnection } from "vscode-jsonrpc";
import { type Problem, ProblemError } from "../protocol/problems";
import {
  InspectRun,
  type LayerVectors,
  type Outcome,
  PauseRun,
  RecordsWereAppended,
  ResumeRun,
  RunHasEnded,
  type RunInspection,
  type RunPhase,
  StartRun,
  type StartRunParams,
  StopRun,
} from "../protocol/requests";
import { type PreparedRun, prepareRun } from "./executeRun";
import { thisHardware } from "./hardware";
import { RunControl } from "./runControl";

export class RunServer {
  private readonly control = new RunControl();
  private prepared: PreparedRun | null = null;
  private step = 0;
  private running: Promise<void> | null = null;
  private ended = false;

  constructor(
    private readonly connection: MessageConnection,
    private readonly producer: string,
    private readonly helperFile: string,
  ) {
    connection.onRequest(StartRun, (params) => this.start(params));
    connection.onRequest(PauseRun, () => this.steer(() => this.control.pause()));
    connection.onRequest(ResumeRun, () => this.steer(() => this.control.resume()));
    connection.onRequest(StopRun, () => this.steer(() => this.control.stop()));
    connection.onRequest(InspectRun, () => this.inspect());
  }

  /** Stops a run that has not ended. */
  stop(): void {
    this.control.stop();
  }

  /** Resolves when the run has written its end; at once when there is none. */
  whenEnded(): Promise<void> {
    return this.running ?? Promise.resolve();
  }

  private get phase(): RunPhase {
    if (this.ended) return "ended";
    if (!this.prepared) return "idle";
    return this.control.isPaused ? "paused" : "training";
  }

  private start(params: StartRunParams): Outcome<{ runFolder: string; steps: number }> {
    try {
      if (this.prepared) throw new ProblemError({ code: "internal", detail: "this process already trains a run" });
      const prepared = prepareRun(params, thisHardware(this.helperFile), this.producer, {
        stepped: (step) => (this.step = step),
        recordsAppended: () =>
          this.notify(() =>
            this.connection.sendNotification(RecordsWereAppended, {
              step: this.step,
              steps: this.prepared?.config.steps ?? 0,
            }),
          ),
      });
      this.prepared = prepared;
      // The answer leaves first; the loop starts on the next turn.
      this.running = new Promise((resolve) => setImmediate(() => void this.run(prepared).then(resolve)));
      return { ok: true, value: { runFolder: prepared.runFolder, steps: prepared.config.steps } };
    } catch (error) {
      return { ok: false, problem: problemOf(error) };
    }
  }

  private async run(prepared: PreparedRun): Promise<void> {
    const { status, problem } = await prepared.execute(this.control);
    this.ended = true;
    this.notify(() => this.connection.sendNotification(RunHasEnded, { status, problem }));
  }

  private steer(change: () => void): RunPhase {
    change();
    return this.phase;
  }

  private inspect(): RunInspection {
    const session = this.prepared?.session;
    return {
      phase: this.phase,
      step: this.step,
      steps: this.prepared?.config.steps ?? 0,
      kernel: session ? `${session.arena.choice.module} ${session.arena.choice.wide ? 16 : 8}` : "",
      threads: this.prepared?.threads() ?? 0,
      arenaBytes: session?.arena.bytes ?? 0,
      layers: session ? layerVectors(session) : [],
    };
  }

  /** The host may be gone at any moment; a run does not end for that here, main.ts sees to it. */
  private notify(send: () => Promise<void>): void {
    send().catch(() => undefined);
  }
}

function layerVectors(session: PreparedRun["session"]): LayerVectors[] {
  return session.norms.map((norm) => {
    const copy = (address: number): Float32Array => session.channelVector(norm, address).slice();
    const { batchStatistics, state } = norm;
    return {
      layer: norm.name,
      batchMean: copy(batchStatistics.mean),
      batchVariance: copy(batchStatistics.variance),
      runningMean: copy(state.running.mean),
      runningVariance: copy(state.running.variance),
    };
  });
}

function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return { code: "internal", detail: error instanceof Error ? error.message : String(error) };
}
