/** Ends a run whose process is gone: drops a torn last line, appends the `end` record, keeps everything else. */
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import type { Problem } from "../protocol/problems";
import type { EndRecord } from "../protocol/records";
import { fileProblem } from "./fileProblem";
import { processFile, recordsFile } from "./runFolder";
import { RunReader } from "./runReader";

/** Returns the record that was appended, or null when the run already had its end. Throws a ProblemError when the disk refuses. */
export function recoverRun(runFolder: string, reason: Problem): EndRecord | null {
  const { records } = new RunReader(runFolder).readNew();
  if (records.some((record) => record.type === "end")) return null;
  const steps = records.filter((record) => record.type === "step");
  const end: EndRecord = {
    type: "end",
    status: "failed",
    reason,
    step: steps.at(-1)?.step ?? 0,
    elapsedMs: steps.reduce((sum, record) => sum + record.ms, 0),
  };
  try {
    appendAfterWholeLines(recordsFile(runFolder), `${JSON.stringify(end)}\n`);
    rmSync(processFile(runFolder), { force: true });
  } catch (error) {
    throw fileProblem(runFolder, error);
  }
  return end;
}

function appendAfterWholeLines(path: string, line: string): void {
  const wholeBytes = readFileSync(path).lastIndexOf(10) + 1;
  const descriptor = openSync(path, "r+");
  try {
    ftruncateSync(descriptor, wholeBytes);
    writeSync(descriptor, line, wholeBytes);
  } finally {
    closeSync(descriptor);
  }
}
