/** What goes into the report of a run, or of several side by side. */
import { compareRuns } from "../../judgement/comparison";
import { flippedSamplesAt } from "../../judgement/flippedSamples";
import { replayAt } from "../../judgement/replay";
import { describeProblem } from "../../protocol/problems";
import type { Report, ReportedRun } from "../../protocol/report";
import { VERSION } from "../../producer";
import { readLabels } from "../../runs/runLabels";
import { SamplesReader } from "../../runs/samplesReader";
import type { ReadRun } from "../readRun";
import { repeatCommand } from "./repeatCommand";
import { comparedSeries, reportSeries } from "./reportSeries";

export function reportOf([first, ...others]: readonly [ReadRun, ...ReadRun[]]): Report {
  const compared = (read: ReadRun): ReportedRun => comparedRun(read, 1 + others.length);
  return {
    madeAt: new Date().toISOString(),
    madeBy: `NormLens ${VERSION}`,
    comparison: compareRuns([first, ...others]),
    runs: others.length === 0 ? [wholeRun(first)] : [compared(first), ...others.map(compared)],
  };
}

function wholeRun(read: ReadRun): ReportedRun {
  const { run, summary, reader, judgement } = read;
  const { populations, gaps, evals, rankSamples } = summary;
  const recorded = new SamplesReader(read.folder).read();
  return {
    ...inShort(read),
    judgement,
    replay: replayAt(summary, null),
    flipped: recorded && flippedSamplesAt(recorded, null),
    ...reportSeries({ run, reader, populations, gaps, evals, rankSamples }, judgement.layers),
  };
}

/** Of a run among so many: what is said of it as a whole. Layers would make fifty runs a large file. */
function comparedRun(read: ReadRun, runs: number): ReportedRun {
  const { run, summary, reader, judgement } = read;
  const { populations, gaps, evals, rankSamples } = summary;
  return {
    ...inShort(read),
    run: { ...run, layers: [] },
    judgement: { ...judgement, layers: [] },
    replay: null,
    flipped: null,
    series: comparedSeries({ run, reader, populations, gaps, evals, rankSamples }, runs),
    layers: [],
  };
}

const inShort = ({ folder, run, summary: { end, lastStep }, reader, state }: ReadRun) => ({
  run,
  label: readLabels(folder).name ?? null,
  state,
  problem: end?.reason ? { code: end.reason.code, ...describeProblem(end.reason) } : null,
  step: lastStep,
  sampledSteps: reader.sampledSteps,
  command: repeatCommand(run),
});
