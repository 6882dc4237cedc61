/**
 * Expressions. What is not understood is a value computed from its parts, so that networks stay known as its origin.
 */
import type { CallExpression, ComprehensionExpression, Expression } from "../python/expressions";
import { arithmetic } from "../python/pythonArithmetic";
import { namesIn } from "../python/walk";
import { chosenFrom } from "./chosenParameters";
import { truthOf } from "./conditions";
import { numbered, sliceOf } from "./containers";
import { elementsOf } from "./iterate";
import type { Tracing } from "./tracing";
import {
  ABSENT,
  constant,
  external,
  optionsOf,
  unionOf,
  type Args,
  type Constant,
  type ObjectValue,
  type TracedScope,
  type Site,
  type TracedValue,
} from "./tracedValues";
import { setModeByFlag } from "./modes";
import { memberNamed, ownNamed } from "./namedMembers";
import { textOf } from "./norms";
import { wordsOf } from "./words";
import { factsPicked, rowsOfBoth } from "./tensorFacts";
import { scopeInside } from "./tracedScope";

const siteOf = (scope: TracedScope, { from, to }: Expression): Site => ({ file: scope.file, from, to });

export function evaluateExpression(tracing: Tracing, expression: Expression, scope: TracedScope): TracedValue {
  const evaluate = (inner: Expression): TracedValue => tracing.evaluate(inner, scope);
  switch (expression.kind) {
    case "name":
      return tracing.lookup(expression.name, scope);
    case "number":
    case "string":
      return constant(expression.value);
    case "constant":
      return constant(expression.value === "None" || expression.value === "Ellipsis" ? null : expression.value);
    case "formatString":
      return textFrom(
        tracing,
        expression.parts.map((part) => (typeof part === "string" ? constant(part) : evaluate(part.expression))),
      );
    case "sequence":
      return sequence(tracing, expression, scope);
    case "dict":
      return dictionary(tracing, expression, scope);
    case "unary":
      return unary(tracing, expression, scope);
    case "binary":
      return binary(
        tracing,
        expression.operator,
        evaluate(expression.left),
        evaluate(expression.right),
        siteOf(scope, expression),
      );
    case "boolean": {
      const values = expression.operands.map(evaluate);
      return values.every(({ kind }) => kind === "constant")
        ? truthValue(tracing, truthOf(tracing, expression, scope))
        : unionOf(values.filter(({ kind }) => kind !== "constant"));
    }
    case "compare":
      return truthValue(tracing, truthOf(tracing, expression, scope));
    case "conditional": {
      const truth = truthOf(tracing, expression.test, scope);
      if (truth !== null) return evaluate(truth ? expression.body : expression.otherwise);
      return unionOf([evaluate(expression.body), evaluate(expression.otherwise)]);
    }
    case "lambda":
      return { kind: "function", node: expression, scope, owner: null, self: null };
    case "named": {
      const value = evaluate(expression.value);
      tracing.assign(expression.target, value, scope);
      return value;
    }
    case "call":
      return call(tracing, expression, scope);
    case "attribute":
      return tracing.attribute(evaluate(expression.object), expression.name, siteOf(scope, expression));
    case "subscript":
      return picked(tracing, expression, scope);
    case "slice":
      return tracing.fresh();
    case "comprehension":
      return comprehension(tracing, expression, scope);
    case "starred":
    case "await":
      return evaluate(expression.value);
    case "yield": {
      const value = expression.value === null ? constant(null) : evaluate(expression.value);
      tracing.onYield?.(value);
      return tracing.fresh();
    }
    default:
      return tracing.fresh();
  }
}

function dictionary(
  tracing: Tracing,
  { entries, ...span }: Extract<Expression, { kind: "dict" }>,
  scope: TracedScope,
): TracedValue {
  const evaluate = (inner: Expression): TracedValue => tracing.evaluate(inner, scope);
  const fields = entries.map(
    ({ key, value }, index) => [keyText(key === null ? null : evaluate(key)) ?? `?${index}`, evaluate(value)] as const,
  );
  return tracing.list("dict", fields, { file: scope.file, from: span.from, to: span.to });
}

function unary(tracing: Tracing, expression: Extract<Expression, { kind: "unary" }>, scope: TracedScope): TracedValue {
  if (expression.operator === "not") return truthValue(tracing, truthOf(tracing, expression, scope));
  const operand = tracing.evaluate(expression.operand, scope);
  if (operand.kind === "constant" && typeof operand.value === "number" && expression.operator === "-")
    return constant(-operand.value);
  return combined(tracing, [operand]);
}

function truthValue(tracing: Tracing, truth: boolean | null): TracedValue {
  return truth === null ? tracing.fresh() : constant(truth);
}

