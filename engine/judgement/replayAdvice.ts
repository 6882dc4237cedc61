/** The momentum that a run's own batches speak for, in words. */
import { isAbove, type Part } from "../protocol/judgement";
import { momentumOf } from "../protocol/normalization";
import { sigma } from "../protocol/numberText";
import type { JudgedRun } from "./judgedRun";
import { code, strong } from "./parts";
import { suggestionAt } from "./replay";
import { placeParts } from "./runWords";

/**
 * Null where no layer's running statistics are too far, where batches were not replayed, and where no momentum would
 * have brought them much nearer.
 */
export function replayedAdvice({ summary, at, readings }: JudgedRun): Part[] | null {
  const away = readings.filter(({ distanceSeverity }) => isAbove(distanceSeverity));
  const suggestion = away.length === 0 ? null : suggestionAt(summary, at);
  if (!summary.run || suggestion === null) return null;
  const now = Math.max(...away.map(({ distance }) => distance));
  const ids = new Set(away.map(({ id }) => id));
  return [
    "Set ",
    code(`momentum=${momentumOf(suggestion.weight, summary.run.framework)}`),
    ...placeParts(
      summary.run,
      summary.normLayers.filter(({ id }) => ids.has(id)),
    ),
    ": replayed from the batches of this run, the furthest layer would be ",
    strong(sigma(suggestion.distance)),
    ` from population statistics, not ${sigma(now)}. The weights stay the same.`,
  ];
}
