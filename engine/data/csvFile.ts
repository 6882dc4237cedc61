/**
 * A table of numbers with a label in each line: comma-separated values (RFC 4180), also with tabs or semicolons, with a
 * header or without. The label is in the column called label, class, target or y, else in the last one.
 */
import { basename } from "node:path";
import Papa from "papaparse";
import { malformed, MAX_VALUES, readDataFile } from "./dataFiles";
import type { Dataset, SampleSet } from "./dataset";
import { classesOf } from "./labels";
import type { Split } from "./split";

const LABEL_NAMES = new Set(["label", "class", "target", "y"]);
/** How tables say that a value is not known. */
const MISSING = new Set(["", "?", "na", "n/a", "nan", "null", "none"]);

/** Throws a ProblemError that names the line and the column. */
export function readCsvFile(path: string, split: Split): Dataset {
  const { set, features, ...rest } = decodeCsv(path, new TextDecoder().decode(readDataFile(path)));
  return { name: basename(path), shape: [features], ...rest, ...split(path, set) };
}

export interface Table {
  readonly set: SampleSet;
  readonly classes: number;
  readonly features: number;
  readonly classNames: readonly string[] | undefined;
  readonly columns: readonly string[] | undefined;
}

export function decodeCsv(path: string, text: string): Table {
  const { data: rows } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ""), { skipEmptyLines: "greedy" });
  const [first] = rows;
  if (first === undefined) throw malformed(path, "it is empty");
  const header =
    first.some((cell) => !isNumber(cell)) && !isUnlabelledRow(first, rows[1]) ? first.map((cell) => cell.trim()) : null;
  const samples = header === null ? rows : rows.slice(1);
  const labelled = header?.findIndex((name) => LABEL_NAMES.has(name.toLowerCase())) ?? -1;
  const labelColumn = labelled >= 0 ? labelled : first.length - 1;
  const features = first.length - 1;
  if (features < 1) throw malformed(path, "it has one column, but a sample needs a value and a label");
  if (samples.length === 0) throw malformed(path, "it has a header and no rows");
  if (samples.length * features > MAX_VALUES)
    throw malformed(path, `it has ${samples.length}×${features} values, which is too many`);
  const lineOf = (sample: number): number => sample + (header === null ? 1 : 2);
  const values = new Float32Array(samples.length * features);
  samples.forEach((row, sample) => {
    if (row.length !== first.length)
      throw malformed(path, `row ${lineOf(sample)} has ${row.length} columns, but the first row has ${first.length}`);
    let at = sample * features;
    for (const [column, cell] of row.entries()) {
      if (column === labelColumn) continue;
      values[at++] = valueOf(path, cell, () => `column ${header?.[column] ?? column + 1} of row ${lineOf(sample)}`);
    }
  });
  const { labels, count, names } = classesOf(
    path,
    samples.map((row) => (row[labelColumn] ?? "").trim()),
    (sample) => `row ${lineOf(sample)}`,
  );
  return {
    set: { count: samples.length, values, labels },
    classes: count,
    features,
    classNames: names,
    columns: header?.filter((_, column) => column !== labelColumn),
  };
}

/** A first row whose only text is a class, above another such row: `5.1,3.5,setosa`. */
function isUnlabelledRow(first: readonly string[], second: readonly string[] | undefined): boolean {
  const isData = (row: readonly string[]): boolean =>
    row.length > 1 && row.slice(0, -1).every((cell) => isNumber(cell) || MISSING.has(cell.trim().toLowerCase()));
  return isData(first) && (second === undefined || isData(second));
}

const isNumber = (cell: string): boolean => cell.trim() !== "" && Number.isFinite(Number(cell));

/** Training would take an unknown value for a known one, so the row has to be fixed or removed. */
function valueOf(path: string, cell: string, place: () => string): number {
  const text = cell.trim();
  if (MISSING.has(text.toLowerCase())) throw malformed(path, `${place()} has no value; fill it in, or remove the row`);
  const value = Number(text);
  if (!Number.isFinite(value) || !Number.isFinite(Math.fround(value)))
    throw malformed(path, `${place()} is not a valid number: ${JSON.stringify(text.slice(0, 40))}`);
  return value;
}
