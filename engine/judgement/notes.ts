/** What else a person should know about a run: its files, its processes, its weights. */
import type { Note } from "../protocol/judgement";
import { counted, listed, thousands } from "../protocol/numberText";
import type { NumbersDamage } from "../protocol/numbers";
import type { SegmentRecord } from "../protocol/records";
import type { JudgeInput } from "./judgedRun";
import { isDisturbing } from "./layerReadings";
import type { RunSummary } from "./runSummary";

export function notesOn({ summary, badLines = [], damage = [], isGone = false }: JudgeInput): Note[] {
  return [
    ...warnings([
      ...(isGone ? ["The run's log was deleted while it was open. Everything read before is shown."] : []),
      ...badLinesNote(badLines.map(({ line }) => line)),
      ...damageNotes(damage),
    ]),
    ...information([...ranksNote(summary), ...segmentNotes(summary), ...passesNote(summary)]),
    ...warnings(leftOutNote(summary)),
  ];
}

const warnings = (sentences: readonly string[]): Note[] =>
  sentences.map((sentence) => ({ severity: "warning", sentence }));

const information = (sentences: readonly string[]): Note[] =>
  sentences.map((sentence) => ({ severity: "information", sentence }));

function badLinesNote(lines: readonly number[]): string[] {
  if (lines.length === 0) return [];
  const one = lines.length === 1;
  return [
    `${counted(lines.length, "line")} of the log ${one ? "is" : "are"} not a valid record and ` +
      `${one ? "was" : "were"} skipped: ${sentenceEnd(listed(lines))}`,
  ];
}

const sentenceEnd = (text: string): string => (text.endsWith("…") ? text : `${text}.`);

const damageWords: Readonly<Record<NumbersDamage["kind"], (count: number) => string>> = {
  header: () => "a numbers file has no valid header",
  checksum: (count) => `${counted(count, "frame")} failed the checksum`,
  torn: () => "the last frame is not complete",
  undeclared: (count) => `${counted(count, "frame")} of an undeclared table`,
  doubled: (count) => `${counted(count, "frame")} came twice`,
  disordered: (count) => `${counted(count, "frame")} came out of order`,
  declaration: (count) => `${counted(count, "declaration")} could not be used`,
  step: (count) => `${counted(count, "frame")} ${count === 1 ? "has" : "have"} a step that is not a whole number`,
};

/** One sentence for all damage, so that a person knows why a chart has a gap. */
function damageNotes(damage: readonly (NumbersDamage & { readonly rank: number })[]): string[] {
  const kinds = [...new Set(damage.map(({ kind }) => kind))];
  if (kinds.length === 0) return [];
  const words = kinds.map((kind) => damageWords[kind](damage.filter((entry) => entry.kind === kind).length));
  const [first] = damage;
  return [
    `Some recorded numbers are damaged and left out: ${words.join(", ")} (first at byte ` +
      `${thousands(first?.offset ?? 0)} of ${fileOf(first?.rank ?? 0)}).`,
  ];
}

const fileOf = (rank: number): string => (rank === 0 ? "numbers.bin" : `numbers-rank${rank}.bin`);

const ranksNote = ({ run }: RunSummary): string[] =>
  run && run.ranks > 1 ? [`${run.ranks} processes train together. The numbers are those of rank 0.`] : [];

const segmentWords: Readonly<Record<SegmentRecord["reason"], string>> = {
  "weights-loaded": "Weights were loaded",
  "statistics-recomputed": "Running statistics were recomputed",
  resumed: "Training was resumed",
  "written-from-outside": "Code outside of training changed the running statistics",
  "started-again": "The model was made again",
};

/** The latest of each reason. */
function segmentNotes(summary: RunSummary): string[] {
  const latest = new Map(summary.segments.map((segment) => [segment.reason, segment]));
  return [...latest.values()].map((segment) => {
    const { reason, step, detail } = segment;
    const again = isDisturbing(summary, segment) ? ", and running statistics are judged again from there" : "";
    const from = detail === null ? "" : ` (${detail})`;
    return `${segmentWords[reason]} at step ${thousands(step)}${from}${again}.`;
  });
}

/** Layers that do not update, where the producer counts passes. */
function passesNote({ samples, normLayers }: RunSummary): string[] {
  const still: string[] = [];
  let known = 0;
  for (const { table, values } of samples.values()) {
    const at = table.columns.indexOf("passes");
    if (table.name !== "norms" || at < 0) continue;
    table.layers.forEach((id, row) => {
      known += 1;
      const name = normLayers.find((layer) => layer.id === id)?.name ?? id;
      if (values[row * table.columns.length + at] === 0) still.push(name);
    });
  }
  if (still.length === 0) return [];
  if (still.length === known) return ["None of the BN layers update their running statistics."];
  const verb = still.length === 1 ? "does" : "do";
  return [
    `${still.length} of ${counted(known, "BN layer")} ${verb} not update running statistics: ` +
      `${sentenceEnd(listed(still))}`,
  ];
}

const leftOutNote = ({ leftOut }: RunSummary): string[] => {
  if (leftOut === null) return [];
  const { step, model, recorded } = leftOut;
  return [
    `${model ?? "A model"} trains from step ${thousands(step)} on and is not recorded, nor are models that come ` +
      `later: a run holds ${counted(recorded, "model")}. Record it in a process of its own to see it.`,
  ];
};
