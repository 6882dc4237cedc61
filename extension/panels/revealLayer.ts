/** Goes to the line that constructs a layer of a run, in the file as it is now. */
import * as vscode from "vscode";
import { fileName } from "../../engine/protocol/numberText";
import { fileOfLayer } from "../../engine/protocol/producers";
import type { RunRecord } from "../../engine/protocol/records";
import { ProblemError } from "../../engine/protocol/problems";
import type { DocumentReading } from "../editor/documentReading";
import { layerPlaces } from "../editor/recordedPlaces";
import { notebookOf, pythonCells } from "../editor/modelSource";
import type { ModelReadings } from "../editor/modelReadings";
import { type LineSite, siteOf } from "../editor/showRange";
import type { Run } from "../runs/run";
import type { RunStore } from "../runs/runStore";
import { openModel, showLine } from "../showLine";

export async function revealLayer(run: Run, layer: string, store: RunStore, readings: ModelReadings): Promise<void> {
  if (run.record && run.isRecording) await revealRecorded(run, run.record, layer, store, readings);
  else await revealTrained(run, layer, readings);
}

/** The layer's line in the file as it is now; the recorded line where the file no longer has the layer. */
async function revealTrained(run: Run, layer: string, readings: ModelReadings): Promise<void> {
  const document = await openModel(await sourceUri(run, run.record?.source?.path ?? null));
  const current = await readings.settled(document);
  const range = current?.reading.variant?.layers.find(({ name }) => name === layer)?.range;
  const known = range && current ? siteOf(current, range) : null;
  const site = known ?? recordedSite(run, layer, current);
  if (site) await showLine(site.uri, site.line);
}

function recordedSite(run: Run, layer: string, current: DocumentReading | null): LineSite | null {
  const recorded = run.record?.layers.find(({ id }) => id === layer)?.source ?? null;
  if (recorded === null) return null;
  if (recorded.path !== null) return { uri: uriOf(recorded.path), line: recorded.line };
  const place = current?.source.layout.placeOf(recorded.line);
  return place ? { uri: place.document.uri, line: place.line } : null;
}

/** The layer's line as it is drawn; where it can't be found any more, the line that the run names. */
async function revealRecorded(
  run: Run,
  record: RunRecord,
  id: string,
  { files, lines }: RunStore,
  readings: ModelReadings,
): Promise<void> {
  const layer = record.layers.find((one) => one.id === id);
  const uri = await sourceUri(run, (layer && fileOfLayer(record, layer)) ?? record.source?.path ?? null);
  const opened = await openModel(uri);
  const cells = pythonCellsOf(opened);
  for (const document of cells.length === 0 ? [opened] : cells.map((cell) => cell.document)) {
    const current = await readings.settled(document);
    const place = layerPlaces({ run: { id: run.id, record }, document, current, files, lines }).get(id);
    if (place) return showLine(document.uri, place.line);
  }
  const { cell = null, line = 1 } = layer?.source ?? {};
  const ran = cells.find(({ executionSummary }) => executionSummary?.executionOrder === cell);
  await showLine(ran?.document.uri ?? uri, cell === null || ran ? line : 1);
}

function pythonCellsOf(document: vscode.TextDocument): vscode.NotebookCell[] {
  const notebook = notebookOf(document);
  return notebook === null ? [] : pythonCells(notebook);
}

/** The file that a run names; of a run from another machine the only file here that has its name. */
export async function sourceUri(run: Run, path: string | null): Promise<vscode.Uri> {
  if (path === null) throw new ProblemError({ code: "source-unknown", run: run.folder });
  const uri = uriOf(path);
  if (!run.isRecording || (await isThere(uri))) return uri;
  const name = fileName(path);
  const [only, another] = await vscode.workspace.findFiles(`**/${name.replace(/[[\]{}*?]/g, "?")}`, undefined, 2);
  if (!only || another) throw new ProblemError({ code: "source-missing", run: run.folder, path });
  return only;
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

function uriOf(path: string): vscode.Uri {
  return /^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path)
    ? vscode.Uri.parse(path)
    : vscode.Uri.file(path);
}
