/** What of a run TensorBoard shows: every number of a step, by quantity and layer. */
import type { ExportCell, ExportTable } from "../exportTables";
import { scalarRecord, versionRecord } from "./eventFile";

/** Columns that say where a row belongs. */
const PLACES = ["step", "layer", "rank", "statistics", "channel"];
/** Single channels are thousands of curves; whoever wants them takes CSV. */
const LEFT_OUT = ["channels", "findings"];

/** `startedAt` in seconds since 1970; TensorBoard orders by steps, so all events have that time. */
export function* eventRecords(tables: readonly ExportTable[], startedAt: number): Iterable<Uint8Array> {
  yield versionRecord(startedAt);
  for (const table of tables) {
    if (LEFT_OUT.includes(table.name)) continue;
    for (const row of table.rows()) {
      const scalars = scalarsOf(table, row);
      const step = row[table.columns.indexOf("step")];
      if (typeof step === "number" && scalars.length > 0) yield scalarRecord({ wallTime: startedAt, step, scalars });
    }
  }
}

/** `mean_shift/layer3.1.bn2`: TensorBoard makes a group of what stands before the first slash. */
function scalarsOf({ name, columns }: ExportTable, row: readonly ExportCell[]): { tag: string; value: number }[] {
  const at = (column: string): ExportCell => row[columns.indexOf(column)] ?? null;
  const place = [at("layer"), at("statistics"), at("rank") === null ? null : `rank ${String(at("rank"))}`];
  const where = place.filter((part) => part !== null).map(String);
  return columns.flatMap((column, index) => {
    const value = row[index];
    if (PLACES.includes(column) || typeof value !== "number") return [];
    return [{ tag: where.length > 0 ? `${groupOf(name, column)}/${where.join("/")}` : `${name}/${column}`, value }];
  });
}

/** Some tables have columns of the same name. */
const groupOf = (table: string, column: string): string => (table === "norms" ? column : `${table}.${column}`);
