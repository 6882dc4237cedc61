/** Source ranges (lines from 1) as VS Code's (lines from 0). */
import * as vscode from "vscode";
import type { SourceRange } from "../../engine/protocol/modelGraph";

export const toRange = ({ startLine, startColumn, endLine, endColumn }: SourceRange): vscode.Range =>
  new vscode.Range(startLine - 1, startColumn, endLine - 1, endColumn);
