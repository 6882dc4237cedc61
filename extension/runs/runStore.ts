/** The runs that this window knows, live or on disk. Panels, trees, decorations and the status bar all read from it. */
import { basename } from "node:path";
import * as vscode from "vscode";
import type { Problem } from "../../engine/protocol/problems";
import type { Outcome, RunEnded, RunPhase, StartRunParams } from "../../engine/protocol/requests";
import { runFolders } from "../../engine/runs/listRuns";
import { type TrainedLayers, readTrainedLayers } from "../../engine/runs/readTrainedLayers";
import { recoverRun } from "../../engine/runs/recoverRun";
import type { RunLabels } from "../../engine/runs/runLabels";
import type { RunState } from "../../engine/protocol/judgement";
import { RunProcess } from "../engine/runProcess";
import type { RecordedLines } from "./recordedLines";
import { logBytes, Run } from "./run";
import { RunFiles } from "./runFiles";

/** Older runs are not listed; they can still be opened by their folder. */
const LISTED_RUNS = 50;

/** Folders begin with the time in UTC. A run that was copied here is as old as it was there. */
function newestFirst(a: Run, b: Run): number {
  const [first, second] = [basename(a.folder), basename(b.folder)];
  return first === second ? (a.id < b.id ? 1 : -1) : first < second ? 1 : -1;
}

export class RunStore implements vscode.Disposable {
  private readonly runs = new Map<string, Run>();
  private readonly changed = new vscode.EventEmitter<Run>();
  private readonly stateChanged = new vscode.EventEmitter<Run>();
  private readonly ended = new vscode.EventEmitter<Run>();
  private readonly states = new Map<string, RunState>();
  private readonly trained = new Map<string, TrainedLayers | null>();
  /** Folders that were reported, with the bytes of their logs: they are looked at again when those change. */
  private readonly unreadable = new Map<string, number | null>();
  /** The files that runs name, and whether they are on this machine. */
  readonly files = new RunFiles();
  /** A run was added or has new records or another state. */
  readonly onDidChange = this.changed.event;
  /** A run was added, continues, pauses or has ended; not fired for each of its steps. */
  readonly onDidChangeState = this.stateChanged.event;
  /** A run that this window trained has ended. */
  readonly onDidEnd = this.ended.event;

  constructor(
    private readonly enginePath: string,
    private readonly log: vscode.LogOutputChannel,
    /** The lines that recordings name, as they were. */
    readonly lines: RecordedLines,
  ) {}

  /** Newest first. */
  get all(): readonly Run[] {
    return [...this.runs.values()].sort(newestFirst);
  }

  /** Recordings that take requests now, newest first. */
  get askable(): readonly Run[] {
    return this.all.filter((run) => run.isAskable);
  }

  get live(): readonly Run[] {
    return this.all.filter((run) => run.process !== null);
  }

  get(id: string): Run | undefined {
    return this.runs.get(id);
  }

  /**
   * What is shown in a file: of each script and model file the newest run, if its layers are constructed there. Newest
   * first. Of runs that are compared, the one with BN.
   */
  runsIn(path: string): Run[] {
    const newest = new Map<string, Run>();
    for (const run of this.all) {
      const source = run.record?.source?.path ?? run.id;
      if (!newest.has(source)) newest.set(source, run);
    }
    return [...newest.values()]
      .filter(({ record }) => record !== null && this.files.concern(record, path))
      .map((run) => this.comparedWith(run)[0] ?? run);
  }

  /** The newest run that is shown in a file, live or ended. */
  latestIn(path: string): Run | undefined {
    return this.runsIn(path)[0];
  }

  /** The run and those it is compared with; runs with BN come first. */
  comparedWith(run: Run): Run[] {
    const comparison = run.record?.comparison ?? null;
    const pair = comparison === null ? [run] : this.all.filter((other) => other.record?.comparison === comparison);
    return [...pair].sort((a, b) => Number(b.hasNorms) - Number(a.hasNorms));
  }

  /** The layers a run trained, as they were recorded; null when its graph is gone or damaged. */
  trainedLayers(run: Run): TrainedLayers | null {
    const known = this.trained.get(run.id);
    if (known !== undefined) return known;
    const layers = readTrainedLayers(run.folder);
    this.trained.set(run.id, layers);
    return layers;
  }

  /** Starts a run in a separate child process. A refusal is an outcome with its problem. */
  async start(params: StartRunParams): Promise<Outcome<Run>> {
    // Notifications only come after the answer that names the folder, so the run is known by then.
    const started: { run?: Run } = {};
    const outcome = await RunProcess.start(this.enginePath, params, {
      recordsAppended: () => started.run && this.refresh(started.run),
      phaseIs: (phase) => started.run && this.phaseIs(started.run, phase),
      ended: (end) => started.run && this.processEnded(started.run, end),
    });
    if (!outcome.ok) return outcome;
    const run = new Run(outcome.value.runFolder);
    started.run = run;
    run.process = outcome.value.process;
    this.runs.set(run.id, run);
    this.log.info(`Run ${run.id} started in process ${String(run.process.pid)}, ${outcome.value.steps} steps`);
    this.refresh(run);
    return { ok: true, value: run };
  }

