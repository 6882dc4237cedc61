/** Expressions. What is not understood is a value computed from its parts, so that networks stay known as its origin. */
import type { CallExpression, ComprehensionExpression, Expression } from "../../../source/python/expressions";
import { arithmetic } from "../../python/arithmetic";
import { attributesIn, namesIn } from "../../python/walk";
import { truthOf } from "./conditions";
import { elementsOf } from "./iterate";
import type { Machine } from "./machine";
import {
  ABSENT,
  constant,
  external,
  optionsOf,
  unionOf,
  type Args,
  type Constant,
  type ObjectValue,
  type Scope,
  type Site,
  type Value,
} from "./values";
import { setModeByFlag } from "./modes";
import { wordsOf } from "./words";

const siteOf = (scope: Scope, { from, to }: Expression): Site => ({ file: scope.file, from, to });

export function evaluateExpression(machine: Machine, expression: Expression, scope: Scope): Value {
  const evaluate = (inner: Expression): Value => machine.evaluate(inner, scope);
  switch (expression.kind) {
    case "name":
      return machine.lookup(expression.name, scope);
    case "number":
    case "string":
      return constant(expression.value);
    case "constant":
      return constant(expression.value === "None" || expression.value === "Ellipsis" ? null : expression.value);
    case "formatString":
      return machine.fresh(
        [],
        expression.parts.flatMap((part) => (typeof part === "string" ? [constant(part)] : [evaluate(part.expression)])),
      );
    case "sequence":
      return sequence(machine, expression, scope);
    case "dict":
      return dictionary(machine, expression, scope);
    case "unary":
      return unary(machine, expression, scope);
    case "binary":
      return binary(
        machine,
        expression.operator,
        evaluate(expression.left),
        evaluate(expression.right),
        siteOf(scope, expression),
      );
    case "boolean": {
      const values = expression.operands.map(evaluate);
      return values.every(({ kind }) => kind === "constant")
        ? truthValue(machine, truthOf(machine, expression, scope))
        : unionOf(values.filter(({ kind }) => kind !== "constant"));
    }
    case "compare":
      return truthValue(machine, truthOf(machine, expression, scope));
    case "conditional": {
      const truth = truthOf(machine, expression.test, scope);
      if (truth !== null) return evaluate(truth ? expression.body : expression.otherwise);
      return unionOf([evaluate(expression.body), evaluate(expression.otherwise)]);
    }
    case "lambda":
      return { kind: "function", node: expression, scope, owner: null, self: null };
    case "named": {
      const value = evaluate(expression.value);
      machine.assign(expression.target, value, scope);
      return value;
    }
    case "call":
      return call(machine, expression, scope);
    case "attribute":
      return machine.attribute(evaluate(expression.object), expression.name, siteOf(scope, expression));
    case "subscript":
      return subscript(machine, evaluate(expression.object), evaluate(expression.index));
    case "slice":
      return machine.fresh();
    case "comprehension":
      return comprehension(machine, expression, scope);
    case "starred":
    case "await":
      return evaluate(expression.value);
    case "yield": {
      const value = expression.value === null ? constant(null) : evaluate(expression.value);
      machine.onYield?.(value);
      return machine.fresh();
    }
    default:
      return machine.fresh();
  }
}

function dictionary(
  machine: Machine,
  { entries, ...span }: Extract<Expression, { kind: "dict" }>,
  scope: Scope,
): Value {
  const evaluate = (inner: Expression): Value => machine.evaluate(inner, scope);
  const fields = entries.map(
    ({ key, value }, index) => [keyText(key === null ? null : evaluate(key)) ?? `?${index}`, evaluate(value)] as const,
  );
  return machine.list("dict", fields, { file: scope.file, from: span.from, to: span.to });
}

function unary(machine: Machine, expression: Extract<Expression, { kind: "unary" }>, scope: Scope): Value {
  if (expression.operator === "not") return truthValue(machine, truthOf(machine, expression, scope));
  const operand = machine.evaluate(expression.operand, scope);
  if (operand.kind === "constant" && typeof operand.value === "number" && expression.operator === "-")
    return constant(-operand.value);
  return combined(machine, [operand]);
}

function truthValue(machine: Machine, truth: boolean | null): Value {
  return truth === null ? machine.fresh() : constant(truth);
}

export function combined(machine: Machine, inputs: readonly Value[]): Value {
  const isTensor = inputs.some((input) => optionsOf(input).some(({ kind }) => kind === "tensor"));
  return isTensor ? machine.tensor(inputs) : machine.fresh([], inputs);
}

function keyText(key: Value | null): string | null {
  return key?.kind === "constant" ? String(key.value) : null;
}

function sequence(machine: Machine, expression: Extract<Expression, { kind: "sequence" }>, scope: Scope): Value {
  const values: Value[] = [];
  for (const element of expression.elements) {
    const value = machine.evaluate(element, scope);
    if (element.kind === "starred" && value.kind === "object") values.push(...elementsIn(value));
    else values.push(value);
  }
  return machine.list(
    expression.type === "tuple" ? "tuple" : "list",
    values.map((value, index) => [String(index), value] as const),
    siteOf(scope, expression),
  );
}

export function elementsIn(value: Value): Value[] {
  return value.kind === "object"
    ? [...value.fields].filter(([name]) => !name.startsWith("#")).map(([, element]) => element)
    : [];
}

function binary(machine: Machine, operator: string, left: Value, right: Value, site: Site): Value {
  if (left.kind === "constant" && right.kind === "constant") {
    const folded = fold(operator, left.value, right.value);
    if (folded !== undefined) return constant(folded);
  }
  if (left.kind === "object" && left.type === "list" && operator === "+") {
    const values = [left, right].flatMap(elementsIn);
    return machine.list(
      "list",
      values.map((value, index) => [String(index), value] as const),
      site,
    );
  }
  if (left.kind === "object" && left.type === "list" && operator === "*") return left;
  return combined(machine, [left, right]);
}

