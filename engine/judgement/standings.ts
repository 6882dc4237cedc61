/**
 * Where each layer stood, layer by layer: what a record has for many layers at one step, turned around. Of a long run
 * older standings become sparser, so that judging it costs the same however long it is.
 */
import type { StandingLayer, StandingRecord } from "../protocol/records";

export interface Standing extends StandingLayer {
  readonly step: number;
  readonly when: StandingRecord["when"];
  readonly learningRate: number | null;
}

/** Kept of one layer; then every other one of the older half is left out. */
export const MOST_STANDINGS = 128;

export class Standings {
  private readonly byLayer = new Map<string, Standing[]>();
  private readonly occasions = new Map<string, Set<Standing["when"]>>();
  private records = 0;

  /** How many records came in. */
  get count(): number {
    return this.records;
  }

  /** Oldest first. */
  of(layer: string): readonly Standing[] {
    return this.byLayer.get(layer) ?? [];
  }

  /** Whether it ever stood somewhere for this reason, left out or not. */
  had(layer: string, when: Standing["when"]): boolean {
    return this.occasions.get(layer)?.has(when) === true;
  }

  add({ step, when, learningRate, layers }: StandingRecord): void {
    this.records += 1;
    for (const entry of layers) {
      const list = this.byLayer.get(entry.layer) ?? [];
      insertByStep(list, { ...entry, step, when, learningRate });
      this.byLayer.set(entry.layer, list.length > MOST_STANDINGS ? thinned(list) : list);
      this.occasions.set(entry.layer, (this.occasions.get(entry.layer) ?? new Set()).add(when));
    }
  }

  /** The layers are another model's from now on. */
  forget(layers: readonly string[]): void {
    for (const layer of layers) {
      this.byLayer.delete(layer);
      this.occasions.delete(layer);
    }
  }

  clear(): void {
    this.byLayer.clear();
    this.occasions.clear();
    this.records = 0;
  }
}

/** Of two, the one at which the model was used stays. What moved up to one that is left out is said by the next. */
function thinned(list: readonly Standing[]): Standing[] {
  const older = 2 * Math.floor(list.length / 4);
  const leftOut = new Set<Standing>();
  for (let at = 0; at < older; at += 2) {
    const [first, second] = [list[at], list[at + 1]];
    const isSecond = first?.when !== "rhythm" && second?.when === "rhythm";
    const out = isSecond ? second : first;
    if (out) leftOut.add(out);
  }
  let before: Standing | null = null;
  return list.flatMap((standing) => {
    const { runningMoved, affineMoved } = standing;
    const merged: Standing = {
      ...standing,
      runningMoved: larger(before?.runningMoved ?? null, runningMoved),
      affineMoved: larger(before?.affineMoved ?? null, affineMoved),
    };
    before = leftOut.has(standing) ? merged : null;
    return before === null ? [merged] : [];
  });
}

const larger = (one: number | null, other: number | null): number | null =>
  one === null ? other : Math.max(one, other ?? 0);

/** Keeps a list in order of its steps; records nearly always come so. */
export function insertByStep<R extends { readonly step: number }>(list: R[], record: R): void {
  let at = list.length;
  while (at > 0 && (list[at - 1]?.step ?? 0) > record.step) at--;
  list.splice(at, 0, record);
}
