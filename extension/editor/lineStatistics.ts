/** What is known of the BN layers that one line makes, in the few words that fit behind it and in a hover. Pure. */
import { type Judgement, judge, judgedFromStep, worst } from "../../engine/protocol/judging";
import { twoDigits } from "../../engine/protocol/numberText";
import type { GapLayer, NormRecord, PopulationLayer } from "../../engine/protocol/records";
import type { Run } from "../runs/run";

export interface LayerStatistics {
  readonly layer: string;
  readonly step: number;
  readonly norm: NormRecord | null;
  readonly gap: GapLayer | null;
  readonly population: PopulationLayer | null;
  readonly judgement: Judgement;
}

/** Null while the run has said nothing about the layer. */
export function layerStatistics(run: Run, layer: string): LayerStatistics | null {
  const norm = run.lastNorm.get(layer) ?? null;
  const gap = run.lastGap?.layers.find((entry) => entry.layer === layer) ?? null;
  const population = run.lastPopulation?.layers.find((entry) => entry.layer === layer) ?? null;
  if (!norm && !gap) return null;
  return { layer, step: run.lastStep, norm, gap, population, judgement: gapJudgement(run, gap) };
}

/** Goes by the step of the measurement; before the running statistics could settle nothing is known. */
function gapJudgement(run: Run, gap: GapLayer | null): Judgement {
  const weights = run.run?.layers.flatMap(({ norm }) => (norm ? [norm.updateWeight] : [])) ?? [];
  const isEarly = (run.lastGap?.step ?? 0) < judgedFromStep(weights, run.run?.config.steps ?? 0);
  return isEarly ? "unknown" : judge(gap?.gap ?? Number.NaN, gap?.noiseFloor ?? Number.NaN);
}

/** What stands behind a line: one layer's gap, median mean and variance, or the worst gap of several. The gap first: a narrow editor cuts the rest. */
export function lineText(statistics: readonly LayerStatistics[]): string {
  const [first] = statistics;
  if (!first) return "";
  if (statistics.length === 1)
    return `gap ${twoDigits(first.gap?.gap)} σ · μ ${twoDigits(first.norm?.batchMean[2])} · σ² ${twoDigits(first.norm?.batchVariance[2])}`;
  const worst = statistics.reduce<number | null>(
    (most, { gap }) => (gap?.gap !== null && gap?.gap !== undefined && gap.gap > (most ?? -1) ? gap.gap : most),
    null,
  );
  return `gap up to ${twoDigits(worst)} σ, ${statistics.length} layers`;
}

export const worstJudgement = (statistics: readonly LayerStatistics[]): Judgement =>
  worst(statistics.map(({ judgement }) => judgement));

/** Markdown for a hover: a sentence, then a row per quantity. Names are code spans, so nothing in them is markup. */
export function hoverText({ layer, step, norm, gap, population, judgement }: LayerStatistics): string {
  const verdict =
    gap?.gap === null || gap?.gap === undefined
      ? "Not measured yet."
      : judgement === "ok" || judgement === "unknown"
        ? `Train and eval mode ${judgement === "ok" ? "agree: they " : ""}differ by ${twoDigits(gap.gap)} σ (noise floor ${twoDigits(gap.noiseFloor)} σ).`
        : `Train and eval mode differ by **${twoDigits(gap.gap)} σ** here (noise floor ${twoDigits(gap.noiseFloor)} σ).`;
  const row = (name: string, mean: number | null | undefined, variance: number | null | undefined): string =>
    `| ${name} | ${twoDigits(mean)} | ${twoDigits(variance)} |`;
  const distance = population
    ? `\n\nRunning mean is ${twoDigits(population.meanDistance)} σ from the population's (noise floor ${twoDigits(population.noiseFloor)} σ).`
    : "";
  return [
    `\`${layer.replaceAll("`", "'")}\` at step ${step}. ${verdict}${distance}`,
    "",
    "| median over channels | mean | variance |",
    "|:--|--:|--:|",
    row("batch", norm?.batchMean[2], norm?.batchVariance[2]),
    row("running", norm?.runningMean?.[2], norm?.runningVariance?.[2]),
    row("population", population?.mean[2], population?.variance[2]),
  ].join("\n");
}
