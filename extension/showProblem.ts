/** Shows an expected failure as a notification: what happened, what to do, and a button for that where one exists. */
import * as vscode from "vscode";
import { type Problem, ProblemError, capitalized, describeProblem, plainLineWords } from "../engine/protocol/problems";
import { type ModelSource, pathOf } from "./editor/modelSource";
import { showLine } from "./showLine";

interface Remedy {
  readonly title: string;
  readonly run: () => Thenable<unknown>;
}

/** Does not wait for the person's choice. `source` is what was read: the problem's line numbers refer to it. */
export function showProblem(problem: Problem, source: ModelSource | null = null): void {
  const { sentence, action } = describeProblem(
    problem,
    isElsewhere(problem, source) ? plainLineWords : source?.layout.lineWords,
  );
  const remedy = remedyFor(problem, source);
  void vscode.window
    .showErrorMessage(`${sentence} ${action}`, ...(remedy ? [remedy.title] : []))
    .then((chosen) => (chosen && remedy ? remedy.run() : undefined));
}

/** For code that threw: a Problem is shown as one, anything else as an internal error with a link to the log. */
export function showError(error: unknown, log: vscode.LogOutputChannel): void {
  if (error instanceof ProblemError) {
    showProblem(error.problem);
    return;
  }
  log.error(error instanceof Error ? error : String(error));
  showProblem({ code: "internal", detail: error instanceof Error ? error.message : String(error) });
}

/** Whether the problem is in an imported file. */
const isElsewhere = (problem: Problem, source: ModelSource | null): boolean =>
  source !== null && "line" in problem && "path" in problem && problem.path !== pathOf(source.uri);

function remedyFor(problem: Problem, source: ModelSource | null): Remedy | null {
  const line = "line" in problem ? problem.line : null;
  if (line !== null && source) {
    if (isElsewhere(problem, source) && "path" in problem)
      return { title: vscode.l10n.t("Show Line {0}", line), run: () => showLine(vscode.Uri.file(problem.path), line) };
    const place = source.layout.placeOf(line);
    return {
      title: vscode.l10n.t("Show {0}", capitalized(source.layout.lineWords(line))),
      run: () => showLine(place.document.uri, place.line),
    };
  }
  switch (problem.code) {
    case "data-missing":
    case "data-truncated":
    case "data-malformed":
    case "data-shape-mismatch":
    case "data-classes-mismatch":
    case "batch-larger-than-data":
    case "batch-of-one":
    case "last-batch-of-one":
    case "labels-not-per-output":
    case "batch-larger-than-class":
    case "order-needs-classes":
    case "setting-invalid":
      return {
        title: vscode.l10n.t("Open Settings"),
        run: () => vscode.commands.executeCommand("workbench.action.openSettings", "normlens.training"),
      };
    case "read-only":
      return {
        title: vscode.l10n.t("Open Settings"),
        run: () => vscode.commands.executeCommand("workbench.action.openSettings", "normlens.runsFolder"),
      };
    case "internal":
    case "process-ended":
      return { title: vscode.l10n.t("Show Log"), run: () => vscode.commands.executeCommand("normlens.showLog") };
    default:
      return null;
  }
}
