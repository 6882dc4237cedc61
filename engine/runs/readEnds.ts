/** The first record and the last ones of a log, without reading what lies between: what a list of runs needs. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ProblemError } from "../protocol/problems";
import type { AnyRecord, RunRecord } from "../protocol/records";
import { parseRecord } from "./parseRecord";
import { recordsFile } from "./runFolder";

/** A run record lists every layer: 2,000 of them fit. */
const HEAD_BYTES = 1 << 20;
/** Holds the end, the last evaluation and usually the last steps. */
const TAIL_BYTES = 1 << 16;

export interface RunEnds {
  readonly run: RunRecord;
  /** Records of the log's last part, oldest first. */
  readonly tail: readonly AnyRecord[];
}

/** Throws a ProblemError `run-unreadable` when there is no log or it does not begin with a run record. */
export function readRunEnds(runFolder: string): RunEnds {
  const path = recordsFile(runFolder);
  const { head, tail } = readParts(path);
  const first = parseRecord(head.slice(0, Math.max(0, head.indexOf("\n"))));
  if (!first.ok || first.record.type !== "run")
    throw new ProblemError({ code: "run-unreadable", path, detail: "it does not begin with a run record" });
  // The tail begins in the middle of a line and may end in one.
  const lines = tail.split("\n").slice(1, -1);
  const records = lines.map(parseRecord).flatMap((parsed) => (parsed.ok ? [parsed.record] : []));
  return { run: first.record, tail: records };
}

function readParts(path: string): { head: string; tail: string } {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw new ProblemError({
      code: "run-unreadable",
      path,
      detail: (error as NodeJS.ErrnoException).code ?? "unknown error",
    });
  }
  try {
    const { size } = fstatSync(descriptor);
    const read = (bytes: number, position: number): string => {
      const buffer = Buffer.alloc(bytes);
      return buffer.toString("utf8", 0, readSync(descriptor, buffer, 0, bytes, position));
    };
    const tailBytes = Math.min(size, TAIL_BYTES);
    return { head: read(Math.min(size, HEAD_BYTES), 0), tail: read(tailBytes, size - tailBytes) };
  } finally {
    closeSync(descriptor);
  }
}
