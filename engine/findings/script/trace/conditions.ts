/** What a test comes to, and what may be assumed in its branches. */
import type { CompareOperator, Expression } from "../../../source/python/ast";
import { namesIn, nodesIn } from "../../python/walk";
import type { Machine } from "./machine";
import { optionsOf, type Constant, type Guard, type PartValue, type Scope, type Value } from "./values";

/** true, false, or null when the text does not decide it. Calls in the test are followed once. */
export function truthOf(machine: Machine, test: Expression, scope: Scope): boolean | null {
  switch (test.kind) {
    case "unary":
      if (test.operator === "not") return negated(truthOf(machine, test.operand, scope));
      break;
    case "boolean": {
      const isAnd = test.operator === "and";
      let result: boolean | null = isAnd;
      for (const operand of test.operands) {
        const truth = truthOf(machine, operand, scope);
        if (truth === !isAnd) return !isAnd;
        if (truth === null) result = null;
      }
      return result;
    }
    case "compare": {
      const truth = comparison(machine, test, scope);
      return truth ?? assumed(machine, test, scope);
    }
    default:
      break;
  }
  const value = machine.evaluate(test, scope);
  return truthOfValue(value) ?? assumed(machine, test, scope);
}

const negated = (truth: boolean | null): boolean | null => (truth === null ? null : !truth);

function truthOfValue(value: Value): boolean | null {
  switch (value.kind) {
    case "constant":
      return Boolean(value.value);
    case "object":
      return ["list", "tuple", "dict"].includes(value.type) && value.fields.size === 0 ? null : true;
    case "function":
    case "class":
    case "method":
      return true;
    case "union": {
      const truths = new Set(value.options.map(truthOfValue));
      const [only] = truths;
      return truths.size === 1 && only !== undefined ? only : null;
    }
    default:
      return null;
  }
}

function comparison(machine: Machine, test: Extract<Expression, { kind: "compare" }>, scope: Scope): boolean | null {
  const left = machine.evaluate(test.left, scope);
  const [first, ...others] = test.comparisons;
  if (first === undefined || others.length > 0) return null;
  const right = machine.evaluate(first.right, scope);
  const results = new Set(optionsOf(left).flatMap((a) => optionsOf(right).map((b) => compare(a, first.operator, b))));
  const [only] = results;
  return results.size === 1 && only !== undefined ? only : null;
}

function compare(left: Value, operator: CompareOperator, right: Value): boolean | null {
  if (operator === "in" || operator === "not in") {
    const isIn = contains(right, left);
    return isIn === null ? null : isIn === (operator === "in");
  }
  const isEquality = operator === "==" || operator === "is";
  if (isEquality || operator === "!=" || operator === "is not") {
    const same = isSame(left, right);
    return same === null ? null : same === isEquality;
  }
  if (left.kind !== "constant" || right.kind !== "constant" || typeof left.value !== "number" || typeof right.value !== "number") return null;
  switch (operator) {
    case "<":
      return left.value < right.value;
    case "<=":
      return left.value <= right.value;
    case ">":
      return left.value > right.value;
    case ">=":
      return left.value >= right.value;
    default:
      return null;
  }
}

function isSame(left: Value, right: Value): boolean | null {
  if (left.kind === "constant" && right.kind === "constant") return left.value === right.value;
  const none = [left, right].find((value) => value.kind === "constant" && value.value === null);
  const other = none === left ? right : left;
  if (none !== undefined) return ["object", "function", "class", "method", "tensor", "part"].includes(other.kind) ? false : null;
  if (left.kind === "object" && right.kind === "object") return left === right;
  return left.kind === "external" && right.kind === "external" && left.path === right.path ? true : null;
}

function contains(collection: Value, element: Value): boolean | null {
  if (element.kind !== "constant") return null;
  if (collection.kind === "constant") {
    return typeof collection.value === "string" && typeof element.value === "string" ? collection.value.includes(element.value) : null;
  }
  if (collection.kind !== "object" || !["list", "tuple", "dict"].includes(collection.type)) return null;
  if (collection.type === "dict") return collection.fields.has(String(element.value));
  const elements = [...collection.fields.values()];
  if (elements.some((value) => value.kind === "constant" && value.value === element.value)) return true;
  return elements.every((value) => value.kind === "constant") ? false : null;
}

