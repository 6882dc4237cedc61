/**
 * What the judgement says about the BN layers of one line: in the few words that fit after it, and in a hover. Pure.
 */
import { l10n } from "vscode";
import type { LayerTrend } from "../../engine/judgement/layerTrend";
import { worst } from "../../engine/judgement/severity";
import { isAbove, type LayerReading, type Health } from "../../engine/protocol/judgement";
import { twoDigits } from "../../engine/protocol/numberText";

/** Whether anything was measured of a layer yet. */
export const isMeasured = ({ batchMean, gap, distance }: LayerReading): boolean =>
  [batchMean, gap, distance].some(Number.isFinite);

/**
 * The text after a line: the numbers of its layer, or the largest gap of several layers. Unknown numbers are left out.
 */
export function lineText(readings: readonly LayerReading[]): string {
  const [first] = readings;
  if (!first) return "";
  if (readings.length === 1) return layerText(first);
  const gaps = readings.map(({ gap }) => gap).filter(Number.isFinite);
  if (gaps.length === 0) return l10n.t("{0} layers", readings.length);
  return l10n.t("gap up to {gap} σ, {count} layers", { gap: twoDigits(Math.max(...gaps)), count: readings.length });
}

/** One number: of its curve, or the largest gap of several layers. */
export function quietText(readings: readonly LayerReading[], trend: LayerTrend | null): string {
  const value = trend?.values.at(-1);
  if (trend === null || value === undefined) return lineText(readings);
  return trend.what === "gap" ? l10n.t("gap {0} σ", twoDigits(value)) : l10n.t("behind {0} σ", twoDigits(value));
}

/** The gap comes first: a narrow editor cuts off the rest. */
function layerText({ gap, batchMean, batchVariance, distance }: LayerReading): string {
  const parts = [
    ...(Number.isFinite(gap) ? [l10n.t("gap {0} σ", twoDigits(gap))] : []),
    ...(Number.isFinite(batchMean) ? [`μ ${twoDigits(batchMean)}`] : []),
    ...(Number.isFinite(batchVariance) ? [`σ² ${twoDigits(batchVariance)}`] : []),
  ];
  if (parts.length > 0) return parts.join(" · ");
  return Number.isFinite(distance) ? l10n.t("distance {0} σ", twoDigits(distance)) : "";
}

export const worstSeverity = (readings: readonly LayerReading[]): Health =>
  worst(readings.map(({ severity }) => severity));

/**
 * Markdown for a hover: sentences, then a table row per kind of statistics. Names are code spans, so they can't be
 * markup.
 */
export function hoverText(reading: LayerReading, step: number): string {
  const name = `\`${reading.name.replaceAll("`", "'")}\``;
  const sentences = [l10n.t("{layer} at step {step}.", { layer: name, step }), gapSentence(reading)].join(" ");
  return [sentences, ...distanceSentences(reading), statisticsTable(reading)].join("\n\n");
}

function statisticsTable(reading: LayerReading): string {
  const row = (name: string, mean: number, variance: number): string[] =>
    [mean, variance].some(Number.isFinite) ? [`| ${name} | ${numberText(mean)} | ${numberText(variance)} |`] : [];
  return [
    `| ${l10n.t("median over channels")} | ${l10n.t("mean")} | ${l10n.t("variance")} |`,
    "|:--|--:|--:|",
    ...row(l10n.t("batch"), reading.batchMean, reading.batchVariance),
    ...row(l10n.t("running"), reading.runningMean, reading.runningVariance),
    ...row(l10n.t("population"), reading.populationMean, reading.populationVariance),
  ].join("\n");
}

const numberText = (value: number): string => (Number.isFinite(value) ? twoDigits(value) : l10n.t("unknown"));

function gapSentence({ gap, gapFloor, gapSeverity }: LayerReading): string {
  if (!Number.isFinite(gap)) return l10n.t("The train-vs-eval gap was not measured.");
  const numbers = { gap: twoDigits(gap), floor: numberText(gapFloor) };
  if (isAbove(gapSeverity))
    return l10n.t("Train and eval mode differ by **{gap} σ** (noise floor {floor} σ).", numbers);
  if (gapSeverity === "ok")
    return l10n.t("Train and eval mode agree: they differ by {gap} σ (noise floor {floor} σ).", numbers);
  return l10n.t("Train and eval mode differ by {0} σ. The noise floor is unknown.", numbers.gap);
}

function distanceSentences({ distance, distanceFloor, distanceSeverity }: LayerReading): string[] {
  if (!Number.isFinite(distance)) return [];
  const size = isAbove(distanceSeverity) ? `**${twoDigits(distance)} σ**` : `${twoDigits(distance)} σ`;
  if (!Number.isFinite(distanceFloor)) return [l10n.t("The running mean is {0} from the population mean.", size)];
  return [
    l10n.t("The running mean is {distance} from the population mean (noise floor {floor} σ).", {
      distance: size,
      floor: twoDigits(distanceFloor),
    }),
  ];
}
