/**
 * A run's sign of life: a small file that its producer writes again every few seconds. A reader trusts its own clock
 * alone, so this works on a network file system and between machines whose clocks differ.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import { heartbeatFile } from "./runFolder";

export const heartbeatSchema = v.object({
  beat: v.number(),
  everySeconds: v.pipe(v.number(), v.finite(), v.gtValue(0)),
  step: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0)), null),
  at: v.nullish(v.string(), null),
});
export type Heartbeat = v.InferOutput<typeof heartbeatSchema>;

export type Liveness = "alive" | "unsure" | "silent";

/** What a watcher saw before, on its own clock. */
export interface SeenBeat {
  readonly beat: number;
  /** When the watcher looked for the first time. */
  readonly firstLookMs: number;
  /** When the beat was seen to grow last; null while it never did. */
  readonly grewMs: number | null;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** How many missed beats make a run silent. */
const PATIENCE = 3;
/** Stands for a heartbeat that is there and cannot be read, as while somebody writes it. */
const UNREADABLE: Heartbeat = { beat: -1, everySeconds: 5, step: null, at: null };

/** Whether the producer lives, from its heartbeat (null: there is none) and what was seen of it before. */
export function liveness(heartbeat: Heartbeat | null, seen: SeenBeat | null, nowMs: number): Liveness {
  if (heartbeat === null) return "silent";
  const patienceMs = PATIENCE * 1000 * heartbeat.everySeconds;
  if (seen !== null && heartbeat.beat !== seen.beat) return "alive";
  if (seen !== null && nowMs - (seen.grewMs ?? seen.firstLookMs) >= patienceMs) return "silent";
  if (seen !== null && seen.grewMs !== null) return "alive";
  // Nobody watched long enough: the time the producer wrote down is a hint, unless it lies ahead of this clock.
  const ageMs = heartbeat.at === null ? Number.NaN : nowMs - Date.parse(heartbeat.at);
  if (Math.abs(ageMs) < patienceMs) return "alive";
  return ageMs > DAY_MS ? "silent" : "unsure";
}

/** Null when there is none or it cannot be read. */
export function readHeartbeat(runFolder: string): Heartbeat | null {
  const heartbeat = lookAtHeartbeat(runFolder);
  return heartbeat === UNREADABLE ? null : heartbeat;
}

function lookAtHeartbeat(runFolder: string): Heartbeat | null {
  let text: string;
  try {
    text = readFileSync(heartbeatFile(runFolder), "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? null : UNREADABLE;
  }
  try {
    return v.parse(heartbeatSchema, JSON.parse(text));
  } catch {
    return UNREADABLE;
  }
}

/** Watches the heartbeat of one run. */
export class LivenessWatch {
  private seen: SeenBeat | null = null;
  private last: Heartbeat | null = null;

  constructor(private readonly runFolder: string) {}

  look(nowMs: number): Liveness {
    const found = lookAtHeartbeat(this.runFolder);
    const heartbeat = found === UNREADABLE ? (this.last ?? found) : found;
    const result = liveness(heartbeat, this.seen, nowMs);
    if (heartbeat !== null) {
      const grew = this.seen !== null && this.seen.beat !== heartbeat.beat;
      this.seen = {
        beat: heartbeat.beat,
        firstLookMs: this.seen?.firstLookMs ?? nowMs,
        grewMs: grew ? nowMs : (this.seen?.grewMs ?? null),
      };
    }
    this.last = heartbeat;
    return result;
  }
}

const USUAL_SECONDS = 5;
/** Written more often than promised, so that one late beat is no silence. */
const WRITTEN_EVERY_MS = 2000;

/** What a producer promises after it was silent for a while: with steps of 20 s it cannot write every 5 s. */
export const promisedSeconds = (everySeconds: number, silentMs: number): number =>
  Math.max(everySeconds, Math.ceil((1.25 * silentMs) / 1000));

/** Writes a run's heartbeat. It never fails: if the disk refuses, the writer of the run itself reports that. */
export class HeartbeatWriter {
  private beatNumber = 0;
  private step = 0;
  private writtenMs = Number.NEGATIVE_INFINITY;
  private everySeconds = USUAL_SECONDS;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly runFolder: string) {
    // A run that waits does no steps and lives all the same.
    this.timer = setInterval(() => this.beat(this.step), WRITTEN_EVERY_MS);
    this.timer.unref();
    this.beat(0);
  }

  /** Cheap at any time: writes at most every few seconds. A process that is busy for longer promises less. */
  beat(step: number): void {
    this.step = Math.max(this.step, step);
    const nowMs = performance.now();
    const silentMs = nowMs - this.writtenMs;
    if (silentMs < WRITTEN_EVERY_MS - 100) return;
    if (Number.isFinite(silentMs)) this.everySeconds = promisedSeconds(this.everySeconds, silentMs);
    this.writtenMs = nowMs;
    this.write();
  }

  /** The run has ended, so the heartbeat is no longer needed. */
  stop(): void {
    clearInterval(this.timer);
    try {
      rmSync(heartbeatFile(this.runFolder), { force: true });
    } catch {
      return;
    }
  }

  private write(): void {
    this.beatNumber += 1;
    const { beatNumber: beat, everySeconds, step } = this;
    const path = heartbeatFile(this.runFolder);
    try {
      writeFileSync(`${path}.partial`, JSON.stringify({ beat, everySeconds, step, at: new Date().toISOString() }));
      renameSync(`${path}.partial`, path);
    } catch {
      return;
    }
  }
}
