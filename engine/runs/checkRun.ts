/** Reports what is wrong with a run, for those who write one: line by line, table by table. It changes nothing. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import * as v from "valibot";
import { FileSource } from "./byteSource";
import { type CheckedEvents, checkEvents } from "./check/checkEvents";
import { type CheckedTable, checkNumbers } from "./check/checkNumbers";
import { checkSamples } from "./check/checkSamples";
import { type Fault, type Remark, Remarks } from "./check/faults";
import { heartbeatSchema } from "./heartbeat";
import { NumbersReader } from "./numbers/numbersReader";
import { heartbeatFile, numbersFile, rankOfFile, recordsFile } from "./runFolder";

export interface RunCheck {
  /** The run format; null where it is unknown. */
  readonly version: 1 | 2 | null;
  readonly faults: readonly Fault[];
  /** What is no fault, and not read either. */
  readonly notes: readonly Remark[];
  /** How many records there are of each type. */
  readonly records: Readonly<Record<string, number>>;
  readonly tables: readonly CheckedTable[];
}

export function checkRun(folder: string): RunCheck {
  const remarks = new Remarks();
  const events = checkEvents(folder, remarks);
  const { version, records } = events;
  let tables: CheckedTable[] = [];
  if (version === 1)
    remarks.note(basename(recordsFile(folder)), {}, "it has run format 1, which NormLens converts when it reads it");
  if (version === 2) {
    const isGoingOn = checkLife(folder, events, remarks);
    checkSamples(folder, isGoingOn, remarks);
    tables = numbersIn(folder, events, remarks).flatMap((rank) => {
      const path = numbersFile(folder, rank);
      const reader = new NumbersReader(new FileSource(path));
      if (isGoingOn) reader.readNew();
      else reader.finish();
      return checkNumbers(reader, basename(path), events.run, remarks);
    });
  }
  return { version, records, tables, faults: remarks.faults, notes: remarks.notes };
}

/** Whether the run is still being written, so that what is unfinished may become complete. */
function checkLife(folder: string, { hasEnd, run, unfinished }: CheckedEvents, remarks: Remarks): boolean {
  const path = heartbeatFile(folder);
  const hasHeartbeat = existsSync(path);
  if (hasHeartbeat) checkHeartbeat(path, remarks);
  const isGoingOn = !hasEnd && hasHeartbeat;
  const file = basename(recordsFile(folder));
  if (unfinished !== "" && !isGoingOn)
    remarks.fault("unfinished-line", file, {}, "its last line has no line end, so it is not read");
  if (run !== null && !hasEnd && !hasHeartbeat)
    remarks.fault(
      "no-sign-of-life",
      file,
      {},
      "the run has neither an end nor a heartbeat.json, so it counts as interrupted",
    );
  return isGoingOn;
}

function checkHeartbeat(path: string, remarks: Remarks): void {
  let reason = "it is not valid JSON";
  try {
    const result = v.safeParse(heartbeatSchema, JSON.parse(readFileSync(path, "utf8")));
    if (result.success) return;
    const [issue] = result.issues;
    reason = `${v.getDotPath(issue) ?? "it"}: ${issue.message}`;
  } catch {
    // The reason stands.
  }
  remarks.fault("bad-heartbeat", basename(path), {}, reason);
}

/** Ranks that have numbers; says which should, and which should not. */
function numbersIn(folder: string, { run }: CheckedEvents, remarks: Remarks): number[] {
  const found = readdirSync(folder).flatMap((name) =>
    name === basename(numbersFile(folder)) ? 0 : (rankOfFile(name) ?? []),
  );
  found.sort((a, b) => a - b);
  if (run === null || found.length === 0) return found;
  for (const rank of found)
    if (rank >= run.ranks)
      remarks.fault(
        "rank-unexpected",
        basename(numbersFile(folder, rank)),
        {},
        `the run record says ${run.ranks === 1 ? "one rank" : `${run.ranks} ranks`}`,
      );
  const present = new Set(found);
  for (let rank = 0, told = 0; rank < run.ranks && told < 10; rank++)
    if (!present.has(rank)) {
      told += 1;
      remarks.fault(
        "rank-missing",
        basename(numbersFile(folder, rank)),
        {},
        `it does not exist, but the run record says ${run.ranks} ranks`,
      );
    }
  return found;
}
