import assert from "node:assert/strict";
import { csvPieces } from "../../../engine/export/csv";
import type { ExportTable } from "../../../engine/export/exportTables";
import { jsonPieces } from "../../../engine/export/json";

const table = (rows: (string | number | null)[][]): ExportTable => ({
  name: "t",
  columns: ["step", "layer"],
  rows: () => rows,
});
const csv = (rows: (string | number | null)[][]): string => [...csvPieces(table(rows))].join("");

describe("exported tables", () => {
  it("are CSV as RFC 4180 writes it", () => {
    assert.equal(csv([[1, 'a "b", c']]), 'step,layer\r\n1,"a ""b"", c"\r\n');
    assert.equal(csv([[1, "two\nlines"]]), 'step,layer\r\n1,"two\nlines"\r\n');
    assert.equal(csv([[null, null]]), "step,layer\r\n,\r\n");
    assert.equal(csv([]), "step,layer\r\n");
  });
  it("give a spreadsheet no formula", () => {
    assert.equal(csv([[-1, "=1+1"]]), "step,layer\r\n-1,'=1+1\r\n");
    assert.equal(csv([[0, "@cmd"]]), "step,layer\r\n0,'@cmd\r\n");
  });
  it("lose no line where they are written in pieces", () => {
    const rows = Array.from({ length: 4500 }, (_, step) => [step, "bn"]);
    const lines = csv(rows).trimEnd().split("\r\n");
    assert.deepEqual([lines.length, lines[1], lines.at(-1)], [4501, "0,bn", "4499,bn"]);
  });
  it("are one JSON document", () => {
    const rows = Array.from({ length: 2500 }, (_, step) => [step, step % 2 === 0 ? null : 'b"n']);
    for (const about of [{}, { name: "run" }]) {
      const text = [...jsonPieces(about, [table(rows), table([])])].join("");
      const parsed = JSON.parse(text) as { tables: { t: { columns: string[]; rows: unknown[][] } } };
      // The second table has the name of the first one.
      assert.deepEqual(parsed.tables.t, { columns: ["step", "layer"], rows: [] });
      const [first] = [...jsonPieces(about, [table(rows)])].join("").split("\n");
      assert.deepEqual(JSON.parse(first ?? ""), { ...about, tables: { t: { columns: ["step", "layer"], rows } } });
    }
  });
});
