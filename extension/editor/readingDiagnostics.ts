/** Squiggles: findings about BN, lines that cannot work, values that are unknown, annotations that mean nothing. */
import * as vscode from "vscode";
import { type Problem, describeProblem } from "../../engine/protocol/problems";
import type { SourceFinding } from "../../engine/findings/sourceFinding";
import { ruleDescription } from "../../engine/findings/rules";
import type { Severity } from "../../engine/protocol/finding";
import type { DocumentReading, ModelReadings } from "./modelReadings";
import { toRange } from "./ranges";
import type { SourceFindings } from "./sourceFindings";

const SOURCE = "NormLens";

export class ReadingDiagnostics implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection("normlens");
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly readings: ModelReadings,
    private readonly findings: SourceFindings,
    private readonly extensionUri: vscode.Uri,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.collection,
      readings.onDidChange((document) => this.update(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.collection.delete(document.uri)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("normlens.rules")) for (const document of vscode.workspace.textDocuments) this.update(document);
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private update(document: vscode.TextDocument): void {
    const current = this.readings.read(document);
    if (!current) return;
    // While the file does not parse, Python's own extension says so; ours would stand on lines that have moved.
    const findings = this.findings.of(document).map((finding) => findingDiagnostic(finding, this.extensionUri));
    this.collection.set(document.uri, current.isStale ? [] : [...findings, ...diagnosticsOf(document, current)]);
  }
}

const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
};

/** The code links to the rule's page, which is part of the extension: no network is needed to read it. */
function findingDiagnostic({ rule, severity, range, verdict, evidence, next }: SourceFinding, extensionUri: vscode.Uri): vscode.Diagnostic {
  const result = diagnostic(toRange(range), [verdict, evidence, next].join(" "), severities[severity]);
  const docs = ruleDescription(rule)?.docs;
  if (docs !== undefined) result.code = { value: rule, target: vscode.Uri.joinPath(extensionUri, docs) };
  if (rule === "norm-unused") result.tags = [vscode.DiagnosticTag.Unnecessary];
  return result;
}

function diagnosticsOf(document: vscode.TextDocument, { reading }: DocumentReading): vscode.Diagnostic[] {
  const annotations = reading.annotationIssues.map(({ range, message }) => diagnostic(toRange(range), message, vscode.DiagnosticSeverity.Warning));
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
