/** What is shown before anything is judged: the run has not begun, ended badly, has no BN, or it is too early. */
import { isLive, type JudgedView, type RunState, type Verdict, type VerdictTone } from "../../protocol/judgement";
import { counted, percent, thousands, twoDigits } from "../../protocol/numberText";
import { isRecording } from "../../protocol/producers";
import type { JudgedRun } from "../judgedRun";
import { answer, strong } from "../parts";
import { lastAt, type RunSummary } from "../runSummary";
import { testSamplesNoun } from "../runWords";
import { updatesNeeded } from "../severity";

export function startingVerdict({ problem }: Pick<JudgedRun, "problem">): Verdict {
  if (problem) return { tone: "error", sentence: problem.sentence, answers: [answer("Next", problem.action)] };
  return {
    tone: "busy",
    sentence: "Starting: NormLens sets up the model.",
    answers: [
      answer("First", "Accuracy and loss, before the first step"),
      answer("Then", "Batch statistics from the first steps; convergence and gap at each probe"),
    ],
  };
}

const badEnds: Partial<Record<RunState, { readonly tone: VerdictTone; readonly words: (step: string) => string }>> = {
  interrupted: { tone: "warning", words: (step) => `The run was interrupted at step ${step}.` },
  diverged: { tone: "error", words: (step) => `Training diverged at step ${step}.` },
  failed: { tone: "error", words: (step) => `The run failed at step ${step}.` },
};

/** For a run that ended badly: it says so first, and its numbers stay below. Null for any other run. */
export function badEndVerdict({ problem, state, summary }: JudgedRun): Verdict | null {
  if (isInterruptedByPerson(summary, state)) return null;
  const badEnd = badEnds[state];
  if (!problem && !badEnd) return null;
  const step = summary.lastStep;
  return {
    tone: state === "stopped" ? "warning" : (badEnd?.tone ?? "error"),
    sentence: problem?.sentence ?? badEnd?.words(thousands(step)) ?? "",
    answers: [
      answer("Kept", step > 0 ? `${counted(step, "step")} and everything measured in them` : "The settings of the run"),
      answer("Next", problem?.action ?? `${againWords(summary)} Everything recorded so far is kept.`),
    ],
  };
}

/**
 * A person's own training ends when they press Ctrl+C or stop the recording: its state says that, and what was found in
 * it says more.
 */
const isInterruptedByPerson = ({ run, normLayers }: RunSummary, state: RunState): boolean =>
  isRecording(run) && (state === "stopped" || state === "interrupted") && normLayers.length > 0;

const againWords = ({ run }: RunSummary): string => (isRecording(run) ? "Run the script again." : "Train again.");

export function noNormVerdict({ summary, accuracies }: JudgedRun): Verdict {
  const accuracy = Number.isFinite(accuracies.running)
    ? [answer("Accuracy", strong(percent(accuracies.running)), ` of ${testSamplesNoun(summary.run)} right`)]
    : [];
  return {
    tone: "information",
    sentence: "This run has no batch normalization.",
    answers: [
      ...accuracy,
      answer("Training loss", twoDigits(summary.loss.value)),
      answer("Available", "Overview. Drift, Convergence and Train vs eval need BN layers."),
      ...(summary.run?.config
        ? [
            answer(
              "Next",
              { kind: "command", command: "compare", text: "Compare with BN" },
              " trains the same model with BN beside it.",
            ),
          ]
        : []),
    ],
  };
}

function neededWords({ summary, from }: JudgedRun): string {
  const needed = updatesNeeded(summary.normLayers.map(({ norm }) => norm.updateWeight));
  if (!Number.isFinite(needed)) return "never settle with an update weight of 0";
  const disturbed = summary.segments.findLast(({ step }) => step > 0 && step <= from);
  const after =
    disturbed && from > needed ? ` after step ${thousands(disturbed.step)}, where they were set from outside` : "";
  return `need ${counted(needed, "update")} to settle${after}`;
}

/**
 * Nothing is judged before running statistics had time to settle, at a pinned step either. Null when there was time.
 */
export function tooEarlyVerdict(judged: JudgedRun): Verdict | null {
  const { summary, at, from, state, accuracies } = judged;
  const step = Math.min(summary.lastStep, at ?? summary.lastStep);
  if (step >= from) return null;
  if (summary.lastStep >= from)
    return {
      tone: "information",
      sentence: `Step ${thousands(step)} is too early to judge: running statistics ${neededWords(judged)}.`,
      answers: [
        answer("Judged", `From step ${thousands(from)} on`),
        answer("Next", "Press Escape to return to the newest step."),
      ],
    };
  const live = isLive(state);
  return {
    tone: live ? "busy" : "information",
    sentence: live
      ? `Too early to judge: running statistics ${neededWords(judged)}.`
      : `Too short to judge: the run ended at step ${thousands(step)}, running statistics ${neededWords(judged)}.`,
    answers: [
      answer(
        "Verdict",
        live ? `At step ${thousands(from)}; now at step ${thousands(step)}` : `From ${counted(from, "step")} on`,
      ),
      ...(Number.isFinite(accuracies.running)
        ? [answer("Accuracy", strong(percent(accuracies.running)), " with running statistics")]
        : []),
      answer("Meanwhile", "The charts show every number."),
    ],
  };
}

/** Views that say something about running statistics, which have to settle first. */
export type StatisticsView = Exclude<JudgedView, "health" | "ranks" | "findings">;

/**
 * Statistics have settled since, but this view's numbers were measured before. Null when something was measured after.
 */
export function measuredEarlyVerdict(judged: JudgedRun, view: StatisticsView): Verdict | null {
  const measured = lastMeasured(judged, view);
  // If the producer never measures this kind of number, the view itself says so.
  if (measured === null || measured >= judged.from) return null;
  const live = isLive(judged.state);
  return {
    tone: live ? "busy" : "information",
    sentence:
      `No verdict yet: nothing was measured after step ${thousands(judged.from)}, when running statistics ` +
      "had settled.",
    answers: [
      answer("Last measured", `At step ${thousands(measured)}`),
      answer("Verdict", live ? "With the next measurement" : "The run ended before the next measurement"),
    ],
  };
}

function lastMeasured({ summary, at, samples }: JudgedRun, view: StatisticsView): number | null {
  const steps = {
    overview: [lastAt(summary.evals, at), lastAt(summary.gaps, at), lastAt(summary.populations, at)],
    drift: samples.filter(({ table }) => table.name === "norms"),
    convergence: [lastAt(summary.populations, at)],
    gap: [lastAt(summary.gaps, at)],
  }[view];
  const known = steps.flatMap((record) => (record ? [record.step] : []));
  return known.length === 0 ? null : Math.max(...known);
}
