/** The runs of a folder, newest first, with what a list shows of each. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { EndRecord, EvalRecord, RunRecord, RunStatus } from "../protocol/records";
import { processFile, recordsFile } from "./runFolder";
import { lastRecord } from "./lastRecord";
import { readRunEnds } from "./readEnds";

export interface RunSummary {
  readonly folder: string;
  readonly run: RunRecord;
  /** `running` while its process lives, `interrupted` when it is gone and wrote no end. */
  readonly status: RunStatus | "running" | "interrupted";
  readonly end: EndRecord | null;
  readonly lastStep: number;
  readonly lastEval: EvalRecord | null;
}

/** Folders that hold no readable run are left out. A missing runs folder holds no runs. */
export function listRuns(runsFolder: string): RunSummary[] {
  return runFolders(runsFolder).flatMap((folder) => summarizeRun(folder) ?? []);
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

/** Null when the folder's log cannot be read or does not begin with a `run` record. */
export function summarizeRun(folder: string): RunSummary | null {
  try {
    const { run, tail } = readRunEnds(folder);
    const end = lastRecord(tail, "end");
    const lastEval = lastRecord(tail, "eval");
    const lastStep = Math.max(lastRecord(tail, "step")?.step ?? 0, lastEval?.step ?? 0, end?.step ?? 0);
    return {
      folder,
      run,
      end,
      lastEval,
      lastStep,
      status: end?.status ?? (isAlive(folder) ? "running" : "interrupted"),
    };
  } catch {
    return null;
  }
}

/** Whether the process that writes the run still lives on this machine. */
export function isAlive(folder: string): boolean {
  try {
    const pid = Number(readFileSync(processFile(folder), "utf8"));
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
