/** The runs of a folder, newest first, with what a list shows of each. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { EndRecord, EvalRecord, RunRecord, RunStatus } from "../protocol/records";
import { type Liveness, LivenessWatch } from "./heartbeat";
import { type RunEnds, readRunEnds } from "./readEnds";
import { processFile, recordsFile } from "./runFolder";

/** What a list shows of a run, from the two ends of its files. */
export interface ListedRun {
  readonly folder: string;
  /** Of the run format. */
  readonly version: RunEnds["version"];
  readonly run: RunRecord;
  /**
   * `running` while its producer lives, `interrupted` when it is gone and wrote no end, `unsure` until somebody
   * watched.
   */
  readonly status: RunStatus | "running" | "unsure" | "interrupted";
  readonly end: EndRecord | null;
  readonly lastStep: number;
  readonly lastEval: EvalRecord | null;
}

/** Folders that contain no readable run are left out. A missing runs folder contains no runs. */
export function listRuns(runsFolder: string): ListedRun[] {
  return runFolders(runsFolder).flatMap((folder) => {
    try {
      return [listedRun(folder)];
    } catch {
      return [];
    }
  });
}

/** Run folders by name, newest first, without reading any. */
export function runFolders(runsFolder: string): string[] {
  if (!existsSync(runsFolder)) return [];
  return readdirSync(runsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(recordsFile(join(runsFolder, entry.name))))
    .map((entry) => join(runsFolder, entry.name))
    .sort()
    .reverse();
}

/** `watch` remembers earlier looks at the run. Throws a ProblemError `run-unreadable`. */
export function listedRun(folder: string, watch = new LivenessWatch(folder)): ListedRun {
  const { version, run, end, lastEval, lastStep } = readRunEnds(folder);
  const status = end?.status ?? liveStatus(folder, version, watch);
  return { folder, version, run, end, lastEval, lastStep, status };
}

const statusWords = { alive: "running", unsure: "unsure", silent: "interrupted" } as const;

/** Where a run without an end stands, by its sign of life. */
export const liveStatus = (folder: string, version: RunEnds["version"], watch: LivenessWatch) =>
  statusWords[lookAtLife(folder, version, watch)];

/** Whether a run that has no end is still written. */
function lookAtLife(folder: string, version: RunEnds["version"], watch: LivenessWatch): Liveness {
  if (version === 2) return watch.look(Date.now());
  return isAlive(folder) ? "alive" : "silent";
}

/** Whether the process that writes a run of version 1 still lives on this machine. */
export function isAlive(folder: string): boolean {
  try {
    const pid = Number(readFileSync(processFile(folder), "utf8"));
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
