/** Diagnostics from a reading: findings about BN, lines that don't fit, unknown values, annotations with mistakes. */
import * as vscode from "vscode";
import { type Problem, describeProblem } from "../../engine/protocol/problems";
import type { SourceFinding } from "../../engine/findings/sourceFinding";
import { ruleDescription } from "../../engine/findings/rules";
import type { SourceRange } from "../../engine/protocol/modelGraph";
import type { Severity } from "../../engine/protocol/finding";
import type { DocumentReading } from "./documentReading";
import type { ModelReadings } from "./modelReadings";
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
      readings.onDidChange((document) => void this.update(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.collection.delete(document.uri)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("normlens.rules"))
          for (const document of vscode.workspace.textDocuments) void this.update(document);
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private async update(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    const found = await this.findings.settled(document);
    const current = this.readings.read(document);
    // A changed text gets an update of its own, and a closed document has no diagnostics.
    if (!current || document.version !== version || document.isClosed) return;
    // While the file does not parse, the Python extension says so; our diagnostics would be on lines that moved.
    const findings = found.flatMap((finding) => {
      const range = current.rangeHere(finding.range);
      return range ? [findingDiagnostic(finding, range, this.extensionUri)] : [];
    });
    this.collection.set(document.uri, current.isStale ? [] : [...findings, ...diagnosticsOf(current)]);
  }
}

const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
};

/** The code links to the rule's page, which is in the extension: reading it needs no network. */
function findingDiagnostic(
  { rule, severity, verdict, evidence, next }: SourceFinding,
  range: vscode.Range,
  extensionUri: vscode.Uri,
): vscode.Diagnostic {
  const result = diagnostic(range, [verdict, evidence, next].join(" "), severities[severity]);
  const docs = ruleDescription(rule)?.docs;
  if (docs !== undefined) result.code = { value: rule, target: vscode.Uri.joinPath(extensionUri, docs) };
  if (rule === "norm-unused") result.tags = [vscode.DiagnosticTag.Unnecessary];
  return result;
}

function diagnosticsOf(current: DocumentReading): vscode.Diagnostic[] {
  const { reading, rangeHere } = current;
  const here = (at: SourceRange, message: string, severity: vscode.DiagnosticSeverity): vscode.Diagnostic[] => {
    const range = rangeHere(at);
    return range ? [diagnostic(range, message, severity)] : [];
  };
  return [
    ...reading.annotationIssues.flatMap(({ range, message }) =>
      here(range, message, vscode.DiagnosticSeverity.Warning),
    ),
    ...reading.problems.flatMap((problem) => problemDiagnostic(current, problem)),
    ...reading.unknowns.flatMap(({ range, reason }) =>
      here(range, vscode.l10n.t("Unknown: {0}.", reason), vscode.DiagnosticSeverity.Information),
    ),
  ];
}

/** Problems that belong to a line; those of the whole model are shown when somebody trains it. */
function problemDiagnostic({ reading, rangeHere, source }: DocumentReading, problem: Problem): vscode.Diagnostic[] {
  if (problem.code !== "shape-mismatch" || problem.line === null) return [];
  const { sentence, action } = describeProblem(problem, source.layout.lineWords);
  const text = source.layout.text.split(/\r\n|\n|\r/)[problem.line - 1] ?? "";
  const indent = text.length - text.trimStart().length;
  const range = rangeHere({
    path: reading.path,
    startLine: problem.line,
    startColumn: indent,
    endLine: problem.line,
    endColumn: text.length,
  });
  if (!range) return [];
  const result = diagnostic(range, `${sentence} ${action}`, vscode.DiagnosticSeverity.Warning);
  result.code = problem.code;
  return [result];
}

function diagnostic(range: vscode.Range, message: string, severity: vscode.DiagnosticSeverity): vscode.Diagnostic {
  const result = new vscode.Diagnostic(range, message, severity);
  result.source = SOURCE;
  return result;
}
