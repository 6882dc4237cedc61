/** The sentences of the layer views: which layer, since when, how bad, what next. */
import { counted, percent, sigma, thousands, timesWords, twoDigits } from "../ui/format";
import { type LayerReading, gapSince, largestBy, layerReadings } from "./layerReadings";
import type { RunModel } from "./runModel";
import { initialShareLeft, severityOf, updatesNeeded, worst } from "./severity";
import {
  type Answer,
  type Part,
  type Verdict,
  type VerdictTone,
  answer,
  code,
  layerPart,
  strong,
} from "./verdictParts";

/** Step null is now; a pinned step is judged as of then. */
export function driftVerdict(run: RunModel, step: number | null): Verdict {
  const readings = layerReadings(run, step);
  const severities = readings.map(({ shift, shiftFloor }) => severityOf(shift, shiftFloor));
  const apart = readings.filter((_, index) => severities[index] === "warning" || severities[index] === "error");
  const largest = largestBy(apart.length > 0 ? apart : readings, ({ shift }) => shift);
  const where: Part[] = largest
    ? [layerPart(largest.layer.name), ` (mean ${sigma(largest.shift)} away, noise floor ${sigma(largest.shiftFloor)})`]
    : ["Not measured yet"];
  const variance = largestBy(readings, ({ varianceRatio }) => Math.abs(Math.log(varianceRatio)));
  const howBad = variance
    ? answer(
        "Variance",
        "In ",
        layerPart(variance.layer.name),
        ` ${timesWords(variance.varianceRatio)} than its running value`,
      )
    : answer("Variance", "Not measured yet");
  if (apart.length === 0) {
    return {
      tone: "ok",
      sentence: "Batches and running statistics agree.",
      answers: [answer("Largest shift", ...where), howBad, answer("Next", "Nothing to do.")],
    };
  }
  return {
    tone: toneOf(severities),
    sentence: `Batches and running statistics disagree in ${apart.length} of ${counted(readings.length, "layer")}.`,
    answers: [
      answer("Where", apart.length === readings.length ? "Every layer, most in " : "Most in ", ...where),
      howBad,
      answer(
        "Next",
        "Open ",
        { kind: "view", view: "convergence", text: "Convergence" },
        ": will it settle on its own?",
      ),
    ],
  };
}

export function convergenceVerdict(run: RunModel, step: number | null): Verdict {
  const readings = layerReadings(run, step);
  const away = readings.filter(
    ({ distanceSeverity }) => distanceSeverity === "warning" || distanceSeverity === "error",
  );
  const slowest = largestBy(readings, ({ distance }) => distance);
  const updates = step ?? run.view.step;
  if (away.length === 0) {
    return {
      tone: "ok",
      sentence: `Running statistics have converged: ${convergedWords(slowest)}.`,
      answers: [
        furthest(slowest),
        answer("Settled since", `Update ${thousands(updatesNeeded(run))}, ${thousands(updates)} done`),
        answer("Next", "Nothing to do."),
      ],
    };
  }
  const distances = away.map(({ distance }) => distance);
  const range = distanceRange(Math.min(...distances), Math.max(...distances));
  return {
    tone: toneOf(readings.map(({ distanceSeverity }) => distanceSeverity)),
    sentence: `Running statistics are still ${range} from population statistics.`,
    answers: [
      answer(
        "Where",
        `${away.length} of ${counted(readings.length, "layer")}, furthest `,
        layerPart(slowest?.layer.name ?? ""),
      ),
      ...leftToDo(run, slowest, updates),
    ],
  };
}

function convergedWords(furthest: LayerReading | undefined): string {
  if (!furthest) return "no distance has been measured";
  return furthest.distance <= 0.1
    ? `no layer is more than ${sigma(furthest.distance)} from population statistics`
    : "what is left is noise";
}

const distanceRange = (least: number, most: number): string =>
  twoDigits(least) === twoDigits(most) ? sigma(most) : `${twoDigits(least)} to ${sigma(most)}`;

function furthest(reading: LayerReading | undefined): Answer {
  if (!reading) return answer("Furthest", "Not measured yet");
  return answer(
    "Furthest",
    layerPart(reading.layer.name),
    ` (${sigma(reading.distance)}, noise floor ${sigma(reading.distanceFloor)})`,
  );
}

