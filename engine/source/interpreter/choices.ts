/**
 * Branches on what nobody gave. A model is followed several times: first as its likely arguments decide, then with one
 * branch decided otherwise each time. What is found in every one of them does not depend on the arguments.
 */
import type { SourceRange } from "../../protocol/modelGraph";

export class Choices {
  /** By the place of the branch: how it was decided first. */
  readonly met = new Map<string, boolean>();
  /** True once an exception ended what was followed: no model exists that way. */
  hasFailed = false;

  /** @param otherwise The places of branches that go the other way. */
  constructor(readonly otherwise: ReadonlySet<string> = new Set()) {}

  decide(range: SourceRange, likely: boolean): boolean {
    const place = `${range.path}:${range.startLine}:${range.startColumn}:${range.endLine}:${range.endColumn}`;
    if (!this.met.has(place)) this.met.set(place, likely);
    return this.otherwise.has(place) ? !likely : likely;
  }
}
