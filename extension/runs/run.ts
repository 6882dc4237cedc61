/**
 * One recorded run as this window knows it: its folder, read on from where it was last read, its summary and judgement,
 * and its process if this window started it.
 */
import { statSync } from "node:fs";
import { flippedSamplesAt } from "../../engine/judgement/flippedSamples";
import { judge } from "../../engine/judgement/judge";
import { replayAt } from "../../engine/judgement/replay";
import { RunSummary } from "../../engine/judgement/runSummary";
import type { FlippedSamples } from "../../engine/protocol/flippedSamples";
import { isLive, type Judgement, type RunState } from "../../engine/protocol/judgement";
import { describeProblem, type Problem } from "../../engine/protocol/problems";
import { isRecording } from "../../engine/protocol/producers";
import type { RunRecord } from "../../engine/protocol/records";
import type { Replay } from "../../engine/protocol/replay";
import { LivenessWatch } from "../../engine/runs/heartbeat";
import { type ListedRun, listedRun, liveStatus } from "../../engine/runs/listRuns";
import { hasCheckpoint } from "../../engine/runs/readResumed";
import { readLabels, type RunLabels, writeLabels } from "../../engine/runs/runLabels";
import { recordsFile } from "../../engine/runs/runFolder";
import { RunReader } from "../../engine/runs/runReader";
import { SamplesReader } from "../../engine/runs/samplesReader";
import type { RunProcess } from "../engine/runProcess";
import type { FedRun } from "../panels/panelFeed";
import { StepMemo } from "./stepMemo";

/** Looking for a sign of life reads a file, so it is done no more often than this. */
const LIVENESS_INTERVAL_MS = 1000;

export class Run implements FedRun {
  readonly summary = new RunSummary();
  readonly reader: RunReader;
  generation = 0;
  /** Set while this window's own child trains the run. */
  process: RunProcess | null = null;
  isPaused = false;
  /** What ended the run according to its process, when the end could not be written to the log. */
  processProblem: Problem | null = null;
  private readonly watch: LivenessWatch;
  private lastLook: { readonly ms: number; readonly state: RunState } | null = null;
  /** What is known from the list, before the run is read. */
  private listed: ListedRun | null = null;
  private loaded = false;
  /** Of its log, when it was read last. */
  private seenBytes: number | null = null;
  /** By pinned step: several panels may have pinned different ones. */
  private readonly judged = new StepMemo<Judgement>();
  private readonly replayed = new StepMemo<Replay | null>();

  private readonly samples: SamplesReader;
  private readonly flipped = new StepMemo<FlippedSamples | null>();

  constructor(readonly folder: string) {
    this.reader = new RunReader(folder);
    this.samples = new SamplesReader(folder);
    this.watch = new LivenessWatch(folder);
  }

  private ownLabels: RunLabels | null = null;

  /** What a person says of it. */
  get labels(): RunLabels {
    return (this.ownLabels ??= readLabels(this.folder));
  }

  /** Throws a ProblemError when they can't be kept; then they are what they were. */
  relabel(change: RunLabels): void {
    const labels = { ...this.labels, ...change };
    writeLabels(this.folder, labels);
    this.ownLabels = labels;
  }

  /** The name that a person gave it. */
  get label(): string | null {
    return this.labels.name ?? null;
  }

  /** The folder is the identity: unique, and the same after a reload. */
  get id(): string {
    return this.folder;
  }

  /** The run record; null until it has been read. */
  get record(): RunRecord | null {
    return this.summary.run ?? this.listed?.run ?? null;
  }

  get lastStep(): number {
    return this.loaded ? this.summary.lastStep : (this.listed?.lastStep ?? 0);
  }

  /** Accuracy on the test samples at the last evaluation, 0 to 1; null where it was not measured. */
  get lastAccuracy(): number | null {
    const last = this.loaded ? this.summary.evals.findLast(({ running }) => running !== null) : this.listed?.lastEval;
    return last?.running?.accuracy ?? null;
  }

  get state(): RunState {
    const end = this.loaded ? this.summary.end : (this.listed?.end ?? null);
    if (end) return end.status;
    if (this.processProblem) return "failed";
    if (this.process) return this.record ? (this.isPaused ? "paused" : "running") : "starting";
    if (this.reader.isGone) return "interrupted";
    return this.stateByLiveness();
  }

  get isLive(): boolean {
    return isLive(this.state);
  }

