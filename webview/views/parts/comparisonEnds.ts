/** Where each seed of each variant ended: a row a variant, a dot a seed. */
import { type TemplateResult, html, nothing } from "lit-html";
import type { MeanInterval } from "../../../engine/protocol/comparison";
import { type PlotLine, type PlotMark, smallPlot } from "../../marks/smallPlot";
import type { Selection } from "../../state/panelModel";
import type { RunColor } from "../../theme";
import { UNKNOWN } from "../../ui/format";
import type { Axes } from "./comparisonAxes";

export interface EndRow {
  readonly letter: string;
  readonly name: string;
  readonly color: RunColor;
  /** A seed each. */
  readonly values: readonly number[];
  /** Null for what has none. */
  readonly interval: MeanInterval | null;
  readonly population: readonly number[];
}

interface Ends {
  readonly axes: Axes;
  readonly rows: readonly EndRow[];
  readonly steps: string;
  readonly selection: Selection;
}

const ROW_PX = 26;
const PADDING_PX = 40;
/** Population statistics are shown where they make a difference. */
const WORTH_A_RING = 0.02;

export function endRows({ axes, rows, steps, selection }: Ends): TemplateResult {
  const hasRings = rows.some((row) => ringsOf(row).length > 0);
  const hasIntervals = rows.some(({ interval }) => interval !== null && Number.isFinite(interval.low));
  return html`<section class="compared-ends" aria-label=${steps}>
    <div class="heading">
      <h2>${steps}</h2>
      <span class="remark"
        >a dot a seed${hasIntervals ? "; bar: 95\u00a0% interval of the mean" : ""}${
          hasRings ? "; ring: with population statistics" : ""
        }</span
      >
    </div>
    ${selection.showTables ? table(rows, axes) : plot(rows, axes)}
  </section>`;
}

const ringsOf = ({ interval, values, population }: EndRow): number[] =>
  interval === null ? [] : population.filter((value, seed) => Math.abs(value - (values[seed] ?? value)) > WORTH_A_RING);

const meanOf = ({ values }: EndRow): number => {
  const known = values.filter(Number.isFinite);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
};

function plot(rows: readonly EndRow[], axes: Axes): TemplateResult {
  const place = (index: number): number => (rows.length - index - 0.5) / rows.length;
  const across = (value: number): number => Math.min(1, Math.max(0, axes.y(value)));
  const lines = rows.flatMap(({ interval, color }, index): PlotLine[] => {
    if (interval === null || !Number.isFinite(interval.low)) return [];
    const points = [interval.low, interval.high].map((value) => [across(value), place(index)] as const);
    return [{ points, className: `own-line own-${color}` }];
  });
  const marks = rows.flatMap((row, index): PlotMark[] => [
    ...row.values.map((value) => ({
      at: [across(value), place(index)] as const,
      className: `own-dot own-${row.color}`,
    })),
    ...ringsOf(row).map((value) => ({ at: [across(value), place(index)] as const, className: "ring" })),
  ]);
  const told = rows.map((row) => `${row.letter} ${row.values.map((value) => axes.yText(value)).join(", ")}`);
  return html`<div class="ends-plot" .style=${`height: ${rows.length * ROW_PX + PADDING_PX}px`}>
    ${smallPlot({
      title: `Each seed at its end: ${told.join("; ")}`,
      lines,
      marks,
      xTicks: axes.yTicks,
      yTicks: rows.map(({ letter }, index) => ({ at: place(index), text: letter })),
      ends: rows.map((row, index) => ({
        at: place(index),
        text: axes.yText(meanOf(row)),
        className: `own-${row.color}`,
      })),
    })}
  </div>`;
}

const table = (rows: readonly EndRow[], { yText }: Axes): TemplateResult => html`<table class="chart-table">
  <caption>
    Each seed at its end
  </caption>
  <thead>
    <tr>
      <th scope="col">Variant</th>
      <th scope="col">Mean</th>
      <th scope="col">Interval of 95&nbsp;%</th>
      <th scope="col">Seeds</th>
      <th scope="col">With population statistics</th>
    </tr>
  </thead>
  <tbody>
    ${rows.map(
      (row) => html`<tr>
        <th scope="row">${row.letter} ${row.name}</th>
        <td>${yText(meanOf(row))}</td>
        <td>${intervalText(row, yText)}</td>
        <td>${row.values.map(yText).join(", ")}</td>
        <td>${row.interval === null ? nothing : row.population.map(yText).join(", ")}</td>
      </tr>`,
    )}
  </tbody>
</table>`;

const intervalText = ({ interval }: EndRow, yText: Axes["yText"]): string =>
  interval === null || !Number.isFinite(interval.low) ? UNKNOWN : `${yText(interval.low)} to ${yText(interval.high)}`;
