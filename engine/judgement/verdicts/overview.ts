/** Is it BN? The order of the accuracies says what is wrong; the layers say where. */
import {
  type Accuracies,
  type Answer,
  isLive,
  type LayerReading,
  type Part,
  type Verdict,
} from "../../protocol/judgement";
import { counted, percent, points, sigma, thousands } from "../../protocol/numberText";
import { largestBy, measureAbove } from "../layerReadings";
import { answer, code, layerPart, strong, toneOf, viewPart } from "../parts";
import {
  fasterMomentum,
  measuredOn,
  sampleNoun,
  sinceParts,
  testSamplesNoun,
  whereParts,
  whereWords,
} from "../runWords";
import { replayedAdvice } from "../replayAdvice";
import { toneOfAccuracies, triageOf } from "../triage";
import type { JudgedRun } from "../judgedRun";
import { followsBatches } from "./convergence";
import { noFaultVerdict } from "./noFault";

export function overviewVerdict(judged: JudgedRun): Verdict {
  switch (triageOf(judged.accuracies, judged.summary.run?.data?.classes ?? null)) {
    case "staleRunning":
      return staleVerdict(judged);
    case "smallBatch":
      return smallBatchVerdict(judged);
    case "dependentSamples":
      return dependentVerdict(judged);
    case "lowEverywhere":
      return lowVerdict(judged);
    case "disagree":
      return disagreeVerdict(judged);
    case "unmeasured":
    case "healthy":
      return layersVerdict(judged);
  }
}

function staleVerdict(judged: JudgedRun): Verdict {
  const { accuracies, readings, summary } = judged;
  const { running, population } = accuracies;
  const noun = testSamplesNoun(summary.run);
  const someAbove = readings.some((reading) => measureAbove(reading) !== null);
  return {
    tone: "error",
    sentence: someAbove
      ? "Evaluation uses stale running statistics. The weights are fine."
      : `Evaluation is ${points(population - running)} better with population statistics, but no single ` +
        "layer stands out.",
    answers: [
      answer("Where", ...whereParts(readings)),
      ...(someAbove ? [answer("Since", ...sinceParts(judged, readings))] : []),
      answer(
        "How bad",
        strong(percent(running)),
        ` of ${noun} right, `,
        strong(percent(population)),
        " with population statistics",
      ),
      answer("Next", ...(replayedAdvice(judged) ?? (someAbove ? fasterMomentum(judged) : openGap()))),
    ],
  };
}

const openGap = (): Part[] => ["Open ", viewPart("gap"), " to see where the difference starts."];

function smallBatchVerdict({ accuracies, summary }: JudgedRun): Verdict {
  const { running, batch } = accuracies;
  const size = summary.run?.settings["batchSize"];
  const noun = sampleNoun(summary.run);
  const how =
    typeof size === "number"
      ? `a batch of ${thousands(size)} normalizes each ${noun} differently`
      : `every batch normalizes a given ${noun} differently`;
  return {
    tone: toneOfAccuracies(accuracies),
    sentence: `Batch statistics are too noisy: ${how}.`,
    answers: [
      answer(
        "How bad",
        strong(percent(batch)),
        " right with batch statistics, ",
        strong(percent(running)),
        " with running statistics",
      ),
      answer("Why", "Mean and variance of so few values change from batch to batch"),
      answer("Next", "Use a larger batch, or ", code("# normlens: use group(8)"), "."),
    ],
  };
}

function dependentVerdict({ accuracies, readings, summary }: JudgedRun): Verdict {
  const { running, batch } = accuracies;
  return {
    tone: "error",
    sentence: "The network depends on the other samples of a batch: it is accurate only with batch statistics.",
    answers: [
      answer("Where", ...whereParts(readings)),
      answer(
        "How bad",
        strong(percent(running)),
        ` of ${testSamplesNoun(summary.run)} right, `,
        strong(percent(batch)),
        " with batch statistics",
      ),
      answer("Next", "Check how batches are put together. Batch statistics let sorted or repeated samples leak."),
    ],
  };
}

function disagreeVerdict({ accuracies, readings }: JudgedRun): Verdict {
  const { running, population, batch } = accuracies;
  const known = [running, population, batch].filter(Number.isFinite);
  const spread = Math.max(...known) - Math.min(...known);
  const parts = [
    Number.isFinite(population) ? `${percent(population)} with population statistics` : "",
    Number.isFinite(batch) ? `${percent(batch)} with batch statistics` : "",
  ].filter((text) => text !== "");
  return {
    tone: toneOfAccuracies(accuracies),
    sentence: `The accuracies disagree by ${points(spread)}, and no single cause explains their order.`,
    answers: [
      answer("Where", ...whereParts(readings)),
      answer("How bad", strong(percent(running)), ` with running statistics, ${parts.join(", ")}`),
      answer("Next", ...openGap()),
    ],
  };
}

