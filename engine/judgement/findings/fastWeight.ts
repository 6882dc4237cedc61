/** A momentum in the other framework's convention: running statistics are those of the last batches. */
import type { RunFinding } from "../../protocol/finding";
import { timesText } from "../../protocol/numberText";
import { USUAL_UPDATE_WEIGHT } from "../../protocol/noiseFloors";
import { accuraciesAt, triageOf } from "../triage";
import { findingOf, ifUsed, momentumText, namesOf, shareText, verb, worstOf } from "./findingParts";
import { isTracked, type LayerFacts, newestWith, type RunFacts } from "./runFacts";

/** From here on the newest batch counts more than all before it together. */
const FAST = 0.5;

export function momentumInverted({ layers, summary }: RunFacts): RunFinding[] {
  const fast = layers.filter((facts) => isFast(facts));
  const worst = worstOf(fast, weightOf);
  if (!worst) return [];
  const weight = weightOf(worst);
  // Where evaluation was compared with other statistics and is as good, it does no harm so far.
  const isHarmless = triageOf(accuraciesAt(summary, null), null) === "healthy";
  const inverted = weight < 1 ? `Set ${momentumText(worst, short(1 - weight))}` : "Set the default momentum";
  return [
    findingOf({
      rule: "momentum-inverted",
      severity: isHarmless ? "information" : ifUsed(fast, "warning"),
      layers: fast,
      step: 0,
      verdict:
        `${namesOf(fast)} ${verb(fast, "forgets", "forget")} all but the last batches with ` +
        `${momentumText(worst, weight)}.`,
      evidence:
        `Each batch replaces ${shareText(weight)} of the running statistics, so their noise is ` +
        `${timesText(noiseOf(weight) / noiseOf(USUAL_UPDATE_WEIGHT))} as large as with ` +
        `${momentumText(worst, USUAL_UPDATE_WEIGHT)}. It looks like ` +
        `${worst.isKeras ? "PyTorch" : "Keras"}'s convention.`,
      next: `${inverted}, and compute the running statistics again. The weights are not affected.`,
    }),
  ];
}

const weightOf = ({ layer }: LayerFacts): number =>
  typeof layer.norm.updateWeight === "number" ? layer.norm.updateWeight : 0;

const isFast = (facts: LayerFacts): boolean =>
  weightOf(facts) >= FAST &&
  weightOf(facts) <= 1 &&
  facts.isUsed &&
  isTracked(facts) &&
  newestWith(facts, ({ passes }) => passes)?.passes !== 0;

/** √(m/(2 − m)): what an exponential average keeps of its input's spread. */
const noiseOf = (weight: number): number => Math.sqrt(weight / (2 - weight));

const short = (value: number): number => Number(value.toPrecision(4));
