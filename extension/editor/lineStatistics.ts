/** What the judgement says of the BN layers that one line makes, in the few words that fit after it and in a hover. Pure. */
import { worst } from "../../engine/judgement/severity";
import { isAbove, type LayerReading, type Health } from "../../engine/protocol/judgement";
import { twoDigits } from "../../engine/protocol/numberText";

/** Whether there is anything to show of a layer yet. */
export const isMeasured = ({ batchMean, gap, distance }: LayerReading): boolean =>
  [batchMean, gap, distance].some(Number.isFinite);

/** What stands after a line: one layer's gap, median mean and variance, or the worst gap of several. The gap first: a narrow editor cuts the rest. */
export function lineText(readings: readonly LayerReading[]): string {
  const [first] = readings;
  if (!first) return "";
  if (readings.length === 1)
    return `gap ${twoDigits(first.gap)} σ · μ ${twoDigits(first.batchMean)} · σ² ${twoDigits(first.batchVariance)}`;
  const gaps = readings.map(({ gap }) => gap).filter(Number.isFinite);
  return `gap up to ${twoDigits(gaps.length === 0 ? null : Math.max(...gaps))} σ, ${readings.length} layers`;
}

export const worstSeverity = (readings: readonly LayerReading[]): Health =>
  worst(readings.map(({ severity }) => severity));

/** Markdown for a hover: a sentence, then a row per quantity. Names are code spans, so nothing in them is markup. */
export function hoverText(reading: LayerReading, step: number): string {
  const row = (name: string, mean: number, variance: number): string =>
    `| ${name} | ${twoDigits(mean)} | ${twoDigits(variance)} |`;
  return [
    `\`${reading.name.replaceAll("`", "'")}\` at step ${step}. ${gapSentence(reading)}${distanceSentence(reading)}`,
    "",
    "| median over channels | mean | variance |",
    "|:--|--:|--:|",
    row("batch", reading.batchMean, reading.batchVariance),
    row("running", reading.runningMean, reading.runningVariance),
    row("population", reading.populationMean, reading.populationVariance),
  ].join("\n");
}

function gapSentence({ gap, gapFloor, gapSeverity }: LayerReading): string {
  if (!Number.isFinite(gap)) return "The gap between train and eval mode was not measured.";
  const floor = `(noise floor ${twoDigits(gapFloor)} σ)`;
  if (isAbove(gapSeverity)) return `Train and eval mode differ by **${twoDigits(gap)} σ** here ${floor}.`;
  return `Train and eval mode ${gapSeverity === "ok" ? "agree: they " : ""}differ by ${twoDigits(gap)} σ ${floor}.`;
}

function distanceSentence({ distance, distanceFloor, distanceSeverity }: LayerReading): string {
  if (!Number.isFinite(distance)) return "";
  const size = `${twoDigits(distance)} σ`;
  return `\n\nRunning mean is ${isAbove(distanceSeverity) ? `**${size}**` : size} from the population's (noise floor ${twoDigits(distanceFloor)} σ).`;
}
