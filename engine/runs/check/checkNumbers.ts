/** Checks a binary file: its damage, what its tables are, and whether their numbers can be what they say. */
import type { NumbersDamage } from "../../protocol/numbers";
import type { RunRecord } from "../../protocol/records";
import type { NumbersReader } from "../numbers/numbersReader";
import type { NumbersTable } from "../numbers/tableIndex";
import { isKnownTable, knownColumns, shapeFault } from "../numbers/tableShape";
import { checkValues } from "./checkValues";
import type { Remarks } from "./faults";

export interface CheckedTable {
  readonly file: string;
  readonly name: string;
  readonly columns: number;
  readonly layers: number;
  readonly values: number;
  readonly frames: number;
  readonly firstStep: number | null;
  readonly lastStep: number | null;
}

/** `run` is null where its record cannot be read; then nothing is said of layers. */
export function checkNumbers(
  reader: NumbersReader,
  file: string,
  run: RunRecord | null,
  remarks: Remarks,
): CheckedTable[] {
  for (const damage of reader.damage)
    remarks.fault(damage.kind, file, { offset: damage.offset }, damageSentence(damage));
  const untold = reader.damageCount - reader.damage.length;
  if (untold > 0) remarks.note(file, {}, `${untold} more places are damaged`);
  return reader.tables.map((table) => {
    checkTable(table, file, run, remarks);
    if (shapeFault(table.declaration) === null && isKnownTable(table.declaration.name))
      checkValues(reader, table, file, remarks);
    return checkedTable(table, file);
  });
}

function checkedTable({ declaration, count, steps }: NumbersTable, file: string): CheckedTable {
  const { name, columns, layers, values } = declaration;
  const firstStep = steps[0] ?? null;
  const lastStep = steps.at(-1) ?? null;
  return { file, name, columns: columns.length, layers: layers.length, values, frames: count, firstStep, lastStep };
}

function checkTable(
  { number, declaration }: NumbersTable,
  file: string,
  run: RunRecord | null,
  remarks: Remarks,
): void {
  const { name, columns } = declaration;
  const title = `table ${number} (${name})`;
  if (new Set(columns).size < columns.length)
    remarks.fault("table-shape", file, {}, `${title}: it names a column twice`);
  if (!isKnownTable(name)) {
    remarks.note(file, {}, `${title}: NormLens ignores tables of this name, which it does not know`);
    return;
  }
  const shape = shapeFault(declaration);
  if (shape !== null) remarks.fault("table-shape", file, {}, `${title}: ${shape}`);
  const unknown = columns.filter((column) => !knownColumns[name].has(column));
  if (unknown.length > 0)
    remarks.note(file, {}, `${title}: NormLens ignores columns that it does not know: ${unknown.join(", ")}`);
  if (run !== null) checkLayers(title, declaration, file, run, remarks);
}

function checkLayers(
  title: string,
  { name, layers, values }: NumbersTable["declaration"],
  file: string,
  run: RunRecord,
  remarks: Remarks,
): void {
  const known = new Map(run.layers.map((layer) => [layer.id, layer]));
  for (const id of layers) {
    const layer = known.get(id);
    if (!layer) {
      remarks.fault(
        "unknown-layer",
        file,
        {},
        `${title}: it names the layer ${id}, which the run record does not list`,
      );
      continue;
    }
    if (name !== "norms" && name !== "channels") continue;
    const channels = layer.norm?.channels ?? null;
    if (layer.norm === null)
      remarks.fault("not-normalization", file, {}, `${title}: the run record has no norm for the layer ${id}`);
    else if (name === "channels" && channels !== null && channels !== values)
      remarks.fault(
        "table-shape",
        file,
        {},
        `${title}: it has ${values} values per column, but ${id} has ${channels} channels`,
      );
  }
}

function damageSentence({ kind, bytes, table, step }: NumbersDamage): string {
  const of = table === null ? "" : ` of ${table}`;
  const at = step === null ? "" : ` at step ${step}`;
  switch (kind) {
    case "header":
      return "it does not begin with the bytes of this format";
    case "checksum":
      return `${bytes} bytes are damaged: they contain no block with a valid checksum`;
    case "torn":
      return `the last block is incomplete: it has only ${bytes} bytes`;
    case "undeclared":
      return "frames of a table that is not declared before them";
    case "doubled":
      return `a second frame${of}${at}`;
    case "disordered":
      return `the frame${of}${at} comes after a frame of a later step`;
    case "declaration":
      return (
        `an invalid declaration${of}: its text is not valid, its frames would be too large, or its number ` +
        "belongs to another table"
      );
    case "step":
      return `a frame${of} whose step is not a whole number of at least 0`;
  }
}
