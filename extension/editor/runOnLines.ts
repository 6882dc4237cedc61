/** The BN layers that a run measured, by the line of the document where they are now. */
import type * as vscode from "vscode";
import type { LayerReading } from "../../engine/protocol/judgement";
import type { Layer, ModelGraph } from "../../engine/protocol/modelGraph";
import { isEdited } from "../../engine/runs/readTrainedLayers";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { isMeasured } from "./lineStatistics";
import type { ModelReadings } from "./modelReadings";
import { modelPath } from "./modelSource";

export interface LineReport {
  readonly line: number;
  readonly readings: readonly LayerReading[];
  /** True when the line no longer creates what the run trained. */
  readonly isEdited: boolean;
}

export interface DocumentReport {
  readonly run: Run;
  readonly lines: readonly LineReport[];
}

/** The newest run of the document's model, on the document's lines; null when there is none. */
export function reportOn(
  document: vscode.TextDocument,
  readings: ModelReadings,
  store: RunStore,
): DocumentReport | null {
  const current = readings.read(document);
  const graph = current?.reading.variant;
  const run = store.latestOf(modelPath(document));
  if (!current || !graph || !run) return null;
  if (!run.isLoaded) store.load(run);
  const trained = store.trainedLayers(run);
  const byLine = new Map<number, Layer[]>();
  for (const layer of graph.layers) {
    if (layer.op.kind !== "batchNorm" || layer.range.path !== current.reading.path) continue;
    const line = current.lineNow(layer.range.startLine);
    if (line !== null) byLine.set(line, [...(byLine.get(line) ?? []), layer]);
  }
  const measured = new Map(
    run
      .judgement(null)
      ?.layers.filter(isMeasured)
      .map((reading) => [reading.id, reading]),
  );
  const lines = [...byLine].flatMap(([line, layers]) => {
    const found = layers.flatMap((layer) => measured.get(layer.name) ?? []);
    return found.length === 0
      ? []
      : [{ line, readings: found, isEdited: trained !== null && layers.some((layer) => isEdited(layer, trained)) }];
  });
  return { run, lines };
}

/** Names of the run's layers that the document no longer creates in the same way. */
export function editedLayers(run: Run, variant: ModelGraph | null, store: RunStore): string[] {
  const trained = store.trainedLayers(run);
  if (!trained || !variant) return [];
  const now = new Map(variant.layers.map((layer) => [layer.name, JSON.stringify(layer.op)]));
  return [...trained].flatMap(([name, op]) => (now.get(name) === op ? [] : [name]));
}
