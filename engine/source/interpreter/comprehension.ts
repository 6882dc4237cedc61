import type { ComprehensionClause, ComprehensionExpression } from "../../python/expressions";
import { assignTo } from "./assign";
import type { Machine } from "./machine";
import { createScope, rangeIn } from "./scope";
import { setOf } from "./sets";
import { iterate } from "./iterate";
import { isPlainValue, isUnknown, dictKey } from "./aboutValues";
import { dict, list, unknown, unknownPlain } from "./newValues";
import type { Scope, UnknownValue, Value } from "./values";

/**
 * A comprehension, evaluated at once. A generator becomes a list: its elements are the same, and models use it once
 * (`nn.Sequential(*(block() for _ in range(3)))`).
 */
export function evaluateComprehension(machine: Machine, expression: ComprehensionExpression, scope: Scope): Value {
  const inner = createScope("function", scope, scope.file);
  machine.journal.created(inner.variables);
  const elements: Value[] = [];
  const entries: (readonly [Value, Value])[] = [];
  const visit = (): void => {
    const element = machine.evaluate(expression.element, inner);
    if (expression.value === null) elements.push(element);
    else entries.push([element, machine.evaluate(expression.value, inner)]);
  };
  const isPlain = (): boolean => elements.every(isPlainValue) && entries.every(([, value]) => isPlainValue(value));
  const failure = runClauses(machine, expression.clauses, inner, { visit, isPlain });
  if (failure !== null) return failure;
  if (expression.type === "set") return setOf(elements, rangeIn(scope, expression));
  if (expression.type !== "dict") return list(elements);
  const badKey = entries.find(([key]) => dictKey(key) === null)?.[0];
  if (badKey === undefined) return dict(entries);
  return badKey.kind === "unknown"
    ? badKey
    : unknown("NormLens does not follow a dict key of this kind", rangeIn(scope, expression));
}

/** After so many elements, plain values that would take this share of all steps that are left are not worth it. */
const SURE_ROUNDS = 4;
const LARGEST_SHARE = 4;

interface Made {
  readonly visit: () => void;
  /** No layer is among the elements. */
  readonly isPlain: () => boolean;
}

/** Runs nested `for … if …` clauses; the unknown that kept a loop or a condition from being known, or null. */
function runClauses(
  machine: Machine,
  clauses: readonly ComprehensionClause[],
  scope: Scope,
  made: Made,
): UnknownValue | null {
  const [clause, ...rest] = clauses;
  if (clause === undefined) {
    made.visit();
    return null;
  }
  const range = rangeIn(scope, clause.iterable);
  const elements = iterate(machine, machine.evaluate(clause.iterable, scope), range);
  if (isUnknown(elements)) return elements;
  for (const [index, element] of elements.entries()) {
    const { left: before } = machine.budget;
    if (!machine.budget.spend())
      return (
        machine.budget.exceeded ??
        unknown("the file takes too many steps to follow, and NormLens stopped reading here", range)
      );
    assignTo(machine, clause.target, element, scope);
    const accepted = conditionsHold(machine, clause, scope);
    if (typeof accepted !== "boolean") return accepted;
    const failure = accepted ? runClauses(machine, rest, scope, made) : null;
    if (failure !== null) return failure;
    const further = (elements.length - index - 1) * (before - machine.budget.left);
    if (index === SURE_ROUNDS && further > machine.budget.left / LARGEST_SHARE && made.isPlain())
      return unknownPlain("this list takes too many steps to follow", range);
  }
  return null;
}

function conditionsHold(machine: Machine, clause: ComprehensionClause, scope: Scope): boolean | UnknownValue {
  for (const condition of clause.conditions) {
    const truth = machine.decide(machine.evaluate(condition, scope), condition, scope);
    if (truth !== true) return truth;
  }
  return true;
}
