/** Inlay hints behind the lines that make layers: output shape, and for BN how many values its statistics are taken over. */
import * as vscode from "vscode";
import { thousands } from "../../engine/protocol/numberText";
import { layerSizes } from "./layerSizes";
import type { RunStore } from "../runs/runStore";
import type { ModelReadings } from "./modelReadings";
import { modelPath, modelUri } from "./modelSource";

export class ShapeHints implements vscode.InlayHintsProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;
  readonly onDidChangeInlayHints = this.changed.event;

  constructor(
    private readonly readings: ModelReadings,
    private readonly store: RunStore,
  ) {
    this.subscriptions = vscode.Disposable.from(
      readings.onDidChange(() => this.changed.fire()),
      store.onDidChangeState(() => this.changed.fire()),
      vscode.workspace.onDidChangeConfiguration(
        (event) =>
          (event.affectsConfiguration("normlens.editor") ||
            event.affectsConfiguration("normlens.training.batchSize")) &&
          this.changed.fire(),
      ),
    );
  }

  async provideInlayHints(document: vscode.TextDocument, range: vscode.Range): Promise<vscode.InlayHint[]> {
    const settings = vscode.workspace.getConfiguration("normlens", modelUri(document));
    const current = settings.get<boolean>("editor.shapeHints", true) ? await this.readings.settled(document) : null;
    if (!current) return [];
    const batchSize = settings.get<number>("training.batchSize", 60);
    // Where a run's statistics stand behind the BN lines, there is no room for more.
    const tellsSamples = !this.store.latestOf(modelPath(document))?.hasNorms;
    return layerSizes(current.reading, batchSize).flatMap(({ line, shape, samplesPerChannel }) => {
      const now = current.lineNow(line);
      if (samplesPerChannel !== null && !tellsSamples) return [];
      if (now === null || !range.contains(new vscode.Position(now - 1, 0))) return [];
      const text = samplesPerChannel === null ? shape : `${thousands(samplesPerChannel)} samples per channel`;
      const hint = new vscode.InlayHint(document.lineAt(now - 1).range.end, text);
      hint.paddingLeft = true;
      hint.tooltip =
        samplesPerChannel === null
          ? "Output shape without the batch"
          : `Batch statistics are taken over ${thousands(samplesPerChannel)} samples per channel at batch size ${batchSize}; output shape ${shape}`;
      return [hint];
    });
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changed.dispose();
  }
}
