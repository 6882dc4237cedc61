/** What the panel says first: one sentence, three or four answers, and what to do next. Pure; panels only draw it. */
import { counted, fileName, listed, percent, thousands, twoDigits } from "../ui/format";
import type { PanelViewName } from "../protocol";
import { type PanelModel, primaryRun } from "./panelModel";
import type { RunModel } from "./runModel";
import { judgedFromStep, updatesNeeded } from "./severity";
import { currentLoss } from "./trainingLoss";
import { overviewVerdict } from "./triage";
import { type Verdict, answer, strong } from "./verdictParts";
import { convergenceVerdict, driftVerdict, gapVerdict } from "./viewVerdicts";

export function verdictOf(model: PanelModel): Verdict {
  const run = primaryRun(model);
  if (!run?.view.run) return notYet(run);
  const problem = problemVerdict(run);
  if (problem) return problem;
  const { view, pinnedStep } = model.selection;
  if (!run.hasBatchNorm) return withoutBatchNorm(run);
  // The overview judges the whole run, the layer views the step that is shown.
  const shownStep = view === "overview" ? null : pinnedStep;
  const early = tooEarly(run, shownStep) ?? measuredTooEarly(run, view, shownStep);
  if (early) return early;
  switch (view) {
    case "overview":
      return overviewVerdict(run);
    case "drift":
      return driftVerdict(run, pinnedStep);
    case "convergence":
      return convergenceVerdict(run, pinnedStep);
    case "gap":
      return gapVerdict(run, pinnedStep);
  }
}

function notYet(run: RunModel | undefined): Verdict {
  const problem = run?.view.problem;
  if (problem) return { tone: "error", sentence: problem.sentence, answers: [answer("Next", problem.action)] };
  return {
    tone: "busy",
    sentence: "Starting: the model is being set up.",
    answers: [
      answer("First", "Accuracy and loss, before the first step"),
      answer("Then", "Drift with every step, convergence and gap 40 times in a run"),
    ],
  };
}

/** A run that ended badly says so first; its numbers stay below. */
function problemVerdict({ view }: RunModel): Verdict | null {
  const { problem, state, step } = view;
  if (!problem && state !== "interrupted" && state !== "failed" && state !== "diverged") return null;
  const sentence = problem?.sentence ?? fallbackSentence(state, step);
  const kept = step > 0 ? `${counted(step, "step")} and everything measured in them` : "The settings of the run";
  const answers = [answer("Kept", kept), answer("Next", problem?.action ?? "Train again; what was recorded is kept.")];
  return { tone: state === "interrupted" || state === "stopped" ? "warning" : "error", sentence, answers };
}

function fallbackSentence(state: string, step: number): string {
  if (state === "interrupted") return `The run was interrupted at step ${thousands(step)}.`;
  return state === "diverged"
    ? `Training diverged at step ${thousands(step)}.`
    : `The run failed at step ${thousands(step)}.`;
}

function withoutBatchNorm(run: RunModel): Verdict {
  const accuracy = run.valueAt(null, "eval", "runningAccuracy");
  const loss = currentLoss(run);
  return {
    tone: "information",
    sentence: "This run has no batch normalization.",
    answers: [
      answer("Accuracy", strong(percent(accuracy)), " of test images right"),
      answer("Training loss", twoDigits(loss)),
      answer("What works", "Overview. Drift, Convergence and Train vs eval look at BN layers."),
      answer(
        "Next",
        { kind: "command", command: "compare", text: "Compare with BN" },
        " trains the same model with BN beside it.",
      ),
    ],
  };
}

/** Nothing is judged before running statistics had time to settle, at a pinned step neither. */
function tooEarly(run: RunModel, pinnedStep: number | null): Verdict | null {
  const from = judgedFromStep(run);
  const step = Math.min(run.view.step, pinnedStep ?? run.view.step);
  if (step >= from) return null;
  if (run.view.step >= from) return tooEarlyAtPin(run, step, from);
  const sentence = run.isLive
    ? `Too early to judge: running statistics need ${counted(updatesNeeded(run), "update")} to settle.`
    : `Too short to judge: the run ended at step ${thousands(step)}, running statistics need ${counted(updatesNeeded(run), "update")} to settle.`;
  const accuracy = run.valueAt(null, "eval", "runningAccuracy");
  return {
    tone: run.isLive ? "busy" : "information",
    sentence,
    answers: [
      answer(
        "Verdict",
        run.isLive ? `Comes at step ${thousands(from)}, now at ${thousands(step)}` : `From ${counted(from, "step")} on`,
      ),
      answer("Accuracy", strong(percent(accuracy)), " with running statistics"),
      answer("Meanwhile", "The charts already show every number."),
    ],
  };
}

function tooEarlyAtPin(run: RunModel, step: number, from: number): Verdict {
  return {
    tone: "information",
    sentence: `Step ${thousands(step)} is too early to judge: running statistics need ${counted(updatesNeeded(run), "update")} to settle.`,
    answers: [
      answer("Judged", `From step ${thousands(from)} on`),
      answer("Next", "Press Escape to return to the newest step."),
    ],
  };
}

/** Statistics have settled since, but what this view judges by was measured before. */
function measuredTooEarly(run: RunModel, view: PanelViewName, step: number | null): Verdict | null {
  const from = judgedFromStep(run);
  const measured = lastMeasured(run, view, step);
  if (measured >= from) return null;
  return {
    tone: run.isLive ? "busy" : "information",
    sentence: `No verdict yet: nothing was measured after step ${thousands(from)}, when running statistics had settled.`,
    answers: [
      answer("Last measured", measured < 0 ? "Not yet" : `At step ${thousands(measured)}`),
      answer("Verdict", run.isLive ? "Comes with the next measurement" : "The run ended before the next measurement"),
    ],
  };
}

function lastMeasured(run: RunModel, view: PanelViewName, step: number | null): number {
  const kinds = { overview: "eval", drift: "norm", convergence: "population", gap: "gap" } as const;
  const layer = view === "overview" ? undefined : run.normLayers[0]?.name;
  return run.measuredAt(step, kinds[view], layer);
}

const sentenceEnd = (text: string): string => (text.endsWith("…") ? text : `${text}.`);

/** What else has to be said about the log itself; null when there is nothing. */
export function badLinesNote({ view }: RunModel): string | null {
  const { badLines } = view;
  if (badLines.length === 0) return null;
  const one = badLines.length === 1;
  return `${counted(badLines.length, "line")} of the log did not fit and ${one ? "was" : "were"} skipped: ${sentenceEnd(listed(badLines))}`;
}

export function editedNote({ view }: RunModel): string | null {
  const { editedLayers, run } = view;
  if (editedLayers.length === 0 || !run) return null;
  return `${fileName(run.modelFile.path)} was edited since this run: ${sentenceEnd(listed(editedLayers))} The numbers are those of the run.`;
}
