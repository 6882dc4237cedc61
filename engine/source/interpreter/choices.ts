/**
 * Branches on what nobody gave. A model is followed several times: first as its likely arguments decide, then with one
 * branch decided otherwise each time. What is found in every one of them does not depend on the arguments.
 */
export class Choices {
  /** By the test: how it was decided first. */
  readonly met = new Map<string, boolean>();
  /** True once an exception ended what was followed: no model exists that way. */
  hasFailed = false;

  /** @param otherwise Tests that are decided the other way. */
  constructor(readonly otherwise: ReadonlySet<string> = new Set()) {}

  /** @param test Its text and its function: what a function asks twice has the same answer. */
  decide(test: string, likely: boolean): boolean {
    if (!this.met.has(test)) this.met.set(test, likely);
    return this.otherwise.has(test) ? !likely : likely;
  }
}
