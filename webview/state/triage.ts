/** Which of four things is wrong, from three accuracies on one batch set: their order tells. */
import { normalizationDefaults } from "../../engine/protocol/normalization";
import { counted, fileName, percent, points, sigma, thousands } from "../ui/format";
import { type LayerReading, gapSince, largestBy, layerReadings } from "./layerReadings";
import type { RunModel } from "./runModel";
import { initialShareLeft, updatesNeeded } from "./severity";
import { type Answer, type Part, type Verdict, answer, code, layerPart, strong } from "./verdictParts";

export type Triage =
  | "healthy"
  | "disagree"
  | "staleRunning"
  | "smallBatch"
  | "dependentSamples"
  | "lowEverywhere"
  | "unknown";

export interface Accuracies {
  readonly running: number;
  readonly population: number;
  readonly batch: number;
}

/** Accuracies closer than this (as a share) count as equal. */
const EQUAL_WITHIN = 0.02;
/** From this distance on, one is far below another. */
const FAR_BELOW = 0.05;

export function triageOf({ running, population, batch }: Accuracies, classes: number): Triage {
  if (![running, population, batch].every(Number.isFinite)) return "unknown";
  if (Math.max(running, population, batch) < 2 / Math.max(2, classes)) return "lowEverywhere";
  const equal = (a: number, b: number, difference: number): boolean =>
    Math.abs(a - b) <= Math.max(EQUAL_WITHIN, difference / 3);
  if (population - running > FAR_BELOW && equal(population, batch, population - running)) return "staleRunning";
  if (running - batch > FAR_BELOW) return "smallBatch";
  const evaluated = Math.max(running, population);
  if (batch - evaluated > FAR_BELOW && equal(running, population, batch - evaluated)) return "dependentSamples";
  const spread = Math.max(running, population, batch) - Math.min(running, population, batch);
  return spread > FAR_BELOW ? "disagree" : "healthy";
}

export function accuraciesOf(run: RunModel): Accuracies {
  return {
    running: run.valueAt(null, "eval", "runningAccuracy"),
    population: run.valueAt(null, "eval", "populationAccuracy"),
    batch: run.valueAt(null, "eval", "batchAccuracy"),
  };
}

/** What the last accuracies were measured on; empty before there are any. */
export function testImages(run: RunModel): string {
  const seen = run.valueAt(null, "eval", "samples");
  const all = run.view.run?.data.testSamples;
  if (Number.isNaN(seen) || all === undefined) return "";
  return seen < all ? `${thousands(seen)} of ${thousands(all)} test images` : `${thousands(all)} test images`;
}

export function overviewVerdict(run: RunModel): Verdict {
  const accuracies = accuraciesOf(run);
  const readings = layerReadings(run, null);
  switch (triageOf(accuracies, run.view.run?.data.classes ?? 2)) {
    case "staleRunning":
      return staleVerdict(run, accuracies, readings);
    case "smallBatch":
      return smallBatchVerdict(run, accuracies);
    case "dependentSamples":
      return dependentVerdict(accuracies, readings);
    case "lowEverywhere":
      return lowVerdict(run, accuracies, readings);
    case "disagree":
      return disagreeVerdict(accuracies, readings);
    case "unknown":
      return {
        tone: "busy",
        sentence: "No accuracy has been measured yet.",
        answers: [answer("Layers", whereWords(readings))],
      };
    case "healthy":
      return layersVerdict(run, accuracies, readings);
  }
}

function staleVerdict(run: RunModel, { running, population }: Accuracies, readings: readonly LayerReading[]): Verdict {
  return {
    tone: "error",
    sentence: "Evaluation uses stale running statistics; the weights are fine.",
    answers: [
      answer("Where", ...whereParts(readings)),
      answer("Since", ...sinceParts(run, readings)),
      answer(
        "How bad",
        strong(percent(running)),
        " of test images right, ",
        strong(percent(population)),
        " with population statistics",
      ),
      answer("Next", ...fasterMomentum(run)),
    ],
  };
}

