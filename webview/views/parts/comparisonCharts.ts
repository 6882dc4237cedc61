/** The charts of Compare: one a variant over the same axes, and where each seed ended. */
import { type TemplateResult, html } from "lit-html";
import type { Comparison } from "../../../engine/protocol/comparison";
import { logShare } from "../../marks/scales";
import { type PlotPoint, smallPlot } from "../../marks/smallPlot";
import type { Selection } from "../../state/panelModel";
import { type CurveOptions, type ShownVariant, domainOf, valueAt } from "../../state/comparedCurves";
import type { RunModel } from "../../state/runModel";
import { UNKNOWN, counted, percent, thousands, tick, twoDigits } from "../../ui/format";
import type { Axes } from "./comparisonAxes";
import { type EndRow, endRows } from "./comparisonEnds";

export interface ComparedCharts {
  readonly comparison: Comparison;
  readonly runs: readonly RunModel[];
  readonly shown: readonly ShownVariant[];
  readonly options: CurveOptions;
  readonly selection: Selection;
}

const MOST_CHARTS = 20;
const TABLE_ROWS = 12;

export function comparisonCharts(charts: ComparedCharts): TemplateResult {
  const { shown, selection } = charts;
  const axes = axesOf(charts);
  const isSeeded = shown.some(({ variant }) => variant.seeds.length > 1);
  const left = shown.length > MOST_CHARTS ? `; ${counted(shown.length - MOST_CHARTS, "more variant")} in grey` : "";
  const drawn = html`<div class="variant-charts">
    ${shown.slice(0, MOST_CHARTS).map((variant) => chart(variant, shown, axes, charts))}
  </div>`;
  return html`<section class="compared-charts" aria-label=${axes.heading}>
      <div class="heading">
        <h2>${axes.heading}</h2>
        <span class="remark">${isSeeded ? "line: mean, band: all seeds; " : ""}grey: the other variants${left}</span>
      </div>
      ${selection.showTables ? curvesTable(shown, axes, charts) : drawn}
    </section>
    ${endRows({ ...charts, axes, rows: shown.map(rowOf(charts)), steps: stepsText(charts) })}`;
}

function axesOf({ comparison, runs, shown, options }: ComparedCharts): Axes {
  const [from, to] = domainOf(comparison, runs, options);
  const unit = options.alignment === "time" ? timeUnit(to) : { seconds: 1, name: options.alignment };
  const xText = (value: number): string => {
    const size = value / unit.seconds;
    return options.alignment === "step" ? thousands(size) : tick(Number(size.toPrecision(3)));
  };
  const words = options.alignment === "time" ? `time, ${unit.name}` : `${options.alignment}s`;
  const shared = {
    x: (value: number) => (value - from) / (to - from),
    xText: (value: number) =>
      options.alignment === "time" ? `${xText(value)}\u00a0${unit.name}` : `${options.alignment} ${xText(value)}`,
    xTicks: [0, 0.5, 1].map((share) => ({ at: share, text: xText(from + share * (to - from)) })),
  };
  if (options.measure === "accuracy")
    return {
      ...shared,
      heading: `Test accuracy with running statistics, over ${words}`,
      y: (value) => value,
      yTicks: [0, 0.5, 1].map((at) => ({ at, text: `${100 * at}\u00a0%` })),
      yText: percent,
    };
  const losses = shown.flatMap(({ curve }) => [...curve.least, ...curve.most]).filter((value) => value > 0);
  const scale = { from: Math.min(1, ...losses), to: Math.max(...losses, 1) };
  const range = scale.to > scale.from ? scale : { from: scale.from / 10, to: scale.to };
  const middle = Math.sqrt(range.from * range.to);
  return {
    ...shared,
    heading: `Training loss, over ${words}`,
    y: (value) => logShare(value, range),
    yTicks: [range.from, middle, range.to].map((value, index) => ({ at: index / 2, text: twoDigits(value) })),
    yText: twoDigits,
  };
}

function timeUnit(seconds: number): { readonly seconds: number; readonly name: string } {
  if (seconds < 100) return { seconds: 1, name: "s" };
  return seconds < 5400 ? { seconds: 60, name: "min" } : { seconds: 3600, name: "h" };
}

