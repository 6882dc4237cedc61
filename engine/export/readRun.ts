/** A whole run for a command: folded and judged. */
import { judge } from "../judgement/judge";
import { RunSummary } from "../judgement/runSummary";
import type { Judgement, RunState } from "../protocol/judgement";
import { describeProblem } from "../protocol/problems";
import type { RunRecord } from "../protocol/records";
import { LivenessWatch } from "../runs/heartbeat";
import { liveStatus } from "../runs/listRuns";
import { RunReader } from "../runs/runReader";

export interface ReadRun {
  readonly folder: string;
  readonly run: RunRecord;
  readonly summary: RunSummary;
  readonly reader: RunReader;
  readonly state: RunState;
  readonly judgement: Judgement;
}

/** Throws a ProblemError `run-unreadable`. */
export function readRun(folder: string): ReadRun {
  const reader = new RunReader(folder);
  const summary = new RunSummary();
  reader.readNew(summary);
  const { run, end } = summary;
  // The reader refuses a log that does not begin with a run record.
  if (!run) throw new Error(`${folder} was read without a run record`);
  const state = end?.status ?? liveStatus(folder, reader.version, new LivenessWatch(folder));
  const problem = end?.reason ? describeProblem(end.reason) : null;
  const { badLines, damage } = reader;
  return { folder, run, summary, reader, state, judgement: judge({ summary, state, problem, badLines, damage }) };
}
