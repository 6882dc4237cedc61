/** The curves of a report: as many points and layers as fit into a file that people attach to an issue. */
import type { LayerReading } from "../../protocol/judgement";
import type { SeriesBlock, SeriesNeed } from "../../protocol/series";
import { type SeriesSource, seriesBlocks } from "../../runs/seriesBlocks";
import { comparedNeeds, layerNeeds, runNeeds, selectedNeeds } from "./reportNeeds";

/** Half of three megabytes, before base64 makes a third more of them: the page's own code takes a third of one. */
const MOST_BYTES = 1_500_000;
const MOST_POINTS = 600;
/** A heat strip has so many pixels, as a small chart has, and needs no more. */
const STRIP_POINTS = 240;
const LEAST_POINTS = 24;
const BYTES_A_VALUE = 4;

export interface ReportSeries {
  readonly series: readonly SeriesBlock[];
  readonly layers: readonly string[];
}

const valuesOf = (needs: readonly SeriesNeed[]): number =>
  needs.reduce((sum, { columns, edges }) => sum + columns.length * edges.length, 0);

/** Bytes that one point costs in every curve of a layer. */
const bytesAPoint = (needs: readonly SeriesNeed[]): number => BYTES_A_VALUE * valuesOf(needs);

export function reportSeries(source: SeriesSource, readings: readonly LayerReading[]): ReportSeries {
  const layerCount = Math.max(1, readings.length);
  // Half of the room for what all layers have, the rest for layers one by one.
  const strips = pointsWithin(MOST_BYTES / 2, layerCount * bytesAPoint(layerNeeds), STRIP_POINTS);
  const left = MOST_BYTES - strips * layerCount * bytesAPoint(layerNeeds) - MOST_POINTS * bytesAPoint(runNeeds);
  const layers = worstFirst(readings).slice(
    0,
    Math.max(1, Math.floor(left / (MOST_POINTS * bytesAPoint(selectedNeeds)))),
  );
  const blocks = (needs: readonly SeriesNeed[], points: number, selectedLayer: string | null = null) =>
    seriesBlocks(source, { needs, selectedLayer, range: null, points });
  return {
    series: [
      ...blocks(runNeeds, MOST_POINTS),
      ...blocks(layerNeeds, strips),
      ...layers.flatMap((id) => blocks(selectedNeeds, MOST_POINTS, id)),
    ],
    layers,
  };
}

/** Of one of so many runs that stand beside each other. */
export const comparedSeries = (source: SeriesSource, runs: number): SeriesBlock[] =>
  seriesBlocks(source, {
    ...{ needs: comparedNeeds, selectedLayer: null, range: null },
    points: pointsWithin(MOST_BYTES / 2, runs * bytesAPoint(comparedNeeds), STRIP_POINTS),
  });

const pointsWithin = (bytes: number, bytesEach: number, most: number): number =>
  Math.max(LEAST_POINTS, Math.min(most, Math.floor(bytes / bytesEach)));

const rank = { error: 0, warning: 1, ok: 2, unknown: 3 } as const;

/** By severity, then by the size of the gap, then as the network has them. */
function worstFirst(readings: readonly LayerReading[]): string[] {
  const size = ({ gap, distance, shift }: LayerReading): number =>
    [gap, distance, shift].find(Number.isFinite) ?? Number.NEGATIVE_INFINITY;
  return [...readings].sort((a, b) => rank[a.severity] - rank[b.severity] || size(b) - size(a)).map(({ id }) => id);
}