function fold(operator: string, left: Constant, right: Constant): Constant | undefined {
  if (typeof left === "string" && typeof right === "string" && operator === "+") return left + right;
  return typeof left === "number" && typeof right === "number"
    ? (arithmetic(operator, left, right) ?? undefined)
    : undefined;
}

export function subscript(machine: Machine, object: Value, index: Value): Value {
  switch (object.kind) {
    case "object":
      return elementOf(machine, object, index);
    case "external": {
      const name = index.kind === "constant" ? index.value : index.kind === "unknown" ? index.hint : undefined;
      return typeof name === "string" ? external(`${object.path}.${name}`.replace(".__dict__.", ".")) : machine.fresh();
    }
    case "part":
      return object;
    case "tensor":
      return machine.tensor([object]);
    case "unknown":
      return child(
        machine,
        object,
        index.kind === "constant" ? String(index.value) : "[]",
        index.kind === "constant" && typeof index.value === "string" ? [index.value] : [],
      );
    case "union":
      return unionOf(
        object.options.filter((option) => option !== ABSENT).map((option) => subscript(machine, option, index)),
      );
    default:
      return combined(machine, [object]);
  }
}

function elementOf(machine: Machine, object: ObjectValue, index: Value): Value {
  if (object.isModule && object.cls === null && index.kind !== "constant")
    return object.fields.size > 0 ? unionOf(elementsIn(object)) : machine.fresh();
  const key =
    index.kind === "constant"
      ? String(index.value)
      : index.kind === "unknown" && index.hint !== undefined
        ? String(index.hint)
        : null;
  const found =
    key === null ? undefined : object.fields.get(key.startsWith("-") ? String(object.fields.size + Number(key)) : key);
  if (found !== undefined) return found;
  if (["list", "tuple", "dict"].includes(object.type) && object.fields.size > 0) return unionOf(elementsIn(object));
  return machine.fresh([...object.names, ...(key === null ? [] : [key])], [object]);
}

/** The same question to the same unknown has the same answer. */
export function child(
  machine: Machine,
  object: Extract<Value, { kind: "unknown" }>,
  key: string,
  names: readonly string[],
): Value {
  const known = object.children.get(key);
  if (known !== undefined) return known;
  const value = machine.fresh([...names], names.length > 0 ? [] : [object]);
  object.children.set(key, value);
  return value;
}

function comprehension(
  machine: Machine,
  { clauses, element, value, type }: ComprehensionExpression,
  scope: Scope,
): Value {
  const inner: Scope = { vars: new Map(), parent: scope, file: scope.file, outer: new Set() };
  const entries: [string, Value][] = [];
  const site = siteOf(scope, element);
  const run = (depth: number): void => {
    const clause = clauses[depth];
    if (clause === undefined) {
      const first = machine.evaluate(element, inner);
      entries.push(
        value === null
          ? [String(entries.length), first]
          : [keyText(first) ?? `?${entries.length}`, machine.evaluate(value, inner)],
      );
      return;
    }
    const iterable = machine.evaluate(clause.iterable, inner);
    const { elements, isWhole } = elementsOf(machine, iterable, {
      site,
      iterable,
      words: [...namesIn(clause.iterable).map(({ name }) => name), ...wordsOf(iterable)],
    });
    for (const current of isWhole ? elements.slice(0, 12) : elements.slice(0, 1)) {
      machine.assign(clause.target, current, inner);
      // A filter that is not understood may keep the element.
      if (clause.conditions.some((condition) => truthOf(machine, condition, inner) === false)) continue;
      run(depth + 1);
    }
  };
  run(0);
  const [only] = entries;
  if (entries.length === 1 && only?.[1].kind === "part" && type !== "dict")
    return isChosen(clauses) ? machine.fresh() : { ...only[1], isGroup: true };
  return machine.list(type === "dict" ? "dict" : "list", entries, site);
}

/** `[p for n, p in net.named_parameters() if "bn" not in n]` are some parameters; those that get a gradient count as all. */
function isChosen(clauses: ComprehensionExpression["clauses"]): boolean {
  return clauses.some(({ conditions }) =>
    conditions.some((condition) => !attributesIn(condition).some(({ name }) => name === "requires_grad")),
  );
}

function call(machine: Machine, expression: CallExpression, scope: Scope): Value {
  const site = siteOf(scope, expression);
  const callee = machine.evaluate(expression.callee, scope);
  const args = argumentsOf(machine, expression, scope);
  if (callee.kind === "method" && callee.name === "train" && callee.self.kind === "object" && callee.self.isModule) {
    const flag = args.keyword.get("mode") ?? args.positional[0] ?? constant(true);
    const node = expression.arguments[0]?.value ?? null;
    setModeByFlag(machine, callee.self, flag, node, scope, site);
    return callee.self;
  }
  return machine.call(callee, args, site);
}

function argumentsOf(machine: Machine, { arguments: nodes }: CallExpression, scope: Scope): Args {
  const positional: Value[] = [];
  const keyword = new Map<string, Value>();
  let isComplete = true;
  for (const node of nodes) {
    const value = machine.evaluate(node.value, scope);
    if (node.kind === "positional") positional.push(value);
    else if (node.kind === "keyword") keyword.set(node.name, value);
    else if (value.kind === "object" && node.kind === "star") positional.push(...elementsIn(value));
    else if (value.kind === "object" && value.type === "dict")
      for (const [name, entry] of value.fields) keyword.set(name, entry);
    else if (value.kind === "part") positional.push(value);
    else isComplete = false;
  }
  return { positional, keyword, isComplete, nodes };
}
