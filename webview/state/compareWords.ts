/** Two runs side by side, in words. */
import { percent, points, thousands, twoDigits } from "../ui/format";
import type { RunModel } from "./runModel";
import { currentLoss } from "./trainingLoss";
import { type Verdict, answer, strong } from "./verdictParts";

export const runLetters = ["A", "B"] as const;

/** Differences below this (as a share) are not worth a claim: a few test images. */
const SAME_WITHIN = 0.01;

export function compareVerdict(a: RunModel, b: RunModel): Verdict {
  const accuracyA = a.valueAt(null, "eval", "runningAccuracy");
  const accuracyB = b.valueAt(null, "eval", "runningAccuracy");
  return {
    tone: a.isLive || b.isLive ? "busy" : "information",
    sentence: compareSentence(a, b),
    answers: [
      answer("A", strong(nameOf(a)), `, ${standing(a)}`),
      answer("B", strong(nameOf(b)), `, ${standing(b)}`),
      answer("Training loss", `A ${twoDigits(currentLoss(a))}, B ${twoDigits(currentLoss(b))}`),
      answer("Difference", differenceWords(accuracyA, accuracyB)),
    ],
  };
}

/** "A reaches 90.4 %, B 9.6 %: batch normalization makes the difference." */
export function compareSentence(a: RunModel, b: RunModel): string {
  const accuracyA = a.valueAt(null, "eval", "runningAccuracy");
  const accuracyB = b.valueAt(null, "eval", "runningAccuracy");
  if (!Number.isFinite(accuracyA) || !Number.isFinite(accuracyB))
    return "A and B are still at their start: no accuracy has been measured in both.";
  const verb = a.isLive || b.isLive ? "has reached" : "reaches";
  const numbers = `A ${verb} ${percent(accuracyA)}, B ${percent(accuracyB)}`;
  const difference = accuracyA - accuracyB;
  if (Math.abs(difference) > SAME_WITHIN && trainedAlike(a, b))
    return `Only evaluation differs: ${numbers}. The training is the same to the last bit.`;
  return `${numbers}: ${meaning(a, b, difference)}.`;
}

/** Running statistics take no part in training, so runs that differ in them alone have equal losses. */
function trainedAlike(a: RunModel, b: RunModel): boolean {
  const lossA = a.curve("loss", "loss").y;
  const lossB = b.curve("loss", "loss").y;
  return (
    lossA.length > 1 && lossA.length === lossB.length && lossA.every((value, index) => Object.is(value, lossB[index]))
  );
}

function meaning(a: RunModel, b: RunModel, difference: number): string {
  if (Math.abs(difference) <= SAME_WITHIN) return "no difference that counts";
  const better = difference > 0 ? a : b;
  const onlyOneHasNorm = a.hasBatchNorm !== b.hasBatchNorm;
  if (!onlyOneHasNorm) return `${difference > 0 ? "A" : "B"} is ${points(Math.abs(difference))} ahead`;
  return better.hasBatchNorm
    ? `with batch normalization the same model is ${points(Math.abs(difference))} ahead`
    : `without batch normalization the same model is ${points(Math.abs(difference))} ahead`;
}

function differenceWords(a: number, b: number): string {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return "Not known yet";
  return `${points(Math.abs(a - b))} of test accuracy`;
}

export const nameOf = (run: RunModel): string => run.view.run?.name ?? "starting";

function standing({ view }: RunModel): string {
  const norm = view.run?.layers.some((layer) => layer.norm !== null) ? "with BN" : "no BN";
  return `${norm}, step ${thousands(view.step)}${view.state === "completed" || view.state === "running" ? "" : `, ${view.state}`}`;
}
