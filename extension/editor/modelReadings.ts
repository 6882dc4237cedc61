/**
 * What the reader makes of the open Python files. Reads on demand, once per document version; while a file does not
 * parse, the last good reading stays and is marked stale.
 */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import * as vscode from "vscode";
import { type CachedReading, ModelReadingCache } from "../../engine/source/readingCache";
import { type ReadModelInput, readModelFile } from "../../engine/source/readModel";
import { createModuleResolver } from "../../engine/workspace/moduleResolver";
import { lineFinder } from "./lineFinder";

/** Typing pauses this long before views are told to look again. */
const SETTLE_MS = 150;

export interface DocumentReading extends CachedReading {
  /** Line in the document now (from 1) of a line of the reading, or null when it cannot be found any more. */
  readonly lineNow: (line: number) => number | null;
}

interface Entry {
  readonly version: number;
  readonly current: DocumentReading;
  /** The text the shown reading came from. */
  readonly goodText: string;
}

export class ModelReadings implements vscode.Disposable {
  private readonly cache = new ModelReadingCache();
  private readonly entries = new Map<string, Entry>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly subscriptions: vscode.Disposable;
  /** A Python document was opened, or has changed and settled. */
  readonly onDidChange = this.changed.event;

  constructor() {
    this.subscriptions = vscode.Disposable.from(
      vscode.workspace.onDidOpenTextDocument((document) => this.settle(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && this.settle(document, SETTLE_MS)),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)),
      vscode.workspace.onDidSaveTextDocument((document) => this.importedFileChanged(modelPath(document))),
    );
    // Files that are open already are read after activation, not during it.
    for (const document of vscode.workspace.textDocuments) this.settle(document, 0);
  }

  /** The reading of a document as it is now; null for documents that are not Python. */
  read(document: vscode.TextDocument): DocumentReading | null {
    if (document.languageId !== "python") return null;
    const key = document.uri.toString();
    const known = this.entries.get(key);
    if (known?.version === document.version) return known.current;
    const entry = this.readAnew(document, known);
    this.entries.set(key, entry);
    return entry.current;
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.subscriptions.dispose();
    this.changed.dispose();
  }

  private readAnew(document: vscode.TextDocument, before: Entry | undefined): Entry {
    const text = document.getText();
    const sha256 = createHash("sha256").update(text).digest("hex");
    const cached = this.cache.update(readModelFile({ path: modelPath(document), text, sha256, ...importsOf(document) }));
    const goodText = cached.isStale && before ? before.goodText : text;
    const lineNow = cached.isStale ? lineFinder(goodText, text) : (line: number): number => line;
    return { version: document.version, goodText, current: { ...cached, lineNow } };
  }

  private settle(document: vscode.TextDocument, delayMs: number): void {
    if (document.languageId !== "python") return;
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.set(key, setTimeout(() => {
      this.timers.delete(key);
      this.changed.fire(document);
    }, delayMs));
  }

  /** Files are imported as they are saved: whoever imports this one is read again. */
  private importedFileChanged(path: string): void {
    for (const document of vscode.workspace.textDocuments) {
      const key = document.uri.toString();
      if (!this.entries.get(key)?.current.reading.importedFiles.includes(path)) continue;
      this.entries.delete(key);
      this.settle(document, 0);
    }
  }

  private forget(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    this.entries.delete(key);
    this.cache.forget(modelPath(document));
  }
}

/** Imports reach as far as the workspace folder, or the file's own folder where there is none; an unsaved file has none. */
export function importsOf(document: vscode.TextDocument): Pick<ReadModelInput, "resolveModule"> {
  if (document.uri.scheme !== "file") return {};
  const root = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath ?? dirname(document.uri.fsPath);
  return { resolveModule: createModuleResolver(root) };
}

/** How runs and readings name a document. */
export function modelPath(document: vscode.TextDocument): string {
  return document.uri.scheme === "file" ? document.uri.fsPath : document.uri.toString();
}
