/** What other momenta would have made of a run that nobody trained: an average that lags at small weights. */
import type { Replay } from "../../../engine/protocol/replay";
import { REPLAYED_WEIGHTS } from "../../../engine/training/momentumReplay";
import type { SyntheticRun } from "./syntheticRun";

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;

/** What is left of the start, and noise that grows with the weight. */
const distanceAt = (weight: number, step: number, depth: number): number =>
  (0.6 + 0.3 * Math.sin(depth)) * (1 - weight) ** step + (0.03 + 0.02 * Math.cos(3 * depth)) * Math.sqrt(weight);

export function replayOf(run: SyntheticRun, at: number | null): Replay {
  const steps = run.stepsOf("population", 0, at ?? run.step);
  const step = steps.at(-1) ?? 0;
  const own = run.options.updateWeight ?? 0.1;
  const medianAt = (weight: number, when: number): number =>
    middle(run.norms.map((_, depth) => distanceAt(weight, when, depth)));
  return {
    ...{ weights: REPLAYED_WEIGHTS, own, step, suggested: 0.1 },
    layers: run.norms.map((id, depth) => ({
      id,
      distance: distanceAt(own, step, depth),
      distances: REPLAYED_WEIGHTS.map((weight) => distanceAt(weight, step, depth)),
    })),
    median: medianAt(own, step),
    medians: REPLAYED_WEIGHTS.map((weight) => medianAt(weight, step)),
    floors: REPLAYED_WEIGHTS.map((weight) => 0.02 * Math.sqrt(weight)),
    course: {
      steps,
      own: steps.map((when) => medianAt(own, when)),
      medians: REPLAYED_WEIGHTS.map((weight) => steps.map((when) => medianAt(weight, when))),
    },
    scores: {
      ...{ step, samples: 1000, own: 0.98 - 0.8 * (1 - own) ** step },
      accuracies: REPLAYED_WEIGHTS.filter((_, index) => index % 2 === 0).map((weight) => ({
        weight,
        accuracy: 0.98 - 0.8 * (1 - weight) ** step,
      })),
    },
  };
}
