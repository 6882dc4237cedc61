import type { SourceRange } from "../../protocol/modelGraph";
import type {
  BooleanExpression,
  CompareExpression,
  ConditionalExpression,
  Expression,
  FormatStringExpression,
} from "../../python/expressions";
import { assignTo } from "./assign";
import { evaluateComprehension } from "./comprehension";
import { reprOfValue, formatValue } from "./formatValue";
import { defineLambda } from "./functions";
import { tooDeep, type Machine } from "./machine";
import { lookUp } from "./names";
import { assume, assumedLike, isAssumed } from "./openValues";
import { binaryOperation, compareOperation, comparisonSteps, unaryOperation } from "./operators";
import { rangeIn } from "./scope";
import { setOf } from "./sets";
import { evaluateCall, spreadElements } from "./spread";
import { setOperator } from "./methods/setMethods";
import { subscript } from "./subscript";
import { truthOf } from "./truth";
import { isUnknown, dictKey, isPlainValue, sameValue } from "./aboutValues";
import { bool, dict, library, list, none, string, tuple, unknown, unknownPlain, unfollowed } from "./newValues";
import type { Scope, UnknownValue, Value } from "./values";

/** Longer lists than this cost steps by their length, so that copying them again and again comes to an end. */
const LARGE = 1_000;

/** What these evaluate to is nowhere else yet. */
const MAKES_CONTENTS = { sequence: true, dict: true, comprehension: true };

/** The value of an expression. Never throws: what cannot be determined is an unknown. */
export function evaluate(machine: Machine, expression: Expression, scope: Scope): Value {
  if (!machine.budget.spend()) return outOfBudget(machine, expression, scope);
  if (!machine.budget.enter()) return tooDeep(machine, rangeIn(scope, expression));
  const value = evaluateNode(machine, expression, scope);
  machine.budget.leave();
  if (expression.kind in MAKES_CONTENTS) machine.journal.created(value);
  const size = value.kind === "list" || value.kind === "tuple" ? value.elements.length : 0;
  if (size > LARGE) machine.budget.spend(size);
  return value;
}

function outOfBudget(machine: Machine, expression: Expression, scope: Scope): UnknownValue {
  machine.budget.exceeded ??= unknown(
    "the file takes too many steps to follow, and NormLens stopped reading here",
    rangeIn(scope, expression),
  );
  return machine.budget.exceeded;
}

function evaluateNode(machine: Machine, expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case "name":
      return lookUp(machine, expression.name, scope, rangeIn(scope, expression));
    case "number":
      return evaluateNumber(expression, scope);
    case "string":
      return string(expression.value);
    case "constant":
      return evaluateConstant(expression.value);
    case "formatString":
      return evaluateFormatString(machine, expression, scope);
    case "bytes":
      return unknownPlain("NormLens does not follow a bytes literal", rangeIn(scope, expression));
    case "sequence":
      return evaluateSequence(machine, expression, scope);
    case "dict":
      return evaluateDict(machine, expression, scope);
    case "unary":
      return evaluateUnary(machine, expression, scope);
    case "binary":
      return operate(
        machine,
        expression.operator,
        [machine.evaluate(expression.left, scope), machine.evaluate(expression.right, scope)],
        rangeIn(scope, expression),
      );
    case "boolean":
      return evaluateBoolean(machine, expression, scope);
    case "compare":
      return evaluateCompare(machine, expression, scope);
    case "conditional":
      return evaluateConditional(machine, expression, scope);
    case "lambda":
      return defineLambda(machine, expression, scope);
    case "named":
      return evaluateNamed(machine, expression, scope);
    case "call":
      return evaluateCall(machine, expression, scope);
    case "attribute":
      return machine.attribute(machine.evaluate(expression.object, scope), expression.name, rangeIn(scope, expression));
    case "subscript":
      return subscript(
        machine,
        machine.evaluate(expression.object, scope),
        machine.evaluate(expression.index, scope),
        rangeIn(scope, expression),
      );
    case "slice":
      return evaluateSlice(machine, expression, scope);
    case "comprehension":
      return evaluateComprehension(machine, expression, scope);
    case "starred":
    case "yield":
    case "await":
      return reported(machine, `NormLens does not follow ${expression.kind}`, rangeIn(scope, expression));
    case "unsupported":
      return reported(machine, unfollowed(expression.reason), rangeIn(scope, expression));
  }
}

