/** A run's name, state, position and facts, as the header shows them. What is unknown is left out. */
import type { RunState, VerdictTone } from "../../engine/protocol/judgement";
import { isRecording } from "../../engine/protocol/producers";
import type { RunView } from "../protocol";
import { counted, fileName, thousands } from "../ui/format";

export interface StateWords {
  readonly tone: VerdictTone;
  readonly word: string;
  /** The step, shown after the word. */
  readonly position: string;
}

const words: Readonly<Record<RunState, { tone: VerdictTone; word: string }>> = {
  starting: { tone: "busy", word: "Starting" },
  running: { tone: "busy", word: "Training" },
  paused: { tone: "information", word: "Paused" },
  unsure: { tone: "information", word: "No sign of life yet" },
  completed: { tone: "ok", word: "Completed" },
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

/** The settings that people ask for first, by the names that producers give them. Others stay in the log. */
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

/** The size of the model and its data, for the line under the charts. */
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

/** What an accuracy was measured on; empty if that is unknown. */
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

/** The model file, else the model; null where the run names neither. */
export function subjectOf({ run }: RunView): string | null {
  if (run?.source) return fileName(run.source.path);
  const model = run?.model ?? "";
  return model === "" ? null : model;
}

/** What a person calls it, else the run's own name; its folder's where it has none, or is not known yet. */
export function runName({ run, id, label }: RunView): string {
  if (label !== null) return label;
  const name = run?.name ?? "";
  // A recording has the name of its script, which stands before it already.
  if (run?.source && isRecording(run) && name === fileName(run.source.path) && run.model) return run.model;
  return name === "" ? fileName(id) : name;
}

/** Written here and not by the host's judgement, which only knows what was recorded. */
export function editedNote({ editedLayers, run }: RunView): string | null {
  if (editedLayers.length === 0 || !run) return null;
  const names = editedLayers.map((id) => run.layers.find((layer) => layer.id === id)?.name ?? id);
  const listed = names.length <= 3 ? `${names.join(", ")}.` : `${names.slice(0, 3).join(", ")}, …`;
  const file = run.source ? fileName(run.source.path) : "The model file";
  return `${file} was edited after this run: ${listed} The numbers are from the run.`;
}
