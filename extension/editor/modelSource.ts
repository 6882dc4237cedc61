/**
 * What is read as one program: a text document, or the Python cells of a notebook. Everything else works on the
 * documents a person sees; here is the way between their lines and those of the program.
 */
import * as vscode from "vscode";
import { type LineWords, plainLineWords } from "../../engine/protocol/problems";
import { joinCells } from "../../engine/source/notebook/joinCells";
import { runsPython3 } from "../../engine/source/notebook/notebookCells";
import { runnableCells } from "../../engine/source/notebook/runnableCells";
import { cellLineWords } from "../../engine/source/sourceText";
import { isJavaScript } from "../../engine/source/tfjs/parseJavaScript";

const CELL_SCHEME = "vscode-notebook-cell";

export interface SourceLine {
  readonly document: vscode.TextDocument;
  /** From 1. */
  readonly line: number;
}

export interface ModelSource {
  /** The file, or the notebook: what settings, workspace folders and imports go by. */
  readonly uri: vscode.Uri;
  /** Changes with the text. */
  readonly version: string;
  /** The documents it consists of, in their order. */
  readonly documents: readonly vscode.TextDocument[];
  /** The program's text, and how its lines and those of the documents belong together. */
  readonly layout: SourceLayout;
}

export interface SourceLayout {
  readonly text: string;
  readonly placeOf: (line: number) => SourceLine;
  readonly lineOf: (place: SourceLine) => number;
  readonly lineWords: LineWords;
}

/** null for documents in other languages. */
export function sourceOf(document: vscode.TextDocument): ModelSource | null {
  if (!isModelLanguage(document)) return null;
  const notebook = notebookOf(document);
  return notebook === null ? documentSource(document) : notebookSource(notebook);
}

/** The notebook a document is a cell of. */
export function notebookOf({ uri }: vscode.TextDocument): vscode.NotebookDocument | null {
  if (uri.scheme !== CELL_SCHEME) return null;
  const isCell = (cell: vscode.NotebookCell): boolean => cell.document.uri.toString() === uri.toString();
  return (
    vscode.workspace.notebookDocuments.find(
      (notebook) => notebook.uri.path === uri.path && notebook.getCells().some(isCell),
    ) ?? null
  );
}

export const isPython = ({ languageId }: vscode.TextDocument): boolean => languageId === "python";

/** The reader recognizes JavaScript by the file's name. */
function isModelLanguage(document: vscode.TextDocument): boolean {
  return isPython(document) || (/^(?:java|type)script$/.test(document.languageId) && isJavaScript(document.uri.path));
}

function documentSource(document: vscode.TextDocument): ModelSource {
  const layout = (): SourceLayout => ({
    text: document.getText(),
    placeOf: (line) => ({ document, line }),
    lineOf: ({ line }) => line,
    lineWords: plainLineWords,
  });
  return lazily({ uri: document.uri, version: String(document.version), documents: [document] }, layout);
}

/** What the file says of itself; VS Code kept it under `custom` until version 1.88. */
function fileMetadata({ metadata }: vscode.NotebookDocument): unknown {
  const custom = metadata["custom"] as { readonly metadata?: unknown } | undefined;
  return metadata["metadata"] ?? custom?.metadata;
}

/** The version of a document that nobody has changed: a cell that its kernel refuses was meant to be so, or is old. */
const AS_OPENED = 1;

function notebookSource(notebook: vscode.NotebookDocument): ModelSource {
  const cells = pythonCells(notebook);
  const documents = cells.map((cell) => cell.document);
  const version = documents.map((document) => `${document.uri.fragment}:${document.version}`).join(" ");
  const layout = (): SourceLayout => {
    const texts = documents.map((document) => document.getText());
    const joined = joinCells(texts);
    const indexes = new Map(documents.map((document, index) => [document.uri.toString(), index]));
    const placeOf = (line: number): { cell: vscode.NotebookCell; line: number } => {
      const place = joined.placeOf(line);
      return { cell: cells[place.cell]!, line: place.line };
    };
    return {
      text: runsPython3(fileMetadata(notebook))
        ? runnableCells(texts, joined.text, (cell) => documents[cell]?.version === AS_OPENED).text
        : joined.text,
      placeOf: (line) => ({ document: placeOf(line).cell.document, line: placeOf(line).line }),
      lineOf: ({ document, line }) => joined.lineOf({ cell: indexes.get(document.uri.toString()) ?? 0, line }),
      lineWords: (line) => cellLineWords(placeOf(line).cell.index + 1, placeOf(line).line),
    };
  };
  return lazily({ uri: notebook.uri, version, documents }, layout);
}

export const pythonCells = (notebook: vscode.NotebookDocument): vscode.NotebookCell[] =>
  notebook.getCells().filter(({ kind, document }) => kind === vscode.NotebookCellKind.Code && isPython(document));

/** Mostly only the version is looked at. */
function lazily(source: Omit<ModelSource, "layout">, make: () => SourceLayout): ModelSource {
  let layout: SourceLayout | undefined;
  return {
    ...source,
    get layout() {
      return (layout ??= make());
    },
  };
}

/** What a document's settings, workspace folder and file name go by: of a cell its notebook. */
export const modelUri = (document: vscode.TextDocument): vscode.Uri => notebookOf(document)?.uri ?? document.uri;

/** How runs and readings name a document. */
export function modelPath(document: vscode.TextDocument): string {
  return pathOf(modelUri(document));
}

/** An open document of the model file that a run or a reading names. */
export const openDocumentOf = (path: string | undefined): vscode.TextDocument | undefined =>
  vscode.workspace.textDocuments.find((document) => modelPath(document) === path && sourceOf(document) !== null);

export const pathOf = (uri: vscode.Uri): string => (uri.scheme === "file" ? uri.fsPath : uri.toString());