/** The distance shrinks by (1 − m) an update, as far as the weights hold still. */
export function updatesUntil(distance: number, target: number, updateWeight: number): number {
  if (!(distance > target) || !(target > 0) || updateWeight >= 1) return 0;
  return Math.ceil(Math.log(target / distance) / Math.log(1 - updateWeight));
}

function leftToDo(run: RunModel, slowest: LayerReading | undefined, updates: number): Answer[] {
  const weight = slowest?.layer.norm.updateWeight;
  if (!slowest || weight === null || weight === undefined)
    return [answer("Next", "Open ", { kind: "view", view: "drift", text: "Drift" }, ".")];
  const left = updatesUntil(slowest.distance, Math.max(0.1, slowest.distanceFloor), weight);
  const share = initialShareLeft(weight, updates);
  const momentum = run.view.run?.framework === "keras" ? Number((1 - weight).toPrecision(12)) : weight;
  const why =
    share > 0.01
      ? `${counted(updates, "update")} keep ${Math.round(100 * share)}\u00a0% of the initial 0 and 1`
      : "The start is forgotten: the weights move faster than the average follows";
  const line = slowest.layer.line;
  const next: Part[] =
    share > 0.01
      ? [
          "Give the new value more weight",
          ...(line === null ? [] : [" on ", { kind: "line", line, layer: slowest.layer.name } as const]),
          "; training itself is not affected.",
        ]
      : ["Open ", { kind: "view", view: "drift", text: "Drift" }, ": since when?"];
  return [
    answer(
      "Left to do",
      strong(thousands(left)),
      " more updates at ",
      code(`momentum=${momentum}`),
      " with the weights held still",
    ),
    answer("Why", why),
    answer("Next", ...next),
  ];
}

export function gapVerdict(run: RunModel, step: number | null): Verdict {
  const readings = layerReadings(run, step);
  const above = readings.filter(({ gapSeverity }) => gapSeverity === "warning" || gapSeverity === "error");
  const flips = run.valueAt(step, "outputGap", "flipShare");
  const moved = run.valueAt(step, "outputGap", "probabilityShift");
  const byPopulation = run.valueAt(step, "outputGap", "flipShareWithPopulation");
  const howBad = answer("How bad", `Probabilities move by ${percent(moved)} on average`);
  const remedy = answer("Recalibrated", `${percent(byPopulation)} of predictions flip with population statistics`);
  const [first] = above;
  if (!first) {
    return {
      tone: "ok",
      sentence: `Train and eval mode agree: ${percent(flips)} of predictions flip, and no layer stands out of the noise.`,
      answers: [gapLargest(readings), howBad, remedy, answer("Next", "Nothing to do.")],
    };
  }
  const since = gapSince(run, first.layer.name);
  const next: Part[] = [
    "Open ",
    { kind: "view", view: "convergence", text: "Convergence" },
    ": will running statistics settle?",
  ];
  return {
    tone: toneOf(above.map(({ gapSeverity }) => gapSeverity)),
    sentence: `The same images give different answers: ${percent(flips)} of predictions flip between train and eval mode.`,
    answers: [
      answer("Starts at", layerPart(first.layer.name), startWords(first, readings, since)),
      howBad,
      remedy,
      answer("Next", ...next),
    ],
  };
}

function startWords(first: LayerReading, readings: readonly LayerReading[], since: number | null): string {
  const place = readings[0] === first ? ", the first layer" : "";
  const when = since === null || since <= 1 ? "" : `, since step ${thousands(since)}`;
  return `${place} (${sigma(first.gap)}, noise floor ${sigma(first.gapFloor)})${when}`;
}

function gapLargest(readings: readonly LayerReading[]): Answer {
  const largest = largestBy(readings, ({ gap }) => gap);
  if (!largest) return answer("Largest gap", "Not measured yet");
  return answer(
    "Largest gap",
    layerPart(largest.layer.name),
    ` (${sigma(largest.gap)}, noise floor ${sigma(largest.gapFloor)})`,
  );
}

function toneOf(severities: readonly ReturnType<typeof severityOf>[]): VerdictTone {
  const severity = worst(severities);
  return severity === "unknown" ? "information" : severity;
}
