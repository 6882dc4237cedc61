/** What is known of the BN layers that one line makes, in the few words that fit behind it and in a hover. Pure. */
import { updatesToSettle } from "../../engine/protocol/normalization";
import type { GapLayer, NormRecord, PopulationLayer } from "../../engine/protocol/records";
import type { Run } from "../runs/run";

/** Above this many noise floors and this many σ a gap is a warning; above ERROR_SIGMA an error. */
const WARNING_FLOORS = 3;
const WARNING_SIGMA = 0.1;
const ERROR_SIGMA = 0.3;

export type GapSeverity = "none" | "warning" | "error";

export interface LayerStatistics {
  readonly layer: string;
  readonly step: number;
  readonly norm: NormRecord | null;
  readonly gap: GapLayer | null;
  readonly population: PopulationLayer | null;
  readonly severity: GapSeverity;
}

/** Null while the run has said nothing about the layer. */
export function layerStatistics(run: Run, layer: string): LayerStatistics | null {
  const norm = run.lastNorm.get(layer) ?? null;
  const gap = run.lastGap?.layers.find((entry) => entry.layer === layer) ?? null;
  const population = run.lastPopulation?.layers.find((entry) => entry.layer === layer) ?? null;
  if (!norm && !gap) return null;
  const weight = run.run?.layers.find((entry) => entry.name === layer)?.norm?.updateWeight ?? null;
  return { layer, step: run.lastStep, norm, gap, population, severity: gapSeverity(gap, run.lastStep, weight) };
}

/** Nothing is judged before the running statistics of a healthy layer had time to settle (44 updates at momentum 0.1). */
export function gapSeverity(gap: GapLayer | null, step: number, updateWeight: number | null): GapSeverity {
  if (gap?.gap === null || gap?.gap === undefined || gap.noiseFloor === null) return "none";
  // A tiny momentum never settles in a short run: that is the problem, not an excuse.
  if (step < Math.min(updatesToSettle(updateWeight ?? 1), updatesToSettle(0.1))) return "none";
  if (gap.gap < WARNING_FLOORS * gap.noiseFloor || gap.gap < WARNING_SIGMA) return "none";
  return gap.gap >= ERROR_SIGMA ? "error" : "warning";
}

/** Two significant digits; a value that was not finite is a dash, never 0. */
export function twoDigits(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100 || size < 0.001) return value.toExponential(1);
  return size >= 10 ? value.toFixed(0) : value.toFixed(size >= 1 ? 1 : size >= 0.1 ? 2 : 3);
}

/** What stands behind a line: one layer's median mean, variance and gap, or the worst gap of several. */
export function lineText(statistics: readonly LayerStatistics[]): string {
  const [first] = statistics;
  if (!first) return "";
  if (statistics.length === 1) return `μ ${twoDigits(first.norm?.batchMean[2])}  σ² ${twoDigits(first.norm?.batchVariance[2])}  gap ${twoDigits(first.gap?.gap)} σ`;
  const worst = statistics.reduce<number | null>((most, { gap }) => (gap?.gap !== null && gap?.gap !== undefined && gap.gap > (most ?? -1) ? gap.gap : most), null);
  return `gap up to ${twoDigits(worst)} σ, ${statistics.length} layers`;
}

export function worstSeverity(statistics: readonly LayerStatistics[]): GapSeverity {
  if (statistics.some(({ severity }) => severity === "error")) return "error";
  return statistics.some(({ severity }) => severity === "warning") ? "warning" : "none";
}

/** Markdown for a hover: a sentence, then a row per quantity. Names are code spans, so nothing in them is markup. */
export function hoverText({ layer, step, norm, gap, population, severity }: LayerStatistics): string {
  const verdict =
    gap?.gap === null || gap?.gap === undefined
      ? "Not measured yet."
      : severity === "none"
        ? `Train and eval mode agree: they differ by ${twoDigits(gap.gap)} σ (noise floor ${twoDigits(gap.noiseFloor)} σ).`
        : `Train and eval mode differ by **${twoDigits(gap.gap)} σ** here (noise floor ${twoDigits(gap.noiseFloor)} σ).`;
  const row = (name: string, mean: number | null | undefined, variance: number | null | undefined): string => `| ${name} | ${twoDigits(mean)} | ${twoDigits(variance)} |`;
  const distance = population ? `\n\nRunning mean is ${twoDigits(population.meanDistance)} σ from the population's (noise floor ${twoDigits(population.noiseFloor)} σ).` : "";
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
