/**
 * What the reader makes of the open model files. Reads on demand, once per version; while a file does not parse, the
 * last good reading stays and is marked stale.
 */
import { createHash } from "node:crypto";
import * as vscode from "vscode";
import { ModelReadingCache } from "../../engine/source/readingCache";
import type { ReadModelInput } from "../../engine/source/modelReading";
import { mentionsTfjs } from "../../engine/source/tfjs/mentionsTfjs";
import type { ProjectModules } from "../../engine/workspace/projectModules";
import { type DocumentReading, readingFor, type SourceReading } from "./documentReading";
import { lineFinder } from "./lineFinder";
import { ProjectFiles } from "./projectFiles";
import { nextTurn } from "./nextTurn";
import { isPython, type ModelSource, notebookOf, pathOf, sourceOf } from "./modelSource";

/** Views look again when nothing was typed for this long. */
const SETTLE_MS = 150;

interface Entry {
  readonly version: string;
  /** null for JavaScript without TensorFlow.js. */
  readonly current: SourceReading | null;
  /** The text the shown reading came from. */
  readonly goodText: string;
  /** Set while files that the reading needs are read from the disk: the next reading has them. */
  readonly loading: Promise<void> | null;
}

export class ModelReadings implements vscode.Disposable {
  private readonly cache = new ModelReadingCache();
  private readonly entries = new Map<string, Entry>();
  private readonly projects: ProjectFiles;
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly subscriptions: vscode.Disposable;
  /** A model file was opened, or has changed and settled; in a notebook, once for every cell. */
  readonly onDidChange = this.changed.event;

  constructor() {
    this.projects = new ProjectFiles((path) => this.fileChanged(path));
    this.subscriptions = vscode.Disposable.from(
      this.projects,
      vscode.workspace.onDidOpenTextDocument((document) => this.settle(document, 0)),
      vscode.workspace.onDidChangeTextDocument(
        ({ document, contentChanges }) => contentChanges.length > 0 && this.settle(document, SETTLE_MS),
      ),
      vscode.workspace.onDidChangeNotebookDocument(({ notebook }) => this.settleCell(notebook, SETTLE_MS)),
      vscode.workspace.onDidOpenNotebookDocument((notebook) => this.settleCell(notebook, 0)),
      vscode.workspace.onDidCloseTextDocument((document) => notebookOf(document) ?? this.forget(document.uri)),
      vscode.workspace.onDidCloseNotebookDocument(({ uri }) => this.forget(uri)),
    );
    // Files that are open already are read after activation, not during it.
    for (const document of vscode.workspace.textDocuments) this.settle(document, 0);
  }

  /**
   * The reading of a document as it is now, with the document's own lines; null where there is no model to look for. It
   * lacks imported files that are not in memory yet: to show a reading, wait for `settled`.
   */
  read(document: vscode.TextDocument): DocumentReading | null {
    const source = sourceOf(document);
    const current = source === null ? null : this.readSource(source);
    return current === null ? null : readingFor(document, current);
  }

  /** The same once the files that it imports are read. */
  async settled(document: vscode.TextDocument): Promise<DocumentReading | null> {
    for (;;) {
      const current = this.read(document);
      const loading = this.entries.get(sourceOf(document)?.uri.toString() ?? "")?.loading ?? null;
      if (loading === null) return current;
      await loading;
    }
  }

  /** For who reads the text of a document again, or its findings. */
  modulesOf(uri: vscode.Uri): ProjectModules | null {
    return this.projects.of(uri);
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
    const none = { version, goodText: text, current: null, loading: null };
    if (first && !isPython(first) && !mentionsTfjs(text)) return none;
    const sha256 = createHash("sha256").update(text).digest("hex");
    const modules = this.modulesOf(source.uri);
    const cached = this.cache.read({ path: pathOf(source.uri), text, sha256, ...importsFrom(modules) });
    const goodText = cached.isStale && before ? before.goodText : text;
    const programLine = cached.isStale ? lineFinder(goodText, text) : (line: number): number => line;
    const current = { ...cached, source, programLine };
    return { version, goodText, current, loading: modules?.isWaiting === true ? this.load(source, modules) : null };
  }

  private async load({ uri }: ModelSource, modules: ProjectModules): Promise<void> {
    await modules.load();
    this.entries.delete(uri.toString());
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
        void this.settled(document).then(async () => {
          // Whoever looks at the reading has work of its own: a key that was pressed meanwhile goes first.
          await nextTurn();
          for (const changed of sourceOf(document)?.documents ?? []) this.changed.fire(changed);
        });
      }, delayMs),
    );
  }

  /** Whatever may import the file is read again. */
  private fileChanged(path: string): void {
    for (const [key, { current }] of [...this.entries]) {
      const [document] = current?.source.documents ?? [];
      if (current === null || document === undefined || pathOf(current.source.uri) === path) continue;
      if (this.modulesOf(current.source.uri)?.covers(path) !== true) continue;
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

export const importsFrom = (modules: ProjectModules | null): Pick<ReadModelInput, "resolveModule" | "readSettings"> =>
  modules === null ? {} : { resolveModule: modules.resolve, readSettings: modules.readSettings };
