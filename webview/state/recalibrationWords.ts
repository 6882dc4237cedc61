/** What recalibration would give, in a sentence. Pure. */
import { percentage } from "../../engine/protocol/numberText";
import type { Recalibration } from "../../engine/protocol/judgement";
import { percent, sigma, thousands, twoDigits } from "../ui/format";

/** "With exact statistics (recalibrated): accuracy 72.3 → 95.7 %, flips 71 → 2 of 256, at step 400." */
export function recalibrationWords({ step, accuracy, flips, samples, distance }: Recalibration): string {
  const facts = [
    accuracy && `accuracy ${percentage(accuracy[0])} → ${percent(accuracy[1])}`,
    flips && `flips ${thousands(flips[0])} → ${thousands(flips[1])}${ofSamples(samples)}`,
    distance === null ? null : `largest distance ${twoDigits(distance)} → ${sigma(0)}`,
  ].filter((fact) => fact !== null);
  const words = [...facts, `at step ${thousands(step)}`].join(", ");
  return `With exact statistics (recalibrated): ${words}. The weights stay the same.`;
}

const ofSamples = (samples: number): string => (Number.isFinite(samples) ? ` of ${thousands(samples)}` : "");
