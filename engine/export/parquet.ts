/** A table as a Parquet file: written group by group, so a long run takes no more memory than a short one. */
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { ExportCell, ExportTable } from "./exportTables";

const ROWS_IN_A_GROUP = 50_000;

/** Whole numbers that count something. */
const COUNTS = new Set(["rank", "step", "channel"]);

type Kind = "INT32" | "DOUBLE" | "STRING";

export function* parquetPieces(table: ExportTable): Iterable<Uint8Array> {
  const kinds = kindsOf(table);
  const columnsOf = (rows: readonly (readonly ExportCell[])[]): ColumnSource[] =>
    table.columns.map((name, at) => ({
      name,
      type: kinds[at] ?? "DOUBLE",
      nullable: true,
      data: rows.map((row) => row[at] ?? null),
    }));
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: schemaFromColumnData({ columnData: columnsOf([]) }),
    createdBy: "NormLens",
  });
  const written = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    // What was taken is no longer kept; the offsets in the file go on.
    writer.index = 0;
    return bytes;
  };
  for (const rows of groupsOf(table)) {
    void file.write({ columnData: columnsOf(rows), rowGroupSize: ROWS_IN_A_GROUP });
    yield written();
  }
  void file.finish();
  yield written();
}

function* groupsOf({ rows }: ExportTable): Iterable<readonly (readonly ExportCell[])[]> {
  let group: (readonly ExportCell[])[] = [];
  for (const row of rows()) {
    group.push(row);
    if (group.length < ROWS_IN_A_GROUP) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** A column has one type in the whole file, so each is looked through until a value says which. */
function kindsOf({ columns, rows }: ExportTable): Kind[] {
  const kinds: (Kind | undefined)[] = columns.map((name) => (COUNTS.has(name) ? "INT32" : undefined));
  let unknown = kinds.filter((kind) => kind === undefined).length;
  for (const row of rows()) {
    if (unknown === 0) break;
    row.forEach((cell, at) => {
      if (kinds[at] !== undefined || cell === null) return;
      kinds[at] = typeof cell === "string" ? "STRING" : "DOUBLE";
      unknown -= 1;
    });
  }
  return kinds.map((kind) => kind ?? "DOUBLE");
}
