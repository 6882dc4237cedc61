/** Conditions on the names of parameters: `"bn" not in name`, `any(word in name for word in no_decay)`. */
import type { CallExpression, CompareExpression, ComprehensionExpression, Expression } from "../python/expressions";
import type { Tracing } from "./tracing";
import type { NameTest, TracedScope } from "./tracedValues";

/** null for a condition on anything but the name, or one that the text does not decide. */
export function nameTest(tracing: Tracing, condition: Expression, scope: TracedScope): NameTest | null {
  switch (condition.kind) {
    case "unary": {
      const inner = condition.operator === "not" ? nameTest(tracing, condition.operand, scope) : null;
      return inner === null ? null : (name) => !inner(name);
    }
    case "boolean": {
      const tests = condition.operands.map((operand) => nameTest(tracing, operand, scope));
      return allOrAny(tests, condition.operator === "and");
    }
    case "compare":
      return containment(tracing, condition, scope);
    case "call":
      return quantified(tracing, condition, scope) ?? ending(tracing, condition, scope);
    default:
      return null;
  }
}

function allOrAny(tests: readonly (NameTest | null)[], isAll: boolean): NameTest | null {
  const known = tests.filter((test) => test !== null);
  if (known.length < tests.length) return null;
  return (name) => (isAll ? known.every((test) => test(name)) : known.some((test) => test(name)));
}

/** `"bn" in name` */
function containment(tracing: Tracing, { left, comparisons }: CompareExpression, scope: TracedScope): NameTest | null {
  const [only, ...others] = comparisons;
  if (only === undefined || others.length > 0 || !isName(tracing, only.right, scope)) return null;
  const word = textOf(tracing, left, scope);
  if (word === null || (only.operator !== "in" && only.operator !== "not in")) return null;
  const isWanted = only.operator === "in";
  return (name) => name.includes(word) === isWanted;
}

/** `any(word in name for word in words)` */
function quantified(tracing: Tracing, call: CallExpression, scope: TracedScope): NameTest | null {
  const { callee, arguments: args } = call;
  const [argument] = args;
  if (callee.kind !== "name" || !/^(any|all)$/.test(callee.name) || argument?.value.kind !== "comprehension")
    return null;
  const tests = eachWord(tracing, argument.value, scope);
  return tests === null ? null : allOrAny(tests, callee.name === "all");
}

function eachWord(
  tracing: Tracing,
  { clauses, element }: ComprehensionExpression,
  scope: TracedScope,
): (NameTest | null)[] | null {
  const [clause, ...others] = clauses;
  if (clause === undefined || others.length > 0 || clause.conditions.length > 0 || clause.target.kind !== "name")
    return null;
  const words = textsOf(tracing, clause.iterable, scope);
  const { name: variable } = clause.target;
  if (words === null || element.kind !== "compare" || element.left.kind !== "name" || element.left.name !== variable)
    return null;
  return words.map((value) =>
    containment(tracing, { ...element, left: { ...element.left, kind: "string", value } }, scope),
  );
}

/** `name.endswith("bias")` */
function ending(tracing: Tracing, { callee, arguments: args }: CallExpression, scope: TracedScope): NameTest | null {
  const [argument] = args;
  if (callee.kind !== "attribute" || callee.name !== "endswith" || argument === undefined) return null;
  const ends = textsOf(tracing, argument.value, scope);
  return ends === null || !isName(tracing, callee.object, scope)
    ? null
    : (name) => ends.some((end) => name.endsWith(end));
}

function isName(tracing: Tracing, expression: Expression, scope: TracedScope): boolean {
  const value = tracing.evaluate(expression, scope);
  return value.kind === "part" && value.what === "name";
}

function textOf(tracing: Tracing, expression: Expression, scope: TracedScope): string | null {
  const value = tracing.evaluate(expression, scope);
  return value.kind === "constant" && typeof value.value === "string" ? value.value : null;
}

/** One text, or a list of texts. */
function textsOf(tracing: Tracing, expression: Expression, scope: TracedScope): string[] | null {
  const value = tracing.evaluate(expression, scope);
  const values = value.kind === "object" && /^(list|tuple)$/.test(value.type) ? [...value.fields.values()] : [value];
  const texts = values.map((one) => (one.kind === "constant" ? one.value : null));
  return texts.every((text) => typeof text === "string") ? texts : null;
}
