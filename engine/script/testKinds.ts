/** What kind of test a branch has: one about single layers, an option that is off, every k-th round, the last round. */
import type { CompareOperator, Expression } from "../python/expressions";
import { namesIn, nodesIn } from "../python/walk";
import { keyOfValue } from "./guards";
import type { Tracing } from "./tracing";
import type { Constant, PartValue, TracedScope, TracedValue } from "./tracedValues";

const names = new WeakMap<Expression, readonly string[]>();

function namesOf(test: Expression): readonly string[] {
  const known = names.get(test) ?? [...new Set(namesIn(test).map(({ name }) => name))];
  names.set(test, known);
  return known;
}

/** Names in a test that stand for single layers or parameters: `isinstance(m, nn.BatchNorm2d)`. */
export function partsIn(test: Expression, scope: TracedScope): { name: string; part: PartValue }[] {
  return namesOf(test).flatMap((name) => {
    const value = scope.vars.get(name);
    return value?.kind === "part" && !value.isGroup ? [{ name, part: value }] : [];
  });
}

/** `args.sync_bn` with a default of False: the branch is there for those who ask for it. */
export function isOffByDefault(tracing: Tracing, test: Expression, scope: TracedScope): boolean {
  const target = test.kind === "boolean" && test.operator === "and" ? test.operands : [test];
  return target.some((operand) => {
    if (operand.kind === "compare" && operand.comparisons[0]?.operator === ">")
      return hintOf(tracing, operand.left, scope) === comparedNumber(operand.comparisons[0].right);
    const hint = hintOf(tracing, operand, scope);
    return hint === false || hint === null || hint === 0 || hint === "";
  });
}

const comparedNumber = (expression: Expression): Constant | undefined =>
  expression.kind === "number" ? expression.value : undefined;

function hintOf(tracing: Tracing, expression: Expression, scope: TracedScope): Constant | undefined {
  if (expression.kind !== "attribute" && expression.kind !== "name") return undefined;
  const value = tracing.evaluate(expression, scope);
  return value.kind === "unknown" ? value.hint : undefined;
}

/** `epoch == epochs - 1` in `for epoch in range(epochs)`: no round comes after it. */
export function isLastRound(tracing: Tracing, test: Expression, scope: TracedScope): boolean {
  const iterable = tracing.loops.at(-1)?.loop.iterable;
  if (
    iterable?.kind !== "object" ||
    iterable.type !== "range" ||
    test.kind !== "compare" ||
    test.comparisons.length !== 1
  )
    return false;
  const [{ operator, right }] = test.comparisons as [{ operator: CompareOperator; right: Expression }];
  const stop = iterable.args.nodes[iterable.args.nodes.length === 1 ? 0 : 1]?.value;
  if (operator !== "==" || stop === undefined || iterable.args.nodes.length > 2) return false;
  const counter = offset(tracing, test.left, scope);
  const [last, end] = [offset(tracing, right, scope), offset(tracing, stop, scope)];
  const isCounter = counter?.value.kind === "unknown" && counter.value.inputs[0] === iterable;
  return (
    isCounter &&
    last !== null &&
    end !== null &&
    keyOfValue(last.value) !== null &&
    keyOfValue(last.value) === keyOfValue(end.value) &&
    last.plus - counter.plus === end.plus - 1
  );
}

/** `n - 1` as n and -1; a number as nothing and itself. */
function offset(
  tracing: Tracing,
  expression: Expression,
  scope: TracedScope,
): { readonly value: TracedValue; readonly plus: number } | null {
  const value = tracing.evaluate(expression, scope);
  if (value.kind === "constant")
    return typeof value.value === "number" ? { value: { kind: "constant", value: 0 }, plus: value.value } : null;
  if (expression.kind !== "binary" || (expression.operator !== "+" && expression.operator !== "-"))
    return { value, plus: 0 };
  const amount = tracing.evaluate(expression.right, scope);
  if (amount.kind !== "constant" || typeof amount.value !== "number") return { value, plus: 0 };
  return {
    value: tracing.evaluate(expression.left, scope),
    plus: expression.operator === "+" ? amount.value : -amount.value,
  };
}

const remainders = new WeakMap<Expression, Expression | null>();

/** `k` of a test with `% k`. */
function remainderIn(test: Expression): Expression | null {
  const known = remainders.get(test);
  if (known !== undefined) return known;
  let found: Expression | null = null;
  for (const node of nodesIn(test))
    if (found === null && node.kind === "binary" && node.operator === "%") found = node.right;
  remainders.set(test, found);
  return found;
}

/** `(step + 1) % args.accumulate == 0`: every how many steps. */
export function periodOf(tracing: Tracing, test: Expression, scope: TracedScope): number | null | undefined {
  const divisor = remainderIn(test);
  if (divisor === null) return undefined;
  const value = tracing.evaluate(divisor, scope);
  const period = value.kind === "constant" ? value.value : value.kind === "unknown" ? value.hint : undefined;
  return typeof period === "number" ? period : null;
}