  /** Whether another process trains it, or may: its state can change without a record. */
  get isWatched(): boolean {
    return this.process === null && this.isLive;
  }

  /** A person's own training, which the recorder looked at. */
  get isRecording(): boolean {
    return isRecording(this.record);
  }

  /** Whether its recorder takes requests now: to probe, to stop recording. */
  get isAskable(): boolean {
    return this.isRecording && this.process === null && this.state === "running";
  }

  get controllable(): boolean {
    return this.process !== null;
  }

  /** Whether it ended early and has a checkpoint to resume from. */
  get isResumable(): boolean {
    const { state } = this;
    return (state === "stopped" || state === "failed" || state === "interrupted") && hasCheckpoint(this.folder);
  }

  get hasNorms(): boolean {
    return this.record?.layers.some(({ norm }) => norm !== null) ?? false;
  }

  get problem(): Problem | null {
    const end = this.loaded ? this.summary.end : this.listed?.end;
    return end?.reason ?? this.processProblem;
  }

  /** Why it ended, in words; null when there is nothing to explain. */
  get explanation(): { code: Problem["code"]; sentence: string; action: string } | null {
    return this.problem ? { code: this.problem.code, ...describeProblem(this.problem) } : null;
  }

  /** True when the whole run could not be read: there is no use in trying again until its files change. */
  isUnreadable = false;

  /** True once the whole run was read; until then only what the list needs is known. */
  get isLoaded(): boolean {
    return this.loaded;
  }

  /** Reads enough for a list. Throws a ProblemError `run-unreadable`. */
  peek(): void {
    this.seenBytes = logBytes(this.folder);
    if (!this.loaded) this.listed = listedRun(this.folder, this.watch);
  }

  /** Whether its log is longer than when it was read last: not every file event comes through. */
  get hasGrown(): boolean {
    return this.seenBytes !== logBytes(this.folder);
  }

  /**
   * Reads what was appended since the last call; true when that was anything. Throws a ProblemError when the log can't
   * be read.
   */
  refresh(): boolean {
    this.seenBytes = logBytes(this.folder);
    const { changed, replaced } = this.reader.readNew(this.summary);
    this.loaded = true;
    if (replaced) this.generation += 1;
    return changed || replaced;
  }

  /** The same object until something it depends on changes. */
  judgement(pinnedStep: number | null): Judgement | null {
    if (!this.loaded) return null;
    const { summary, state, reader } = this;
    const files = `${reader.badLines.length} ${reader.damage.length} ${reader.isGone}`;
    const key = `${this.generation} ${summary.version} ${state} ${files} ${this.problem?.code}`;
    return this.judged.at(pinnedStep, key, () => {
      const pinned = pinnedStep === null ? null : { step: pinnedStep, samples: reader.samplesAt(pinnedStep) };
      const { badLines, damage, isGone } = reader;
      return judge({ summary, state, problem: this.explanation, pinned, badLines, damage, isGone });
    });
  }

  /** The same object until there is another population pass or evaluation. */
  replay(pinnedStep: number | null): Replay | null {
    const { summary, generation } = this;
    const key = `${generation} ${summary.populations.length} ${summary.evals.length}`;
    return this.replayed.at(pinnedStep, key, () => replayAt(summary, pinnedStep));
  }

  /**
   * The same object until there is another probe. Their file is read here for the first time: nobody else needs it.
   */
  flippedSamples(pinnedStep: number | null): FlippedSamples | null {
    const recorded = this.samples.read();
    return recorded && this.flipped.at(pinnedStep, recorded, () => flippedSamplesAt(recorded, pinnedStep));
  }

  private stateByLiveness(): RunState {
    const nowMs = Date.now();
    if (this.lastLook && nowMs - this.lastLook.ms < LIVENESS_INTERVAL_MS) return this.lastLook.state;
    const state = this.liveState();
    this.lastLook = { ms: nowMs, state };
    return state;
  }

  private liveState(): RunState {
    const version = this.loaded ? this.reader.version : (this.listed?.version ?? 2);
    const status = liveStatus(this.folder, version, this.watch);
    return this.record || status === "interrupted" ? status : "starting";
  }
}

/** How long the log of a run is; null where there is none. */
export const logBytes = (folder: string): number | null =>
  statSync(recordsFile(folder), { throwIfNoEntry: false })?.size ?? null;