function smallBatchVerdict(run: RunModel, { running, batch }: Accuracies): Verdict {
  const size = run.view.run?.config.batchSize ?? Number.NaN;
  return {
    tone: "warning",
    sentence: `Batch statistics are too noisy: a batch of ${thousands(size)} normalizes each image differently.`,
    answers: [
      answer(
        "How bad",
        strong(percent(batch)),
        " right with batch statistics, ",
        strong(percent(running)),
        " with running ones",
      ),
      answer("Why", "Mean and variance of so few values wander from batch to batch"),
      answer("Next", "Choose a larger batch, or ", code("# normlens: use group(8)"), "; evaluation itself is fine."),
    ],
  };
}

function dependentVerdict({ running, batch }: Accuracies, readings: readonly LayerReading[]): Verdict {
  return {
    tone: "error",
    sentence: "The network leans on the other samples of its batch: it is good only with batch statistics.",
    answers: [
      answer("Where", ...whereParts(readings)),
      answer(
        "How bad",
        strong(percent(running)),
        " of test images right, ",
        strong(percent(batch)),
        " with batch statistics",
      ),
      answer("Next", "Check how batches are put together: sorted or repeated samples leak through batch statistics."),
    ],
  };
}

function disagreeVerdict({ running, population, batch }: Accuracies, readings: readonly LayerReading[]): Verdict {
  const spread = Math.max(running, population, batch) - Math.min(running, population, batch);
  return {
    tone: "warning",
    sentence: `The three accuracies disagree by ${points(spread)}; no single cause explains their order.`,
    answers: [
      answer("Where", ...whereParts(readings)),
      answer(
        "How bad",
        strong(percent(running)),
        ` with running, ${percent(population)} with population, ${percent(batch)} with batch statistics`,
      ),
      answer("Next", "Open ", { kind: "view", view: "gap", text: "Train vs eval" }, ": where does it start?"),
    ],
  };
}

function lowVerdict(
  run: RunModel,
  { running, population, batch }: Accuracies,
  readings: readonly LayerReading[],
): Verdict {
  const best = Math.max(running, population, batch);
  const rate = run.view.run?.config.learningRate ?? Number.NaN;
  return {
    tone: run.isLive ? "warning" : "error",
    sentence: "Training itself has not worked so far; evaluation is not what is wrong.",
    answers: [
      answer("How bad", strong(percent(best)), " of test images right at best, whichever statistics are used"),
      answer("Layers", whereWords(readings)),
      answer("Next", `Check the learning rate (${rate}), the data and the labels before BN.`),
    ],
  };
}

/** The accuracies agree; layers may still be on their way out. */
function layersVerdict(run: RunModel, accuracies: Accuracies, readings: readonly LayerReading[]): Verdict {
  const { running, population, batch } = accuracies;
  const spread = Math.max(running, population, batch) - Math.min(running, population, batch);
  const agreement = `the three accuracies agree within ${points(Math.max(0.001, Math.ceil(spread * 1000) / 1000))}`;
  const noisy = readings.filter(({ gapSeverity }) => gapSeverity === "error" || gapSeverity === "warning");
  const accuracy = answer("Accuracy", strong(percent(running)), ` on ${testImages(run)}`);
  if (noisy.length === 0) {
    return {
      tone: "ok",
      sentence: `Healthy${run.isLive ? " so far" : ""}: ${agreement}.`,
      answers: [largestGap(readings), accuracy, answer("Next", nothingToDo(run))],
    };
  }
  return {
    tone: "warning",
    sentence: `${noisy.length} of ${counted(readings.length, "BN layer")} left the noise floor; ${agreement}.`,
    answers: [
      answer("Where", ...whereParts(readings)),
      answer("Since", ...sinceParts(run, readings)),
      accuracy,
      answer("Next", "Open ", { kind: "view", view: "gap", text: "Train vs eval" }, ": where does it start?"),
    ],
  };
}

