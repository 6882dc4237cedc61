/** Small drawings behind a line of code, and the chart in its hover, as data URIs of SVG. Pure. */

/** In CSS pixels: as high as a line of text leaves room for. */
export const SPARK_WIDTH = 48;
export const SPARK_HEIGHT = 14;

/** Log, in σ: fixed, so that lines and runs can be compared. */
const LOWEST = 0.01;
const HIGHEST = 3;

/** 0 at the bottom of the scale, 1 at its top. */
const shareOf = (value: number): number =>
  Math.max(0, Math.min(1, Math.log(Math.max(value, LOWEST) / LOWEST) / Math.log(HIGHEST / LOWEST)));

const fixed = (value: number): string => value.toFixed(1);

/** One layer over steps, with a dot at the newest value. */
export function sparkline(values: readonly number[], color: string): string {
  const x = (index: number): number =>
    values.length === 1 ? SPARK_WIDTH - 4 : 2 + (index * (SPARK_WIDTH - 6)) / (values.length - 1);
  const y = (value: number): number => SPARK_HEIGHT - 2 - shareOf(value) * (SPARK_HEIGHT - 4);
  const points = values.map((value, index) => `${fixed(x(index))},${fixed(y(value))}`);
  const [last = ""] = points.slice(-1);
  const [lastX = "0", lastY = "0"] = last.split(",");
  return svgUri(
    SPARK_WIDTH,
    SPARK_HEIGHT,
    `<polyline points="${points.join(" ")}" fill="none" stroke="${color}" stroke-width="1.2"/>` +
      `<circle cx="${lastX}" cy="${lastY}" r="1.8" fill="${color}"/>`,
  );
}

/** Several layers, a bar each, as they are now: input on the left. */
export function layerBars(values: readonly number[], color: string): string {
  const step = SPARK_WIDTH / Math.max(1, values.length);
  const bars = values.map((value, index) => {
    const height = Math.max(1, shareOf(value) * (SPARK_HEIGHT - 2));
    const at = `x="${fixed(index * step)}" y="${fixed(SPARK_HEIGHT - height)}"`;
    return `<rect ${at} width="${fixed(Math.max(0.5, step - 1))}" height="${fixed(height)}" fill="${color}"/>`;
  });
  return svgUri(SPARK_WIDTH, SPARK_HEIGHT, bars.join(""));
}

const CHART = { width: 300, height: 90, left: 34, bottom: 14, right: 6, top: 6 } as const;

/** One layer over steps with an axis in σ, on a ground of its own: a hover may be light or dark. */
export function hoverChart(values: readonly number[], color: string, text: string): string {
  const { width, height, left, bottom, right, top } = CHART;
  const x = (index: number): number => left + (index * (width - left - right)) / Math.max(1, values.length - 1);
  const y = (share: number): number => height - bottom - share * (height - top - bottom);
  const points = values.map((value, index) => `${fixed(x(index))},${fixed(y(shareOf(value)))}`).join(" ");
  const ticks = [0.01, 0.1, 1].map((tick) => {
    const at = fixed(y(shareOf(tick)));
    return (
      `<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" stroke="${text}" stroke-opacity="0.25"/>` +
      `<text x="${left - 4}" y="${fixed(Number(at) + 3)}" text-anchor="end">${tick}</text>`
    );
  });
  return svgUri(
    width,
    height,
    `<g font-family="sans-serif" font-size="9" fill="${text}">${ticks.join("")}` +
      `<text x="${left}" y="${height - 2}">start</text>` +
      `<text x="${width - right}" y="${height - 2}" text-anchor="end">now</text></g>` +
      `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="1.6"/>`,
  );
}

const svgUri = (width: number, height: number, content: string): string => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
};
