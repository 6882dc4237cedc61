/** What a report says in words: how its numbers were measured. */
import type { Judgement } from "../../engine/protocol/judgement";
import { isRecording } from "../../engine/protocol/producers";
import type { RunView } from "../protocol";
import { counted, percent, sigma, thousands, twoDigits } from "../ui/format";

export interface KeyNumber {
  readonly value: string;
  readonly words: string;
  readonly color: "running" | "population" | "foreground";
}

const range = (values: readonly number[]): string => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return sigma(low) === sigma(high) ? sigma(high) : `${twoDigits(low)}–${sigma(high)}`;
};

/** At most four, the most telling first. */
export function keyNumbers({ accuracies, layers, findings }: Judgement): KeyNumber[] {
  const known = (values: readonly number[]): number[] => values.filter(Number.isFinite);
  const gaps = known(layers.map(({ gap }) => gap));
  const distances = known(layers.map(({ distance }) => distance));
  const shifts = known(layers.map(({ shift }) => shift));
  const all: (KeyNumber | false)[] = [
    Number.isFinite(accuracies.running) && {
      value: percent(accuracies.running),
      words: "right with running statistics",
      color: "running",
    },
    Number.isFinite(accuracies.population) && {
      value: percent(accuracies.population),
      words: "right with population statistics, the same weights",
      color: "population",
    },
    gaps.length > 0 && { value: range(gaps), words: "between train and eval mode, by layer", color: "foreground" },
    distances.length > 0 && {
      value: range(distances),
      words: "from population to running mean, by layer",
      color: "foreground",
    },
    shifts.length > 0 && { value: range(shifts), words: "from running to batch mean, by layer", color: "foreground" },
    { value: thousands(findings.length), words: findings.length === 1 ? "finding" : "findings", color: "foreground" },
  ];
  return all.filter((entry) => entry !== false).slice(0, 4);
}

export function measuredWords({ run, sampledSteps, judgement }: RunView): string[] {
  if (!run) return [];
  const recorded = isRecording(run);
  const has = (known: (judged: Judgement) => boolean): boolean => judgement !== null && known(judgement);
  return [
    recorded
      ? "Batch statistics were read back from running statistics, before and after an optimizer step; nothing was " +
        "changed in the training."
      : "Batch statistics were measured in the training step itself.",
    ...(sampledSteps > 0 ? [`BN layers were sampled at ${counted(sampledSteps, "step")}.`] : []),
    "Shift: root mean square over channels of batch mean minus running mean, in σ of the batch.",
    ...(has(({ layers }) => layers.some(({ gap }) => Number.isFinite(gap)))
      ? [
          "Gap: the same batch in train and in eval mode, root mean square over channels and samples, in units of " +
            "each channel’s σ. Noise floor: the gap that remains with population statistics.",
        ]
      : []),
    ...(has(({ layers }) => layers.some(({ distance }) => Number.isFinite(distance)))
      ? ["Population statistics: a pass over training data with fixed weights."]
      : []),
  ];
}
