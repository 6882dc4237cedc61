/** A checkpoint from which the model can't be evaluated as it was. */
import type { RunFinding } from "../../protocol/finding";
import type { CheckpointRecord } from "../../protocol/records";
import { counted, fileName } from "../../protocol/numberText";
import { findingOf, namesOf, stepText } from "./findingParts";
import { isTracked, type LayerFacts, type RunFacts } from "./runFacts";

export function checkpointWithoutStatistics({ layers, summary }: RunFacts): RunFinding[] {
  const without = summary.checkpoints.filter((checkpoint) => isWithout(checkpoint, summary.checkpoints));
  const [first] = without;
  const last = without.at(-1);
  if (!first || !last) return [];
  const found = layers.filter((facts) => isTracked(facts) && isIn(facts, last));
  if (found.length === 0) return [];
  const file = last.path === null ? "The checkpoint" : fileName(last.path);
  const more = without.length > 1 ? ` ${counted(without.length, "checkpoint")} of this run are like that.` : "";
  return [
    findingOf({
      rule: "checkpoint-without-statistics",
      severity: "warning",
      layers: found,
      step: first.step,
      verdict: `${file} of ${stepText(last.step)} has no running statistics of ${namesOf(found)}.`,
      evidence:
        `It contains weights of ${counted(found.length, "BN layer")} without the running mean and variance that ` +
        `evaluation needs.${more}`,
      next: "Save model.state_dict() instead of parameters alone: running mean and variance are buffers.",
    }),
  ];
}

const isIn = ({ layer }: LayerFacts, { layers }: CheckpointRecord): boolean =>
  layers === null || layers.includes(layer.id);

/** Unless the statistics were saved at the same step, in another file. */
const isWithout = ({ statistics, step }: CheckpointRecord, all: readonly CheckpointRecord[]): boolean =>
  statistics === false && !all.some((other) => other.step === step && other.statistics === true);
