/**
 * Quick Fixes for findings: the mechanical change where a safe one exists, and a comment that ignores the rule here.
 */
import * as vscode from "vscode";
import type { SourceFinding, TextEdit } from "../../engine/findings/sourceFinding";
import type { DocumentReading } from "./documentReading";
import type { ModelReadings } from "./modelReadings";
import type { SourceFindings } from "./sourceFindings";

export class FindingActions implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix];

  constructor(
    private readonly readings: ModelReadings,
    private readonly findings: SourceFindings,
  ) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const findings = await this.findings.settled(document);
    const current = this.readings.read(document);
    if (!current) return [];
    return findings.flatMap((finding) => {
      const shown = current.rangeHere(finding.range);
      return shown?.intersection(range) ? actionsFor(current, finding, diagnosticOf(finding, shown, context)) : [];
    });
  }
}

function actionsFor(
  current: DocumentReading,
  finding: SourceFinding,
  diagnostics: vscode.Diagnostic[],
): vscode.CodeAction[] {
  const action = (title: string, edit: vscode.WorkspaceEdit, isPreferred: boolean): vscode.CodeAction => {
    const result = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    return Object.assign(result, { edit, diagnostics, isPreferred });
  };
  const fix = finding.fix === null ? null : editOf(current, finding.fix.edits);
  const ignore = ignoreEdit(current, finding);
  return [
    ...(fix && finding.fix ? [action(finding.fix.title, fix, true)] : []),
    ...(ignore ? [action(vscode.l10n.t("Ignore {0} on this line", finding.rule), ignore, false)] : []),
  ];
}

/** null when one of the ranges is in no document, or spans several. */
function editOf({ rangeAnywhere }: DocumentReading, edits: readonly TextEdit[]): vscode.WorkspaceEdit | null {
  const result = new vscode.WorkspaceEdit();
  for (const { range, newText } of edits) {
    const place = rangeAnywhere(range);
    if (!place) return null;
    result.replace(place.document.uri, place.range, newText);
  }
  return result;
}

function ignoreEdit(
  { rangeAnywhere }: DocumentReading,
  { rule, expression }: SourceFinding,
): vscode.WorkspaceEdit | null {
  const place = rangeAnywhere(expression);
  if (!place) return null;
  const result = new vscode.WorkspaceEdit();
  result.insert(
    place.document.uri,
    place.document.lineAt(place.range.end.line).range.end,
    `  # normlens-ignore: ${rule}`,
  );
  return result;
}

const diagnosticOf = (
  { rule }: SourceFinding,
  at: vscode.Range,
  { diagnostics }: vscode.CodeActionContext,
): vscode.Diagnostic[] =>
  diagnostics.filter(({ code, range }) => typeof code === "object" && code.value === rule && range.isEqual(at));
