/** The Layers view: the model of the active file in forward order with shapes and parameters, and what is unknown. */
import * as vscode from "vscode";
import { basename } from "node:path";
import { describeProblem } from "../../engine/protocol/problems";
import type { ModelReading } from "../../engine/source/modelReading";
import type { DocumentReading } from "../editor/documentReading";
import { parameterWords, shapeWords } from "../editor/modelWords";
import type { ModelReadings } from "../editor/modelReadings";
import { modelUri, sourceOf } from "../editor/modelSource";
import { lineText, siteOf } from "../editor/showRange";
import { layerDescription, type LayersItem, layersItems, layerTooltip, rangeOfItem } from "./layerItems";

export class LayersTree implements vscode.TreeDataProvider<LayersItem>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly view: vscode.TreeView<LayersItem>;
  private readonly subscriptions: vscode.Disposable;
  private document: vscode.TextDocument | undefined;
  /** VS Code compares items by identity, so the items of a reading are created once. */
  private listed: { readonly reading: ModelReading; readonly items: readonly LayersItem[] } | null = null;
  /** Set until VS Code has asked for the items of the reading that is shown. */
  private isRefreshing = false;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly readings: ModelReadings) {
    this.document = activeModelFile();
    this.view = vscode.window.createTreeView("normlens.layers", { treeDataProvider: this });
    this.subscriptions = vscode.Disposable.from(
      this.view,
      vscode.window.onDidChangeActiveTextEditor(() => this.follow()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.followCursor(textEditor)),
      this.view.onDidChangeVisibility(() => this.followCursor()),
      readings.onDidChange((document) => document === this.document && this.refresh()),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document !== this.document) return;
        this.document = undefined;
        this.refresh();
      }),
    );
    this.describe();
  }

  async getChildren(element?: LayersItem): Promise<LayersItem[]> {
    if (element !== undefined) return [];
    if (this.document) await this.readings.settled(this.document);
    // While VS Code loads new items it ignores requests to reveal one, so the cursor's layer is revealed after that.
    if (this.isRefreshing) setTimeout(() => this.followCursor());
    this.isRefreshing = false;
    return [...this.items()];
  }

  /** The list is flat. VS Code calls this before it reveals an item. */
  getParent(): undefined {
    return undefined;
  }

  getTreeItem(item: LayersItem): vscode.TreeItem {
    const current = this.current();
    const treeItem = item.kind === "layer" ? layerItem(item, current) : unknownItem(item, current);
    const site = current && siteOf(current, rangeOfItem(item));
    if (site)
      treeItem.command = {
        command: "normlens.showLine",
        title: vscode.l10n.t("Show Line"),
        arguments: [site.uri, site.line],
      };
    return treeItem;
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changed.dispose();
  }

  private current(): DocumentReading | null {
    return this.document ? this.readings.read(this.document) : null;
  }

  /** When a panel or another kind of file becomes active, the last model file stays. */
  private follow(): void {
    const document = activeModelFile();
    if (!document || document === this.document) return;
    const isSameSource =
      this.document !== undefined && modelUri(document).toString() === modelUri(this.document).toString();
    this.document = document;
    if (!isSameSource) this.refresh();
  }

  private items(): readonly LayersItem[] {
    const reading = this.current()?.reading;
    if (!reading) return [];
    if (this.listed?.reading !== reading) this.listed = { reading, items: layersItems(reading) };
    return this.listed.items;
  }

  /**
   * While the view is visible, selects the layer that the cursor's line creates. If several are, the selected one
   * stays.
   */
  private followCursor(editor = vscode.window.activeTextEditor): void {
    const current = this.view.visible && editor?.document === this.document ? this.current() : null;
    if (!editor || !current || current.isStale) return;
    const { selection } = editor;
    const line = current.lineRead(selection.active.line + 1);
    const isHere = (item: LayersItem): boolean => {
      const { path, startLine, endLine } = rangeOfItem(item);
      return path === current.reading.path && startLine <= line && line <= endLine;
    };
    const item = this.items().find(isHere);
    if (item && !this.view.selection.some(isHere)) void this.view.reveal(item, { select: true, focus: false });
  }

  private refresh(): void {
    this.isRefreshing = true;
    this.describe();
    this.changed.fire(undefined);
  }

  private describe(): void {
    const current = this.current();
    this.view.description = this.document ? basename(modelUri(this.document).path) : "";
    this.view.message = current ? modelWords(current) : "";
  }
}

function modelWords({ reading, isStale }: DocumentReading): string {
  const { variant } = reading;
  if (!variant) return unreadWords(reading.problems);
  const facts = {
    model: reading.model ?? "",
    parameters: parameterWords(variant.parameters),
    shapes: variant.inputs.map(({ shape }) => shapeWords(shape)).join(", "),
  };
  const sentence = reading.inputIsInferred
    ? vscode.l10n.t("{model}: {parameters}, input {shapes} (inferred from the layers).", facts)
    : vscode.l10n.t("{model}: {parameters}, input {shapes}.", facts);
  if (!isStale) return sentence;
  const stale = vscode.l10n.t("The file has a syntax error. These are the layers of the last version that parsed.");
  return `${sentence} ${stale}`;
}

/** Says why a file was not read at all; says nothing about a file that was read and has no model. */
function unreadWords(problems: DocumentReading["reading"]["problems"]): string {
  const problem = problems.find(({ code }) => code === "file-too-large" || code === "file-not-text");
  return problem ? describeProblem(problem).sentence : "";
}

function activeModelFile(): vscode.TextDocument | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document && sourceOf(document) ? document : undefined;
}

function layerItem(item: Extract<LayersItem, { kind: "layer" }>, current: DocumentReading | null): vscode.TreeItem {
  const { layer } = item;
  const treeItem = new vscode.TreeItem(layer.name);
  treeItem.description = layerDescription(item);
  treeItem.iconPath = new vscode.ThemeIcon(
    layer.op.kind === "batchNorm" ? "pulse" : layer.functional ? "symbol-function" : "symbol-class",
  );
  const graph = current?.reading.variant;
  if (graph) treeItem.tooltip = layerTooltip(item, graph, current.source.layout.lineWords);
  return treeItem;
}

function unknownItem(
  { unknown }: Extract<LayersItem, { kind: "unknown" }>,
  current: DocumentReading | null,
): vscode.TreeItem {
  const treeItem = new vscode.TreeItem(vscode.l10n.t("Unknown: {0}", unknown.reason));
  treeItem.description = current ? lineText(current, unknown.range) : "";
  treeItem.iconPath = new vscode.ThemeIcon("question", new vscode.ThemeColor("problemsWarningIcon.foreground"));
  return treeItem;
}
