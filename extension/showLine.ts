/** Opens model files and goes to their lines. */
import * as vscode from "vscode";
import { isNotebook } from "../engine/source/notebook/notebookCells";
import { notebookOf, pythonCells } from "./editor/modelSource";

/** A document of the model: the file's own; for a notebook, that of its first Python cell. */
export async function openModel(uri: vscode.Uri): Promise<vscode.TextDocument> {
  if (uri.scheme !== "file" || !isNotebook(uri.path)) return vscode.workspace.openTextDocument(uri);
  const [cell] = pythonCells(await vscode.workspace.openNotebookDocument(uri));
  return cell?.document ?? vscode.workspace.openTextDocument(uri);
}

/** Puts the cursor on a line, from 1, and shows it. */
export async function showLine(uri: vscode.Uri, line: number): Promise<void> {
  const document = await openModel(uri);
  const { range } = document.lineAt(Math.min(line, document.lineCount) - 1);
  const selection = new vscode.Range(range.start, range.start);
  const notebook = notebookOf(document);
  if (notebook) {
    await showCell(notebook, document, selection);
    return;
  }
  const visible = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  await vscode.window.showTextDocument(document, {
    selection,
    viewColumn: visible?.viewColumn ?? vscode.ViewColumn.One,
  });
}

/** A cell can't be opened by itself, so its notebook is opened and the cell is selected and edited. */
async function showCell(
  notebook: vscode.NotebookDocument,
  document: vscode.TextDocument,
  selection: vscode.Range,
): Promise<void> {
  const index = notebook.getCells().findIndex((cell) => cell.document === document);
  const shown = vscode.window.visibleNotebookEditors.find((editor) => editor.notebook === notebook);
  const cells = new vscode.NotebookRange(index, index + 1);
  const editor = await vscode.window.showNotebookDocument(notebook, {
    selections: [cells],
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
  });
  editor.revealRange(cells, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
  // A cell that is already being edited would not get the focus back from the list of cells.
  await vscode.commands.executeCommand("notebook.cell.quitEdit");
  await vscode.commands.executeCommand("notebook.cell.edit");
  const active = vscode.window.activeTextEditor;
  if (active?.document !== document) return;
  active.selection = new vscode.Selection(selection.start, selection.end);
  active.revealRange(selection);
}
