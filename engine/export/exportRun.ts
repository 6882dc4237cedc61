/** Writes runs into a folder, in a format that other programs read. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileProblem } from "../runs/fileProblem";
import { csvPieces } from "./csv";
import { runJson, settingsLine, stateText } from "./describeRun";
import { exportTables } from "./exportTables";
import { jsonPieces } from "./json";
import { markdownPage } from "./markdown";
import { parquetPieces } from "./parquet";
import type { ReadRun } from "./readRun";
import { reportOf } from "./report/reportOf";
import { reportPage } from "./report/reportPage";
import { eventRecords } from "./tensorboard/scalars";

export const exportFormats = ["csv", "parquet", "json", "markdown", "html", "tensorboard"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Formats that are one file. */
const singles = { html: "report.html", markdown: "run.md", json: "run.json" } as const;
export const singleFiles: Readonly<Partial<Record<ExportFormat, string>>> = singles;

interface ExportFile {
  readonly name: string;
  readonly pieces: Iterable<string | Uint8Array>;
}

/** The files that were written. Throws a ProblemError; then no file is there in part. */
export function exportRun(read: ReadRun, format: ExportFormat, folder: string): string[] {
  makeFolder(folder);
  return filesOf(read, format).map(({ name, pieces }) => {
    const path = join(folder, name);
    writePieces(path, pieces);
    return path;
  });
}

/** A format of one file, written to this path, which it returns. Throws a ProblemError. */
export function exportFile(read: ReadRun, format: ExportFormat, path: string): string {
  makeFolder(dirname(path));
  const [file] = filesOf(read, format);
  if (file) writePieces(path, file.pieces);
  return path;
}

/** Several runs side by side: a report. Returns its path. Throws a ProblemError. */
export function exportComparison(reads: readonly [ReadRun, ...ReadRun[]], path: string): string {
  makeFolder(dirname(path));
  writePieces(path, [reportPage(reportOf(reads))]);
  return path;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw fileProblem(folder, error);
  }
}

function filesOf(read: ReadRun, format: ExportFormat): ExportFile[] {
  const { run, summary, reader, judgement } = read;
  const tables = exportTables({ run, summary, findings: judgement.findings, ranks: reader.ranks });
  switch (format) {
    case "csv":
      return tables.map((table) => ({ name: `${fileName(table.name)}.csv`, pieces: csvPieces(table) }));
    case "parquet":
      return tables.map((table) => ({ name: `${fileName(table.name)}.parquet`, pieces: parquetPieces(table) }));
    case "json":
      return [{ name: singles.json, pieces: jsonPieces(runJson(read), tables) }];
    case "markdown":
      return [
        {
          name: singles.markdown,
          pieces: [markdownPage({ run, judgement, state: stateText(read), settings: settingsLine(run) })],
        },
      ];
    case "html":
      return [{ name: singles.html, pieces: [reportPage(reportOf([read]))] }];
    case "tensorboard": {
      const seconds = Math.floor(Date.parse(run.startedAt ?? "") / 1000);
      const startedAt = Number.isFinite(seconds) ? seconds : 0;
      return [{ name: `events.out.tfevents.${startedAt}.normlens`, pieces: eventRecords(tables, startedAt) }];
    }
  }
}

/** A table may have a name of its producer's own. */
const fileName = (table: string): string => table.replace(/[^\w.-]/g, "_").replace(/^\.+/, "_");

function writePieces(path: string, pieces: Iterable<string | Uint8Array>): void {
  const partial = `${path}.partial`;
  try {
    const descriptor = openSync(partial, "w");
    try {
      for (const piece of pieces) {
        const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
        for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
      }
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw fileProblem(path, error);
  }
}
