/** What goes into the report of a run. */
import { flippedSamplesAt } from "../../judgement/flippedSamples";
import { replayAt } from "../../judgement/replay";
import { describeProblem } from "../../protocol/problems";
import type { Report } from "../../protocol/report";
import { VERSION } from "../../producer";
import { readLabels } from "../../runs/runLabels";
import { SamplesReader } from "../../runs/samplesReader";
import type { ReadRun } from "../readRun";
import { repeatCommand } from "./repeatCommand";
import { reportSeries } from "./reportSeries";

export function reportOf({ folder, run, summary, reader, state, judgement }: ReadRun): Report {
  const recorded = new SamplesReader(folder).read();
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
    flipped: recorded && flippedSamplesAt(recorded, null),
    command: repeatCommand(run),
    ...reportSeries({ run, reader, populations, gaps, evals, rankSamples }, judgement.layers),
  };
}
