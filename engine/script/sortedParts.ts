/** A test about single layers or parameters in a loop over them: each branch is taken, by some of them. */
import type { Expression } from "../python/expressions";
import type { Block, ConditionalBlock, IfStatement } from "../python/statements";
import { nameTest } from "./nameTests";
import type { Tracing } from "./tracing";
import { unionOf, type NameTest, type PartValue, type Picked, type TracedScope } from "./tracedValues";

interface NamedPart {
  readonly name: string;
  readonly part: PartValue;
}

/** Follows each branch for the layers or parameters that take it. */
export function followEachPart(
  tracing: Tracing,
  statement: IfStatement,
  first: ConditionalBlock,
  parts: readonly NamedPart[],
  scope: TracedScope,
): void {
  const text = scope.file.text.slice(first.test.from, first.test.to);
  const isNegative = /\bnot\b|!=(?!\s*-1)|==\s*-1/.test(text);
  const saysNorm = /norm|bn/i.test(text);
  // What one branch binds again for its layers, the others keep.
  const before = partsOf(scope);
  const settings = [...scope.vars].filter(([, value]) => value.kind === "constant" || value.kind === "unknown");
  const follow = (body: Block, isNorm: boolean | null, condition: NameTest | null): void => {
    const sorted = saysNorm ? [...parts, ...layersNamedIn(parts, before)] : parts;
    for (const { name, part } of sorted)
      if (part.what === "modules" && part.isNorm === null) tracing.store.set(scope.vars, name, { ...part, isNorm });
    pickParameters(tracing, before, condition, scope);
    tracing.execute(body, scope);
    for (const { name, part } of before) tracing.store.set(scope.vars, name, part);
  };
  const others = saysNorm ? isNegative : null;
  const passed: (NameTest | null)[] = [];
  statement.branches.forEach(({ test, body }, index) => {
    const condition = allOf([...passed, conditionOf(tracing, test, true, scope)]);
    passed.push(conditionOf(tracing, test, false, scope));
    if (index > 0) return follow(body, others, condition);
    tracing.tests.push(sortingTest(tracing, test, scope));
    follow(body, saysNorm ? !isNegative : isNegative ? null : false, condition);
    tracing.tests.pop();
  });
  follow(statement.otherwise, others, allOf(passed));
  const leaving = statement.branches.filter(({ body }) => leaves(body));
  if (leaving.length > 0) {
    const isOnlyOne = leaving.length === statement.branches.length && statement.otherwise.length === 0;
    pickParameters(tracing, before, isOnlyOne ? allOf(passed) : null, scope);
  }
  for (const [name, value] of settings) {
    const after = scope.vars.get(name);
    if (after !== undefined && after !== value) tracing.store.set(scope.vars, name, unionOf([value, after]));
  }
}

function partsOf(scope: TracedScope): NamedPart[] {
  return [...scope.vars].flatMap(([name, part]) => (part.kind === "part" ? [{ name, part }] : []));
}

/** `m` where the test is about the name of its class: `kind = m.__class__.__name__`. */
function layersNamedIn(parts: readonly NamedPart[], known: readonly NamedPart[]): NamedPart[] {
  const networks = new Set(parts.flatMap(({ part }) => (part.what === "name" ? [part.of] : [])));
  return known.filter(({ part }) => networks.has(part.of) && part.what === "modules" && !part.isGroup);
}

const sortingTest = ({ loops }: Tracing, test: Expression, { file }: TracedScope): Tracing["tests"][number] => ({
  test,
  file,
  loops: loops.length,
  sorts: true,
  isOpen: false,
  isOffByDefault: false,
  period: undefined,
});

const leaves = (body: Block): boolean => /^(continue|break|return|raise)$/.test(body.at(-1)?.kind ?? "");

/** What a branch does with a parameter, it does with those alone that meet its condition. */
function pickParameters(
  tracing: Tracing,
  parts: readonly NamedPart[],
  condition: NameTest | null,
  scope: TracedScope,
): void {
  for (const { name, part } of parts) {
    if (part.what !== "parameters" || part.isGroup) continue;
    tracing.store.set(scope.vars, name, { ...part, picked: pickedBy(part.picked, condition) });
  }
}

export function pickedBy(picked: Picked | undefined, condition: NameTest | null): Picked {
  if (condition === null || picked === "unknown") return "unknown";
  return [...(picked ?? []), condition];
}

const allOf = (tests: readonly (NameTest | null)[]): NameTest | null => {
  const known = tests.filter((test) => test !== null);
  return known.length < tests.length ? null : (name) => known.every((test) => test(name));
};

/**
 * Which of the parameters that are trained meet a test, by their names; null where it asks for something else.
 * Parameters without a gradient are in no optimizer that matters.
 */
function conditionOf(tracing: Tracing, test: Expression, truth: boolean, scope: TracedScope): NameTest | null {
  if (test.kind === "attribute" && test.name === "requires_grad") return () => truth;
  if (test.kind === "unary" && test.operator === "not") return conditionOf(tracing, test.operand, !truth, scope);
  if (test.kind === "boolean") {
    const tests = test.operands.map((operand) => conditionOf(tracing, operand, truth, scope));
    if ((test.operator === "and") === truth) return allOf(tests);
    const known = tests.filter((one) => one !== null);
    return known.length < tests.length ? null : (name) => known.some((one) => one(name));
  }
  const named = nameTest(tracing, test, scope);
  return named === null || truth ? named : (name) => !named(name);
}
