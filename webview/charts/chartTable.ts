/** The numbers of a chart as a table: for screen readers, and for people who want exact numbers. */
import { element } from "../ui/dom";
import { UNKNOWN, inUnit, thousands } from "../ui/format";
import { indexAt } from "../state/runModel";
import type { ChartConfig, ChartCurve } from "./chartConfig";

const MOST_ROWS = 40;

/** Evenly spaced steps, including the first and the last, taken from the line with the fewest points. */
export function tableSteps(curves: readonly ChartCurve[], [from, to]: readonly [number, number]): number[] {
  const steps = curves
    .map(({ x }) => Array.from(x).filter((step) => step >= from && step <= to))
    .filter(({ length }) => length > 0)
    .reduce<number[]>(
      (fewest, candidate) => (fewest.length === 0 || candidate.length < fewest.length ? candidate : fewest),
      [],
    );
  if (steps.length <= MOST_ROWS) return steps;
  const chosen = Array.from(
    { length: MOST_ROWS },
    (_, index) => steps[Math.round((index * (steps.length - 1)) / (MOST_ROWS - 1))] ?? 0,
  );
  return [...new Set(chosen)];
}

export function chartTable(
  config: ChartConfig,
  curves: readonly ChartCurve[],
  range: readonly [number, number],
): HTMLTableElement {
  const listed = config.lines
    .map((line, index) => ({ line, curve: curves[index] }))
    .filter(({ line }) => line.listed ?? true);
  const header = element("tr", {
    children: ["Step", ...listed.map(({ line }) => line.name)].map((text) =>
      element("th", { text, attributes: { scope: "col" } }),
    ),
  });
  const rows = tableSteps(
    listed.flatMap(({ curve }) => (curve ? [curve] : [])),
    range,
  ).map((step) => {
    const cells = listed.map(({ curve }) => {
      const value = curve?.y[indexAt(curve.x, step)] ?? Number.NaN;
      return element("td", { text: Number.isFinite(value) ? inUnit(config.unit, value) : UNKNOWN });
    });
    return element("tr", {
      children: [element("th", { text: thousands(step), attributes: { scope: "row" } }), ...cells],
    });
  });
  return element("table", {
    className: "chart-table",
    children: [
      element("caption", { text: config.title }),
      element("thead", { children: [header] }),
      element("tbody", { children: rows }),
    ],
  });
}
