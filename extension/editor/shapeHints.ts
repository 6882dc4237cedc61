/**
 * Inlay hints after lines that create layers: the output shape; for BN the number of samples its statistics are over.
 */
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
    // After a run, BN lines end with its statistics, and there is no room for more.
    const showsSamples = !this.store.latestIn(modelPath(document))?.hasNorms;
    return layerSizes(current.reading, batchSize).flatMap(({ line, shape, samplesPerChannel }) => {
      const now = current.lineNow(line);
      if (samplesPerChannel !== null && !showsSamples) return [];
      if (now === null || !range.contains(new vscode.Position(now - 1, 0))) return [];
      const { label, tooltip } =
        samplesPerChannel === null ? shapeHint(shape) : samplesHint({ samples: samplesPerChannel, shape, batchSize });
      const hint = new vscode.InlayHint(document.lineAt(now - 1).range.end, label);
      hint.paddingLeft = true;
      hint.tooltip = tooltip;
      return [hint];
    });
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changed.dispose();
  }
}

interface HintWords {
  readonly label: string;
  readonly tooltip: string;
}

const shapeHint = (shape: string): HintWords => ({
  label: shape,
  tooltip: vscode.l10n.t("Output shape without the batch."),
});

interface Samples {
  readonly samples: number;
  readonly shape: string;
  readonly batchSize: number;
}

const samplesHint = ({ samples, shape, batchSize }: Samples): HintWords => ({
  label: vscode.l10n.t("{0} samples per channel", thousands(samples)),
  tooltip: vscode.l10n.t(
    "With batch size {batchSize}, batch statistics are over {samples} samples per channel. Output shape: {shape}.",
    { batchSize, samples: thousands(samples), shape },
  ),
});
