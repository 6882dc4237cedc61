/** Ends a run whose process is gone: drops a torn last line, appends the `end` record, keeps everything else. */
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import type { Problem } from "../protocol/problems";
import type { AnyRecord, EndRecord } from "../protocol/records";
import { fileProblem } from "./fileProblem";
import { readHeartbeat } from "./heartbeat";
import { heartbeatFile, processFile, recordsFile } from "./runFolder";
import { RunReader, deafSink } from "./runReader";

/**
 * Returns the record that was appended, or null when the run already had its end. Throws a ProblemError when the disk
 * refuses.
 */
export function recoverRun(runFolder: string, reason: Problem): EndRecord | null {
  let seconds = Number.NaN;
  let lastStep = readHeartbeat(runFolder)?.step ?? 0;
  let hasEnd = false;
  const record = (told: AnyRecord): void => {
    if ("step" in told) lastStep = Math.max(lastStep, told.step);
    hasEnd ||= told.type === "end";
  };
  new RunReader(runFolder).readNew({
    ...deafSink,
    record,
    step: (step, _loss, _learningRate, stepSeconds) => {
      lastStep = Math.max(lastStep, step);
      if (Number.isFinite(stepSeconds)) seconds = (Number.isNaN(seconds) ? 0 : seconds) + stepSeconds;
    },
  });
  if (hasEnd) return null;
  const elapsedMs = Number.isNaN(seconds) ? null : Math.round(1000 * seconds);
  const end: EndRecord = { type: "end", step: lastStep, status: "failed", reason, elapsedMs };
  try {
    appendAfterWholeLines(recordsFile(runFolder), `${JSON.stringify(end)}\n`);
    for (const sign of [heartbeatFile(runFolder), processFile(runFolder)]) rmSync(sign, { force: true });
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
