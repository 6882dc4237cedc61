/** The Layers view: the model of the active file in forward order, with shapes and parameters, and what is not known of it. */
import * as vscode from "vscode";
import { basename } from "node:path";
import { thousands } from "../../engine/protocol/numberText";
import type { Layer, ModelGraph, Shape, Unknown } from "../../engine/protocol/modelGraph";
import type { DocumentReading, ModelReadings } from "../editor/modelReadings";

/** A layer of the model, or something about it that could not be determined. */
export type LayersItem = { readonly kind: "layer"; readonly layer: Layer; readonly shape: Shape | null } | { readonly kind: "unknown"; readonly unknown: Unknown };

export class LayersTree implements vscode.TreeDataProvider<LayersItem>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly view: vscode.TreeView<LayersItem>;
  private readonly subscriptions: vscode.Disposable;
  private document: vscode.TextDocument | undefined;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly readings: ModelReadings) {
    this.document = activeModelFile();
    this.view = vscode.window.createTreeView("normlens.layers", { treeDataProvider: this });
    this.subscriptions = vscode.Disposable.from(
      this.view,
      vscode.window.onDidChangeActiveTextEditor(() => this.follow()),
      readings.onDidChange((document) => document === this.document && this.refresh()),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document !== this.document) return;
        this.document = undefined;
        this.refresh();
      }),
    );
    this.describe();
  }

  getChildren(element?: LayersItem): LayersItem[] {
    const current = element === undefined && this.document ? this.readings.read(this.document) : null;
    return current?.reading.variant ? itemsOf(current.reading.variant, current.reading.unknowns) : [];
  }

  getTreeItem(item: LayersItem): vscode.TreeItem {
    const { range } = item.kind === "layer" ? item.layer : item.unknown;
    const treeItem = item.kind === "layer" ? layerItem(item.layer, item.shape) : unknownItem(item.unknown);
    const current = this.document ? this.readings.read(this.document) : null;
    const line = current?.reading.path === range.path ? current.lineNow(range.startLine) : null;
    if (this.document && line !== null) treeItem.command = { command: "normlens.showLine", title: "Show Line", arguments: [this.document.uri, line] };
    return treeItem;
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changed.dispose();
  }

  /** Panels and other files do not change what is shown: the last model file stays. */
  private follow(): void {
    const document = activeModelFile();
    if (!document || document === this.document) return;
    this.document = document;
    this.refresh();
  }

  private refresh(): void {
    this.describe();
    this.changed.fire(undefined);
  }

  private describe(): void {
    const current: DocumentReading | null = this.document ? this.readings.read(this.document) : null;
    this.view.description = this.document ? basename(this.document.uri.path) : "";
    this.view.message = current?.reading.variant ? modelWords(current) : "";
  }
}

function modelWords({ reading, isStale }: DocumentReading): string {
  const parameters = reading.variant?.parameters ?? null;
  const count = parameters === null ? "an unknown number of" : thousands(parameters);
  const shapes = reading.variant?.inputs.map(({ shape }) => shape?.join("×") ?? "unknown").join(", ") ?? "";
  const input = `input ${shapes}${reading.inputIsInferred ? " (inferred from the layers)" : ""}`;
  return `${reading.model ?? ""}: ${count} parameters, ${input}${isStale ? ". The file does not parse now: last good reading." : ""}`;
}

function activeModelFile(): vscode.TextDocument | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === "python" ? document : undefined;
}

/** Called layers in forward order, then those that are never called, then what is not known. */
function itemsOf(graph: ModelGraph, unknowns: readonly Unknown[]): LayersItem[] {
  const shapes = new Map(graph.nodes.map((node) => [node.layer, node.outputShape]));
  const order = new Map(graph.nodes.map((node, index) => [node.layer, index]));
  const place = (layer: Layer): number => order.get(layer.name) ?? graph.nodes.length;
  const layers = [...graph.layers].sort((a, b) => place(a) - place(b));
  return [
    ...layers.map((layer): LayersItem => ({ kind: "layer", layer, shape: shapes.get(layer.name) ?? null })),
    ...unknowns.map((unknown): LayersItem => ({ kind: "unknown", unknown })),
  ];
}

function layerItem(layer: Layer, shape: Shape | null): vscode.TreeItem {
  const item = new vscode.TreeItem(layer.name);
  const size = shape ? shape.join("×") : "shape unknown";
  const parameters = layer.parameters === null ? "parameters unknown" : `${thousands(layer.parameters)} parameters`;
  item.description = [layer.className, size, ...(layer.parameters === 0 ? [] : [parameters])].join(" · ");
  item.iconPath = new vscode.ThemeIcon(layer.op.kind === "batchNorm" ? "pulse" : layer.functional ? "symbol-function" : "symbol-class");
  item.tooltip = `${layer.name}\n${layer.className}, output ${size}, ${parameters}\nline ${layer.range.startLine}${layer.origin === "added" ? ", added by an annotation" : ""}`;
  return item;
}

function unknownItem({ reason, range }: Unknown): vscode.TreeItem {
  const item = new vscode.TreeItem(`Not known: ${reason}`);
  item.description = `line ${range.startLine}`;
  item.iconPath = new vscode.ThemeIcon("question", new vscode.ThemeColor("problemsWarningIcon.foreground"));
  return item;
}
