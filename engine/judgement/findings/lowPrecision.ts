/** Running statistics in a type that is too coarse for small updates. */
import type { RunFinding } from "../../protocol/finding";
import { findingOf, ifUsed, namesOf, shareText, stepText, verb, worstOf } from "./findingParts";
import { isTracked, type LayerFacts, newestMoved, newestWith, type RunFacts } from "./runFacts";

/** Digits of the significand, with the hidden one. */
const significandBits: Readonly<Record<string, number>> = { bfloat16: 8, float16: 11 };

export function lowPrecisionStatistics({ layers }: RunFacts): RunFinding[] {
  const coarse = layers.filter((facts) => isTracked(facts) && bitsOf(facts) !== null && updates(facts));
  const worst = worstOf(coarse, (facts) => -(movedShare(facts)?.runningMoved ?? 1));
  if (!worst) return [];
  const moved = movedShare(worst);
  const movedText = moved
    ? ` Up to ${stepText(moved.step)}, the running statistics of ${shareText(moved.runningMoved)} of the channels of ` +
      `${worst.layer.name} still change.`
    : "";
  return [
    findingOf({
      rule: "low-precision-statistics",
      severity: ifUsed(coarse, "warning"),
      layers: coarse,
      step: 0,
      verdict:
        `${namesOf(coarse)} ${verb(coarse, "keeps its", "keep their")} running statistics in ` +
        `${worst.layer.norm.dtype}.`,
      evidence:
        `That type has ${bitsOf(worst) ?? 0} significant bits: an update that moves a value by less than half a unit ` +
        `in the last place is lost, so running statistics stop short of the batches.${movedText}`,
      next: "Keep BN layers in float32 (layer.float()) and use autocast for the rest.",
    }),
  ];
}

const bitsOf = ({ layer }: LayerFacts): number | null =>
  significandBits[(layer.norm.dtype ?? "").replace(/^torch\./, "")] ?? null;

/** Statistics that nothing updates lose nothing more. */
const updates = (facts: LayerFacts): boolean => newestWith(facts, ({ passes }) => passes)?.passes !== 0;

const movedShare = (facts: LayerFacts) => newestMoved(facts, "runningMoved");
