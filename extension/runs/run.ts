/**
 * One recorded run as this window knows it: its log followed from where it was last read, the latest records by kind,
 * and, when this window started it, its process.
 */
import type { Finding } from "../../engine/protocol/finding";
import { describeProblem, type Problem } from "../../engine/protocol/problems";
import type {
  AnyRecord,
  EndRecord,
  EvalRecord,
  GapRecord,
  NormRecord,
  PopulationRecord,
  RunRecord,
} from "../../engine/protocol/records";
import { isAlive } from "../../engine/runs/listRuns";
import { lastRecord } from "../../engine/runs/lastRecord";
import { hasCheckpoint } from "../../engine/runs/readResumed";
import { readRunEnds } from "../../engine/runs/readEnds";
import { RunReader } from "../../engine/runs/runReader";
import { RunSeries } from "../../engine/runs/runSeries";
import type { RunState } from "../../webview/protocol";
import type { RunProcess } from "../engine/runProcess";

export class Run {
  readonly series = new RunSeries();
  run: RunRecord | null = null;
  end: EndRecord | null = null;
  lastStep = 0;
  lastEval: EvalRecord | null = null;
  /** What the run found while it was recorded, in order. */
  readonly findings: Finding[] = [];
  lastGap: GapRecord | null = null;
  lastPopulation: PopulationRecord | null = null;
  /** Latest `norm` record of each layer. */
  readonly lastNorm = new Map<string, NormRecord>();
  readonly badLines: number[] = [];
  /** Set while this window's own child trains the run. */
  process: RunProcess | null = null;
  isPaused = false;
  /** What ended the run as far as its process told, when the log could not be given its end. */
  processProblem: Problem | null = null;
  private readonly reader: RunReader;
  private loaded = false;

  constructor(readonly folder: string) {
    this.reader = new RunReader(folder);
  }

  /** The folder is the identity: unique, and the same after a reload. */
  get id(): string {
    return this.folder;
  }

  get state(): RunState {
    if (this.end) return this.end.status;
    if (this.processProblem) return "failed";
    if (!this.run) return "starting";
    if (this.process) return this.isPaused ? "paused" : "running";
    return isAlive(this.folder) ? "running" : "interrupted";
  }

  get isLive(): boolean {
    return this.state === "starting" || this.state === "running" || this.state === "paused";
  }

  /** Whether it ended early and holds a checkpoint to go on from. */
  get isResumable(): boolean {
    const { state } = this;
    return (state === "stopped" || state === "failed" || state === "interrupted") && hasCheckpoint(this.folder);
  }

  get hasNorms(): boolean {
    return this.run?.layers.some(({ norm }) => norm !== null) ?? false;
  }

  get problem(): Problem | null {
    return this.end?.reason ?? this.processProblem;
  }

  /** Why it ended, for a person; null when there is nothing to explain. */
  get explanation(): { code: Problem["code"]; sentence: string; action: string } | null {
    return this.problem ? { code: this.problem.code, ...describeProblem(this.problem) } : null;
  }

  /** True once the whole log was read; until then only its two ends are known. */
  get isLoaded(): boolean {
    return this.loaded;
  }

  /** Reads the log's two ends: enough for a list. Throws a ProblemError `run-unreadable`. */
  peek(): void {
    if (this.loaded) return;
    const { run, tail } = readRunEnds(this.folder);
    this.run = run;
    this.end = lastRecord(tail, "end");
    this.lastEval = lastRecord(tail, "eval");
    this.lastStep = Math.max(lastRecord(tail, "step")?.step ?? 0, this.lastEval?.step ?? 0);
  }

  /** Takes in what was appended since the last call; true when that was anything. Throws a ProblemError when the log cannot be read. */
  refresh(): boolean {
    const { records, badLines } = this.reader.readNew();
    this.loaded = true;
    for (const record of records) this.take(record);
    this.badLines.push(...badLines.map(({ line }) => line));
    return records.length > 0 || badLines.length > 0;
  }

  private take(record: AnyRecord): void {
    this.series.append(record);
    switch (record.type) {
      case "run":
        this.run = record;
        return;
      case "step":
        this.lastStep = record.step;
        return;
      case "norm":
        this.lastNorm.set(record.layer, record);
        return;
      case "layers":
        return;
      case "population":
        this.lastPopulation = record;
        return;
      case "gap":
        this.lastGap = record;
        return;
      case "eval":
        this.lastEval = record;
        return;
      case "end":
        this.end = record;
        return;
      case "finding":
        this.findings.push(record.finding);
        return;
    }
  }
}