export function combined(tracing: Tracing, inputs: readonly TracedValue[]): TracedValue {
  const isTensor = inputs.some((input) => optionsOf(input).some(({ kind }) => kind === "tensor"));
  return isTensor ? tracing.tensor(inputs) : tracing.fresh([], inputs);
}

function keyText(key: TracedValue | null): string | null {
  return key?.kind === "constant" ? String(key.value) : null;
}

function sequence(
  tracing: Tracing,
  expression: Extract<Expression, { kind: "sequence" }>,
  scope: TracedScope,
): TracedValue {
  const values: TracedValue[] = [];
  for (const element of expression.elements) {
    const value = tracing.evaluate(element, scope);
    if (element.kind === "starred" && value.kind === "object") values.push(...elementsIn(value));
    else values.push(value);
  }
  return tracing.list(expression.type === "tuple" ? "tuple" : "list", numbered(values), siteOf(scope, expression));
}

export function elementsIn(value: TracedValue): TracedValue[] {
  return value.kind === "object" ? [...value.fields.values()] : [];
}

/** One after the other: whole groups of parameters stay what they are. */
export function chained(tracing: Tracing, values: readonly TracedValue[], site: Site): TracedValue {
  const elements = values.flatMap((value) => (isList(value) ? elementsIn(value) : [value]));
  return tracing.list("list", numbered(elements), site);
}

const isList = (value: TracedValue): boolean =>
  value.kind === "object" && (value.type === "list" || value.type === "tuple");

function binary(tracing: Tracing, operator: string, left: TracedValue, right: TracedValue, site: Site): TracedValue {
  if (left.kind === "constant" && right.kind === "constant") {
    const folded = fold(operator, left.value, right.value);
    if (folded !== undefined) return constant(folded);
  }
  if (left.kind === "object" && left.type === "list" && operator === "*") return left;
  if (operator === "+" && isGroup(left)) return chained(tracing, [left, right].filter(isGroup), site);
  if (operator === "+" && typeof textOf(left) === "string" && typeof textOf(right) === "string")
    return textFrom(tracing, [left, right]);
  const result = combined(tracing, [left, right]);
  return result.kind === "tensor" ? { ...result, rows: rowsOfBoth(left, right) } : result;
}

/** A text made of others; of options it has the text that their defaults make. */
export function textFrom(tracing: Tracing, parts: readonly TracedValue[]): TracedValue {
  const texts = parts.map(textOf);
  return tracing.fresh([], parts, texts.includes(null) ? undefined : texts.join(""));
}

/** `list(a.parameters())`, or a list of such. */
const isGroup = (value: TracedValue): boolean =>
  (value.kind === "part" && value.isGroup) || (value.kind === "object" && value.type === "list");

function fold(operator: string, left: Constant, right: Constant): Constant | undefined {
  if (typeof left === "string" && typeof right === "string" && operator === "+") return left + right;
  return typeof left === "number" && typeof right === "number"
    ? (arithmetic(operator, left, right) ?? undefined)
    : undefined;
}

/** `layers[:-1]` is a list, where it is known of which elements; everything else is one element. */
function picked(
  tracing: Tracing,
  expression: Extract<Expression, { kind: "subscript" }>,
  scope: TracedScope,
): TracedValue {
  const object = tracing.evaluate(expression.object, scope);
  const { index } = expression;
  const site = siteOf(scope, expression);
  if (index.kind === "slice" && object.kind === "object" && (object.type === "list" || object.type === "tuple")) {
    const bounds = [index.lower, index.upper, index.step].map((bound) =>
      bound === null ? constant(null) : tracing.evaluate(bound, scope),
    );
    const elements = sliceOf(elementsIn(object), bounds);
    if (elements !== null) return tracing.list(object.type, numbered(elements), site);
  }
  return element(tracing, object, tracing.evaluate(index, scope), site);
}

/** `models.__dict__[name]` is a member; everything else an element. */
function element(tracing: Tracing, object: TracedValue, index: TracedValue, site: Site): TracedValue {
  if (object.kind === "file") return memberNamed(tracing, object, index, site) ?? tracing.fresh([], [index]);
  return subscript(tracing, object, index);
}

export function subscript(tracing: Tracing, object: TracedValue, index: TracedValue): TracedValue {
  switch (object.kind) {
    case "object":
      return elementOf(tracing, object, index);
    case "external": {
      const name = index.kind === "constant" ? index.value : index.kind === "unknown" ? index.hint : undefined;
      return typeof name === "string" ? external(`${object.path}.${name}`.replace(".__dict__.", ".")) : tracing.fresh();
    }
    case "part":
      return object;
    case "tensor":
      return { ...tracing.tensor([object]), ...factsPicked(index) };
    case "unknown":
      if (index.kind === "constant" && index.value === null)
        return { ...tracing.tensor([object]), ...factsPicked(index) };
      return child(
        tracing,
        object,
        index.kind === "constant" ? String(index.value) : "[]",
        index.kind === "constant" && typeof index.value === "string" ? [index.value] : [],
      );
    case "union":
      return unionOf(
        object.options.filter((option) => option !== ABSENT).map((option) => subscript(tracing, option, index)),
      );
    default:
      return combined(tracing, [object]);
  }
}

