/** What goes into the report of a run. */
import { replayAt } from "../../judgement/replay";
import { describeProblem } from "../../protocol/problems";
import type { Report } from "../../protocol/report";
import { VERSION } from "../../producer";
import { readLabels } from "../../runs/runLabels";
import type { ReadRun } from "../readRun";
import { repeatCommand } from "./repeatCommand";
import { reportSeries } from "./reportSeries";

export function reportOf({ folder, run, summary, reader, state, judgement }: ReadRun): Report {
  const { populations, gaps, evals, rankSamples, end } = summary;
  return {
    madeAt: new Date().toISOString(),
    madeBy: `NormLens ${VERSION}`,
    run,
    label: readLabels(folder).name ?? null,
    state,
    problem: end?.reason ? { code: end.reason.code, ...describeProblem(end.reason) } : null,
    step: summary.lastStep,
    sampledSteps: reader.sampledSteps,
    judgement,
    replay: replayAt(summary, null),
    command: repeatCommand(run),
    ...reportSeries({ run, reader, populations, gaps, evals, rankSamples }, judgement.layers),
  };
}