function reported(machine: Machine, reason: string, range: SourceRange): UnknownValue {
  const result = unknown(reason, range);
  machine.report(result);
  return result;
}

function evaluateNumber(expression: Extract<Expression, { kind: "number" }>, scope: Scope): Value {
  if (expression.type === "imaginary")
    return unknownPlain("NormLens does not follow complex numbers", rangeIn(scope, expression));
  return { kind: expression.type, value: expression.value };
}

function evaluateConstant(value: boolean | "None" | "Ellipsis"): Value {
  if (value === "None") return none;
  return value === "Ellipsis" ? library("builtins.Ellipsis") : bool(value);
}

/** An operator on values; tensors go to the library. */
export function operate(
  machine: Machine,
  operator: Parameters<typeof binaryOperation>[0],
  operands: readonly [Value, Value],
  range: SourceRange,
): Value {
  const [left, right] = operands;
  if (left.kind === "tensor" || right.kind === "tensor")
    return machine.library.tensorOperator(machine, operator, operands, range);
  const ofSets = left.kind === "set" && right.kind === "set" ? setOperator(operator, left, right, range) : null;
  return ofSets ?? mergedDicts(operator, left, right) ?? binaryOperation(operator, left, right, range);
}

/** `a | b` of dicts: the later value of a key counts. */
function mergedDicts(operator: string, left: Value, right: Value): Value | null {
  if (operator !== "|" || left.kind !== "dict" || right.kind !== "dict") return null;
  return (
    left.taint ?? right.taint ?? { kind: "dict", entries: new Map([...left.entries, ...right.entries]), taint: null }
  );
}

function evaluateUnary(machine: Machine, expression: Extract<Expression, { kind: "unary" }>, scope: Scope): Value {
  const range = rangeIn(scope, expression);
  const operand = machine.evaluate(expression.operand, scope);
  if (expression.operator === "not") {
    const truth = truthOf(operand, range);
    return typeof truth === "boolean" ? assumedLike(bool(!truth), operand) : { ...truth, isPlain: true };
  }
  if (operand.kind === "tensor") return machine.library.tensorOperator(machine, expression.operator, [operand], range);
  return unaryOperation(expression.operator, operand, range);
}

function evaluateSequence(
  machine: Machine,
  expression: Extract<Expression, { kind: "sequence" }>,
  scope: Scope,
): Value {
  const elements = spreadElements(machine, expression.elements, scope);
  if (isUnknown(elements)) return elements;
  if (expression.type === "tuple") return tuple(elements);
  if (expression.type === "list") return list([...elements]);
  return setOf(elements, rangeIn(scope, expression));
}

function evaluateDict(machine: Machine, expression: Extract<Expression, { kind: "dict" }>, scope: Scope): Value {
  const result = dict();
  for (const entry of expression.entries) {
    const value = machine.evaluate(entry.value, scope);
    if (entry.key === null) {
      if (value.kind !== "dict" || value.taint !== null)
        return value.kind === "unknown" ? value : unknown("this mapping is unknown", rangeIn(scope, entry.value));
      for (const [key, item] of value.entries) result.entries.set(key, item);
      continue;
    }
    const key = machine.evaluate(entry.key, scope);
    const keyText = dictKey(key);
    if (keyText === null)
      return key.kind === "unknown"
        ? key
        : unknown("NormLens does not follow a dict key of this kind", rangeIn(scope, entry.key));
    result.entries.set(keyText, { key, value });
  }
  return result;
}

