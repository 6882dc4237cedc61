/** Writes a run into a folder, in a format that other programs read. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileProblem } from "../runs/fileProblem";
import { csvPieces } from "./csv";
import { type ExportedRun, exportTables } from "./exportTables";
import { jsonPieces } from "./json";
import { type DescribedRun, markdownPage } from "./markdown";
import { eventRecords } from "./tensorboard/scalars";

export const exportFormats = ["csv", "json", "markdown", "tensorboard"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** A run with what is said of it; `about` stands in a JSON document before the tables. */
export type ExportSource = ExportedRun & DescribedRun & { readonly about: object };

interface ExportFile {
  readonly name: string;
  readonly pieces: Iterable<string | Uint8Array>;
}

/** The files that were written. Throws a ProblemError; then no file is there in part. */
export function exportRun(source: ExportSource, format: ExportFormat, folder: string): string[] {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw fileProblem(folder, error);
  }
  return filesOf(source, format).map(({ name, pieces }) => {
    const path = join(folder, name);
    writePieces(path, pieces);
    return path;
  });
}

function filesOf(source: ExportSource, format: ExportFormat): ExportFile[] {
  const tables = exportTables(source);
  switch (format) {
    case "csv":
      return tables.map((table) => ({ name: `${fileName(table.name)}.csv`, pieces: csvPieces(table) }));
    case "json":
      return [{ name: "run.json", pieces: jsonPieces(source.about, tables) }];
    case "markdown":
      return [{ name: "run.md", pieces: [markdownPage(source)] }];
    case "tensorboard": {
      const seconds = Math.floor(Date.parse(source.run.startedAt ?? "") / 1000);
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
