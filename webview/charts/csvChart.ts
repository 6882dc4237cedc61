/** The numbers of a chart as CSV (RFC 4180): a row a step, every point that the panel has. */
import { alignCurves } from "./alignCurves";
import type { ChartConfig, ChartCurve } from "./chartConfig";

/** Lines that have a name of their own: many layers share that of "other layers". */
export function csvChart({ lines }: Pick<ChartConfig, "lines">, curves: readonly ChartCurve[]): string {
  const named = lines.flatMap(({ name }, index) => {
    const curve = curves[index];
    return curve && lines.filter((other) => other.name === name).length === 1 ? [{ name, curve }] : [];
  });
  const { x, columns } = alignCurves(
    named.map(({ curve }) => curve),
    { positiveOnly: false },
  );
  const rows = x.map((step, at) => [String(step), ...columns.map((column) => cell(column[at]))]);
  return [["step", ...named.map(({ name }) => quoted(name))], ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

/** Float32, so more than nine digits say nothing. */
const cell = (value: number | null | undefined): string =>
  value === null || value === undefined ? "" : String(Number(value.toPrecision(9)));

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