function elementOf(tracing: Tracing, object: ObjectValue, index: TracedValue): TracedValue {
  if (object.isModule && object.cls === null && index.kind !== "constant")
    return object.fields.size > 0 ? unionOf(elementsIn(object)) : tracing.fresh();
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
  return tracing.fresh([...object.names, ...(key === null ? [] : [key])], [object]);
}

/** The same question to the same unknown has the same answer. */
export function child(
  tracing: Tracing,
  object: Extract<TracedValue, { kind: "unknown" }>,
  key: string,
  names: readonly string[],
): TracedValue {
  const known = object.children.get(key);
  if (known !== undefined) return known;
  const value = { ...tracing.fresh([...names], names.length > 0 ? [] : [object]), owner: object };
  tracing.store.reveal(object.children, key, value);
  return value;
}

function comprehension(
  tracing: Tracing,
  { clauses, element, value, type }: ComprehensionExpression,
  scope: TracedScope,
): TracedValue {
  const inner = scopeInside(scope);
  const entries: [string, TracedValue][] = [];
  const site = siteOf(scope, element);
  let isOfSeveral = false;
  const run = (depth: number): void => {
    const clause = clauses[depth];
    if (clause === undefined) {
      const first = tracing.evaluate(element, inner);
      entries.push(
        value === null
          ? [String(entries.length), first]
          : [keyText(first) ?? `?${entries.length}`, tracing.evaluate(value, inner)],
      );
      return;
    }
    const iterable = tracing.evaluate(clause.iterable, inner);
    isOfSeveral ||= iterable.kind === "union";
    const { elements, isWhole } = elementsOf(tracing, iterable, {
      site,
      iterable,
      words: [...namesIn(clause.iterable).map(({ name }) => name), ...wordsOf(iterable)],
    });
    for (const current of isWhole ? elements.slice(0, 12) : elements.slice(0, 1)) {
      tracing.assign(clause.target, current, inner);
      // A filter that is not understood may keep the element.
      if (clause.conditions.some((condition) => truthOf(tracing, condition, inner) === false)) continue;
      run(depth + 1);
    }
  };
  run(0);
  const [only] = entries;
  if (entries.length === 1 && only?.[1].kind === "part") {
    const chosen = chosenFrom(
      tracing,
      only[1],
      clauses.flatMap(({ conditions }) => conditions),
      inner,
    );
    const isCertain = chosen?.named === undefined || (type !== "dict" && !isOfSeveral);
    if (chosen === null || !isCertain) return tracing.fresh();
    if (type !== "dict") return { ...chosen, isGroup: true };
  }
  return tracing.list(type === "dict" ? "dict" : "list", entries, site);
}

function call(tracing: Tracing, expression: CallExpression, scope: TracedScope): TracedValue {
  const site = siteOf(scope, expression);
  const callee = tracing.evaluate(expression.callee, scope);
  const args = argumentsOf(tracing, expression, scope);
  if (callee.kind === "method" && callee.name === "train" && callee.self.kind === "object" && callee.self.isModule) {
    const flag = args.keyword.get("mode") ?? args.positional[0] ?? constant(true);
    const node = expression.arguments[0]?.value ?? null;
    setModeByFlag(tracing, callee.self, flag, node, scope, site);
    return callee.self;
  }
  return ownNamed(tracing, callee, args, scope, site) ?? tracing.call(callee, args, site);
}

/** `nn.Sequential(*layers)` of one network or another. */
const areLayers = (value: TracedValue): boolean =>
  value.kind === "union" &&
  value.options.every((option) => option.kind === "part" || (option.kind === "object" && option.type === "list"));

function argumentsOf(tracing: Tracing, { arguments: nodes }: CallExpression, scope: TracedScope): Args {
  const positional: TracedValue[] = [];
  const keyword = new Map<string, TracedValue>();
  let isComplete = true;
  for (const node of nodes) {
    const value = tracing.evaluate(node.value, scope);
    if (node.kind === "positional") positional.push(value);
    else if (node.kind === "keyword") keyword.set(node.name, value);
    else if (value.kind === "object" && node.kind === "star") positional.push(...elementsIn(value));
    else if (value.kind === "object" && value.type === "dict")
      for (const [name, entry] of value.fields) keyword.set(name, entry);
    else if (value.kind === "part" || areLayers(value)) positional.push(value);
    else isComplete = false;
  }
  return { positional, keyword, isComplete, nodes };
}
