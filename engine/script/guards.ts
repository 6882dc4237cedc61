/** Assumptions that branches stand for, as text that is the same where the values are the same. */
import type { CompareOperator, Expression } from "../python/expressions";
import type { Tracing } from "./tracing";
import type { Guard, TracedScope, TracedValue } from "./tracedValues";

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

/** What contains where a test is true (or false). */
export function guardsOf(tracing: Tracing, test: Expression, truth: boolean, scope: TracedScope): Guard[] {
  if (test.kind === "unary" && test.operator === "not") return guardsOf(tracing, test.operand, !truth, scope);
  if (test.kind === "boolean" && (test.operator === "and") === truth)
    return test.operands.flatMap((operand) => guardsOf(tracing, operand, truth, scope));
  if (test.kind === "compare" && test.comparisons.length === 1) {
    const [{ operator, right }] = test.comparisons as [{ operator: CompareOperator; right: Expression }];
    const isNegative = operator === "!=" || operator === "is not" || operator === "not in";
    const key = keyOf(tracing, test.left, scope);
    const other = keyOf(tracing, right, scope);
    const plain =
      operator === "!=" || operator === "is" || operator === "is not" ? "==" : operator === "not in" ? "in" : operator;
    return key === null || other === null ? [] : [{ key: `${key}${plain}${other}`, truth: truth !== isNegative }];
  }
  const key = keyOf(tracing, test, scope);
  return key === null ? [] : [{ key, truth }];
}

/** The texts one of which a value is on this way, as `x == "a"` and `x in ["a", "b"]` around it say. */
export function textsHere({ assumptions }: Tracing, value: TracedValue): string[] {
  const key = keyOfValue(value);
  return assumptions.flatMap(({ key: said, truth }) => {
    if (key === null || !truth || !said.startsWith(key)) return [];
    const [, literals] = /^(?:==|in)("[^"]*"|\[("[^"]*",?)+\])$/.exec(said.slice(key.length)) ?? [];
    return literals === undefined ? [] : [JSON.parse(literals) as string | string[]].flat();
  });
}

/** Text that is the same where the value is the same; null where calls make that uncertain. */
function keyOf(tracing: Tracing, expression: Expression, scope: TracedScope): string | null {
  switch (expression.kind) {
    case "number":
    case "string":
      return JSON.stringify(expression.value);
    case "name":
    case "attribute":
    case "constant":
      return keyOfValue(tracing.evaluate(expression, scope));
    case "subscript":
      return expression.index.kind === "string" ? keyOfValue(tracing.evaluate(expression, scope)) : null;
    case "sequence": {
      const elements = expression.elements.map((element) => keyOf(tracing, element, scope));
      return elements.includes(null) ? null : `[${elements.join()}]`;
    }
    case "binary": {
      const left = keyOf(tracing, expression.left, scope);
      const right = keyOf(tracing, expression.right, scope);
      return left === null || right === null ? null : `(${left}${expression.operator}${right})`;
    }
    case "unary": {
      const operand = keyOf(tracing, expression.operand, scope);
      return operand === null ? null : `${expression.operator}${operand}`;
    }
    case "compare":
    case "boolean": {
      if (expression.kind === "compare" && expression.comparisons.length !== 1) return null;
      const guards = guardsOf(
        tracing,
        expression,
        expression.kind === "boolean" ? expression.operator === "and" : true,
        scope,
      );
      return guards.length === 0 ? null : JSON.stringify(guards);
    }
    default:
      return null;
  }
}

export function keyOfValue(value: TracedValue): string | null {
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
