/** Pinned steps that are remembered: a person who scrubs comes back to few. */
const MOST_STEPS = 8;

/** What was worked out for pinned steps (null: the newest), each until what it depends on changes. */
export class StepMemo<T> {
  private readonly known = new Map<number | null, { readonly key: unknown; readonly value: T }>();

  /** The same object while the key is the same. */
  at(step: number | null, key: unknown, work: () => T): T {
    const before = this.known.get(step);
    if (before !== undefined && before.key === key) return before.value;
    const value = work();
    if (this.known.size >= MOST_STEPS) this.known.clear();
    this.known.set(step, { key, value });
    return value;
  }
}
