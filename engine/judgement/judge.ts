/** The one judgement of a run: from its fold, its state and, for a pinned step, the dense numbers that apply there. */
import type { RunFinding } from "../protocol/finding";
import { type Accuracies, isLive, type Judgement, type JudgedView, type Verdict } from "../protocol/judgement";
import { findingsOf } from "./findings/findingsOf";
import type { JudgedRun, JudgeInput } from "./judgedRun";
export type { JudgeInput } from "./judgedRun";
import { judgedFrom, layerReadings, type Moment } from "./layerReadings";
import { notesOn } from "./notes";
import { recalibrationOf } from "./recalibration";
import { USUAL_SETTLING } from "./severity";
import { accuraciesAt, triageOf } from "./triage";
import { convergenceVerdict } from "./verdicts/convergence";
import { driftVerdict } from "./verdicts/drift";
import { findingsVerdict } from "./verdicts/findings";
import { healthVerdict } from "./verdicts/health";
import { ranksVerdict } from "./verdicts/ranks";
import { findingVerdict, isWorse } from "./verdicts/worstFinding";
import { gapVerdict, withProbe } from "./verdicts/gap";
import { overviewVerdict } from "./verdicts/overview";
import {
  badEndVerdict,
  type StatisticsView,
  measuredEarlyVerdict,
  noNormVerdict,
  startingVerdict,
  tooEarlyVerdict,
} from "./verdicts/standing";

export function judge(input: JudgeInput): Judgement {
  const { summary, pinned = null } = input;
  const newest = judgedRun(input, { summary, at: null, samples: [...summary.samples.values()] });
  const shown = pinned ? judgedRun(input, { summary, at: pinned.step, samples: pinned.samples }) : newest;
  const findings = findingsOf(summary);
  const classes = summary.run?.data?.classes ?? null;
  return {
    at: pinned?.step ?? null,
    step: Math.min(pinned?.step ?? summary.lastStep, summary.lastStep),
    triage: triageOf(settledAccuracies(newest), classes),
    accuracies: newest.accuracies,
    loss: summary.loss.value,
    verdicts: {
      // The overview judges the whole run, the layer views the step that is shown.
      overview: overviewOf(newest, findings),
      drift: verdictOf("drift", shown),
      convergence: verdictOf("convergence", shown),
      gap: withProbe(verdictOf("gap", shown), shown),
      health: verdictOf("health", shown),
      ranks: verdictOf("ranks", shown),
      findings: verdictOf("findings", newest, findings),
    },
    layers: shown.readings,
    recalibration: recalibrationOf(shown),
    findings,
    notes: notesOn(input),
  };
}

function judgedRun({ state, problem }: JudgeInput, moment: Moment): JudgedRun {
  const { summary, at } = moment;
  return {
    ...moment,
    state,
    problem,
    readings: layerReadings(moment),
    accuracies: accuraciesAt(summary, at),
    from: judgedFrom(summary),
  };
}

const unknownAccuracies: Accuracies = { running: Number.NaN, population: Number.NaN, batch: Number.NaN };

/** Accuracies of an evaluation before the running statistics had settled say nothing about them. */
function settledAccuracies({ summary, accuracies, from }: JudgedRun): Accuracies {
  const measured = summary.evals.findLast(({ running, population, batch }) => running ?? population ?? batch);
  return measured && measured.step >= from ? accuracies : unknownAccuracies;
}

/** The worst thing that is known of the run; how it ended comes before that. */
function overviewOf(judged: JudgedRun, findings: readonly RunFinding[]): Verdict {
  const verdict = verdictOf("overview", judged);
  const [worst] = findings;
  if (!worst || !judged.summary.run || badEndVerdict(judged) || !isWorse(worst, verdict.tone)) return verdict;
  return findingVerdict(worst, findings.length - 1, judged.summary);
}

function verdictOf(view: JudgedView, judged: JudgedRun, findings: readonly RunFinding[] = []): Verdict {
  const { summary } = judged;
  if (!summary.run) return startingVerdict(judged);
  const badEnd = badEndVerdict(judged);
  if (badEnd) return badEnd;
  if (view === "findings") return findingsVerdict(judged, findings);
  if (summary.normLayers.length === 0) return noNormVerdict(judged);
  // They say nothing about running statistics, which have to settle first.
  if (view === "health") return healthVerdict(judged);
  if (view === "ranks") return ranksVerdict(judged);
  if (view === "overview" && isDecidedByRules(judged)) return viewVerdicts.overview(judged);
  return tooEarlyVerdict(judged) ?? measuredEarlyVerdict(judged, view) ?? viewVerdicts[view](judged);
}

/**
 * A run that has ended, was recorded without probes, and in which statistics had time to settle at the usual pace: each
 * rule knows by itself what is too early, so weights that were loaded last make the run no shorter.
 */
const isDecidedByRules = ({ summary, state }: JudgedRun): boolean =>
  !isLive(state) &&
  summary.standings.count > 0 &&
  summary.populations.length === 0 &&
  summary.gaps.length === 0 &&
  summary.lastStep >= USUAL_SETTLING;

const viewVerdicts: Readonly<Record<StatisticsView, (judged: JudgedRun) => Verdict>> = {
  overview: (judged) => overviewVerdict({ ...judged, accuracies: settledAccuracies(judged) }),
  drift: driftVerdict,
  convergence: convergenceVerdict,
  gap: gapVerdict,
};
