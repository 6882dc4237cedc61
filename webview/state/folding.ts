/** Which stages of a deep network are folded into one row, and which layer such a row shows. */
import type { LayerReading, Health } from "../../engine/protocol/judgement";
import { type Stage, stagesOf } from "./stages";

/** With more layers, stages can be folded; with even more, they are folded at first. */
const FOLDABLE_ABOVE = 40;
const FOLDED_ABOVE = 60;

const rank: Readonly<Record<Health, number>> = { error: 3, warning: 2, ok: 1, unknown: 0 };

const size = ({ shift, gap, distance }: LayerReading): number =>
  Math.max(...[shift, gap, distance].map((value) => (Number.isFinite(value) ? value : 0)));

/** By severity, then by the largest of its numbers. */
const worseThan = (a: LayerReading, b: LayerReading): boolean =>
  rank[a.severity] > rank[b.severity] || (rank[a.severity] === rank[b.severity] && size(a) > size(b));

export const worstOf = (readings: readonly LayerReading[]): LayerReading | undefined =>
  readings.reduce<LayerReading | undefined>((worst, one) => (worst && !worseThan(one, worst) ? worst : one), undefined);

/** The stages of a network that is deep enough to fold; empty for other networks. */
export function foldableStages(readings: readonly LayerReading[]): Stage[] {
  if (readings.length <= FOLDABLE_ABOVE) return [];
  const stages = stagesOf(readings.map(({ name }) => name));
  return stages.length > 1 ? stages : [];
}

/** In a very deep network all stages except the worst; in others none. */
function firstFolded(readings: readonly LayerReading[], stages: readonly Stage[]): string[] {
  if (readings.length <= FOLDED_ABOVE) return [];
  const worst = worstOf(readings);
  const open = worst ? readings.indexOf(worst) : 0;
  return stages.filter(({ members }) => members.length > 1 && !members.includes(open)).map(({ id }) => id);
}

/**
 * Remembers what was folded at first, so that the rows of a live run stay where they are when another layer becomes the
 * worst.
 */
export class Folding {
  private first: { readonly key: string; readonly folded: readonly string[] } | null = null;

  foldedNow(readings: readonly LayerReading[], chosen: readonly string[] | null): ReadonlySet<string> {
    if (chosen) return new Set(chosen);
    const judged = readings.some(({ severity }) => severity !== "unknown");
    const key = `${readings.length} ${readings[0]?.id ?? ""} ${judged}`;
    if (this.first?.key !== key) this.first = { key, folded: firstFolded(readings, foldableStages(readings)) };
    return new Set(this.first.folded);
  }
}