function assumed(machine: Machine, test: Expression, scope: Scope): boolean | null {
  if (machine.assumptions.length === 0) return null;
  const [guard] = guardsOf(machine, test, true, scope);
  if (guard === undefined) return null;
  const known = machine.assumptions.find(({ key }) => key === guard.key);
  if (known !== undefined) return known.truth === guard.truth;
  return guard.truth && machine.assumptions.some((assumption) => excludes(assumption, guard)) ? false : null;
}

/** Two guards that cannot both hold: one is the other's opposite, or the same value would equal two literals. */
export function excludes(a: Guard, b: Guard): boolean {
  if (a.key === b.key) return a.truth !== b.truth;
  if (!a.truth || !b.truth) return false;
  const [, left, literal] = EQUALITY.exec(a.key) ?? [];
  const [, other, second] = EQUALITY.exec(b.key) ?? [];
  return left !== undefined && left === other && literal !== second;
}

/** The key of `x == "literal"`. */
const EQUALITY = /^(.+)==("[^"]*"|-?[\d.]+|true|false|null)$/;

/** What holds where a test is true (or false). */
export function guardsOf(machine: Machine, test: Expression, truth: boolean, scope: Scope): Guard[] {
  if (test.kind === "unary" && test.operator === "not") return guardsOf(machine, test.operand, !truth, scope);
  if (test.kind === "boolean" && (test.operator === "and") === truth) return test.operands.flatMap((operand) => guardsOf(machine, operand, truth, scope));
  if (test.kind === "compare" && test.comparisons.length === 1) {
    const [{ operator, right }] = test.comparisons as [{ operator: CompareOperator; right: Expression }];
    const isNegative = operator === "!=" || operator === "is not" || operator === "not in";
    const key = keyOf(machine, test.left, scope);
    const other = keyOf(machine, right, scope);
    const plain = operator === "!=" || operator === "is" || operator === "is not" ? "==" : operator === "not in" ? "in" : operator;
    return key === null || other === null ? [] : [{ key: `${key}${plain}${other}`, truth: truth !== isNegative }];
  }
  const key = keyOf(machine, test, scope);
  return key === null ? [] : [{ key, truth }];
}

/** Text that is the same where the value is the same; null where calls make that uncertain. */
function keyOf(machine: Machine, expression: Expression, scope: Scope): string | null {
  switch (expression.kind) {
    case "number":
    case "string":
      return JSON.stringify(expression.value);
    case "name":
    case "attribute":
    case "constant":
      return keyOfValue(machine.evaluate(expression, scope));
    case "subscript":
      return expression.index.kind === "string" ? keyOfValue(machine.evaluate(expression, scope)) : null;
    case "binary": {
      const left = keyOf(machine, expression.left, scope);
      const right = keyOf(machine, expression.right, scope);
      return left === null || right === null ? null : `(${left}${expression.operator}${right})`;
    }
    case "unary": {
      const operand = keyOf(machine, expression.operand, scope);
      return operand === null ? null : `${expression.operator}${operand}`;
    }
    case "compare":
    case "boolean": {
      if (expression.kind === "compare" && expression.comparisons.length !== 1) return null;
      const guards = guardsOf(machine, expression, expression.kind === "boolean" ? expression.operator === "and" : true, scope);
      return guards.length === 0 ? null : JSON.stringify(guards);
    }
    default:
      return null;
  }
}

function keyOfValue(value: Value): string | null {
  switch (value.kind) {
    case "constant":
      return JSON.stringify(value.value);
    case "unknown":
    case "tensor":
      return `?${value.id}`;
    case "object":
      return `#${value.id}`;
    case "union": {
      const keys = value.options.map(keyOfValue);
      return keys.includes(null) ? null : keys.join("|");
    }
    default:
      return null;
  }
}

const names = new WeakMap<Expression, readonly string[]>();

function namesOf(test: Expression): readonly string[] {
  const known = names.get(test) ?? [...new Set(namesIn(test).map(({ name }) => name))];
  names.set(test, known);
  return known;
}

