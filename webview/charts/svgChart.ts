/** A chart as an SVG document of its own, for papers and issues: what the canvas shows, drawn from the same config. */
import type { Theme } from "../theme";
import { inUnit, thousands } from "../ui/format";
import type { ChartConfig, ChartCurve, LineConfig } from "./chartConfig";
import { axisLabel, axisSteps } from "./buildOptions";
import { colorOf } from "./drawLabels";
import { pushApart } from "./pushApart";
import { stepShare } from "./stepScale";
import { yRange, yTicks } from "./yRange";

export interface SvgInput {
  readonly config: ChartConfig;
  readonly curves: readonly ChartCurve[];
  readonly range: readonly [from: number, to: number];
  readonly theme: Theme;
  /** CSS pixels of the whole picture. */
  readonly size: { readonly width: number; readonly height: number };
}

const TITLE_HEIGHT = 26;
const AXIS_HEIGHT = 24;
const LABEL_GAP = 14;

type Point = readonly [x: number, y: number];

/** Pixels of a step and of a value. */
interface Place {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: (step: number) => number;
  readonly y: (value: number) => number;
}

export function svgChart(input: SvgInput): string {
  const { config, theme, size, range } = input;
  const extent = extentOf(input);
  const place = placeOf(input, extent);
  const parts = [
    `<rect width="100%" height="100%" fill="${escaped(theme.background)}"/>`,
    textAt([8, 17], config.title, { fill: theme.foreground, weight: "600" }),
    ...yTicks(config.y, ...extent, place.bottom - place.top).flatMap((value) => [
      lineAcross(place, place.y(value), theme.data.grid),
      textAt([place.left - 6, place.y(value) + 4], axisLabel(config, value), {
        fill: theme.data.axisText,
        anchor: "end",
      }),
    ]),
    ...axisSteps(range, config.x, size.width).map((step) =>
      textAt([place.x(step), size.height - 7], thousands(step), { fill: theme.data.axisText, anchor: "middle" }),
    ),
    clipTo(place),
    `<g clip-path="url(#plot)" fill="none">`,
    ...areas(input, place),
    ...config.lines.map((line, index) => lineOf(line, pointsOf(input, index, place), theme)),
    "</g>",
    ...endLabels(input, place),
  ];
  const { width, height } = size;
  const frame = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const font = `font-family="${escaped(theme.fontFamily)}" font-size="11"`;
  return [`<svg xmlns="http://www.w3.org/2000/svg" ${frame} ${font}>`, ...parts, "</svg>", ""].join("\n");
}

function clipTo({ left, right, top, bottom }: Place): string {
  const size = `width="${round(right - left)}" height="${round(bottom - top)}"`;
  return `<clipPath id="plot"><rect x="${left}" y="${top}" ${size}/></clipPath>`;
}

/** What the vertical axis shows: the values in sight, as the canvas takes them. */
function extentOf({ config, curves, range: [from, to] }: SvgInput): [number, number] {
  const seen = curves.flatMap(({ x, y }) =>
    Array.from(y).filter((value, index) => {
      const step = x[index] ?? Number.NaN;
      return step >= from && step <= to && isShown(value, config);
    }),
  );
  return seen.length === 0 ? yRange(config.y, null, null) : yRange(config.y, least(seen), most(seen));
}

// Not spread into Math.min: a long run has more points than a call may have arguments.
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b));
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b));

const isShown = (value: number, { y }: ChartConfig): boolean =>
  Number.isFinite(value) && (y.kind !== "log" || value > 0);

function placeOf({ config, size, range }: SvgInput, [low, high]: readonly [number, number]): Place {
  const left = config.axisWidth;
  const right = size.width - config.labelWidth;
  const top = TITLE_HEIGHT;
  const bottom = size.height - AXIS_HEIGHT;
  const scaled = (value: number): number => (config.y.kind === "log" ? Math.log(value) : value);
  const share = (value: number): number => (scaled(value) - scaled(low)) / (scaled(high) - scaled(low));
  return {
    ...{ left, right, top, bottom },
    x: (step) => left + (right - left) * stepShare(step, range, config.x),
    y: (value) => bottom - (bottom - top) * share(value),
  };
}

