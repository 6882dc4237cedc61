/** What `normlens runs check` prints: one line a fault and a note, and what the run contains. */
import type { Remark } from "../runs/check/faults";
import type { RunCheck } from "../runs/checkRun";
import { formatTable } from "./table";

export function checkText({ faults, notes, records, tables }: RunCheck): string {
  const counts = Object.entries(records).map(([type, count]) => `${count} ${type}`);
  const rows = tables.map(({ file, name, layers, columns, values, frames, firstStep, lastStep }) => [
    file,
    name,
    String(layers),
    String(columns),
    String(values),
    String(frames),
    frames === 0 ? "" : `${firstStep}–${lastStep}`,
  ]);
  return [
    ...faults.map((fault) => `${placeOf(fault)}: ${fault.sentence}\n`),
    ...notes.map((note) => `${placeOf(note)}: note: ${note.sentence}\n`),
    counts.length === 0 ? "" : `Records: ${counts.join(", ")}.\n`,
    rows.length === 0 ? "" : formatTable(["numbers", "table", "layers", "columns", "values", "frames", "steps"], rows),
    faults.length === 0 ? "No faults.\n" : `${faults.length} fault${faults.length === 1 ? "" : "s"}.\n`,
  ].join("");
}

const placeOf = ({ file, line, offset }: Remark): string =>
  line !== null ? `${file}:${line}` : offset !== null ? `${file} at byte ${offset}` : file;