function lowVerdict({ accuracies, readings, summary, state }: JudgedRun): Verdict {
  const { running, population, batch } = accuracies;
  const best = Math.max(...[running, population, batch].filter(Number.isFinite));
  const rate = summary.run?.settings["learningRate"];
  return {
    tone: isLive(state) ? "warning" : "error",
    sentence: "The network has not learned yet, whichever statistics evaluation uses.",
    answers: [
      answer(
        "How bad",
        strong(percent(best)),
        ` of ${testSamplesNoun(summary.run)} right at best, whichever statistics are used`,
      ),
      answer("Layers", whereWords(readings)),
      answer(
        "Next",
        `Check the learning rate${typeof rate === "number" ? ` (${rate})` : ""}, the data and the labels ` +
          "first, then BN.",
      ),
    ],
  };
}

/** The accuracies agree, or there are none to compare: the layers decide. */
function layersVerdict(judged: JudgedRun): Verdict {
  const { accuracies, readings, state } = judged;
  const above = readings.filter((reading) => measureAbove(reading) !== null);
  const agreement = agreementWords(accuracies);
  if (readings.every(({ severity }) => severity === "unknown") && agreement === null) return unmeasuredVerdict(judged);
  if (above.length > 0) return layersAboveVerdict(judged, above, agreement);
  return {
    tone: "ok",
    sentence: `Healthy${isLive(state) ? " so far" : ""}: ${agreement ?? "no BN layer is above its noise floor"}.`,
    answers: [largest(readings), ...accuracyAnswer(judged), answer("Next", nothingToDo(judged))],
  };
}

function unmeasuredVerdict(judged: JudgedRun): Verdict {
  if (judged.summary.standings.count > 0) return noFaultVerdict(judged, accuracyAnswer(judged));
  const live = isLive(judged.state);
  return {
    tone: live ? "busy" : "information",
    sentence: live
      ? "Nothing has been measured yet that NormLens can judge."
      : "Nothing was measured that NormLens can judge.",
    answers: [answer("Layers", "Neither distances nor gaps of BN layers are known"), ...accuracyAnswer(judged)],
  };
}

function layersAboveVerdict(judged: JudgedRun, above: readonly LayerReading[], agreement: string | null): Verdict {
  const { readings } = judged;
  const followers = followsBatches(judged);
  const isLag = above.every((reading) => measureAbove(reading) === "distance");
  const count =
    `${above.length} of ${counted(readings.length, "BN layer")} ${above.length === 1 ? "is" : "are"} above ` +
    "the noise floor";
  // Running statistics that lag a little without a loss of accuracy are information, not a warning.
  const isHarmless =
    isLag && followers.length === 0 && agreement !== null && above.every(({ severity }) => severity === "warning");
  const next: Part[] =
    followers.length > 0
      ? ["Open ", viewPart("convergence"), " to see how running statistics follow single batches."]
      : isLag
        ? ["Open ", viewPart("convergence"), " to see whether running statistics will settle."]
        : openGap();
  const advice = followers.length > 0 ? null : replayedAdvice(judged);
  return {
    tone: isHarmless ? "information" : agreement === null ? toneOf(above.map(({ severity }) => severity)) : "warning",
    sentence: isHarmless
      ? `${capitalized(agreement ?? "")}, but ${count}.`
      : `${count}${agreement === null ? "" : `; ${agreement}`}.`,
    answers: [
      answer("Where", ...whereParts(readings)),
      answer("Since", ...sinceParts(judged, readings)),
      ...accuracyAnswer(judged),
      answer("Next", ...(advice ?? next)),
    ],
  };
}

const capitalized = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** "the three accuracies agree within 0.3 points"; null where there are fewer than two. */
function agreementWords({ running, population, batch }: Accuracies): string | null {
  const known = [running, population, batch].filter(Number.isFinite);
  if (known.length < 2) return null;
  const spread = Math.max(...known) - Math.min(...known);
  const words = points(Math.max(0.001, Math.ceil(spread * 1000 - 1e-9) / 1000));
  return `the ${known.length === 3 ? "three" : "two"} accuracies agree within ${words}`;
}

function accuracyAnswer({ accuracies, summary }: JudgedRun): Answer[] {
  if (!Number.isFinite(accuracies.running)) return [];
  const on = measuredOn(summary);
  return [answer("Accuracy", strong(percent(accuracies.running)), on === "" ? "" : ` on ${on}`)];
}

const nothingToDo = ({ state }: JudgedRun): string =>
  isLive(state) ? "Nothing to do. A layer that rises above its noise floor is shown here." : "Nothing to do.";

function largest(readings: readonly LayerReading[]): Answer {
  const byGap = largestBy(readings, ({ gap }) => gap);
  if (byGap)
    return answer("Largest gap", `${sigma(byGap.gap)} in `, layerPart(byGap), `, noise floor ${sigma(byGap.gapFloor)}`);
  const byDistance = largestBy(readings, ({ distance }) => distance);
  if (!byDistance) return answer("Largest gap", "Not measured");
  return answer(
    "Furthest",
    `${sigma(byDistance.distance)} in `,
    layerPart(byDistance),
    `, noise floor ${sigma(byDistance.distanceFloor)}`,
  );
}
