import type { SourceRange } from "../../protocol/modelGraph";
import type { Expression } from "../../python/expressions";
import type { ForStatement, WhileStatement } from "../../python/statements";
import { assignTo } from "./assign";
import { joinCompletions, normal, outcome, runUncertainly } from "./completions";
import type { Completion, Machine } from "./machine";
import { rangeIn } from "./scope";
import { iterate } from "./iterate";
import { truthOf } from "./truth";
import { isUnknown } from "./aboutValues";
import { unknown } from "./newValues";
import type { Scope, UnknownValue } from "./values";

/** More rounds than this do not happen: each makes at least one more thing unknown. */
const MAX_ROUNDS = 20;

/** After so many rounds, a loop that would take all that is left counts as one of unknown length. */
const SURE_ROUNDS = 4;

const tooLong = (range: SourceRange): UnknownValue => unknown("this loop takes too many steps to follow", range);

export function executeFor(machine: Machine, statement: ForStatement, scope: Scope): Completion {
  const range = rangeIn(scope, statement.iterable);
  const elements = iterate(machine, machine.evaluate(statement.iterable, scope), range);
  if (isUnknown(elements)) return repeatUncertainly(machine, statement, elements, scope);
  for (const [index, element] of elements.entries()) {
    const { left: before } = machine.budget;
    assignTo(machine, statement.target, element, scope);
    const completion = machine.execute(statement.body, scope);
    const left = afterRound(completion);
    const further = (elements.length - index - 1) * (before - machine.budget.left);
    if (left === "next" && index >= SURE_ROUNDS && further > machine.budget.left)
      return repeatUncertainly(machine, statement, tooLong(range), scope);
    if (left === "next") continue;
    if (left === "leave") return normal;
    if (left.kind !== "maybe") return left;
    return runUncertainly(machine, { ...left, mayBreak: false }, () =>
      repeatUncertainly(machine, statement, left.reason, scope),
    );
  }
  return machine.execute(statement.otherwise, scope);
}

/** What a loop does after one round of its body. */
function afterRound(completion: Completion): "next" | "leave" | Completion {
  switch (completion.kind) {
    case "normal":
    case "continue":
      return "next";
    case "break":
      return "leave";
    case "maybe":
      return completion.value === null && !completion.mayBreak ? "next" : { ...completion, mayContinue: false };
    default:
      return completion;
  }
}

export function executeWhile(machine: Machine, statement: WhileStatement, scope: Scope): Completion {
  const range = rangeIn(scope, statement.test);
  const { left: before } = machine.budget;
  for (;;) {
    if (!machine.budget.spend())
      return {
        kind: "raise",
        reason: (machine.budget.exceeded ??= unknown("the loop takes too many steps to follow", range)),
      };
    const truth = truthOf(machine.evaluate(statement.test, scope), range);
    if (truth === false) return machine.execute(statement.otherwise, scope);
    if (truth !== true) return repeatUncertainly(machine, statement, truth, scope);
    const left = afterRound(machine.execute(statement.body, scope));
    if (left === "next" && 2 * machine.budget.left < before)
      return repeatUncertainly(machine, statement, tooLong(range), scope);
    if (left === "next") continue;
    if (left === "leave") return normal;
    if (left.kind !== "maybe") return left;
    return runUncertainly(machine, { ...left, mayBreak: false }, () =>
      repeatUncertainly(machine, statement, left.reason, scope),
    );
  }
}

/**
 * A loop that runs an unknown number of times: its body is run until a further round changes nothing that is still
 * known. What one round leaves different from none is unknown afterwards.
 */
function repeatUncertainly(
  machine: Machine,
  statement: ForStatement | WhileStatement,
  reason: UnknownValue,
  scope: Scope,
): Completion {
  let completion: Completion = normal;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { results, differs, changes } = machine.journal.join<Completion>(
      [() => outcome(oneRound(machine, statement, reason, scope)), () => ({ result: normal, isDead: false })],
      reason,
    );
    completion = joinCompletions([completion, ...results.map(withoutLoopExit)], reason);
    if (differs) machine.report(reason);
    if (!changes) break;
  }
  return completion;
}

function oneRound(
  machine: Machine,
  statement: ForStatement | WhileStatement,
  reason: UnknownValue,
  scope: Scope,
): Completion {
  if (statement.kind === "for") assignTo(machine, statement.target, reason, scope);
  else evaluateTest(machine, statement.test, scope);
  return machine.execute(statement.body, scope);
}

function evaluateTest(machine: Machine, test: Expression, scope: Scope): void {
  machine.evaluate(test, scope);
}

/** `break` and `continue` end at the loop; a `return` may leave the function. */
function withoutLoopExit(completion: Completion): Completion {
  if (completion.kind === "break" || completion.kind === "continue") return normal;
  if (completion.kind !== "maybe") return completion;
  return completion.value === null ? normal : { ...completion, mayBreak: false, mayContinue: false };
}
