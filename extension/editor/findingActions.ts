/** Quick fixes for findings: the mechanical change where there is a safe one, and silence for this line. */
import * as vscode from "vscode";
import type { SourceFinding, TextEdit } from "../../engine/findings/sourceFinding";
import { toRange } from "./ranges";
import type { SourceFindings } from "./sourceFindings";

export class FindingActions implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix];

  constructor(private readonly findings: SourceFindings) {}

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range, context: vscode.CodeActionContext): vscode.CodeAction[] {
    return this.findings
      .of(document)
      .filter((finding) => toRange(finding.range).intersection(range))
      .flatMap((finding) => actionsFor(document, finding, diagnosticOf(finding, context)));
  }
}

function actionsFor(document: vscode.TextDocument, finding: SourceFinding, diagnostics: vscode.Diagnostic[]): vscode.CodeAction[] {
  const action = (title: string, edits: readonly TextEdit[], isPreferred: boolean): vscode.CodeAction => {
    const result = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    result.edit = new vscode.WorkspaceEdit();
    for (const { range, newText } of edits) result.edit.replace(document.uri, toRange(range), newText);
    result.diagnostics = diagnostics;
    result.isPreferred = isPreferred;
    return result;
  };
  const { end } = document.lineAt(finding.expression.endLine - 1).range;
  const lineEnd = { ...finding.expression, startLine: end.line + 1, startColumn: end.character, endLine: end.line + 1, endColumn: end.character };
  const ignore = action(`Ignore ${finding.rule} on this line`, [{ range: lineEnd, newText: `  # normlens-ignore: ${finding.rule}` }], false);
  return finding.fix ? [action(finding.fix.title, finding.fix.edits, true), ignore] : [ignore];
}

const diagnosticOf = ({ rule, range }: SourceFinding, { diagnostics }: vscode.CodeActionContext): vscode.Diagnostic[] =>
  diagnostics.filter(({ code, range: shown }) => typeof code === "object" && code.value === rule && shown.isEqual(toRange(range)));
