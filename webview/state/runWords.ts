/** A run's state and facts, as the header says them. */
import type { RunState } from "../protocol";
import { thousands } from "../ui/format";
import type { RunModel } from "./runModel";
import type { VerdictTone } from "./verdictParts";

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
  completed: { tone: "ok", word: "Finished" },
  stopped: { tone: "warning", word: "Stopped" },
  interrupted: { tone: "warning", word: "Interrupted" },
  diverged: { tone: "error", word: "Diverged" },
  failed: { tone: "error", word: "Failed" },
};

export function stateWords({ view }: RunModel): StateWords {
  const { state, step, run } = view;
  const { tone, word } = words[state];
  const planned = run?.config.steps;
  if (state === "starting" || planned === undefined) return { tone, word, position: "" };
  if (state === "completed") return { tone, word, position: `${thousands(step)} steps` };
  return { tone, word, position: `step ${thousands(step)} of ${thousands(planned)}` };
}

/** The settings of a run, shortest first. */
export function facts({ view }: RunModel): string[] {
  const config = view.run?.config;
  if (!config) return [];
  return [`batch ${config.batchSize}`, `lr ${config.learningRate}`, config.optimizer, `seed ${config.seed}`];
}
