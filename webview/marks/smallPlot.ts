/** A small chart of a few lines, as plain markup: for what is no course over steps. Places are shares, 0 to 1. */
import { type TemplateResult, html, nothing, svg } from "lit-html";

/** From the left, and from the bottom. NaN is a gap. */
export type PlotPoint = readonly [x: number, y: number];

export interface PlotLine {
  readonly points: readonly PlotPoint[];
  readonly className: string;
}

export interface PlotMark {
  readonly at: PlotPoint;
  readonly className: string;
}

export interface PlotLabel {
  /** From the left or from the bottom. */
  readonly at: number;
  readonly text: string;
}

export interface SmallPlot {
  /** For screen readers: what the chart says. */
  readonly title: string;
  readonly lines: readonly PlotLine[];
  readonly marks: readonly PlotMark[];
  readonly xTicks: readonly PlotLabel[];
  readonly yTicks: readonly PlotLabel[];
  /** Hatched from the bottom up to here. */
  readonly floor?: readonly PlotPoint[];
  /** Areas between two lines. */
  readonly bands?: readonly {
    readonly upper: readonly PlotPoint[];
    readonly lower: readonly PlotPoint[];
    readonly className: string;
  }[];
  /** Across the whole chart, with a name at its end. */
  readonly levels?: readonly (PlotLabel & { readonly className: string })[];
  /** At the end of lines. */
  readonly ends?: readonly (PlotLabel & { readonly className: string })[];
  /** A line from the bottom to the top. */
  readonly cursor?: number | null;
}

const SIZE = 100;

// Set as a property, because the content security policy forbids the attribute.
const fromLeft = (share: number): string => `left: ${round(share)}%`;
const fromBottom = (share: number): string => `bottom: ${round(share)}%`;

/** Lines keep their width however wide the chart is; text and dots are elements above it, so nothing is stretched. */
export function smallPlot({
  title,
  lines,
  marks,
  xTicks,
  yTicks,
  floor,
  bands,
  levels,
  ends,
  cursor,
}: SmallPlot): TemplateResult {
  return html`<div class="small-plot" role="img" aria-label=${title}>
    <svg viewBox="0 0 ${SIZE} ${SIZE}" preserveAspectRatio="none" aria-hidden="true">
      ${yTicks.map(({ at }) => svg`<path class="plot-grid" d=${across(at)}></path>`)}
      ${xTicks.map(({ at }) => svg`<path class="plot-grid" d=${upright(at)}></path>`)}
      ${floor ? svg`<path class="plot-floor" d=${areaOf(floor)}></path>` : nothing}
      ${(bands ?? []).map(({ className, ...band }) => svg`<path class=${className} d=${bandOf(band)}></path>`)}
      ${(levels ?? []).map(({ at, className }) => svg`<path class=${`plot-line ${className}`} d=${across(at)}></path>`)}
      ${lines.map(({ points, className }) => svg`<path class=${`plot-line ${className}`} d=${pathOf(points)}></path>`)}
      ${cursor == null ? nothing : svg`<path class="plot-line plot-cursor" d=${upright(cursor)}></path>`}
    </svg>
    ${marks
      .filter(({ at }) => at.every(Number.isFinite))
      .map(({ at: [x, y], className }) => html`<span class=${`plot-dot ${className}`} .style=${placed(x, y)}></span>`)}
    ${yTicks.map(({ at, text }) => html`<span class="plot-y" .style=${fromBottom(at)}>${text}</span>`)}
    ${xTicks.map(({ at, text }) => html`<span class="plot-x" .style=${fromLeft(at)}>${text}</span>`)}
    ${[...(levels ?? []), ...(ends ?? [])]
      .filter(({ at }) => Number.isFinite(at))
      .map(
        ({ at, text, className }) =>
          html`<span class=${`plot-end ${className}`} .style=${fromBottom(at)}>${text}</span>`,
      )}
  </div>`;
}

const placed = (x: number, y: number): string => `${fromLeft(x)}; ${fromBottom(y)}`;
const across = (at: number): string => `M0 ${place(at)}H${SIZE}`;
const upright = (at: number): string => `M${round(at)} 0V${SIZE}`;
const round = (share: number): string => (SIZE * share).toFixed(2);
const place = (share: number): string => (SIZE * (1 - share)).toFixed(2);

/** A line that begins again after each gap. */
export function pathOf(points: readonly PlotPoint[]): string {
  let pen = "M";
  let path = "";
  for (const [x, y] of points) {
    const isKnown = Number.isFinite(x) && Number.isFinite(y);
    if (isKnown) path += `${pen}${round(x)} ${place(y)}`;
    pen = isKnown ? "L" : "M";
  }
  return path;
}

function areaOf(points: readonly PlotPoint[]): string {
  const known = points.filter((point) => point.every(Number.isFinite));
  const [first] = known;
  const last = known.at(-1);
  return first && last ? `${pathOf(known)}L${round(last[0])} ${SIZE}H${round(first[0])}Z` : "";
}

/** Around what is known of both lines, which have the same places. */
function bandOf({
  upper,
  lower,
}: {
  readonly upper: readonly PlotPoint[];
  readonly lower: readonly PlotPoint[];
}): string {
  const isKnown = (index: number): boolean => [...(upper[index] ?? []), ...(lower[index] ?? [])].every(Number.isFinite);
  const ahead = upper.filter((_, index) => isKnown(index));
  const back = lower.filter((_, index) => isKnown(index)).reverse();
  return ahead.length < 2 ? "" : `${pathOf([...ahead, ...back])}Z`;
}