/** Null is a gap. */
function pointsOf({ config, curves }: SvgInput, index: number, place: Place): (Point | null)[] {
  const curve = curves[index];
  return Array.from(curve?.y ?? [], (value, at) =>
    isShown(value, config) ? [place.x(curve?.x[at] ?? Number.NaN), place.y(value)] : null,
  );
}

function lineOf(line: LineConfig, points: readonly (Point | null)[], theme: Theme): string {
  const color = escaped(colorOf(theme, line.color));
  const opacity = line.alpha === undefined ? "" : ` opacity="${line.alpha}"`;
  const dots = line.dots
    ? points.flatMap((point) =>
        point ? `<circle cx="${round(point[0])}" cy="${round(point[1])}" r="2.5" fill="${color}"/>` : [],
      )
    : [];
  const dash = line.dash ? ` stroke-dasharray="${line.dash.join(" ")}"` : "";
  const path =
    line.width > 0 ? `<path d="${pathOf(points)}" stroke="${color}" stroke-width="${line.width}"${dash}/>` : "";
  return path === "" && dots.length === 0 ? "" : `<g${opacity}>${path}${dots.join("")}</g>`;
}

function areas(input: SvgInput, place: Place): string[] {
  const { config, theme } = input;
  const known = (index: number): Point[] => pointsOf(input, index, place).filter((point) => point !== null);
  const area = (upper: readonly Point[], lower: readonly Point[], color: string, alpha: number): string =>
    upper.length === 0
      ? ""
      : `<path d="${pathOf([...upper, ...lower.toReversed()])}Z" fill="${escaped(color)}" fill-opacity="${alpha}"/>`;
  const bands = (config.bands ?? []).map(({ upper, lower, color, alpha }) =>
    area(known(upper), known(lower), colorOf(theme, color), alpha),
  );
  if (config.floor === undefined) return bands;
  const floor = known(config.floor);
  const ends: Point[] =
    floor.length === 0
      ? []
      : [
          [floor[0]?.[0] ?? 0, place.bottom],
          [floor.at(-1)?.[0] ?? 0, place.bottom],
        ];
  return [area(floor, ends, theme.data.batch, 0.15), ...bands];
}

function endLabels(input: SvgInput, place: Place): string[] {
  const { config, theme, curves, range } = input;
  const labels = config.lines.flatMap((line, index) => {
    if (line.label === "none" || line.label === undefined) return [];
    const curve = curves[index];
    const at = curve ? lastShown(curve, range, config) : -1;
    const value = curve?.y[at];
    if (value === undefined) return [];
    const text = line.label === "value" ? `${line.name} ${inUnit(config.unit, value)}` : line.name;
    return [{ text, y: place.y(value), fill: colorOf(theme, line.color) }];
  });
  const heights = pushApart(
    labels.map(({ y }) => y),
    LABEL_GAP,
    place.top + LABEL_GAP / 2,
    place.bottom - LABEL_GAP / 2,
  );
  return labels.map(({ text, fill }, index) => textAt([place.right + 7, (heights[index] ?? 0) + 4], text, { fill }));
}

function lastShown({ x, y }: ChartCurve, [from, to]: readonly [number, number], config: ChartConfig): number {
  for (let at = x.length - 1; at >= 0; at--) {
    const step = x[at] ?? Number.NaN;
    if (step >= from && step <= to && isShown(y[at] ?? Number.NaN, config)) return at;
  }
  return -1;
}

function pathOf(points: readonly (Point | null)[]): string {
  let pen = "M";
  let path = "";
  for (const point of points) {
    if (point) path += `${pen}${round(point[0])} ${round(point[1])}`;
    pen = point ? "L" : "M";
  }
  return path;
}

const lineAcross = ({ left, right }: Place, y: number, color: string): string =>
  `<path d="M${round(left)} ${round(y)}H${round(right)}" stroke="${escaped(color)}"/>`;

interface TextLook {
  readonly fill: string;
  readonly anchor?: "middle" | "end";
  readonly weight?: string;
}

function textAt([x, y]: Point, text: string, { fill, anchor, weight }: TextLook): string {
  const look = `${anchor ? ` text-anchor="${anchor}"` : ""}${weight ? ` font-weight="${weight}"` : ""}`;
  return `<text x="${round(x)}" y="${round(y)}" fill="${escaped(fill)}"${look}>${escaped(text)}</text>`;
}

const round = (value: number): string => String(Number(value.toFixed(2)));

/** Names of layers and runs come from files. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
