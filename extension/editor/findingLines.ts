/** The lines of a document that a finding of a run is about. */
import type * as vscode from "vscode";
import type { RunFinding } from "../../engine/protocol/finding";
import type { RunRecord } from "../../engine/protocol/records";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import type { DocumentReading } from "./documentReading";
import { modelPath } from "./modelSource";
import { constructionLine, type LayerPlace, layerPlaces } from "./recordedPlaces";

export interface FindingsIn {
  readonly run: Run;
  readonly document: vscode.TextDocument;
  readonly current: DocumentReading | null;
  readonly store: RunStore;
}

type LinesOf = (finding: RunFinding) => LayerPlace[];

export function linesOfFinding(findings: FindingsIn): LinesOf {
  const { record } = findings.run;
  if (record === null) return () => [];
  const lines = findings.run.isRecording ? inRecording(findings, record) : inModelFile(findings);
  const { lineCount } = findings.document;
  return (finding) => {
    // Several layers may be made on one line.
    const byLine = new Map(lines(finding).map((place) => [place.line, place]));
    return [...byLine.values()].filter(({ line }) => line <= lineCount);
  };
}

function inRecording({ run, document, current, store }: FindingsIn, record: RunRecord): LinesOf {
  const { files, lines } = store;
  const places = layerPlaces({ run: { id: run.id, record }, document, current, files, lines });
  const isScript = files.isMeant(record.source?.path ?? null, modelPath(document));
  const construction = isScript ? constructionLine(document.getText(), record.model) : null;
  const hasLine = (id: string): boolean => (record.layers.find((layer) => layer.id === id)?.source ?? null) !== null;
  return ({ layers }) => {
    if (layers.some(hasLine)) return layers.flatMap((id) => places.get(id) ?? []);
    return construction === null ? [] : [{ line: construction, isEdited: false }];
  };
}

/** Of a run of our own engine: a broken contract is no longer shown when its annotation was removed. */
function inModelFile({ current }: FindingsIn): LinesOf {
  const layers = new Map(current?.reading.variant?.layers.map((layer) => [layer.name, layer]));
  return ({ rule, layers: ids }) =>
    ids.flatMap((id) => {
      const layer = layers.get(id);
      if (!layer || (rule === "contract-broken" && layer.contracts === undefined)) return [];
      const line = layer.range.path === current?.reading.path ? current.lineNow(layer.range.startLine) : null;
      return line === null ? [] : [{ line, isEdited: false }];
    });
}
