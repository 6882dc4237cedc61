/** The BN layers that a run measured, by the line of the document where they are now. */
import type * as vscode from "vscode";
import { layerTrend, type LayerTrend } from "../../engine/judgement/layerTrend";
import type { LayerReading } from "../../engine/protocol/judgement";
import type { Layer, ModelGraph } from "../../engine/protocol/modelGraph";
import type { RunRecord } from "../../engine/protocol/records";
import { isEdited } from "../../engine/runs/readTrainedLayers";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import type { DocumentReading } from "./documentReading";
import { isMeasured } from "./lineStatistics";
import type { ModelReadings } from "./modelReadings";
import { modelPath } from "./modelSource";
import { layerPlaces } from "./recordedPlaces";

export interface LineReport {
  readonly line: number;
  readonly readings: readonly LayerReading[];
  /** Of a line with a single layer: its course in the run; null where it was not measured. */
  readonly trend: LayerTrend | null;
  /** True when the line no longer creates what the run trained. */
  readonly isEdited: boolean;
}

export interface DocumentReport {
  readonly run: Run;
  readonly lines: readonly LineReport[];
}

/** The layers of a line, by their ids in the run. */
interface LineLayers {
  readonly line: number;
  readonly layers: readonly string[];
  readonly isEdited: boolean;
}

/** The newest run that is shown in the document, on the document's lines; null when there is none. */
export function reportOn(
  document: vscode.TextDocument,
  readings: ModelReadings,
  store: RunStore,
): DocumentReport | null {
  const run = store.latestIn(modelPath(document));
  if (!run?.record) return null;
  const current = readings.read(document);
  if (!run.isLoaded) store.load(run);
  const places = run.isRecording
    ? recordedLayers(run.id, run.record, document, current, store)
    : trainedLayers(run, current, store);
  const measured = new Map(
    run
      .judgement(null)
      ?.layers.filter(isMeasured)
      .map((reading) => [reading.id, reading]),
  );
  const lines = places.flatMap(({ line, layers, isEdited: edited }) => {
    const found = layers.flatMap((id) => measured.get(id) ?? []);
    if (found.length === 0 || line > document.lineCount) return [];
    const [only] = found.length === 1 ? found : [];
    const trend = only ? layerTrend(run.summary, only.id) : null;
    return [{ line, readings: found, trend, isEdited: edited }];
  });
  return { run, lines };
}

function recordedLayers(
  id: string,
  record: RunRecord,
  document: vscode.TextDocument,
  current: DocumentReading | null,
  { files, lines }: RunStore,
): LineLayers[] {
  const byLine = new Map<number, LineLayers>();
  for (const [layer, { line, isEdited: edited }] of layerPlaces({
    run: { id, record },
    document,
    current,
    files,
    lines,
  })) {
    const known = byLine.get(line);
    byLine.set(line, {
      line,
      layers: [...(known?.layers ?? []), layer],
      isEdited: edited || (known?.isEdited ?? false),
    });
  }
  return [...byLine.values()];
}

/** Of a run of our own engine, which reads the model as the editor does: by name. */
function trainedLayers(run: Run, current: DocumentReading | null, store: RunStore): LineLayers[] {
  const trained = store.trainedLayers(run);
  const byLine = new Map<number, Layer[]>();
  for (const layer of current?.reading.variant?.layers ?? []) {
    if (layer.op.kind !== "batchNorm" || layer.range.path !== current?.reading.path) continue;
    const line = current.lineNow(layer.range.startLine);
    if (line !== null) byLine.set(line, [...(byLine.get(line) ?? []), layer]);
  }
  return [...byLine].map(([line, layers]) => ({
    line,
    layers: layers.map(({ name }) => name),
    isEdited: trained !== null && layers.some((layer) => isEdited(layer, trained)),
  }));
}

/** Names of the run's layers that the document no longer creates in the same way. */
export function editedLayers(run: Run, variant: ModelGraph | null, store: RunStore): string[] {
  const trained = store.trainedLayers(run);
  if (!trained || !variant) return [];
  const now = new Map(variant.layers.map((layer) => [layer.name, JSON.stringify(layer.op)]));
  return [...trained].flatMap(([name, op]) => (now.get(name) === op ? [] : [name]));
}
