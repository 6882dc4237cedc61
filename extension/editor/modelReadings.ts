/**
 * What the reader makes of the open model files. Reads on demand, once per version; while a file does not parse, the
 * last good reading stays and is marked stale.
 */
import { createHash } from "node:crypto";
import * as vscode from "vscode";
import { ModelReadingCache } from "../../engine/source/readingCache";
import type { ReadModelInput } from "../../engine/source/readModel";
import { mentionsTfjs } from "../../engine/source/tfjs/mentionsTfjs";
import { createModuleResolver } from "../../engine/workspace/moduleResolver";
import { projectRoot, projectRootWithin } from "../../engine/workspace/projectRoot";
import { type DocumentReading, readingFor, type SourceReading } from "./documentReading";
import { lineFinder } from "./lineFinder";
import { isPython, type ModelSource, modelPath, notebookOf, pathOf, sourceOf } from "./modelSource";

/** Views look again when nothing was typed for this long. */
const SETTLE_MS = 150;

interface Entry {
  readonly version: string;
  /** null for JavaScript without TensorFlow.js. */
  readonly current: SourceReading | null;
  /** The text the shown reading came from. */
  readonly goodText: string;
}

export class ModelReadings implements vscode.Disposable {
  private readonly cache = new ModelReadingCache();
  private readonly entries = new Map<string, Entry>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly subscriptions: vscode.Disposable;
  /** A model file was opened, or has changed and settled; in a notebook, once for every cell. */
  readonly onDidChange = this.changed.event;

  constructor() {
    this.subscriptions = vscode.Disposable.from(
      vscode.workspace.onDidOpenTextDocument((document) => this.settle(document, 0)),
      vscode.workspace.onDidChangeTextDocument(
        ({ document, contentChanges }) => contentChanges.length > 0 && this.settle(document, SETTLE_MS),
      ),
      vscode.workspace.onDidChangeNotebookDocument(({ notebook }) => this.settleCell(notebook, SETTLE_MS)),
      vscode.workspace.onDidOpenNotebookDocument((notebook) => this.settleCell(notebook, 0)),
      vscode.workspace.onDidCloseTextDocument((document) => notebookOf(document) ?? this.forget(document.uri)),
      vscode.workspace.onDidCloseNotebookDocument(({ uri }) => this.forget(uri)),
      vscode.workspace.onDidSaveTextDocument((document) => this.importedFileChanged(modelPath(document))),
    );
    // Files that are open already are read after activation, not during it.
    for (const document of vscode.workspace.textDocuments) this.settle(document, 0);
  }

  /**
   * The reading of a document as it is now, with the document's own lines; null where there is no model to look for.
   */
  read(document: vscode.TextDocument): DocumentReading | null {
    const source = sourceOf(document);
    const current = source === null ? null : this.readSource(source);
    return current === null ? null : readingFor(document, current);
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.subscriptions.dispose();
    this.changed.dispose();
  }

  private readSource(source: ModelSource): SourceReading | null {
    const key = source.uri.toString();
    const known = this.entries.get(key);
    if (known?.version === source.version) return known.current;
    const entry = this.readAnew(source, known);
    this.entries.set(key, entry);
    return entry.current;
  }

  private readAnew(source: ModelSource, before: Entry | undefined): Entry {
    const {
      version,
      layout: { text },
    } = source;
    const [first] = source.documents;
    if (first && !isPython(first) && !mentionsTfjs(text)) return { version, goodText: text, current: null };
    const sha256 = createHash("sha256").update(text).digest("hex");
    const cached = this.cache.read({ path: pathOf(source.uri), text, sha256, ...importsOf(source.uri) });
    const goodText = cached.isStale && before ? before.goodText : text;
    const programLine = cached.isStale ? lineFinder(goodText, text) : (line: number): number => line;
    return { version, goodText, current: { ...cached, source, programLine } };
  }

  private settleCell(notebook: vscode.NotebookDocument, delayMs: number): void {
    const [cell] = notebook.getCells().filter(({ document }) => isPython(document));
    if (cell) this.settle(cell.document, delayMs);
  }

  /** Whatever of a notebook changes, all of its cells have another reading. */
  private settle(document: vscode.TextDocument, delayMs: number): void {
    const key = sourceOf(document)?.uri.toString();
    if (key === undefined) return;
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => {
        this.timers.delete(key);
        for (const changed of sourceOf(document)?.documents ?? []) this.changed.fire(changed);
      }, delayMs),
    );
  }

  /** Files are imported as they are saved: whoever imports this one is read again. */
  private importedFileChanged(path: string): void {
    for (const [key, { current }] of [...this.entries]) {
      const [document] = current?.source.documents ?? [];
      if (document === undefined || current?.reading.importedFiles.includes(path) !== true) continue;
      this.entries.delete(key);
      this.settle(document, 0);
    }
  }

  private forget(uri: vscode.Uri): void {
    const key = uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    this.entries.delete(key);
    this.cache.forget(pathOf(uri));
  }
}

/** Imports reach as far as the file's project, and never out of its workspace folder; an unsaved file has none. */
export function importsOf(uri: vscode.Uri): Pick<ReadModelInput, "resolveModule"> {
  if (uri.scheme !== "file") return {};
  const opened = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const root = opened === undefined ? projectRoot(uri.fsPath) : projectRootWithin(opened, uri.fsPath);
  return { resolveModule: createModuleResolver(root) };
}
