/** Which of the host's verdicts the panel shows, and the notes below it. */
import type { Note, Verdict } from "../../engine/protocol/judgement";
import { isRecording } from "../../engine/protocol/producers";
import type { RunView } from "../protocol";
import { type PanelModel, primaryRun } from "./panelModel";
import { runStyle } from "./runStyles";
import { editedNote } from "./runWords";

/**
 * Several runs are compared in Overview, and in Compare, which has its own words; a layer view shows the verdict on the
 * run whose layers it shows.
 */
export function panelVerdict(model: PanelModel): Verdict {
  const run = primaryRun(model);
  const { comparison, variants } = model;
  // A saved panel may name the view when it has one run.
  const view = model.selection.view === "compare" ? "overview" : model.selection.view;
  if (variants && model.selection.view === "compare")
    return { tone: variants.tone, sentence: variants.sentence, answers: [] };
  if (comparison && (view === "overview" || !run?.hasBatchNorm)) return comparison;
  return run?.view.judgement?.verdicts[view] ?? nothingJudged(run?.view);
}

/** Before the first record there is nothing to judge; a run that failed to start never has a record. */
function nothingJudged(view: RunView | undefined): Verdict {
  if (view?.problem) {
    const { sentence, action } = view.problem;
    return { tone: "error", sentence, answers: [{ label: "Next", parts: [action] }] };
  }
  return {
    tone: "busy",
    sentence: "The run is starting.",
    answers: [
      { label: "First", parts: ["Accuracy and loss before the first step."] },
      { label: "Then", parts: ["Drift, convergence and train-vs-eval gap, as soon as they are measured."] },
    ],
  };
}

/** The notes on all runs; if there are several runs, each note begins with the letter of its run. */
export function panelNotes({ runs, selection, ...rest }: PanelModel): Note[] {
  const { sentence } = panelVerdict({ runs, selection, ...rest });
  const notes = runs.flatMap(({ view }, index) => {
    const said = [editedNote(view), unsaidProblem(view, sentence)].filter((note) => note !== null);
    const own = [
      ...(view.judgement?.notes ?? []),
      ...said.map((one) => ({ severity: "warning", sentence: one }) as const),
    ];
    const whose = runs.length > 1 ? `${runStyle(index).letter}: ` : "";
    return own.map((note) => ({ ...note, sentence: whose + note.sentence }));
  });
  return [...new Map(notes.map((note) => [note.sentence, note])).values()];
}

/** Why the run ended, unless the verdict says so. There is nothing to do about a recording that a person stopped. */
function unsaidProblem({ problem, run, state }: RunView, verdict: string): string | null {
  if (!problem || problem.sentence === verdict) return null;
  return isRecording(run) && state === "stopped" ? problem.sentence : `${problem.sentence} ${problem.action}`;
}