/** `and` and `or` give one of their operands, and evaluate the later ones only if they need to. */
function evaluateBoolean(machine: Machine, expression: BooleanExpression, scope: Scope): Value {
  const stopsAt = expression.operator === "or";
  const range = rangeIn(scope, expression);
  let value: Value = none;
  let isChoice = false;
  for (const [index, operand] of expression.operands.entries()) {
    value = machine.evaluate(operand, scope);
    isChoice ||= isAssumed(value);
    if (index === expression.operands.length - 1) break;
    const truth = truthOf(value, range);
    if (typeof truth !== "boolean") return undecided(machine, expression, index + 1, scope, truth);
    if (truth === stopsAt) break;
  }
  return isChoice ? assume(value) : value;
}

/** After an unknown operand the rest is evaluated as something that may not happen, for what it would change. */
function undecided(
  machine: Machine,
  expression: BooleanExpression,
  from: number,
  scope: Scope,
  reason: UnknownValue,
): Value {
  const rest = (): { result: null; isDead: boolean } => {
    for (const operand of expression.operands.slice(from)) machine.evaluate(operand, scope);
    return { result: null, isDead: false };
  };
  const { differs } = machine.journal.join([rest, () => ({ result: null, isDead: false })], reason);
  if (differs) machine.report(reason);
  return reason;
}

function evaluateCompare(machine: Machine, expression: CompareExpression, scope: Scope): Value {
  const range = rangeIn(scope, expression);
  let left = machine.evaluate(expression.left, scope);
  let result: Value = none;
  for (const [index, comparison] of expression.comparisons.entries()) {
    const right = machine.evaluate(comparison.right, scope);
    machine.budget.spend(comparisonSteps(comparison.operator, left, right));
    const isIdentity = comparison.operator === "is" || comparison.operator === "is not";
    const hasTensor = !isIdentity && (left.kind === "tensor" || right.kind === "tensor");
    result = hasTensor
      ? machine.library.tensorOperator(machine, comparison.operator, [left, right], range)
      : compareOperation(comparison.operator, left, right, range);
    const isLast = index === expression.comparisons.length - 1;
    if (isLast || result.kind !== "bool" || !result.value) return result;
    left = right;
  }
  return result;
}

function evaluateConditional(machine: Machine, expression: ConditionalExpression, scope: Scope): Value {
  const test = machine.evaluate(expression.test, scope);
  const truth = machine.decide(test, expression.test, scope);
  if (typeof truth === "boolean") return machine.evaluate(truth ? expression.body : expression.otherwise, scope);
  const branch = (body: Expression) => () => ({ result: machine.evaluate(body, scope), isDead: false });
  const { results, differs } = machine.journal.join([branch(expression.body), branch(expression.otherwise)], truth);
  if (differs) machine.report(truth);
  const [first = truth, second = truth] = results;
  if (sameValue(first, second)) return first;
  const either = machine.library.eitherValue(machine, [first, second], truth);
  return either ?? { ...truth, isPlain: [first, second].every(isPlainValue) };
}

function evaluateNamed(machine: Machine, expression: Extract<Expression, { kind: "named" }>, scope: Scope): Value {
  const value = machine.evaluate(expression.value, scope);
  assignTo(machine, expression.target, value, scope);
  return value;
}

function evaluateSlice(machine: Machine, expression: Extract<Expression, { kind: "slice" }>, scope: Scope): Value {
  const bound = (part: Expression | null): Value => (part === null ? none : machine.evaluate(part, scope));
  return {
    kind: "slice",
    lower: bound(expression.lower),
    upper: bound(expression.upper),
    step: bound(expression.step),
  };
}

function evaluateFormatString(machine: Machine, expression: FormatStringExpression, scope: Scope): Value {
  let text = "";
  for (const part of expression.parts) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const value = machine.evaluate(part.expression, scope);
    if (value.kind === "unknown") return { ...value, isPlain: true };
    const converted = part.conversion === "r" ? reprOfValue(value) : formatValue(value, part.specification ?? "");
    if (converted === null) return unknownPlain("NormLens does not follow this formatted string", rangeIn(scope, part));
    if (part.selfDocumenting)
      return unknownPlain("NormLens does not follow this formatted string", rangeIn(scope, part));
    text += converted;
  }
  return string(text);
}
