/** Builds uPlot's options from a chart's config. Independent of the chart's lifecycle. */
import type uPlot from "uplot";
import { type Theme, withAlpha } from "../theme";
import { inUnit, tick, thousands } from "../ui/format";
import type { ChartConfig, LineConfig } from "./chartConfig";
import { drawFloor } from "./drawFloor";
import { colorOf, drawEndLabels } from "./drawLabels";
import type { StepFocus } from "./stepFocus";
import { scaledStep, type StepAxis, stepOfScaled } from "./stepScale";
import { linearTicks, logTicks } from "./ticks";
import { yRange, yTicks } from "./yRange";

export interface BuildParts {
  readonly config: ChartConfig;
  readonly theme: Theme;
  readonly focus: StepFocus;
  readonly size: { readonly width: number; readonly height: number };
  /** Runs after uPlot moved its cursor. */
  readonly cursorMoved: (plot: uPlot) => void;
  /** Runs after a drag; left and width are CSS pixels inside the plot. */
  readonly dragged: (plot: uPlot) => void;
  /** Runs after the chart was drawn: in another size, for other steps, with other points. */
  readonly drawn: (plot: uPlot) => void;
}

const X_AXIS_HEIGHT = 22;
const logSteps = { distr: 100, fwd: scaledStep, bwd: stepOfScaled } as const;

export function buildOptions(parts: BuildParts): uPlot.Options {
  const { config, theme, focus, size } = parts;
  return {
    ...size,
    padding: [8, config.labelWidth, 0, 0],
    legend: { show: false },
    pxAlign: 1,
    scales: {
      x: { time: false, range: () => [...focus.range], ...(config.x === "log" ? logSteps : {}) },
      y: {
        distr: config.y.kind === "log" ? 3 : 1,
        range: (_plot, lowest, highest) => yRange(config.y, lowest, highest),
      },
    },
    axes: [xAxis(config, theme), yAxis(config, theme)],
    series: [{}, ...config.lines.map((line) => seriesOf(line, theme))],
    bands: (config.bands ?? []).map(({ upper, lower, color, alpha }) => ({
      series: [upper + 1, lower + 1],
      fill: withAlpha(colorOf(theme, color), alpha),
    })),
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      focus: { prox: -1 },
    },
    hooks: hooksOf(parts),
  };
}

const hooksOf = ({ config, theme, cursorMoved, dragged, drawn }: BuildParts): uPlot.Hooks.Arrays => ({
  drawAxes: [
    (plot) => {
      if (config.floor !== undefined) drawFloor(plot, config.floor + 1, theme);
    },
  ],
  draw: [
    (plot) => {
      drawStepWord(plot, theme);
      drawEndLabels(plot, config, theme);
    },
    drawn,
  ],
  setCursor: [cursorMoved],
  setSelect: [dragged],
});

function seriesOf(line: LineConfig, theme: Theme): uPlot.Series {
  const color = withAlpha(toHex(colorOf(theme, line.color)), line.alpha ?? 1);
  return {
    scale: "y",
    label: line.name,
    width: line.width,
    stroke: line.width > 0 ? color : "transparent",
    ...(line.dash ? { dash: [...line.dash] } : {}),
    points: { show: line.dots ? true : fewPoints(line), size: 5, fill: color, stroke: color, width: 0 },
  };
}

/** A line through few probes shows its points, because nothing was measured between them. */
const MOST_SHOWN_POINTS = 12;

function fewPoints({ width, listed = true }: LineConfig): uPlot.Series.Points.Show {
  if (width === 0 || !listed) return false;
  return (plot, series) => {
    let points = 0;
    for (const value of plot.data[series] ?? []) {
      if (value !== null && value !== undefined) points++;
      if (points > MOST_SHOWN_POINTS) return false;
    }
    return true;
  };
}

/** Theme variables may be anything that CSS allows; other colours than hex ones become gray. */
const toHex = (color: string): string => (/^#[0-9a-f]{6}/i.test(color) ? color : "#808080");

const axisFont = (theme: Theme): string => `11px ${theme.fontFamily}`;

function xAxis(config: ChartConfig, theme: Theme): uPlot.Axis {
  return {
    scale: "x",
    size: X_AXIS_HEIGHT,
    gap: 3,
    font: axisFont(theme),
    stroke: theme.data.axisText,
    grid: { stroke: theme.data.grid, width: 1 },
    ticks: { show: false },
    splits: (plot, _axis, from, to) => axisSteps([from, to], config.x, plot.width),
    filter: (_plot, splits) => splits,
    values: (_plot, splits) => splits.map(thousands),
  };
}

/** Steps are whole numbers, also when a zoom shows only a few of them. */
export const stepTicks = (from: number, to: number, width: number): number[] =>
  linearTicks(from, to, Math.max(2, Math.floor(width / 110))).filter(Number.isInteger);

/** With steps by their logarithm, one tick a decade or a few. */
export function axisSteps([from, to]: readonly [number, number], axis: StepAxis = "linear", width: number): number[] {
  if (axis === "linear") return stepTicks(from, to, width);
  const ticks = logTicks(Math.max(1, from), to, Math.max(2, Math.floor(width / 110))).filter(Number.isInteger);
  return from === 0 ? [0, ...ticks] : ticks;
}

function yAxis(config: ChartConfig, theme: Theme): uPlot.Axis {
  return {
    scale: "y",
    size: config.axisWidth,
    gap: 6,
    font: axisFont(theme),
    stroke: theme.data.axisText,
    grid: { stroke: theme.data.grid, width: 1 },
    ticks: { show: false },
    splits: (plot, _axis, from, to) => yTicks(config.y, from, to, plot.height),
    filter: (_plot, splits) => splits,
    values: (_plot, splits) => splits.map((value) => axisLabel(config, value)),
  };
}

export const axisLabel = ({ unit }: ChartConfig, value: number): string =>
  unit === "percent" ? wholePercent(value) : tick(value);

const wholePercent = (share: number): string => inUnit("percent", share).replace(/[.,]0/, "");

function drawStepWord({ ctx, bbox }: uPlot, theme: Theme): void {
  const ratio = window.devicePixelRatio || 1;
  ctx.save();
  ctx.font = `${11 * ratio}px ${theme.fontFamily}`;
  ctx.fillStyle = theme.data.axisText;
  ctx.textAlign = "right";
  ctx.textBaseline = "top";
  ctx.fillText("step", bbox.left - 19 * ratio, bbox.top + bbox.height + 7 * ratio);
  ctx.restore();
}
