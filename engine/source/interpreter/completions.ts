import type { BranchOutcome } from "./journal";
import type { Completion, Machine, MaybeCompletion } from "./machine";
import { sameValue } from "./aboutValues";
import type { UnknownValue, Value } from "./values";

export const normal: Completion = { kind: "normal" };

/** A branch that raises is not the one taken by a model that exists. */
export function outcome(completion: Completion): BranchOutcome<Completion> {
  return { result: completion, isDead: completion.kind === "raise" };
}

/** How a block ended when it is not known which of several branches ran. */
export function joinCompletions(completions: readonly Completion[], reason: UnknownValue): Completion {
  const alive = completions.filter((completion) => completion.kind !== "raise");
  const [first, ...rest] = alive;
  if (first === undefined) return completions[0] ?? normal;
  return rest.reduce<Completion>((joined, next) => joinTwo(joined, next, reason), first);
}

function joinTwo(a: Completion, b: Completion, reason: UnknownValue): Completion {
  if (a.kind === "return" && b.kind === "return")
    return { kind: "return", value: sameValue(a.value, b.value) ? a.value : reason };
  if (a.kind === b.kind && a.kind !== "maybe") return a;
  const left = asMaybe(a, reason);
  const right = asMaybe(b, reason);
  return {
    kind: "maybe",
    value: joinValues(left.value, right.value, reason),
    mayBreak: left.mayBreak || right.mayBreak,
    mayContinue: left.mayContinue || right.mayContinue,
    reason,
  };
}

function asMaybe(completion: Completion, reason: UnknownValue): MaybeCompletion {
  if (completion.kind === "maybe") return completion;
  return {
    kind: "maybe",
    value: completion.kind === "return" ? completion.value : null,
    mayBreak: completion.kind === "break",
    mayContinue: completion.kind === "continue",
    reason,
  };
}

function joinValues(a: Value | null, b: Value | null, reason: UnknownValue): Value | null {
  if (a === null || b === null) return a ?? b;
  return sameValue(a, b) ? a : reason;
}

/** Runs what comes after a place where the block may have been left already. */
export function runUncertainly(machine: Machine, left: MaybeCompletion, rest: () => Completion): Completion {
  const { results, differs } = machine.journal.join<Completion>(
    [() => outcome(rest()), () => ({ result: left, isDead: false })],
    left.reason,
  );
  if (differs) machine.report(left.reason);
  const [after = normal] = results;
  // When the rest raises, only the way out is left.
  if (after === left) return left;
  const staysInLoop = left.mayBreak || left.mayContinue;
  if (after.kind === "return" && !staysInLoop && left.value !== null) {
    return { kind: "return", value: sameValue(left.value, after.value) ? after.value : left.reason };
  }
  return joinTwo(left, after, left.reason);
}
