/** Where in a document the layers of a recording are constructed now: by their lines first, then by their names. */
import type * as vscode from "vscode";
import { fileOfLayer } from "../../engine/protocol/producers";
import { normLayersOf, type NormLayer, type RunRecord } from "../../engine/protocol/records";
import type { RecordedLines } from "../runs/recordedLines";
import type { RunFiles } from "../runs/runFiles";
import type { DocumentReading } from "./documentReading";
import { textFinder } from "./lineFinder";
import { modelPath } from "./modelSource";

export interface LayerPlace {
  /** Of the document, from 1. */
  readonly line: number;
  /** True when the line is known to be another than the run had. */
  readonly isEdited: boolean;
}

export interface RecordedIn {
  readonly run: { readonly id: string; readonly record: RunRecord };
  readonly document: vscode.TextDocument;
  readonly current: DocumentReading | null;
  readonly files: RunFiles;
  readonly lines: RecordedLines;
}

/** By id of the layer; layers that are constructed elsewhere, or can't be found any more, are not in it. */
export function layerPlaces({ run, document, current, files, lines }: RecordedIn): Map<string, LayerPlace> {
  const path = modelPath(document);
  const find = textFinder(document.getText());
  const byName = namesIn(document, current, run.record);
  const placeOf = (layer: NormLayer): LayerPlace | null => {
    const file = fileOfLayer(run.record, layer);
    if (file === null || layer.source === null || !files.isMeant(file, path)) return null;
    const { line } = layer.source;
    const text = file === path ? lines.textOf(run.id, file, line) : undefined;
    const found = text === undefined ? null : find(text, line);
    if (found !== null) return { line: found, isEdited: false };
    const named = byName(layer);
    return named === null ? null : { line: named, isEdited: text !== undefined };
  };
  const places = normLayersOf(run.record).map((layer) => [layer.id, placeOf(layer)] as const);
  return new Map(places.flatMap(([id, place]) => (place === null ? [] : [[id, place] as const])));
}

/** The line on which the document's model has a layer of this name, if it is the model of the run. */
function namesIn(
  document: vscode.TextDocument,
  current: DocumentReading | null,
  record: RunRecord,
): (layer: NormLayer) => number | null {
  const variant = current?.reading.variant;
  const read = /^\w+/.exec(current?.reading.model ?? "")?.[0];
  if (!current || !variant || read === undefined) return () => null;
  const norms = variant.layers.filter(
    ({ op, range }) => op.kind === "batchNorm" && range.path === current.reading.path,
  );
  const lines = new Map(norms.map(({ name, range }) => [name, range.startLine]));
  return ({ name, model }) => {
    const label = model ?? record.model;
    if (label !== null && !isModel(document, read, bareModel(label))) return null;
    // Where a run has several models, their names come before those of their layers.
    const own = label !== null && name.startsWith(`${label}.`) ? name.slice(label.length + 1) : name;
    const line = lines.get(name) ?? lines.get(own);
    return line === undefined ? null : current.lineNow(line);
  };
}

/** Whether what was read is the model `label`: that itself, or a variable of the file that gets one. */
const isModel = (document: vscode.TextDocument, read: string, label: string): boolean =>
  read === label || new RegExp(`^\\s*${read}\\s*=.*\\b${label}\\s*\\(`, "m").test(document.getText());

/** "Net" of "Net 2" and of "Net(16)". */
const bareModel = (label: string): string => /^\w*/.exec(label)?.[0] ?? label;

/** The line that constructs the model, if there is just one; for findings that are about no layer in particular. */
export function constructionLine(text: string, model: string | null): number | null {
  const name = bareModel(model ?? "");
  if (name === "") return null;
  const constructs = new RegExp(`(^|[^\\w])${name}\\s*\\(|^\\s*${name}\\s*=[^=]`);
  const found = text
    .split(/\r?\n/)
    .flatMap((line, index) =>
      /^\s*(class|def|#|from|import)\b|^\s*#/.test(line) || !constructs.test(line) ? [] : [index + 1],
    );
  return found.length === 1 ? (found[0] ?? null) : null;
}
