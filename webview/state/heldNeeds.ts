/**
 * What the panel has already received of runs that have ended: going back to a view requests nothing and draws at once.
 * For a live run everything is requested again, because the host does not update what is not shown.
 */
import type { SeriesNeed } from "../../engine/protocol/series";
import type { Look } from "../protocol";

/** Range and resolution of an answer; with the layer if the need is for the selected one. */
const answerKey = (need: SeriesNeed, { range, points, selectedLayer }: Omit<Look, "id">): string =>
  JSON.stringify([need, range, points, need.layers === "selected" ? selectedLayer : null]);

const overlap = (a: SeriesNeed, b: SeriesNeed): boolean =>
  a.kind === b.kind &&
  (a.columns as readonly string[]).some((column) => (b.columns as readonly string[]).includes(column)) &&
  a.edges.some((edge) => b.edges.includes(edge));

export class HeldNeeds {
  private readonly held = new Map<string, SeriesNeed>();

  /** The needs that have to be requested. */
  missing(look: Omit<Look, "id">): readonly SeriesNeed[] {
    return look.needs.filter((need) => !this.held.has(answerKey(need, look)));
  }

  /** Call it when the curves of a look have come: they replace those they overlap. */
  answered(look: Look): void {
    for (const [key, need] of this.held) if (look.needs.some((other) => overlap(need, other))) this.held.delete(key);
    for (const need of look.needs) this.held.set(answerKey(need, look), need);
  }

  clear(): void {
    this.held.clear();
  }
}
