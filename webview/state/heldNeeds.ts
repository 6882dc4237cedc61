/**
 * What the panel has already been sent of runs that have ended: going back to a view then asks for nothing, and draws at
 * once. Of a live run everything is asked for again, since what is not looked at is not kept up to date.
 */
import type { SeriesNeed } from "../../engine/protocol/series";
import type { Look } from "../protocol";

/** Where and how finely a need was answered; a layer counts where the need is about the selected one. */
const answerKey = (need: SeriesNeed, { range, points, selectedLayer }: Omit<Look, "id">): string =>
  JSON.stringify([need, range, points, need.layers === "selected" ? selectedLayer : null]);

const overlap = (a: SeriesNeed, b: SeriesNeed): boolean =>
  a.kind === b.kind &&
  (a.columns as readonly string[]).some((column) => (b.columns as readonly string[]).includes(column)) &&
  a.edges.some((edge) => b.edges.includes(edge));

export class HeldNeeds {
  private readonly held = new Map<string, SeriesNeed>();

  /** Those that have to be asked for. */
  missing(look: Omit<Look, "id">): readonly SeriesNeed[] {
    return look.needs.filter((need) => !this.held.has(answerKey(need, look)));
  }

  /** The curves of a look came, and took the place of those they overlap. */
  answered(look: Look): void {
    for (const [key, need] of this.held) if (look.needs.some((other) => overlap(need, other))) this.held.delete(key);
    for (const need of look.needs) this.held.set(answerKey(need, look), need);
  }

  clear(): void {
    this.held.clear();
  }
}
