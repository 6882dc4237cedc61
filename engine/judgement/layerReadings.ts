/** What every normalization layer says at one step: one row of numbers a layer, for views and verdicts. */
import {
  isAbove,
  type LayerReading,
  type Health,
  type RankReading,
  type Spread,
  WARNING_SIGMA,
} from "../protocol/judgement";
import { judgedFloors, judgedVarianceFloor } from "../protocol/noiseFloors";
import { type NormColumn, quantileNames, type Sample } from "../protocol/numbers";
import type { GapLayer, NormLayer, PopulationLayer, SegmentRecord } from "../protocol/records";
import { rankReadings } from "./rankReadings";
import { lastAt, type RunSummary } from "./runSummary";
import { tableNumbers } from "./sampleNumbers";
import { judge, judgedFromStep, updatesUntil, worst } from "./severity";

/**
 * How far batch means are apart by chance where that was not measured, in σ: no further than the values themselves.
 * Those of 16 independent samples are a quarter of it.
 */
const WIDEST_SPREAD = 1;

/** A run at one of its steps. `at` null is the newest; `samples` are the dense numbers that apply there. */
export interface Moment {
  readonly summary: RunSummary;
  readonly at: number | null;
  readonly samples: readonly Sample[];
}

/**
 * The first step at which this run's running statistics are judged: they settle in updates, of which a step may make
 * several. It starts again after they or the weights were set from outside.
 */
export function judgedFrom(summary: RunSummary): number {
  const { run, end, lastStep, normLayers, segments } = summary;
  const planned = run?.plannedSteps ?? (end ? lastStep : Number.POSITIVE_INFINITY);
  const weights = normLayers.map(({ norm }) => norm.updateWeight);
  const disturbed = segments.findLast((segment) => isDisturbing(summary, segment));
  const start = disturbed?.step ?? 0;
  const passes = passesAStep(summary);
  return start + Math.ceil(judgedFromStep(weights, (planned - start) * passes) / passes);
}

/** Updates that each step makes of every layer that is updated at all; 1 where that is not known. */
function passesAStep({ samples }: RunSummary): number {
  let fewest = Number.POSITIVE_INFINITY;
  for (const { table, values } of samples.values()) {
    const at = table.columns.indexOf("passes");
    if (table.name !== "norms" || at < 0) continue;
    for (let index = at; index < values.length; index += table.columns.length) {
      const passes = values[index] ?? Number.NaN;
      if (passes >= 1) fewest = Math.min(fewest, passes);
    }
  }
  return Number.isFinite(fewest) ? fewest : 1;
}

/**
 * Whether running statistics have to settle again after a segment. What was written into copies, which no optimizer
 * trains, leaves the model that is trained as it is.
 */
export const isDisturbing = ({ normLayers }: RunSummary, { reason, layers }: SegmentRecord): boolean =>
  (reason === "weights-loaded" || reason === "written-from-outside" || reason === "started-again") &&
  !layers?.every((id) => normLayers.some((layer) => layer.id === id && layer.owned === false));

/** Input to output. What counts is when a number was measured: a probe may be many steps old. */
export function layerReadings({ summary, at, samples }: Moment): LayerReading[] {
  const gap = lastAt(summary.gaps, at);
  const population = lastAt(summary.populations, at);
  const [firstPopulation] = summary.populations;
  const from = judgedFrom(summary);
  const gaps = byLayer(gap);
  const populations = byLayer(population);
  const first = byLayer(firstPopulation ?? null);
  const norm = tableNumbers("norms", samples);
  const activity = tableNumbers("activity", samples);
  const ranks = rankReadings(summary, at);
  return summary.normLayers.map((layer) =>
    readingOf(layer, {
      gap: gaps.get(layer.id) ?? null,
      population: populations.get(layer.id) ?? null,
      first: first.get(layer.id) ?? null,
      norm: (column) => norm(layer.id, column),
      outputGradient: activity(layer.id, "activation_gradient_norm"),
      ranks: ranks.get(layer.id) ?? null,
      gapIsEarly: gap === null || gap.step < from,
      distanceIsEarly: population === null || population.step < from,
      shiftIsEarly: newestStep(samples) < from,
    }),
  );
}

interface LayerNumbers {
  readonly gap: GapLayer | null;
  readonly population: PopulationLayer | null;
  readonly first: PopulationLayer | null;
  readonly norm: (column: NormColumn) => number;
  readonly outputGradient: number;
  readonly ranks: RankReading | null;
  readonly gapIsEarly: boolean;
  readonly distanceIsEarly: boolean;
  readonly shiftIsEarly: boolean;
}

