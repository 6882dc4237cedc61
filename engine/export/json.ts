/** One JSON document, written table by table. */
import type { ExportTable } from "./exportTables";

const ROWS_PER_PIECE = 1000;

/** `about` is what is said of the run before its tables: an object. */
export function* jsonPieces(about: object, tables: readonly ExportTable[]): Iterable<string> {
  const head = JSON.stringify(about);
  yield `${head === "{}" ? "{" : `${head.slice(0, -1)},`}"tables":{`;
  for (const [index, { name, columns, rows }] of tables.entries()) {
    yield `${index > 0 ? "," : ""}${JSON.stringify(name)}:{"columns":${JSON.stringify(columns)},"rows":[`;
    let pending: string[] = [];
    let isFirst = true;
    const flush = (): string => {
      const text = `${isFirst ? "" : ","}${pending.join(",")}`;
      isFirst = false;
      pending = [];
      return text;
    };
    for (const row of rows()) {
      pending.push(JSON.stringify(row));
      if (pending.length >= ROWS_PER_PIECE) yield flush();
    }
    if (pending.length > 0) yield flush();
    yield "]}";
  }
  yield "}}\n";
}
