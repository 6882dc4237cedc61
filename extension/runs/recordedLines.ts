/**
 * The text of the lines that a recording names, as they were when it was made: by them a line is found again after an
 * edit. A file that was not written since the recording began still has that text; what was read is kept with the
 * workspace, because the next edit may come before the window is opened again.
 */
import { readFileSync, statSync } from "node:fs";
import type { Memento } from "vscode";
import { fileOfLayer } from "../../engine/protocol/producers";
import { normLayersOf, type RunRecord } from "../../engine/protocol/records";

const KEY = "normlens.recordedLines";
const KEPT_RUNS = 50;

/** Of a run: by file and line. */
type Lines = Readonly<Record<string, Readonly<Record<number, string>>>>;

export class RecordedLines {
  private readonly runs: Map<string, Lines>;
  /** The records that were looked at, by run: a record is replaced when layers are added. */
  private readonly seen = new Map<string, RunRecord>();

  constructor(private readonly memento: Memento) {
    this.runs = new Map(Object.entries(memento.get<Record<string, Lines>>(KEY, {})));
  }

  /** The line as the run had it; undefined where the file was written before anybody looked. */
  textOf(run: string, file: string, line: number): string | undefined {
    return this.runs.get(run)?.[file]?.[line];
  }

  /** Reads the lines that a run names, if that has not been done. Call it when the run has changed. */
  note(run: string, record: RunRecord): void {
    if (this.seen.get(run) === record) return;
    this.seen.set(run, record);
    const before = this.runs.get(run) ?? {};
    const added = newLines(record, before);
    if (added === null) return;
    this.runs.delete(run);
    this.runs.set(run, added);
    for (const old of [...this.runs.keys()].slice(0, -KEPT_RUNS)) this.runs.delete(old);
    void this.memento.update(KEY, Object.fromEntries(this.runs));
  }
}

/** What is known with what could be read; null if that is nothing new. */
function newLines(record: RunRecord, before: Lines): Lines | null {
  const wanted = new Map<string, Set<number>>();
  for (const layer of normLayersOf(record)) {
    const file = fileOfLayer(record, layer);
    const line = layer.source?.line ?? 0;
    // The lines of a cell are not those of its file.
    if (file === null || layer.source?.cell !== null || before[file]?.[line] !== undefined) continue;
    wanted.set(file, (wanted.get(file) ?? new Set()).add(line));
  }
  const read = [...wanted].flatMap(([file, lines]) => {
    const texts = textAtStart(file, record.startedAt)?.split(/\r?\n/);
    const found = [...lines].flatMap((line) => (texts?.[line - 1] === undefined ? [] : [[line, texts[line - 1]]]));
    return found.length === 0 ? [] : [[file, { ...before[file], ...Object.fromEntries(found) }] as const];
  });
  return read.length === 0 ? null : { ...before, ...Object.fromEntries(read) };
}

/** Null where the file is not here, or was written since. */
function textAtStart(file: string, startedAt: string | null): string | null {
  const startMs = Date.parse(startedAt ?? "");
  try {
    return statSync(file).mtimeMs <= startMs ? readFileSync(file, "utf8") : null;
  } catch {
    return null;
  }
}
