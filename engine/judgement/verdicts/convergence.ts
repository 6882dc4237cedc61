/** Whether they will settle: running statistics against population statistics. */
import {
  type Answer,
  isAbove,
  type LayerReading,
  type Part,
  type Verdict,
  WARNING_SIGMA,
} from "../../protocol/judgement";
import { momentumOf } from "../../protocol/normalization";
import { USUAL_UPDATE_WEIGHT } from "../../protocol/noiseFloors";
import { counted, sigma, thousands, twoDigits } from "../../protocol/numberText";
import type { NormLayer } from "../../protocol/records";
import type { JudgedRun } from "../judgedRun";
import { largestBy } from "../layerReadings";
import { replayedAdvice } from "../replayAdvice";
import { answer, code, layerPart, strong, toneOf, viewPart } from "../parts";
import { beganFresh, FORGOTTEN, placeParts, updatesAt } from "../runWords";
import { initialShareLeft, updatesNeeded } from "../severity";

/** From this update weight on, the newest batch counts as much as all earlier ones together. */
const FOLLOWS_BATCHES = 0.5;

export function convergenceVerdict(judged: JudgedRun): Verdict {
  const { readings, summary } = judged;
  const away = readings.filter(({ distanceSeverity }) => isAbove(distanceSeverity));
  const furthestOne = largestBy(away.length > 0 ? away : readings, ({ distance }) => distance);
  if (away.length === 0 || !furthestOne) return convergedVerdict(judged, furthestOne);
  const followers = followsBatches(judged);
  if (followers.length > 0) return followsVerdict(judged, followers, furthestOne);
  const distances = away.map(({ distance }) => distance);
  const range = distanceRange(Math.min(...distances), Math.max(...distances));
  const layer = summary.normLayers.find(({ id }) => id === furthestOne.id);
  return {
    tone: toneOf(away.map(({ distanceSeverity }) => distanceSeverity)),
    sentence: `Running statistics are still ${range} from population statistics.`,
    answers: [
      answer("Where", `${away.length} of ${counted(readings.length, "layer")}, furthest `, layerPart(furthestOne)),
      ...leftToDo(judged, furthestOne, layer),
    ],
  };
}

function convergedVerdict({ readings, summary, at }: JudgedRun, reading: LayerReading | undefined): Verdict {
  if (!reading)
    return {
      tone: "information",
      sentence: "The distance from population statistics was not measured.",
      answers: [answer("Layers", counted(readings.length, "BN layer"))],
    };
  const words =
    reading.distance <= WARNING_SIGMA
      ? `no layer is more than ${sigma(reading.distance)} from population statistics`
      : "the rest is noise";
  const needed = updatesNeeded(summary.normLayers.map(({ norm }) => norm.updateWeight));
  const settled = Number.isFinite(needed)
    ? [
        answer(
          "Settled since",
          `Update ${thousands(needed)}, ${thousands(updatesAt({ summary, at, samples: [] }, readings))} done`,
        ),
      ]
    : [];
  return {
    tone: "ok",
    sentence: `Running statistics have converged: ${words}.`,
    answers: [
      answer(
        "Furthest",
        layerPart(reading),
        ` (${sigma(reading.distance)}, noise floor ${sigma(reading.distanceFloor)})`,
      ),
      ...settled,
      answer("Next", "Nothing to do."),
    ],
  };
}

const distanceRange = (least: number, most: number): string =>
  twoDigits(least) === twoDigits(most) ? sigma(most) : `${twoDigits(least)} to ${sigma(most)}`;

/** Layers above their noise floor whose running statistics are mostly the last batch's. */
export function followsBatches({ readings, summary }: JudgedRun): NormLayer[] {
  const away = new Set(readings.filter(({ distanceSeverity }) => isAbove(distanceSeverity)).map(({ id }) => id));
  return summary.normLayers.filter(
    ({ id, norm }) => away.has(id) && typeof norm.updateWeight === "number" && norm.updateWeight >= FOLLOWS_BATCHES,
  );
}

function followsVerdict(
  { readings, summary }: JudgedRun,
  followers: readonly NormLayer[],
  furthestOne: LayerReading,
): Verdict {
  const [first] = followers;
  const weight = Number(first?.norm.updateWeight ?? 1);
  const framework = summary.run?.framework ?? null;
  const place = summary.run ? placeParts(summary.run, followers) : [];
  return {
    tone: toneOf(readings.map(({ distanceSeverity }) => distanceSeverity)),
    sentence:
      `Running statistics follow single batches: the newest batch has ${Math.round(100 * weight)}\u00a0% of ` +
      "the weight.",
    answers: [
      answer(
        "Where",
        `${followers.length} of ${counted(readings.length, "layer")}, furthest `,
        layerPart(furthestOne),
        ` (${sigma(furthestOne.distance)}, noise floor at the usual momentum ${sigma(furthestOne.distanceFloor)})`,
      ),
      answer("Why", code(`momentum=${momentumOf(weight, framework)}`), " forgets earlier batches"),
      answer(
        "Next",
        "Set ",
        code(`momentum=${momentumOf(USUAL_UPDATE_WEIGHT, framework)}`),
        ...place,
        ". Training itself does not change.",
      ),
    ],
  };
}

function leftToDo(judged: JudgedRun, furthestOne: LayerReading, layer: NormLayer | undefined): Answer[] {
  const { summary, readings } = judged;
  const weight = layer?.norm.updateWeight;
  if (!layer || typeof weight !== "number") return [answer("Next", "Open ", viewPart("drift"), " to see since when.")];
  const updates = updatesAt(judged, readings);
  const share = beganFresh(summary) ? initialShareLeft(weight, updates) : 0;
  const isForgotten = share <= FORGOTTEN;
  const next: Part[] =
    replayedAdvice(judged) ??
    (isForgotten
      ? ["Open ", viewPart("drift"), " to see since when."]
      : [
          "Give the new batch more weight",
          ...(summary.run ? placeParts(summary.run, [layer]) : []),
          ". Training itself does not change.",
        ]);
  return [
    answer(
      "Left to do",
      strong(thousands(furthestOne.updatesLeft)),
      " more updates at ",
      code(`momentum=${momentumOf(weight, summary.run?.framework ?? null)}`),
      " if the weights stayed the same",
    ),
    answer(
      "Why",
      isForgotten
        ? "The weights change faster than the running average follows"
        : `After ${counted(updates, "update")}, ${Math.round(100 * share)}\u00a0% of the initial 0 and 1 is left`,
    ),
    answer("Next", ...next),
  ];
}
