/**
 * The order in which Python looks a member up in a class and its bases: the C3 linearization
 * (docs.python.org/3/howto/mro.html, "The Python 2.3 Method Resolution Order").
 */

/** What a reader says about its own values for classes. `C` is any value that may be among the bases. */
export interface ClassFacts<C> {
  /** The order of a base, itself first; a base that is not read is alone. */
  readonly orderOf: (base: C) => readonly C[];
  readonly isSame: (a: C, b: C) => boolean;
}

/**
 * The class first, then what it derives from; null where the bases have no consistent order (Python raises a
 * TypeError).
 */
export function classOrder<C>(cls: C, bases: readonly C[], { orderOf, isSame }: ClassFacts<C>): C[] | null {
  const pending = [...bases.map((base) => [...orderOf(base)]), [...bases]].filter((order) => order.length > 0);
  const isInTail = (order: readonly C[], candidate: C): boolean =>
    order.slice(1).some((entry) => isSame(entry, candidate));
  const isNext = ([head]: readonly C[]): boolean =>
    head !== undefined && !pending.some((order) => isInTail(order, head));
  const result = [cls];
  while (pending.some((order) => order.length > 0)) {
    const head = pending.find(isNext)?.[0];
    if (head === undefined) return null;
    result.push(head);
    for (const order of pending) if (order[0] !== undefined && isSame(order[0], head)) order.shift();
  }
  return result;
}

/** What comes after `owner` in an order: where `super()` looks. Nothing when `owner` is not in it. */
export function classesAfter<C>(order: readonly C[], owner: C): readonly C[] {
  const position = order.indexOf(owner);
  return position < 0 ? [] : order.slice(position + 1);
}
