/** An expected failure as a notification: one sentence, one action, and a button that does it where there is one. */
import * as vscode from "vscode";
import { type Problem, ProblemError, describeProblem } from "../engine/protocol/problems";

interface Remedy {
  readonly title: string;
  readonly run: () => Thenable<unknown>;
}

/** Does not wait for the person's choice. `document` is where the lines of the problem are. */
export function showProblem(problem: Problem, document?: vscode.TextDocument): void {
  const { sentence, action } = describeProblem(problem);
  const remedy = remedyFor(problem, document);
  void vscode.window.showErrorMessage(`${sentence} ${action}`, ...(remedy ? [remedy.title] : [])).then((chosen) => (chosen && remedy ? remedy.run() : undefined));
}

/** For code that threw: an expected failure is shown as such, anything else as an error of our own, with the log. */
export function showError(error: unknown, log: vscode.LogOutputChannel, document?: vscode.TextDocument): void {
  if (error instanceof ProblemError) {
    showProblem(error.problem, document);
    return;
  }
  log.error(error instanceof Error ? error : String(error));
  showProblem({ code: "internal", detail: error instanceof Error ? error.message : String(error) });
}

function remedyFor(problem: Problem, document: vscode.TextDocument | undefined): Remedy | null {
  const line = "line" in problem ? problem.line : null;
  if (line !== null && document) return { title: `Show Line ${line}`, run: () => showLine(document.uri, line) };
  switch (problem.code) {
    case "data-missing":
    case "data-truncated":
    case "data-malformed":
    case "data-shape-mismatch":
    case "data-classes-mismatch":
    case "batch-larger-than-data":
    case "batch-of-one":
      return { title: "Open Settings", run: () => vscode.commands.executeCommand("workbench.action.openSettings", "normlens.training") };
    case "read-only":
      return { title: "Open Settings", run: () => vscode.commands.executeCommand("workbench.action.openSettings", "normlens.runsFolder") };
    case "internal":
    case "process-ended":
      return { title: "Show Log", run: () => vscode.commands.executeCommand("normlens.showLog") };
    default:
      return null;
  }
}

/** Puts the cursor on a line, from 1, and shows it. */
export async function showLine(uri: vscode.Uri, line: number): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const visible = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  const { range } = document.lineAt(Math.min(line, document.lineCount) - 1);
  const selection = new vscode.Range(range.start, range.start);
  await vscode.window.showTextDocument(document, { selection, ...(visible?.viewColumn ? { viewColumn: visible.viewColumn } : { viewColumn: vscode.ViewColumn.One }) });
}
