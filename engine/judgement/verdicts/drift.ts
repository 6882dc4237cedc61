/** Which layers differ, and since when: batch statistics against running statistics. */
import { isAbove, type Part, type Verdict } from "../../protocol/judgement";
import { counted, sigma, timesText } from "../../protocol/numberText";
import type { JudgedRun } from "../judgedRun";
import { largestBy } from "../layerReadings";
import { answer, layerPart, toneOf, viewPart } from "../parts";

export function driftVerdict({ readings }: JudgedRun): Verdict {
  const apart = readings.filter(({ shiftSeverity }) => isAbove(shiftSeverity));
  const largest = largestBy(apart.length > 0 ? apart : readings, ({ shift }) => shift);
  const where: Part[] = largest
    ? [layerPart(largest), ` (mean ${sigma(largest.shift)} away, noise floor ${floorWords(largest.shiftFloor)})`]
    : ["Not measured"];
  const variance = largestBy(readings, ({ varianceRatio }) => Math.abs(Math.log(varianceRatio)));
  const howBad = variance
    ? answer("Variance", "In ", layerPart(variance), ` ${timesText(variance.varianceRatio)} the running variance`)
    : answer("Variance", "Not measured");
  if (largest && apart.length === 0 && readings.every(({ shiftFloor }) => Number.isNaN(shiftFloor))) {
    return {
      tone: "information",
      sentence: "How far batches are apart by chance was not measured, so shifts below 3 σ are not judged.",
      answers: [answer("Largest shift", ...where), howBad, answer("Next", "Open ", viewPart("gap"), ".")],
    };
  }
  if (apart.length === 0) {
    return {
      tone: largest ? "ok" : "information",
      sentence: largest ? "Batch statistics and running statistics agree." : "No batch statistics were recorded.",
      answers: [answer("Largest shift", ...where), howBad, answer("Next", "Nothing to do.")],
    };
  }
  return {
    tone: toneOf(apart.map(({ shiftSeverity }) => shiftSeverity)),
    sentence:
      `Batch statistics and running statistics disagree in ${apart.length} of ` +
      `${counted(readings.length, "layer")}.`,
    answers: [
      answer("Where", apart.length === readings.length ? "In every layer, most in " : "Most in ", ...where),
      howBad,
      answer("Next", "Open ", viewPart("convergence"), " to see whether they will settle."),
    ],
  };
}

const floorWords = (floor: number): string => (Number.isFinite(floor) ? sigma(floor) : "not measured");
