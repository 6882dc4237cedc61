/** A run's state, position and facts, as the header says them. What is not known is left out or a dash, never a zero. */
import type { RunState, VerdictTone } from "../../engine/protocol/judgement";
import type { RunView } from "../protocol";
import { counted, fileName, thousands } from "../ui/format";

export interface StateWords {
  readonly tone: VerdictTone;
  readonly word: string;
  /** Where it stands, after the word. */
  readonly position: string;
}

const words: Readonly<Record<RunState, { tone: VerdictTone; word: string }>> = {
  starting: { tone: "busy", word: "Starting" },
  running: { tone: "busy", word: "Training" },
  paused: { tone: "information", word: "Paused" },
  unsure: { tone: "information", word: "No sign of life yet" },
  completed: { tone: "ok", word: "Finished" },
  stopped: { tone: "warning", word: "Stopped" },
  interrupted: { tone: "warning", word: "Interrupted" },
  diverged: { tone: "error", word: "Diverged" },
  failed: { tone: "error", word: "Failed" },
};

export function stateWords({ state, step, run }: RunView): StateWords {
  const { tone, word } = words[state];
  if (state === "starting" || !run) return { tone, word, position: "" };
  if (state === "completed") return { tone, word, position: counted(step, "step") };
  const planned = run.plannedSteps === null ? "" : ` of ${thousands(run.plannedSteps)}`;
  return { tone, word, position: `step ${thousands(step)}${planned}` };
}

/** Settings people ask for first, by the names producers give them; others are free-form and stay in the log. */
const settings = [
  ["batchSize", "batch "],
  ["learningRate", "lr "],
  ["optimizer", ""],
  ["seed", "seed "],
] as const;

export const facts = ({ run }: RunView): string[] =>
  settings.flatMap(([key, words]) => {
    const value = run?.settings[key];
    return value === undefined || value === null || value === "" ? [] : [`${words}${value}`];
  });

/** What was trained on what, for the line under the charts. */
export function modelFacts({ run }: RunView): string[] {
  if (!run) return [];
  const { parameters, data } = run;
  const samples = data?.trainSamples ?? null;
  return [
    parameters === null ? null : counted(parameters, "parameter"),
    data?.name ?? null,
    samples === null ? null : `${thousands(samples)} training ${sampleWord(data?.sample ?? null)}s`,
  ].filter((fact) => fact !== null);
}

const sampleWord = (sample: string | null): string => sample ?? "sample";

/** What an accuracy was measured on; empty when nobody knows. */
export function testSamples({ run }: RunView, measured: number): string {
  const all = run?.data?.testSamples ?? null;
  const seen = Number.isFinite(measured) ? measured : null;
  const count = seen ?? all;
  if (count === null) return "";
  const words = `test ${sampleWord(run?.data?.sample ?? null)}`;
  return seen !== null && all !== null && seen < all
    ? `${thousands(seen)} of ${counted(all, words)}`
    : counted(count, words);
}

/** What the header calls the thing that was trained, where no file is known. */
export const subjectOf = ({ run }: RunView): string =>
  run?.source ? fileName(run.source.path) : (run?.model ?? "NormLens");

/** Said in the page, since whether a line was edited is nothing the log knows. */
export function editedNote({ editedLayers, run }: RunView): string | null {
  if (editedLayers.length === 0 || !run) return null;
  const names = editedLayers.map((id) => run.layers.find((layer) => layer.id === id)?.name ?? id);
  const listed = names.length <= 3 ? `${names.join(", ")}.` : `${names.slice(0, 3).join(", ")}, …`;
  return `${run.source ? fileName(run.source.path) : "The model file"} was edited since this run: ${listed} The numbers are those of the run.`;
}