  /** The run in a folder, read as far as a list needs it. Throws a ProblemError `run-unreadable`. */
  open(folder: string): Run {
    return this.known(folder);
  }

  /** Reads a run as it is now, also what no watcher has reported yet. Throws a ProblemError `run-unreadable`. */
  read(run: Run): void {
    if (run.refresh()) this.announce(run);
  }

  /** Reads the rest of a run that was only listed; a run whose log can't be read stays as it is. */
  load(run: Run): void {
    run.isUnreadable = !this.attempt(() => run.refresh());
  }

  /** Names, notes or pins a run. Throws a ProblemError when its folder can't be written. */
  relabel(run: Run, change: RunLabels): void {
    run.relabel(change);
    this.changed.fire(run);
    this.stateChanged.fire(run);
  }

  /** A run is no longer listed; panels that show it keep what they have. */
  forget(run: Run): void {
    this.runs.delete(run.id);
    this.states.delete(run.id);
    this.changed.fire(run);
    this.stateChanged.fire(run);
  }

  /** Lists the newest runs of a folder from the start and end of their logs; those that can't be read are logged. */
  discover(runsFolder: string): void {
    for (const folder of runFolders(runsFolder).slice(0, LISTED_RUNS)) {
      if (this.runs.has(folder) || this.unreadable.get(folder) === logBytes(folder)) continue;
      if (!this.attempt(() => this.known(folder))) this.unreadable.set(folder, logBytes(folder));
    }
  }

  /** Call it when a run's files were written to. Runs of this window report that themselves, earlier. */
  filesChanged(folder: string): void {
    if (this.runs.get(folder)?.process) return;
    this.attempt(() => {
      const run = this.known(folder);
      run.isUnreadable = false;
      if (run.isLoaded) run.refresh();
      else run.peek();
      this.announce(run);
    });
  }

  /** A run that is shown stays as it was read; its judgement says that its log is gone. */
  filesDeleted(folder: string): void {
    const run = this.runs.get(folder);
    if (run?.isLoaded) this.refresh(run);
  }

  /** Reads runs that other processes write, and announces those whose state has changed without a record. */
  lookForLife(): void {
    // One that looked interrupted may have been found before its first sign of life.
    for (const run of this.runs.values())
      if (run.isWatched || (run.state === "interrupted" && run.hasGrown)) this.filesChanged(run.folder);
    for (const run of this.runs.values()) if (this.states.get(run.id) !== run.state) this.announce(run);
  }

  /** False when the run did not answer in time: a step takes long, and the run pauses after it. */
  async pause(run: Run): Promise<boolean> {
    return (await run.process?.pause()) !== null;
  }

  async resume(run: Run): Promise<boolean> {
    return (await run.process?.resume()) !== null;
  }

  async stop(run: Run): Promise<boolean> {
    return (await run.process?.stop()) !== null;
  }

  /** Makes the child processes end their runs; what is recorded stays. */
  dispose(): void {
    for (const run of this.live) run.process?.dispose();
    this.changed.dispose();
    this.stateChanged.dispose();
    this.ended.dispose();
  }

  private announce(run: Run): void {
    if (run.isRecording && run.record) this.lines.note(run.id, run.record);
    this.changed.fire(run);
    if (this.states.get(run.id) === run.state) return;
    this.states.set(run.id, run.state);
    this.stateChanged.fire(run);
  }

  private known(folder: string): Run {
    const known = this.runs.get(folder);
    if (known) return known;
    const run = new Run(folder);
    run.peek();
    this.runs.set(folder, run);
    this.announce(run);
    return run;
  }

  private refresh(run: Run): void {
    this.attempt(() => {
      if (run.refresh()) this.announce(run);
    });
  }

  /** A log that can't be read must not affect other runs. */
  private attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.log.warn(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  /** The phase that the child reports. An unanswered request changes nothing. */
  private phaseIs(run: Run, phase: RunPhase): void {
    const isPaused = phase === "paused";
    if (run.isPaused === isPaused) return;
    run.isPaused = isPaused;
    this.announce(run);
  }

  private processEnded(run: Run, { status, problem }: RunEnded): void {
    run.process = null;
    run.isPaused = false;
    this.log.info(`Run ${run.id} ended: ${status}${problem ? `, ${problem.code}` : ""}`);
    if (problem?.code === "process-ended") this.writeEnd(run, problem);
    this.refresh(run);
    // On a full disk the log has no end; the process's own report replaces it.
    if (!run.summary.end && problem) run.processProblem = problem;
    this.announce(run);
    this.ended.fire(run);
  }

  /** Writes the run's end for a child that could not write it any more. */
  private writeEnd(run: Run, problem: Problem): void {
    this.attempt(() => recoverRun(run.folder, problem));
  }
}
