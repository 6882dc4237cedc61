/** Squiggles for what the reader found: lines that cannot work, values that are unknown, annotations that mean nothing. */
import * as vscode from "vscode";
import { type Problem, describeProblem } from "../../engine/protocol/problems";
import type { SourceRange } from "../../engine/protocol/modelGraph";
import type { DocumentReading, ModelReadings } from "./modelReadings";

const SOURCE = "NormLens";

export class ReadingDiagnostics implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection("normlens");
  private readonly subscriptions: vscode.Disposable;

  constructor(private readonly readings: ModelReadings) {
    this.subscriptions = vscode.Disposable.from(
      this.collection,
      readings.onDidChange((document) => this.update(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.collection.delete(document.uri)),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private update(document: vscode.TextDocument): void {
    const current = this.readings.read(document);
    if (!current) return;
    // While the file does not parse, Python's own extension says so; ours would stand on lines that have moved.
    this.collection.set(document.uri, current.isStale ? [] : diagnosticsOf(document, current));
  }
}

function diagnosticsOf(document: vscode.TextDocument, { reading }: DocumentReading): vscode.Diagnostic[] {
  const annotations = reading.annotationIssues.map(({ range, message, severity }) =>
    diagnostic(toRange(range), message, severity === "error" ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Information),
  );
  const problems = reading.problems.flatMap((problem) => problemDiagnostic(document, problem) ?? []);
  const unknowns = reading.unknowns
    .filter(({ range }) => range.path === reading.path)
    .map(({ range, reason }) => diagnostic(toRange(range), `Not known: ${reason}.`, vscode.DiagnosticSeverity.Information));
  return [...annotations, ...problems, ...unknowns];
}

/** Problems that belong to a line; those of the whole model are told when somebody trains. */
function problemDiagnostic(document: vscode.TextDocument, problem: Problem): vscode.Diagnostic | null {
  if (problem.code !== "shape-mismatch" || problem.line === null || problem.line > document.lineCount) return null;
  const { sentence, action } = describeProblem(problem);
  const { text, range } = document.lineAt(problem.line - 1);
  return diagnostic(range.with(range.start.translate(0, text.length - text.trimStart().length)), `${sentence} ${action}`, vscode.DiagnosticSeverity.Warning);
}

function diagnostic(range: vscode.Range, message: string, severity: vscode.DiagnosticSeverity): vscode.Diagnostic {
  const result = new vscode.Diagnostic(range, message, severity);
  result.source = SOURCE;
  return result;
}

const toRange = ({ startLine, startColumn, endLine, endColumn }: SourceRange): vscode.Range => new vscode.Range(startLine - 1, startColumn, endLine - 1, endColumn);