function chart(
  variant: ShownVariant,
  all: readonly ShownVariant[],
  axes: Axes,
  { options, selection }: ComparedCharts,
): TemplateResult {
  const { letter, name, color, curve } = variant;
  const at = (x: number, y: number): PlotPoint => [axes.x(x), axes.y(y)];
  const line = (values: readonly number[], x: readonly number[]): PlotPoint[] =>
    x.map((value, index) => at(value, values[index] ?? Number.NaN));
  const others = all.filter((one) => one !== variant);
  const pinned = options.alignment === "step" ? selection.pinnedStep : null;
  const isBand = variant.variant.seeds.length > 1;
  return html`<div class=${`variant-chart own-${color}`} data-testid=${`variant-${letter}`}>
    <div class="heading">
      <h3><span class="variant-letter">${letter}</span> <span title=${name}>${name}</span></h3>
      <span class="variant-value">${axes.yText(lastOf(curve.mean))}</span>
    </div>
    ${smallPlot({
      title: chartTitle(variant, axes),
      bands: isBand
        ? [{ upper: line(curve.most, curve.x), lower: line(curve.least, curve.x), className: "own-band" }]
        : [],
      lines: [
        ...others.map(({ curve: other }) => ({ points: line(other.mean, other.x), className: "plot-other" })),
        { points: line(curve.mean, curve.x), className: "own-line" },
      ],
      marks: curve.x.length === 1 ? [{ at: at(curve.x[0] ?? 0, lastOf(curve.mean)), className: "own-dot" }] : [],
      xTicks: axes.xTicks,
      yTicks: axes.yTicks,
      cursor: pinned === null ? null : axes.x(pinned),
    })}
  </div>`;
}

const lastOf = (values: readonly number[]): number => values.findLast(Number.isFinite) ?? Number.NaN;

function chartTitle(
  { letter, name, curve, variant: { seeds } }: ShownVariant,
  { heading, xText, yText }: Axes,
): string {
  const last = curve.x.at(-1);
  if (last === undefined) return `${heading}: ${letter}, ${name}. Nothing was measured.`;
  const [least, most] = [lastOf(curve.least), lastOf(curve.most)];
  const spread = seeds.length > 1 ? `, ${seeds.length} seeds from ${yText(least)} to ${yText(most)}` : "";
  return `${heading}: ${letter}, ${name}. At ${xText(last)}: ${yText(lastOf(curve.mean))}${spread}.`;
}

function curvesTable(
  shown: readonly ShownVariant[],
  axes: Axes,
  { comparison, runs, options }: ComparedCharts,
): TemplateResult {
  const [from, to] = domainOf(comparison, runs, options);
  const places = Array.from({ length: TABLE_ROWS }, (_, index) => from + (index / (TABLE_ROWS - 1)) * (to - from));
  const cell = ({ curve }: ShownVariant, place: number): string => {
    const value = valueAt({ x: curve.x, y: curve.mean }, place);
    return Number.isFinite(value) ? axes.yText(value) : UNKNOWN;
  };
  return html`<div class="compared-table" tabindex="0" role="region" aria-label=${`${axes.heading}, as a table`}>
    <table class="chart-table">
      <caption>${axes.heading}</caption>
      <thead>
        <tr>
          <th scope="col">At</th>
          ${shown.map(({ letter }) => html`<th scope="col">${letter}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${places.map(
          (place) => html`<tr>
            <th scope="row">${axes.xText(place)}</th>
            ${shown.map((variant) => html`<td>${cell(variant, place)}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const rowOf =
  ({ options }: ComparedCharts) =>
  ({ letter, name, color, variant }: ShownVariant): EndRow => {
    const isAccuracy = options.measure === "accuracy";
    const values = variant.seeds.map(({ accuracy, loss }) => (isAccuracy ? accuracy : loss));
    const interval = isAccuracy ? variant.accuracy : null;
    return { letter, name, color, values, interval, population: variant.seeds.map(({ population }) => population) };
  };

/** "After 400 steps", or "So far" while a run goes on. */
function stepsText({ runs }: ComparedCharts): string {
  if (runs.some(({ isLive }) => isLive)) return "So far";
  const steps = new Set(runs.map(({ view }) => view.step));
  const [only] = steps;
  return steps.size === 1 && only !== undefined ? `After ${counted(only, "step")}` : "After the runs";
}