function readingOf(layer: NormLayer, numbers: LayerNumbers): LayerReading {
  const { gap, population, first, norm, gapIsEarly, distanceIsEarly, shiftIsEarly } = numbers;
  // Nothing below the error of a number that was read back is judged. That error is no noise floor by itself.
  const readBackError = norm("mean_error");
  const atLeastError = (floor: number): number => Math.max(floor, Number.isFinite(readBackError) ? readBackError : 0);
  const floors = judgedFloors(
    { noiseFloor: number(population?.noiseFloor), shiftNoiseFloor: number(population?.shiftNoiseFloor) },
    layer.norm.updateWeight,
  );
  const shift = norm("mean_shift");
  const shiftFloor = atLeastError(floors.shiftNoiseFloor);
  const distance = number(population?.meanDistance);
  const distanceFloor = atLeastError(floors.noiseFloor);
  const gapSize = number(gap?.gap);
  const gapFloor = number(gap?.noiseFloor);
  const severityUnless = (early: boolean, value: number, floor: number): Health =>
    early ? "unknown" : judge(value, floor);
  const gapSeverity = severityUnless(gapIsEarly, gapSize, gapFloor);
  const distanceSeverity = severityUnless(distanceIsEarly, distance, distanceFloor);
  return {
    id: layer.id,
    name: layer.name,
    shift,
    shiftFloor,
    varianceRatio: norm("variance_ratio"),
    gap: gapSize,
    alone: number(gap?.alone),
    gapFloor,
    distance,
    firstDistance: number(first?.meanDistance),
    distanceFloor,
    updatesLeft: updatesLeft(layer, distance, distanceFloor, distanceSeverity),
    varianceDistance: number(population?.varianceDistance),
    varianceFloor: judgedVarianceFloor(number(population?.varianceNoiseFloor), layer.norm.updateWeight),
    batchMean: norm("batch_mean.median"),
    batchVariance: norm("batch_variance.median"),
    runningMean: norm("running_mean.median"),
    runningVariance: norm("running_variance.median"),
    populationMean: number(population?.mean?.[2]),
    populationVariance: number(population?.variance?.[2]),
    passes: norm("passes"),
    gradient: Number.isFinite(numbers.outputGradient) ? numbers.outputGradient : norm("gradient_norm"),
    gamma: spreadOf("gamma", norm),
    beta: spreadOf("beta", norm),
    ranks: numbers.ranks,
    shiftSeverity: severityUnless(shiftIsEarly, shift, Number.isFinite(shiftFloor) ? shiftFloor : WIDEST_SPREAD),
    gapSeverity,
    distanceSeverity,
    severity: worst([gapSeverity, distanceSeverity]),
  };
}

function updatesLeft({ norm }: NormLayer, distance: number, floor: number, severity: Health): number {
  if (severity === "unknown") return Number.NaN;
  if (severity === "ok") return 0;
  const { updateWeight } = norm;
  if (typeof updateWeight !== "number") return Number.NaN;
  return updatesUntil(distance, Math.max(WARNING_SIGMA, Number.isFinite(floor) ? floor : 0), updateWeight);
}

const spreadOf = (quantity: "gamma" | "beta", norm: LayerNumbers["norm"]): Spread =>
  quantileNames.map((quantile) => norm(`${quantity}.${quantile}`)) as unknown as Spread;

const number = (value: number | null | undefined): number => value ?? Number.NaN;

const newestStep = (samples: readonly Sample[]): number =>
  samples.reduce((newest, { table, step }) => (table.name === "norms" ? Math.max(newest, step) : newest), -1);

function byLayer<L extends { readonly layer: string }>(
  record: { readonly layers: readonly L[] } | null,
): Map<string, L> {
  return new Map((record?.layers ?? []).map((entry) => [entry.layer, entry]));
}

/** The reading with the largest value; undefined when no value is known. */
export function largestBy(
  readings: readonly LayerReading[],
  value: (reading: LayerReading) => number,
): LayerReading | undefined {
  let best: LayerReading | undefined;
  for (const reading of readings)
    if (Number.isFinite(value(reading)) && !(best && value(best) >= value(reading))) best = reading;
  return best;
}

/** Which of its numbers put a layer above its floor: the gap where it does, else the distance. */
export const measureAbove = ({ gapSeverity, distanceSeverity }: LayerReading): "gap" | "distance" | null =>
  isAbove(gapSeverity) ? "gap" : isAbove(distanceSeverity) ? "distance" : null;

/** How far a layer is above, by the number that puts it there. */
export const amountAbove = (reading: LayerReading): number =>
  measureAbove(reading) === "gap" ? reading.gap : measureAbove(reading) === "distance" ? reading.distance : Number.NaN;

/**
 * The step since which a layer has been above its warning threshold without a pause, by its gap or distance; null when
 * it is not now.
 */
export function aboveSince({ summary, at }: Pick<Moment, "summary" | "at">, reading: LayerReading): number | null {
  const measure = measureAbove(reading);
  if (measure === null) return null;
  const history = measure === "gap" ? gapHistory(summary, reading.id) : distanceHistory(summary, reading.id);
  const known = history.filter(({ step }) => at === null || step <= at);
  const lastBelow = known.findLastIndex(({ severity }) => !isAbove(severity));
  return known[lastBelow + 1]?.step ?? null;
}

interface JudgedAt {
  readonly step: number;
  readonly severity: Health;
}

const gapHistory = ({ gaps }: RunSummary, id: string): JudgedAt[] =>
  gaps.map(({ step, layers }) => {
    const found = layers.find(({ layer }) => layer === id);
    return { step, severity: judge(number(found?.gap), number(found?.noiseFloor)) };
  });

function distanceHistory({ populations, normLayers }: RunSummary, id: string): JudgedAt[] {
  const weight = normLayers.find((layer) => layer.id === id)?.norm.updateWeight ?? null;
  return populations.map(({ step, layers }) => {
    const found = layers.find(({ layer }) => layer === id);
    const recorded = { noiseFloor: number(found?.noiseFloor), shiftNoiseFloor: number(found?.shiftNoiseFloor) };
    return { step, severity: judge(number(found?.meanDistance), judgedFloors(recorded, weight).noiseFloor) };
  });
}