/** Names in a test that stand for single layers or parameters: `isinstance(m, nn.BatchNorm2d)`. */
export function partsIn(test: Expression, scope: Scope): { name: string; part: PartValue }[] {
  return namesOf(test).flatMap((name) => {
    const value = scope.vars.get(name);
    return value?.kind === "part" && !value.isGroup ? [{ name, part: value }] : [];
  });
}

/** `args.sync_bn` with a default of False: the branch is there for those who ask for it. */
export function isOffByDefault(machine: Machine, test: Expression, scope: Scope): boolean {
  const target = test.kind === "boolean" && test.operator === "and" ? test.operands : [test];
  return target.some((operand) => {
    if (operand.kind === "compare" && operand.comparisons[0]?.operator === ">") return hintOf(machine, operand.left, scope) === comparedNumber(operand.comparisons[0].right);
    const hint = hintOf(machine, operand, scope);
    return hint === false || hint === null || hint === 0 || hint === "";
  });
}

const comparedNumber = (expression: Expression): Constant | undefined => (expression.kind === "number" ? expression.value : undefined);

function hintOf(machine: Machine, expression: Expression, scope: Scope): Constant | undefined {
  if (expression.kind !== "attribute" && expression.kind !== "name") return undefined;
  const value = machine.evaluate(expression, scope);
  return value.kind === "unknown" ? value.hint : undefined;
}

/** `epoch == epochs - 1` in `for epoch in range(epochs)`: no round comes after it. */
export function isLastRound(machine: Machine, test: Expression, scope: Scope): boolean {
  const iterable = machine.loops.at(-1)?.loop.iterable;
  if (iterable?.kind !== "object" || iterable.type !== "range" || test.kind !== "compare" || test.comparisons.length !== 1) return false;
  const [{ operator, right }] = test.comparisons as [{ operator: CompareOperator; right: Expression }];
  const stop = iterable.args.nodes[iterable.args.nodes.length === 1 ? 0 : 1]?.value;
  if (operator !== "==" || stop === undefined || iterable.args.nodes.length > 2) return false;
  const counter = offset(machine, test.left, scope);
  const [last, end] = [offset(machine, right, scope), offset(machine, stop, scope)];
  const isCounter = counter?.value.kind === "unknown" && counter.value.inputs[0] === iterable;
  return isCounter && last !== null && end !== null && keyOfValue(last.value) !== null && keyOfValue(last.value) === keyOfValue(end.value) && last.plus - counter.plus === end.plus - 1;
}

/** `n - 1` as n and -1; a number as nothing and itself. */
function offset(machine: Machine, expression: Expression, scope: Scope): { readonly value: Value; readonly plus: number } | null {
  const value = machine.evaluate(expression, scope);
  if (value.kind === "constant") return typeof value.value === "number" ? { value: { kind: "constant", value: 0 }, plus: value.value } : null;
  if (expression.kind !== "binary" || (expression.operator !== "+" && expression.operator !== "-")) return { value, plus: 0 };
  const amount = machine.evaluate(expression.right, scope);
  if (amount.kind !== "constant" || typeof amount.value !== "number") return { value, plus: 0 };
  return { value: machine.evaluate(expression.left, scope), plus: expression.operator === "+" ? amount.value : -amount.value };
}

const remainders = new WeakMap<Expression, Expression | null>();

/** `k` of a test with `% k`. */
function remainderIn(test: Expression): Expression | null {
  const known = remainders.get(test);
  if (known !== undefined) return known;
  let found: Expression | null = null;
  for (const node of nodesIn(test)) if (found === null && node.kind === "binary" && node.operator === "%") found = node.right;
  remainders.set(test, found);
  return found;
}

/** `(step + 1) % args.accumulate == 0`: every how many steps. */
export function periodOf(machine: Machine, test: Expression, scope: Scope): number | null | undefined {
  const divisor = remainderIn(test);
  if (divisor === null) return undefined;
  const value = machine.evaluate(divisor, scope);
  const period = value.kind === "constant" ? value.value : value.kind === "unknown" ? value.hint : undefined;
  return typeof period === "number" ? period : null;
}
