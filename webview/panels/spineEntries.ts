/** The rows that a spine shows: layers, and stages folded into one row. Pure. */
import type { LayerReading } from "../../engine/protocol/judgement";
import { foldableStages, worstOf } from "../state/folding";

export interface LayerEntry {
  readonly kind: "layer";
  readonly key: string;
  readonly reading: LayerReading;
  /** ID of the foldable stage that contains it; null for none. */
  readonly stage: string | null;
  /** Whether a line above separates it from the stage before. */
  readonly startsStage: boolean;
}

export interface StageEntry {
  readonly kind: "stage";
  readonly key: string;
  readonly stage: string;
  readonly folded: boolean;
  readonly members: readonly LayerReading[];
  readonly worst: LayerReading;
}

export type SpineEntry = LayerEntry | StageEntry;

/** The first part of a dotted name: `layer2` of `layer2.0.bn1`. Names without parts make no stages. */
const firstPart = (name: string): string => (name.includes(".") ? (name.split(".")[0] ?? "") : "");

export function spineEntries(readings: readonly LayerReading[], folded: ReadonlySet<string>): SpineEntry[] {
  const stages = foldableStages(readings);
  if (stages.length === 0) {
    return readings.map((reading, index) => {
      const before = readings[index - 1];
      const startsStage = before !== undefined && firstPart(before.name) !== firstPart(reading.name);
      return layerEntry(reading, null, startsStage);
    });
  }
  return stages.flatMap(({ id, members }): SpineEntry[] => {
    const own = members.flatMap((index) => readings[index] ?? []);
    const worst = worstOf(own);
    if (own.length < 2 || !worst) return own.map((reading) => layerEntry(reading, null, true));
    const isFolded = folded.has(id);
    const stage: StageEntry = { kind: "stage", key: `stage ${id}`, stage: id, folded: isFolded, members: own, worst };
    return isFolded ? [stage] : [stage, ...own.map((reading) => layerEntry(reading, id, false))];
  });
}

/** A folded stage with heat strips has one pixel per layer, between 20 and 120. */
const foldedHeight = (layers: number): number => Math.max(20, Math.min(120, layers)) + 2;

/** In CSS pixels from the first row's top. */
export interface RowPlace {
  readonly top: number;
  readonly height: number;
}

/** The places of the rows of a deep network, without a layout: spine.css has the same heights. */
export function rowPlaces(entries: readonly SpineEntry[], narrow: boolean, withStrips: boolean): RowPlace[] {
  let top = 0;
  return entries.map((entry) => {
    const folded = entry.kind === "stage" && entry.folded && withStrips;
    const height = folded ? foldedHeight(entry.members.length) : entry.kind === "stage" ? 20 : narrow ? 17 : 14;
    top += height;
    return { top: top - height, height };
  });
}

const layerEntry = (reading: LayerReading, stage: string | null, startsStage: boolean): LayerEntry => ({
  kind: "layer",
  key: `layer ${reading.id}`,
  reading,
  stage,
  startsStage,
});
