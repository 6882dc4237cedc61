/** Where each layer stood, layer by layer: what a record has for many layers at one step, turned around. */
import type { StandingLayer, StandingRecord } from "../protocol/records";

export interface Standing extends StandingLayer {
  readonly step: number;
  readonly when: StandingRecord["when"];
  readonly learningRate: number | null;
}

export class Standings {
  private readonly byLayer = new Map<string, Standing[]>();
  private records = 0;

  /** How many records came in. */
  get count(): number {
    return this.records;
  }

  /** Oldest first. */
  of(layer: string): readonly Standing[] {
    return this.byLayer.get(layer) ?? [];
  }

  add({ step, when, learningRate, layers }: StandingRecord): void {
    this.records += 1;
    for (const entry of layers) {
      const list = this.byLayer.get(entry.layer) ?? [];
      this.byLayer.set(entry.layer, list);
      insertByStep(list, { ...entry, step, when, learningRate });
    }
  }

  clear(): void {
    this.byLayer.clear();
    this.records = 0;
  }
}

/** Keeps a list in order of its steps; records nearly always come so. */
export function insertByStep<R extends { readonly step: number }>(list: R[], record: R): void {
  let at = list.length;
  while (at > 0 && (list[at - 1]?.step ?? 0) > record.step) at--;
  list.splice(at, 0, record);
}
