/** Phrases about a whole run that several verdicts use. */
import type { LayerReading, Part } from "../protocol/judgement";
import { momentumOf } from "../protocol/normalization";
import { USUAL_UPDATE_WEIGHT } from "../protocol/noiseFloors";
import { counted, fileName, sigma, thousands } from "../protocol/numberText";
import type { NormLayer, RunRecord } from "../protocol/records";
import { aboveSince, amountAbove, largestBy, measureAbove, type Moment } from "./layerReadings";
import { code, layerPart, viewPart } from "./parts";
import type { RunSummary } from "./runSummary";
import { initialShareLeft, updatesNeeded } from "./severity";

/** A smaller share of the initial 0 and 1 than this counts as gone. */
export const FORGOTTEN = 0.01;

const sampleNouns: readonly (string | null | undefined)[] = ["image", "sequence"];

/** "test images"; "test samples" for rows of a table, and where the run does not say what a sample is. */
export const testSamplesNoun = (run: RunRecord | null): string => `test ${sampleNoun(run)}s`;
export function sampleNoun(run: RunRecord | null): string {
  const sample = run?.data?.sample;
  return sample && sampleNouns.includes(sample) ? sample : "sample";
}

/** What the last accuracies were measured on: "1 000 of 2 000 test images"; empty where that is unknown. */
export function measuredOn({ run, evals }: RunSummary): string {
  const seen = evals.at(-1)?.samples ?? null;
  const all = run?.data?.testSamples ?? null;
  if (seen === null) return "";
  const noun = testSamplesNoun(run);
  return all !== null && seen < all
    ? `${thousands(seen)} of ${thousands(all)} ${noun}`
    : `${thousands(seen)} ${seen === 1 ? noun.replace(/s$/, "") : noun}`;
}

/** Updates of the running statistics that were done: several a step where several passes go into one. */
export function updatesAt({ summary, at }: Moment, readings: readonly LayerReading[]): number {
  const passes = readings.map((reading) => reading.passes).filter((count) => count >= 1);
  return Math.min(at ?? summary.lastStep, summary.lastStep) * (passes.length > 0 ? Math.min(...passes) : 1);
}

/** Whether running statistics began as 0 and 1 here, as far as the run says. */
export const beganFresh = ({ segments }: RunSummary): boolean => segments.length === 0;

/** Share of the initial 0 and 1 that is left in the slowest layer; 0 where it is unknown. */
export function shareLeft({ normLayers }: RunSummary, updates: number): number {
  return Math.max(0, ...normLayers.map(({ norm }) => initialShareLeft(norm.updateWeight, updates)));
}

const isOne = (count: number): boolean => count === 1;

export function whereWords(readings: readonly LayerReading[]): string {
  const above = readings.filter((reading) => measureAbove(reading) !== null).length;
  if (readings.length === 0) return "No layer was measured";
  if (above === 0) return "No single BN layer is above its noise floor";
  return `${above} of ${counted(readings.length, "BN layer")} ${isOne(above) ? "is" : "are"} above the noise floor`;
}

/** "(gap 0.88 σ, noise floor 0.08 σ)": the number that puts a layer above its floor, or its gap. */
export function amountWords(reading: LayerReading): string {
  return measureAbove(reading) === "distance"
    ? `(running mean ${sigma(reading.distance)} from the population mean, noise floor ${sigma(reading.distanceFloor)})`
    : `(gap ${sigma(reading.gap)}, noise floor ${sigma(reading.gapFloor)})`;
}

/** The layers above their floors: how many, from where on, and the worst with its numbers. */
export function whereParts(readings: readonly LayerReading[]): Part[] {
  const above = readings.filter((reading) => measureAbove(reading) !== null);
  const [first] = above;
  const worstOne = largestBy(above, amountAbove);
  if (!first || !worstOne) return [whereWords(readings)];
  if (isOne(above.length)) return ["Only ", layerPart(first), ` ${amountWords(first)}`];
  const most: Part[] = ["most in ", layerPart(worstOne), ` ${amountWords(worstOne)}`];
  if (above.length === readings.length) return [`All ${counted(above.length, "BN layer")}, `, ...most];
  return [`${above.length} of ${counted(readings.length, "BN layer")}, the first `, layerPart(first), ", ", ...most];
}

/** Since when the worst layer is above, and how much of the initial 0 and 1 is left in the running statistics. */
export function sinceParts(moment: Moment, readings: readonly LayerReading[]): Part[] {
  const { summary } = moment;
  const updates = updatesAt(moment, readings);
  const left = beganFresh(summary) ? shareLeft(summary, updates) : 0;
  const rest =
    left > FORGOTTEN
      ? `: after ${counted(updates, "update")}, ${Math.round(100 * left)}\u00a0% of the initial 0 and 1 is left`
      : "";
  const worstOne = largestBy(readings, amountAbove);
  const since = worstOne ? aboveSince(moment, worstOne) : null;
  if (rest !== "") return [`The start${rest}`];
  if (since === null) return ["No single layer stands out"];
  return [since <= 1 ? "The start" : `Step ${thousands(since)}`];
}

/** What to write where, in the framework's terms; or where to look when the update weight is not the cause. */
export function fasterMomentum({ summary }: Moment): Part[] {
  const { run, normLayers, lastStep } = summary;
  const planned = run?.plannedSteps ?? lastStep;
  const slow = normLayers.filter(({ norm }) => initialShareLeft(norm.updateWeight, planned) > FORGOTTEN);
  const settles = updatesNeeded(normLayers.map(({ norm }) => norm.updateWeight)) <= planned;
  if (!run || settles || slow.length === 0)
    return ["Open ", viewPart("drift"), " to see since when batches and running statistics differ."];
  return [
    "Set ",
    code(`momentum=${momentumOf(USUAL_UPDATE_WEIGHT, run.framework)}`),
    ...placeParts(run, slow),
    ", and train again. The weights stay the same.",
  ];
}

/** " on line 12 and 3 more lines", or the file, or nothing where neither is known. */
export function placeParts(run: RunRecord, layers: readonly NormLayer[]): Part[] {
  const lines = new Map<number, string>();
  // A line of a notebook's cell is no line of its file.
  for (const { id, source } of layers) if (source?.cell === null && !lines.has(source.line)) lines.set(source.line, id);
  const [first] = lines;
  const more = lines.size > 1 ? ` and ${counted(lines.size - 1, "more line")}` : "";
  if (first) return [" on ", { kind: "line", line: first[0], layer: first[1] }, more];
  return run.source ? [` in ${fileName(run.source.path)}`] : [];
}