const nothingToDo = (run: RunModel): string =>
  run.isLive
    ? "Nothing to do. You will be told here if a layer leaves its noise floor."
    : "Nothing to do: no layer stands out of the noise.";

function largestGap(readings: readonly LayerReading[]): Answer {
  const largest = largestBy(readings, ({ gap }) => gap);
  if (!largest) return answer("Largest gap", "Not measured yet");
  return answer(
    "Largest gap",
    `${sigma(largest.gap)} in `,
    layerPart(largest.layer.name),
    `, noise floor ${sigma(largest.gapFloor)}`,
  );
}

const isAbove = ({ gapSeverity }: LayerReading): boolean => gapSeverity === "warning" || gapSeverity === "error";

function whereWords(readings: readonly LayerReading[]): string {
  const above = readings.filter(isAbove).length;
  return above === 0
    ? "No BN layer is above its noise floor"
    : `${above} of ${counted(readings.length, "BN layer")} are above the noise floor`;
}

function whereParts(readings: readonly LayerReading[]): Part[] {
  const above = readings.filter(isAbove);
  const [first] = above;
  const worstOne = largestBy(above, ({ gap }) => gap);
  if (!first || !worstOne) return [whereWords(readings)];
  const size = `(${sigma(worstOne.gap)}, noise floor ${sigma(worstOne.gapFloor)})`;
  if (above.length === 1) return ["Only ", layerPart(first.layer.name), ` ${size}`];
  const count =
    above.length === readings.length
      ? `All ${counted(above.length, "BN layer")}`
      : `${above.length} of ${counted(readings.length, "BN layer")}`;
  return [`${count} from `, layerPart(first.layer.name), " on, most in ", layerPart(worstOne.layer.name), ` ${size}`];
}

function sinceParts(run: RunModel, readings: readonly LayerReading[]): Part[] {
  const left = slowestShareLeft(run);
  const updates = counted(run.view.step, "update");
  const leaves = left > 0.01 ? `: ${updates} leave ${Math.round(100 * left)}\u00a0% of the initial 0 and 1` : "";
  const worstOne = largestBy(readings.filter(isAbove), ({ gap }) => gap);
  const since = worstOne ? gapSince(run, worstOne.layer.name) : null;
  if (since === null) return [leaves === "" ? "Not above the floor now" : `The start${leaves}`];
  return [(since <= 1 || leaves !== "" ? "The start" : `Step ${thousands(since)}`) + leaves];
}

const slowestShareLeft = (run: RunModel): number =>
  Math.max(0, ...run.normLayers.map(({ norm }) => initialShareLeft(norm.updateWeight, run.view.step)));

/** What to write where, in the words of the user's framework; or where to look when the weight is not to blame. */
function fasterMomentum(run: RunModel): Part[] {
  const record = run.view.run;
  const planned = record?.config.steps ?? 0;
  if (!record || updatesNeeded(run) <= planned) {
    return [
      "Open ",
      { kind: "view", view: "drift", text: "Drift" },
      ": since when do batches and running statistics part?",
    ];
  }
  const slow = run.normLayers.filter(({ norm }) => initialShareLeft(norm.updateWeight, planned) > 0.01);
  const usual = normalizationDefaults.pytorch.runningStatsUpdateWeight;
  const momentum = record.framework === "keras" ? 1 - usual : usual;
  const lines = [...new Map(slow.flatMap((layer) => (layer.line === null ? [] : [[layer.line, layer.name] as const])))];
  const [first] = lines;
  const more = lines.length > 1 ? ` and ${counted(lines.length - 1, "more line")}` : "";
  const where: Part[] = first
    ? [" on ", { kind: "line", line: first[0], layer: first[1] }, more]
    : [` in ${fileName(record.modelFile.path)}`];
  return ["Set ", code(`momentum=${momentum}`), ...where, ", then train again. The weights need no change."];
}
