/** What a test comes to. */
import type { CompareOperator, Expression } from "../python/expressions";
import { excludes, guardsOf } from "./guards";
import type { Tracing } from "./tracing";
import { optionsOf, type TracedScope, type TracedValue } from "./tracedValues";

/** true, false, or null when the text does not decide it. Calls in the test are followed once. */
export function truthOf(tracing: Tracing, test: Expression, scope: TracedScope): boolean | null {
  switch (test.kind) {
    case "unary":
      if (test.operator === "not") return negated(truthOf(tracing, test.operand, scope));
      break;
    case "boolean": {
      const isAnd = test.operator === "and";
      let result: boolean | null = isAnd;
      for (const operand of test.operands) {
        const truth = truthOf(tracing, operand, scope);
        if (truth === !isAnd) return !isAnd;
        if (truth === null) result = null;
      }
      return result;
    }
    case "compare": {
      const truth = comparison(tracing, test, scope);
      return truth ?? assumed(tracing, test, scope);
    }
    default:
      break;
  }
  const value = tracing.evaluate(test, scope);
  return truthOfValue(value) ?? assumed(tracing, test, scope);
}

const negated = (truth: boolean | null): boolean | null => (truth === null ? null : !truth);

function truthOfValue(value: TracedValue): boolean | null {
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

function comparison(
  tracing: Tracing,
  test: Extract<Expression, { kind: "compare" }>,
  scope: TracedScope,
): boolean | null {
  const left = tracing.evaluate(test.left, scope);
  const [first, ...others] = test.comparisons;
  if (first === undefined || others.length > 0) return null;
  const right = tracing.evaluate(first.right, scope);
  const results = new Set(optionsOf(left).flatMap((a) => optionsOf(right).map((b) => compare(a, first.operator, b))));
  const [only] = results;
  return results.size === 1 && only !== undefined ? only : null;
}

function compare(left: TracedValue, operator: CompareOperator, right: TracedValue): boolean | null {
  if (operator === "in" || operator === "not in") {
    const isIn = contains(right, left);
    return isIn === null ? null : isIn === (operator === "in");
  }
  const isEquality = operator === "==" || operator === "is";
  if (isEquality || operator === "!=" || operator === "is not") {
    const same = isSame(left, right);
    return same === null ? null : same === isEquality;
  }
  if (
    left.kind !== "constant" ||
    right.kind !== "constant" ||
    typeof left.value !== "number" ||
    typeof right.value !== "number"
  )
    return null;
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

function isSame(left: TracedValue, right: TracedValue): boolean | null {
  if (left.kind === "constant" && right.kind === "constant") return left.value === right.value;
  const none = [left, right].find((value) => value.kind === "constant" && value.value === null);
  const other = none === left ? right : left;
  if (none !== undefined)
    return ["object", "function", "class", "method", "tensor", "part"].includes(other.kind) ? false : null;
  if (left.kind === "object" && right.kind === "object") return left === right;
  return left.kind === "external" && right.kind === "external" && left.path === right.path ? true : null;
}

function contains(collection: TracedValue, element: TracedValue): boolean | null {
  if (element.kind !== "constant") return null;
  if (collection.kind === "constant") {
    return typeof collection.value === "string" && typeof element.value === "string"
      ? collection.value.includes(element.value)
      : null;
  }
  if (collection.kind !== "object" || !["list", "tuple", "dict"].includes(collection.type)) return null;
  if (collection.type === "dict") return collection.fields.has(String(element.value));
  const elements = [...collection.fields.values()];
  if (elements.some((value) => value.kind === "constant" && value.value === element.value)) return true;
  return elements.every((value) => value.kind === "constant") ? false : null;
}

function assumed(tracing: Tracing, test: Expression, scope: TracedScope): boolean | null {
  if (tracing.assumptions.length === 0) return null;
  const [guard] = guardsOf(tracing, test, true, scope);
  if (guard === undefined) return null;
  const known = tracing.assumptions.find(({ key }) => key === guard.key);
  if (known !== undefined) return known.truth === guard.truth;
  return guard.truth && tracing.assumptions.some((assumption) => excludes(assumption, guard)) ? false : null;
}
