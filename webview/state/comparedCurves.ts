/** The curves of variants that are compared, by step, epoch or time: a mean with the band of its seeds. Pure. */
import type { ComparedSeed, Comparison, Variant } from "../../engine/protocol/comparison";
import type { Alignment } from "../protocol";
import type { RunColor } from "../theme";
import { type RunModel, indexAt } from "./runModel";
import { runStyle } from "./runStyles";
import { runName } from "./runWords";
import type { Range } from "./store";
import { smoothedLoss } from "./trainingLoss";

export type Measure = "accuracy" | "loss";

/** Points of a line that a small chart can tell apart. */
const MOST_POINTS = 120;

/** A curve over what it is aligned by; all arrays have the same length, NaN where nothing was measured. */
export interface VariantCurve {
  readonly x: readonly number[];
  readonly mean: readonly number[];
  readonly least: readonly number[];
  readonly most: readonly number[];
}

export interface ShownVariant {
  readonly variant: Variant;
  readonly letter: string;
  readonly name: string;
  readonly color: RunColor;
  readonly curve: VariantCurve;
}

/** Accuracies where any run has one. */
export const measureOf = (runs: readonly RunModel[]): Measure =>
  runs.some((run) => run.curve("eval", "runningAccuracy").y.some(Number.isFinite)) ? "accuracy" : "loss";

/** What all runs know. */
export const alignmentsOf = ({ variants }: Comparison, runs: readonly RunModel[]): Alignment[] =>
  (["step", "epoch", "time"] as const).filter((alignment) =>
    variants.every(({ seeds }) => seeds.every((seed) => Number.isFinite(factorOf(alignment, seed, runs)))),
  );

/** Steps times this are epochs, or seconds. */
export function factorOf(alignment: Alignment, seed: ComparedSeed, runs: readonly RunModel[]): number {
  if (alignment === "step") return 1;
  if (alignment === "epoch") return seed.epochsPerStep;
  return Number.isFinite(seed.msPerStep) ? seed.msPerStep / 1000 : secondsPerStep(runs[seed.run]);
}

/** Of a run that goes on: its clock stands beside its losses. */
function secondsPerStep(run: RunModel | undefined): number {
  if (!run) return Number.NaN;
  const { x, y } = run.curve("loss", "seconds");
  const [step = 0, seconds = 0] = [x.at(-1), y.at(-1)];
  return step > 0 && seconds > 0 ? seconds / step : Number.NaN;
}

export interface CurveOptions {
  readonly alignment: Alignment;
  readonly measure: Measure;
  /** The steps that are shown. */
  readonly range: Range;
}

export function shownVariants(
  comparison: Comparison,
  runs: readonly RunModel[],
  options: CurveOptions,
): ShownVariant[] {
  const names = namesOf(comparison, runs);
  const colors = colorsOf(comparison);
  return comparison.variants.map((variant, index) => ({
    variant,
    letter: variant.letter,
    name: names[index] ?? "",
    color: colors[index] ?? "runOther",
    curve: curveOf(variant, runs, options),
  }));
}

/** Those of their first runs in the other views, where all of these have one; else in their own order. */
export function colorsOf({ variants }: Comparison): RunColor[] {
  const ofRuns = variants.map(({ seeds }) => runStyle(seeds[0]?.run ?? 0).color);
  return ofRuns.includes("runOther") ? variants.map((_, index) => runStyle(index).color) : ofRuns;
}

/** The names of their first runs; where two have the same, what was set differently. */
export function namesOf({ variants, differences }: Comparison, runs: readonly RunModel[]): string[] {
  const names = variants.map(({ seeds }) => {
    const run = runs[seeds[0]?.run ?? 0];
    return run ? runName(run.view) : "";
  });
  if (new Set(names).size === names.length) return names;
  const told = differences.filter(({ name }) => name !== "Seed").slice(0, 2);
  return names.map((name, index) =>
    told.length === 0 ? name : told.map((one) => `${one.name} ${one.values[index] ?? ""}`).join(", "),
  );
}

interface SeedCurve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

function curveOf({ seeds }: Variant, runs: readonly RunModel[], options: CurveOptions): VariantCurve {
  const curves = seeds.map((seed) => seedCurve(seed, runs, options)).filter(({ x }) => x.length > 0);
  const longest = curves.reduce((found, curve) => (end(curve) > end(found) ? curve : found), curves[0] ?? none);
  const values = longest.x.map((at) => curves.map((curve) => valueAt(curve, at)).filter(Number.isFinite));
  const of = (fold: (known: readonly number[]) => number): number[] =>
    values.map((known) => (known.length === 0 ? Number.NaN : fold(known)));
  return {
    x: longest.x,
    mean: of((known) => known.reduce((sum, value) => sum + value, 0) / known.length),
    least: of((known) => Math.min(...known)),
    most: of((known) => Math.max(...known)),
  };
}

const none: SeedCurve = { x: [], y: [] };
const end = ({ x }: SeedCurve): number => x.at(-1) ?? Number.NEGATIVE_INFINITY;

function seedCurve(seed: ComparedSeed, runs: readonly RunModel[], options: CurveOptions): SeedCurve {
  const run = runs[seed.run];
  if (!run) return none;
  const { alignment, measure, range } = options;
  const { x, y } =
    measure === "accuracy" ? run.curve("eval", "runningAccuracy") : smoothedLoss(run.curve("loss", "loss"));
  const factor = factorOf(alignment, seed, runs);
  const known = [...x.keys()].filter((at) => isWithin(x[at] ?? 0, range) && Number.isFinite(y[at]));
  const kept = evenly(known);
  return { x: kept.map((at) => (x[at] ?? 0) * factor), y: kept.map((at) => y[at] ?? Number.NaN) };
}

const isWithin = (step: number, [from, to]: Range): boolean => step >= from && step <= to;

/** So many of a list as a small chart can show, with its first and its last. */
function evenly(all: readonly number[]): readonly number[] {
  if (all.length <= MOST_POINTS) return all;
  const stride = (all.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, index) => all[Math.round(index * stride)] ?? 0);
}

/** On the line between its neighbours; NaN outside of the curve. */
export function valueAt({ x, y }: SeedCurve, at: number): number {
  const before = indexAt(x, at);
  const [x0, y0] = [x[before], y[before]];
  if (x0 === undefined || y0 === undefined) return Number.NaN;
  if (x0 === at) return y0;
  const [x1, y1] = [x[before + 1], y[before + 1]];
  return x1 === undefined || y1 === undefined ? Number.NaN : y0 + ((at - x0) / (x1 - x0)) * (y1 - y0);
}

/** From the first to the last of what the runs are aligned by. */
export function domainOf(
  { variants }: Comparison,
  runs: readonly RunModel[],
  { alignment, range: [from, to] }: CurveOptions,
): Range {
  const spans = variants.flatMap(({ seeds }) =>
    seeds.map((seed) => {
      const factor = factorOf(alignment, seed, runs);
      return [from * factor, Math.min(to, Math.max(1, runs[seed.run]?.view.step ?? 0)) * factor] as const;
    }),
  );
  const least = Math.min(...spans.map(([start]) => start));
  const most = Math.max(...spans.map(([, last]) => last));
  return most > least ? [least, most] : [least, least + 1];
}
